/* A bounded set of ids, each with a number, in memory. */
#pragma once

#include "messages/values.h"

struct catalog_id_slot {
    struct uuid id; /* zero: the slot is free */
    int64_t value;
};

/* Zeroed but for `max`, it is empty. */
struct catalog_id_map {
    struct catalog_id_slot *slots;
    size_t capacity, count, max;
};

void catalog_id_map_clear(struct catalog_id_map *map);
/* Adds the id, which is not zero, or changes its number. False if it is new and there are `max`. */
MUST_CHECK bool catalog_id_map_put(struct catalog_id_map *map, struct uuid id, int64_t value);
/* False if it is not there. */
bool catalog_id_map_find(const struct catalog_id_map *map, struct uuid id, int64_t *ret_value);
void catalog_id_map_remove(struct catalog_id_map *map, struct uuid id);
/* Removes all whose number is below that one. */
void catalog_id_map_drop_below(struct catalog_id_map *map, int64_t value);
/* Goes through all of them: `*position` is 0 at first. False at the end. The map stays as it is
 * meanwhile. */
bool catalog_id_map_next(const struct catalog_id_map *map, size_t *position,
                         struct catalog_id_slot *ret_slot);
