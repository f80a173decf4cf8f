/* Finds the route of a method and a path: a tree of path segments, built once from the generated
 * table. */
#pragma once

#include "messages/schema.h"

struct router;
struct route_node;

struct route_match {
    const struct route *route;
    struct text values[ROUTE_SEGMENTS_MAX]; /* by segment of the route; raw, for parameters */
    const struct route_node *node; /* what the path names, when the method is not taken there */
};

enum { ROUTE_ALLOW_MAX = 80 }; /* bytes of an Allow header */

/* The table must outlive the router. Asserts that no two routes are the same. */
struct router *router_new(const struct route *routes, size_t count);
void router_destroy(struct router **router);
/* Finds the route of a path without its query. A literal segment wins over a parameter; HEAD takes
 * the route of GET. Statuses: OK, NOT_FOUND, METHOD_NOT_ALLOWED (ret_match->node is set). */
MUST_CHECK enum status router_find(const struct router *router, struct text method,
                                   struct text path, struct route_match *ret_match);
/* The path of a node's routes as it is declared, for logs. */
const char *route_path_of(const struct route_node *node);
/* Writes the value of the Allow header and a NUL; returns its length. */
size_t route_allowed(const struct route_node *node, char ret_allow[ROUTE_ALLOW_MAX + 1]);
