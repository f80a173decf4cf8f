/* One HTTP request: its memory, the lists that it is in, its headers, its line in the access log.
 */
#include "gateway/exchange.h"

#include <string.h>
#include <strings.h>

#include "gateway/access_log.h"
#include "gateway/answer_cache.h"
#include "gateway/server_parts.h"
#include "gateway/service.h"
#include "runtime/metrics.h"

enum { ARENA_BLOCK_BYTES = 8192, HEADER_LINES_MAX = 8 };

/* A static text, because libh2o's is gone before the last line about a request is written. */
static const char *method_name(h2o_iovec_t method)
{
    static const char *const names[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    };
    const struct text given = { method.base, method.len };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (text_equals_string(given, names[i])) return names[i];
    }
    return "OTHER";
}

static bool has_scheme(struct text target, const char *scheme)
{
    const size_t length = strlen(scheme);
    return target.length > length && strncasecmp(target.data, scheme, length) == 0;
}

/* The length of "http://host" at the front of a target in absolute form, which proxies send and
 * every server must take (RFC 9112, section 3.2.2); 0 of any other. */
static size_t authority_length(struct text target)
{
    size_t start = 0;
    if (has_scheme(target, "http://")) start = strlen("http://");
    if (has_scheme(target, "https://")) start = strlen("https://");
    size_t end = start;
    while (start > 0 && end < target.length && strchr("/?", target.data[end]) == NULL)
        end++;
    return end > start ? end : 0; /* a host is never empty */
}

static void exchange_read_target(struct exchange *exchange)
{
    const h2o_req_t *req = exchange->req;
    struct text target = { req->input.path.base, req->input.path.len };
    if (req->version < 0x200) {
        const size_t skipped = authority_length(target);
        target = (struct text){ target.data + skipped, target.length - skipped };
    }
    const char *mark = target.length == 0 ? NULL : memchr(target.data, '?', target.length);
    exchange->path = target;
    if (mark != NULL) {
        exchange->path.length = (size_t)(mark - target.data);
        exchange->query = (struct text){ mark + 1, target.length - exchange->path.length - 1 };
    }
    if (exchange->path.length == 0 && req->version < 0x200) exchange->path = TEXT("/");
}

struct exchange *exchange_new(struct server *server, h2o_req_t *req, struct connection *connection)
{
    assert(req != NULL);
    assert(server->spare_arenas_count <= ARRAY_LENGTH(server->spare_arenas));
    /* An arena of a finished request has its first block already: no malloc in the usual case. */
    struct arena *arena = server->spare_arenas_count > 0
                              ? server->spare_arenas[--server->spare_arenas_count]
                              : arena_new(ARENA_BLOCK_BYTES);
    struct exchange *exchange = arena_allocate(arena, sizeof *exchange);
    exchange->server = server;
    exchange->arena = arena;
    exchange->req = req;
    exchange->connection = connection;
    exchange->started_us = loop_now_us(server->options.loop);
    exchange->method = method_name(req->input.method);
    exchange_read_target(exchange);
    connection_request_begins(connection, req, req->entity.len);
    server->in_flight++;
    metric_set(METRIC_HTTP_IN_FLIGHT, (int64_t)server->in_flight);
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    struct server *server = exchange->server;
    struct arena *arena = exchange->arena; /* holds the exchange itself */
    assert(exchange->req == NULL);
    assert(exchange->list == NULL);
    assert(!exchange->is_asking);
    assert(server->in_flight > 0);
    connection_release(exchange->connection);
    if (exchange->kept != NULL) answer_cache_release(server->answers, exchange->kept);
    assert(server->bodies_bytes >= exchange->body_bytes);
    server->bodies_bytes -= exchange->body_bytes;
    if (exchange->is_counted) key_counts_remove(server->in_flight_each, &exchange->counted_as);
    server->in_flight--;
    metric_set(METRIC_HTTP_IN_FLIGHT, (int64_t)server->in_flight);
    if (server->spare_arenas_count == ARRAY_LENGTH(server->spare_arenas)) {
        arena_destroy(&arena);
        return;
    }
    arena_reset(arena);
    server->spare_arenas[server->spare_arenas_count++] = arena;
}

void exchange_hand_over(struct exchange *exchange)
{
    assert(exchange->req != NULL);
    *exchange->guard = NULL;
    exchange->req = NULL;
    exchange_free(exchange);
}

/* ---- lists ---- */

void exchange_list_append(struct exchange_list *list, struct exchange *exchange)
{
    assert(list != NULL);
    assert(exchange->list == NULL);
    exchange->list = list;
    exchange->previous = list->last;
    exchange->next = NULL;
    if (list->last != NULL)
        list->last->next = exchange;
    else
        list->first = exchange;
    list->last = exchange;
}

