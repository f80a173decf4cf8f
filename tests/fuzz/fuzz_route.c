/* Fuzzes the tree of routes with methods and paths: "METHOD PATH". */
#include <string.h>

#include "gateway/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct router *router; /* built once, as in the gateway */
    if (router == NULL) router = router_new(route_table, route_table_count, true);
    const uint8_t *space = size > 0 ? memchr(data, ' ', size) : NULL;
    if (space == NULL) return 0;
    const size_t method_length = (size_t)(space - data);
    const struct text method = { (const char *)data, method_length };
    const struct text path = { (const char *)space + 1, size - method_length - 1 };
    struct route_match match;
    const enum status status = router_find(router, method, path, &match);
    if (status == STATUS_METHOD_NOT_ALLOWED) {
        char allow[ROUTE_ALLOW_MAX + 1];
        assert(route_allowed(match.node, allow) > 0);
    } else if (status == STATUS_OK) {
        assert(match.route->segments_count <= ROUTE_SEGMENTS_MAX);
    }
    return 0;
}
