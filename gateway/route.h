/* Finds the route of a method and a path, in a tree of path segments that is built once from the
 * generated table. */
#pragma once

#include "messages/schema.h"

struct router;
struct route_node;

/* What was found. The texts are views of the path. */
struct route_match {
    const struct route *route;
    struct text values[ROUTE_SEGMENTS_MAX]; /* the path's segments, still percent-encoded */
    const struct route_node *node; /* with METHOD_NOT_ALLOWED: the resource that the path names */
};

enum { ROUTE_ALLOW_MAX = 80 }; /* bytes of an Allow header */

/* Builds the tree, with or without the routes of test mode. The table must outlive it, and no two
 * of its routes may be the same. */
struct router *router_new(const struct route *routes, size_t count, bool with_tests);
void router_destroy(struct router **router);
/* Finds the route of a path without its query. A literal segment wins over a parameter; HEAD takes
 * the route of GET. Statuses: OK, NOT_FOUND, METHOD_NOT_ALLOWED (ret_match->node is set). */
MUST_CHECK enum status router_find(const struct router *router, struct text method,
                                   struct text path, struct route_match *ret_match);
/* The path of a resource as its schema declares it ("/v1/carts/{id}"), for logs. */
const char *route_path_of(const struct route_node *node);
/* Writes the methods of a resource as the value of an Allow header, and a NUL; returns the length.
 */
size_t route_allowed(const struct route_node *node, char ret_allow[ROUTE_ALLOW_MAX + 1]);
/* What the path of a request names: its last id; zero: none. `body` is a struct of the route's
 * message. Pure. */
struct uuid route_subject(const struct route *route, const void *body);
