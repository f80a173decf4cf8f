/* The tree of routes: one node per path segment. A literal child wins over the parameter child, but
 * when the path leads nowhere below it, the parameter child is tried. */
#include "gateway/route.h"

#include <stdlib.h>
#include <string.h>

enum { NODE_ROUTES_MAX = 6 }; /* methods of one resource */

struct route_node {
    struct text literal;            /* empty in the parameter child and in the root */
    struct route_node *first_child; /* of those with a literal */
    struct route_node *next_sibling;
    struct route_node *parameter; /* the child that any segment leads to */
    const struct route *routes[NODE_ROUTES_MAX];
    size_t routes_count;
};

struct router {
    struct route_node root;
};

/* A path cut at its slashes. */
struct path {
    struct text segments[ROUTE_SEGMENTS_MAX];
    size_t count;
};

static struct route_node *node_new(void)
{
    struct route_node *node = calloc(1, sizeof *node);
    if (node == NULL) abort();
    return node;
}

static struct route_node *node_child(struct route_node *node, const char *segment)
{
    if (segment[0] == '{') {
        if (node->parameter == NULL) node->parameter = node_new();
        return node->parameter;
    }
    const struct text literal = text_of(segment);
    for (struct route_node *child = node->first_child; child != NULL; child = child->next_sibling) {
        if (text_equals(child->literal, literal)) return child;
    }
    struct route_node *child = node_new();
    child->literal = literal;
    child->next_sibling = node->first_child;
    node->first_child = child;
    return child;
}

static const struct route *node_route(const struct route_node *node, struct text method)
{
    for (size_t i = 0; i < node->routes_count; i++) {
        if (text_equals_string(method, node->routes[i]->method)) return node->routes[i];
    }
    return NULL;
}

struct router *router_new(const struct route *routes, size_t count, bool with_tests)
{
    assert(routes != NULL || count == 0);
    struct router *router = calloc(1, sizeof *router);
    if (router == NULL) abort();
    for (size_t i = 0; i < count; i++) {
        const struct route *route = &routes[i];
        if (route->is_only_in_tests && !with_tests) continue;
        assert(route->segments_count <= ROUTE_SEGMENTS_MAX);
        struct route_node *node = &router->root;
        for (size_t s = 0; s < route->segments_count; s++)
            node = node_child(node, route->segments[s]);
        assert(node_route(node, text_of(route->method)) == NULL);
        assert(node->routes_count < NODE_ROUTES_MAX);
        node->routes[node->routes_count++] = route;
    }
    return router;
}

/* Recursive, at most ROUTE_SEGMENTS_MAX deep, and only when the server stops. */
static void node_destroy_children(struct route_node *node)
{
    for (struct route_node *child = node->first_child; child != NULL;) {
        struct route_node *next = child->next_sibling;
        node_destroy_children(child);
        free(child);
        child = next;
    }
    if (node->parameter == NULL) return;
    node_destroy_children(node->parameter);
    free(node->parameter);
}

void router_destroy(struct router **router)
{
    if (*router == NULL) return;
    node_destroy_children(&(*router)->root);
    free(*router);
    *router = NULL;
}

/* False for what no route looks like: no slash in front, one at the end, two in a row, too long. */
static bool path_split(struct text text, struct path *ret_path)
{
    if (text.length < 2 || text.data[0] != '/') return false;
    ret_path->count = 0;
    size_t begin = 1;
    for (size_t i = 1; i <= text.length; i++) {
        if (i < text.length && text.data[i] != '/') continue;
        if (i == begin || ret_path->count == ROUTE_SEGMENTS_MAX) return false;
        ret_path->segments[ret_path->count++] = (struct text){ text.data + begin, i - begin };
        begin = i + 1;
    }
    return text.data[text.length - 1] != '/';
}

/* Looks below `node` for the rest of the path; recursive, at most ROUTE_SEGMENTS_MAX deep.
 * Remembers in `match` the first node that the path names but that lacks the method. */
static bool node_find(const struct route_node *node, struct text method, const struct path *path,
                      size_t depth, struct route_match *match)
{
    assert(depth <= path->count);
    if (depth == path->count) {
        const struct route *route = node_route(node, method);
        if (route == NULL && text_equals_string(method, "HEAD"))
            route = node_route(node, TEXT("GET"));
        if (route == NULL) {
            if (match->node == NULL && node->routes_count > 0) match->node = node;
            return false;
        }
        match->route = route;
        return true;
    }
    const struct text segment = path->segments[depth];
    for (const struct route_node *child = node->first_child; child != NULL;
         child = child->next_sibling) {
        if (!text_equals(child->literal, segment)) continue;
        if (node_find(child, method, path, depth + 1, match)) return true;
        break;
    }
    return node->parameter != NULL && node_find(node->parameter, method, path, depth + 1, match);
}

enum status router_find(const struct router *router, struct text method, struct text path,
                        struct route_match *ret_match)
{
    struct path split;
    if (!path_split(path, &split)) return STATUS_NOT_FOUND;
    struct route_match match = { .node = NULL };
    assert(split.count <= ROUTE_SEGMENTS_MAX);
    const bool is_found = node_find(&router->root, method, &split, 0, &match);
    if (!is_found && match.node == NULL) return STATUS_NOT_FOUND;
    memcpy(match.values, split.segments, split.count * sizeof split.segments[0]);
    if (is_found) match.node = NULL;
    *ret_match = match;
    return is_found ? STATUS_OK : STATUS_METHOD_NOT_ALLOWED;
}

const char *route_path_of(const struct route_node *node)
{
    assert(node->routes_count > 0);
    return node->routes[0]->path;
}

static size_t allow_add(char *allow, size_t length, const char *method)
{
    const size_t method_length = strlen(method);
    assert(length + 2 + method_length <= ROUTE_ALLOW_MAX); /* of all methods that there are */
    if (length > 0) {
        allow[length++] = ',';
        allow[length++] = ' ';
    }
    memcpy(allow + length, method, method_length);
    return length + method_length;
}

size_t route_allowed(const struct route_node *node, char ret_allow[ROUTE_ALLOW_MAX + 1])
{
    assert(node->routes_count > 0);
    size_t length = 0;
    for (size_t i = 0; i < node->routes_count; i++) {
        const char *method = node->routes[i]->method;
        length = allow_add(ret_allow, length, method);
        if (strcmp(method, "GET") == 0) length = allow_add(ret_allow, length, "HEAD");
    }
    length = allow_add(ret_allow, length, "OPTIONS");
    ret_allow[length] = '\0';
    return length;
}

struct uuid route_subject(const struct route *route, const void *body)
{
    struct uuid subject = { { 0 } };
    for (size_t i = 0; i < route->segments_count; i++) {
        if (route->segments[i][0] != '{') continue;
        const struct field *field = &route->message->body->fields[route->segment_fields[i]];
        if (field->type == FIELD_ID)
            memcpy(&subject, (const char *)body + field->offset, sizeof subject);
    }
    return subject;
}
