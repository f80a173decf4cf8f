/* Rules of the category tree: where a category may go, and in which order it is read. Pure. */
#pragma once

#include "actors/catalog/catalog.h"

/* A category that is to go below another one. */
struct catalog_tree_move {
    struct uuid category;
    const struct uuid *above; /* the new parent and those above it, from the root; none: the root */
    size_t above_count;
    size_t levels;          /* of what moves: 1 if nothing is below it */
    size_t path_characters; /* of the longest path below the new parent then */
};

/* Statuses: OK, CATEGORY_CYCLE (below itself), CATEGORY_TOO_DEEP (too many levels, or a path is too
 * long). */
MUST_CHECK enum status catalog_tree_check_move(const struct catalog_tree_move *move);

/* A category among others; the root's have a zero parent. */
struct catalog_tree_node {
    struct uuid id, parent;
};

/* The order in which a tree is read, each node before those below it: `nodes` come with those of
 * one parent one behind the other in their order, by rising parents. Nodes whose parent is not
 * among them are left out. ret_order has room for `count` places in `nodes`. */
void catalog_tree_order(const struct catalog_tree_node *nodes, size_t count, size_t *ret_order,
                        size_t *ret_count);
