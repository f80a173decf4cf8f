/* Rules of locations. */
#include "actors/catalog/catalog_places.h"

#include <string.h>

#include "runtime/arena.h"

size_t catalog_places_default(const struct catalog_places *places)
{
    assert(places->count >= 1);
    size_t first = 0;
    for (size_t i = 1; i < places->count; i++) {
        const struct catalog_place *place = &places->places[i], *best = &places->places[first];
        if (place->created_at_us < best->created_at_us ||
            (place->created_at_us == best->created_at_us &&
             memcmp(&place->location_id, &best->location_id, sizeof place->location_id) < 0))
            first = i;
    }
    return first;
}

size_t catalog_places_find(const struct catalog_places *places, struct uuid location_id)
{
    size_t i = 0;
    while (i < places->count && !uuid_equals(places->places[i].location_id, location_id))
        i++;
    return i;
}

/* One movement has one split for each place. */
static void put(struct catalog_places *places, const struct catalog_unsettled *movement,
                size_t place, int64_t delta)
{
    if (delta == 0) return;
    places->places[place].on_hand += delta;
    for (size_t i = places->splits_count; i > 0; i--) {
        struct catalog_split *split = &places->splits[i - 1];
        if (split->version != movement->version) break;
        if (split->place != place) continue;
        split->delta += delta;
        return;
    }
    assert(places->splits_count < CATALOG_SPLITS_MAX);
    places->splits[places->splits_count++] =
        (struct catalog_split){ .version = movement->version,
                                .place = place,
                                .delta = delta,
                                .reference = movement->reference };
}

/* What one place owes is taken from the first ones that have some. */
static void fill(struct catalog_places *places, const struct catalog_unsettled *movement)
{
    for (size_t i = 0; i < places->count; i++) {
        for (size_t k = 0; k < places->count && places->places[i].on_hand < 0; k++) {
            const int64_t owed = -places->places[i].on_hand, there = places->places[k].on_hand;
            const int64_t filled = owed < there ? owed : there;
            if (filled <= 0) continue;
            put(places, movement, k, -filled);
            put(places, movement, i, filled);
        }
    }
}

void catalog_places_put(struct catalog_places *places, int64_t version, size_t place, int64_t delta)
{
    assert(place < places->count);
    const struct catalog_unsettled movement = { .version = version };
    put(places, &movement, place, delta);
    fill(places, &movement);
}

static void take(struct catalog_places *places, const struct catalog_unsettled *movement)
{
    int64_t left = -movement->delta;
    for (size_t i = 0; i < places->count; i++) {
        if (!places->places[i].is_active || places->places[i].on_hand < left) continue;
        put(places, movement, i, -left);
        return;
    }
    for (int active = 1; active >= 0; active--) {
        for (size_t i = 0; i < places->count; i++) {
            const struct catalog_place *place = &places->places[i];
            if (place->is_active != (active == 1) || place->on_hand <= 0) continue;
            const int64_t taken = place->on_hand < left ? place->on_hand : left;
            put(places, movement, i, -taken);
            left -= taken;
        }
    }
    put(places, movement, catalog_places_default(places), -left);
}

/* What a place has given for the same sale, in this round too, and has not got back. */
static int64_t given_by(const struct catalog_places *places,
                        const struct catalog_unsettled *movement, size_t place)
{
    int64_t given = movement->given[place];
    for (size_t i = 0; i < places->splits_count; i++)
        if (places->splits[i].place == place &&
            uuid_equals(places->splits[i].reference, movement->reference))
            given -= places->splits[i].delta;
    return given;
}

static void give(struct catalog_places *places, const struct catalog_unsettled *movement)
{
    int64_t left = movement->delta;
    for (size_t i = 0; movement->is_restock && left > 0 && i < places->count; i++) {
        if (!places->places[i].is_active) continue;
        const int64_t given = given_by(places, movement, i);
        const int64_t back = given < left ? given : left;
        if (back <= 0) continue;
        put(places, movement, i, back);
        left -= back;
    }
    for (size_t i = 0; left > 0 && i < places->count; i++) {
        const int64_t owed = -places->places[i].on_hand;
        const int64_t filled = owed < left ? owed : left;
        if (filled <= 0) continue;
        put(places, movement, i, filled);
        left -= filled;
    }
    put(places, movement, catalog_places_default(places), left);
}

void catalog_places_settle(struct catalog_places *places, const struct catalog_unsettled *movement)
{
    assert(places->count >= 1);
    if (movement->delta < 0)
        take(places, movement);
    else
        give(places, movement);
    fill(places, movement);
}
