/* Open addressing: an id stands in its slot or in one of the taken ones behind it. */
#include "actors/catalog/catalog_id_map.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

/* An id begins with its time; its end is chance, as even as a hash. */
static size_t slot_of(const struct catalog_id_map *map, struct uuid id)
{
    uint64_t tail;
    memcpy(&tail, id.bytes + 8, sizeof tail);
    return (size_t)(tail * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (map->capacity - 1);
}

static struct catalog_id_slot *find_slot(const struct catalog_id_map *map, struct uuid id)
{
    size_t i = slot_of(map, id);
    while (!uuid_is_zero(map->slots[i].id) && !uuid_equals(map->slots[i].id, id))
        i = (i + 1) & (map->capacity - 1);
    return &map->slots[i];
}

/* At most two thirds are taken, so that searches are short. */
static void make_room(struct catalog_id_map *map)
{
    if (3 * (map->count + 1) <= 2 * map->capacity) return;
    const struct catalog_id_map old = *map;
    map->capacity = old.capacity == 0 ? SLOTS_MIN : 2 * old.capacity;
    map->slots = calloc(map->capacity, sizeof *map->slots);
    if (map->slots == NULL) abort();
    for (size_t i = 0; i < old.capacity; i++) {
        if (!uuid_is_zero(old.slots[i].id)) *find_slot(map, old.slots[i].id) = old.slots[i];
    }
    free(old.slots);
}

void catalog_id_map_clear(struct catalog_id_map *map)
{
    free(map->slots);
    *map = (struct catalog_id_map){ .max = map->max };
}

bool catalog_id_map_put(struct catalog_id_map *map, struct uuid id, int64_t value)
{
    assert(!uuid_is_zero(id));
    assert(map->max > 0);
    make_room(map);
    struct catalog_id_slot *slot = find_slot(map, id);
    const bool is_new = uuid_is_zero(slot->id);
    if (is_new && map->count >= map->max) return false;
    map->count += is_new ? 1 : 0;
    *slot = (struct catalog_id_slot){ .id = id, .value = value };
    return true;
}

bool catalog_id_map_find(const struct catalog_id_map *map, struct uuid id, int64_t *ret_value)
{
    if (map->count == 0) return false;
    const struct catalog_id_slot *slot = find_slot(map, id);
    if (uuid_is_zero(slot->id)) return false;
    *ret_value = slot->value;
    return true;
}

/* What stands behind in the same row of taken slots moves up where a search would miss it. */
void catalog_id_map_remove(struct catalog_id_map *map, struct uuid id)
{
    if (map->count == 0) return;
    const size_t mask = map->capacity - 1;
    size_t hole = (size_t)(find_slot(map, id) - map->slots);
    if (uuid_is_zero(map->slots[hole].id)) return;
    for (size_t i = (hole + 1) & mask; !uuid_is_zero(map->slots[i].id); i = (i + 1) & mask) {
        const size_t home = slot_of(map, map->slots[i].id);
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        map->slots[hole] = map->slots[i];
        hole = i;
    }
    map->slots[hole] = (struct catalog_id_slot){ .value = 0 };
    map->count--;
}

void catalog_id_map_drop_below(struct catalog_id_map *map, int64_t value)
{
    struct catalog_id_map rest = { .max = map->max };
    for (size_t i = 0; i < map->capacity; i++) {
        const struct catalog_id_slot *slot = &map->slots[i];
        if (uuid_is_zero(slot->id) || slot->value < value) continue;
        const bool has_room = catalog_id_map_put(&rest, slot->id, slot->value);
        assert(has_room);
    }
    catalog_id_map_clear(map);
    *map = rest;
}

bool catalog_id_map_next(const struct catalog_id_map *map, size_t *position,
                         struct catalog_id_slot *ret_slot)
{
    while (*position < map->capacity) {
        const struct catalog_id_slot *slot = &map->slots[(*position)++];
        if (uuid_is_zero(slot->id)) continue;
        *ret_slot = *slot;
        return true;
    }
    return false;
}
