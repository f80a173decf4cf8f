/* Rules of the category tree. */
#include "actors/catalog/catalog_tree.h"

#include <string.h>

enum status catalog_tree_check_move(const struct catalog_tree_move *move)
{
    assert(move->levels >= 1);
    for (size_t i = 0; i < move->above_count; i++) {
        if (uuid_equals(move->above[i], move->category)) return STATUS_CATEGORY_CYCLE;
    }
    if (move->above_count + move->levels > CATALOG_LEVELS_MAX ||
        move->path_characters > CATALOG_PATH_MAX)
        return STATUS_CATEGORY_TOO_DEEP;
    return STATUS_OK;
}

/* The first node of that parent, or of a greater one. */
static size_t find_first(const struct catalog_tree_node *nodes, size_t count, struct uuid parent)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(nodes[middle].parent.bytes, parent.bytes, sizeof parent.bytes) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void catalog_tree_order(const struct catalog_tree_node *nodes, size_t count, size_t *ret_order,
                        size_t *ret_count)
{
    struct uuid parents[CATALOG_LEVELS_MAX + 1] = { { { 0 } } };
    size_t next[CATALOG_LEVELS_MAX + 1] = { 0 };
    size_t depth = 0, placed = 0;
    for (;;) {
        const size_t at = next[depth];
        if (at < count && uuid_equals(nodes[at].parent, parents[depth])) {
            assert(placed < count); /* no node has two parents */
            ret_order[placed++] = at;
            next[depth]++;
            if (depth == CATALOG_LEVELS_MAX) continue;
            parents[++depth] = nodes[at].id;
            next[depth] = find_first(nodes, count, nodes[at].id);
        } else if (depth > 0) {
            depth--;
        } else {
            break;
        }
    }
    *ret_count = placed;
}