void exchange_list_remove(struct exchange *exchange)
{
    struct exchange_list *list = exchange->list;
    if (list == NULL) return;
    if (exchange->previous != NULL)
        exchange->previous->next = exchange->next;
    else
        list->first = exchange->next;
    if (exchange->next != NULL)
        exchange->next->previous = exchange->previous;
    else
        list->last = exchange->previous;
    exchange->list = NULL;
    exchange->previous = exchange->next = NULL;
}

/* ---- what libh2o has read ---- */

/* `name` in lower case. */
static bool header_is(const h2o_header_t *header, struct text name)
{
    return header->name->len == name.length &&
           strncasecmp(header->name->base, name.data, name.length) == 0;
}

struct text exchange_header(const struct exchange *exchange, struct text name)
{
    assert(exchange->req != NULL);
    const h2o_headers_t *headers = &exchange->req->headers;
    for (size_t i = 0; i < headers->size; i++) {
        const h2o_header_t *header = &headers->entries[i];
        if (!header_is(header, name)) continue;
        const struct text value = text_trim((struct text){ header->value.base, header->value.len });
        return value.length > 0 ? value : TEXT("");
    }
    return (struct text){ .data = NULL };
}

struct text exchange_header_list(const struct exchange *exchange, struct text name)
{
    struct text lines[HEADER_LINES_MAX];
    const size_t count = exchange_last_headers(exchange, name, lines, HEADER_LINES_MAX);
    if (count < 2) return exchange_header(exchange, name);
    struct text_builder list;
    text_builder_init(&list, exchange->arena, HTTP_HEADERS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) text_builder_add_byte(&list, ',');
        text_builder_add(&list, lines[i]);
    }
    return text_builder_view(&list);
}

size_t exchange_last_headers(const struct exchange *exchange, struct text name,
                             struct text *ret_values, size_t max)
{
    assert(exchange->req != NULL);
    const h2o_headers_t *headers = &exchange->req->headers;
    size_t count = 0;
    for (size_t i = headers->size; i > 0 && count < max; i--) {
        const h2o_header_t *header = &headers->entries[i - 1];
        if (!header_is(header, name)) continue;
        ret_values[max - ++count] = (struct text){ header->value.base, header->value.len };
    }
    if (count < max) memmove(ret_values, ret_values + max - count, count * sizeof *ret_values);
    return count;
}

bool exchange_is(const struct exchange *exchange, const char *method)
{
    const h2o_iovec_t given = exchange->req->input.method;
    return text_equals_string((struct text){ given.base, given.len }, method);
}

bool exchange_is_head(const struct exchange *exchange)
{
    return exchange_is(exchange, "HEAD");
}

/* ---- the access log ---- */

static const char *principal_name(enum principal_kind kind)
{
    switch (kind) {
    case PRINCIPAL_SHOPPER:
        return "shopper";
    case PRINCIPAL_VENDOR:
        return "vendor";
    case PRINCIPAL_ADMIN:
        return "admin";
    default:
        return "none";
    }
}

/* The id of a vendor's member, or of staff that acts in a shopper's name; else empty. */
static struct text exchange_actor(const struct exchange *exchange)
{
    const struct principal *principal = &exchange->principal;
    if (uuid_is_zero(principal->actor)) return (struct text){ .data = NULL };
    const struct surface *surface = surface_of(principal->kind);
    char id[ID_TEXT_MAX + 1];
    const size_t length = id_format(surface->actor_prefix, principal->actor, id);
    return text_copy(exchange->arena, (struct text){ id, length });
}

static struct text exchange_route_path(const struct exchange *exchange)
{
    if (exchange->match.route != NULL) return text_of(exchange->match.route->path);
    if (exchange->match.node != NULL) return text_of(route_path_of(exchange->match.node));
    return exchange->service != NULL ? text_of(exchange->service->path) : TEXT("");
}

void exchange_write_access(struct exchange *exchange, int http_status, size_t bytes)
{
    const struct server *server = exchange->server;
    assert(http_status >= 100 && http_status <= 599);
    if (server->options.access_log == NULL) return;
    const int64_t duration_us = loop_now_us(server->options.loop) - exchange->started_us;
    const struct access_entry entry = {
        .real_us = loop_real_us(server->options.loop) - duration_us,
        .method = exchange->method,
        .route = exchange_route_path(exchange),
        .status = http_status,
        .bytes = bytes,
        .duration_us = duration_us,
        .request_id = exchange->request_id,
        .principal = principal_name(exchange->principal.kind),
        .actor = exchange_actor(exchange),
    };
    access_log_add(server->options.access_log, &entry);
}
