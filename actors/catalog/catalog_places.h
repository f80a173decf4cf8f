/* Where the units of a variant lie: which of a vendor's locations a movement of its stock takes
 * from and gives to. Pure: the same movements, in their order, always come out alike. */
#pragma once

#include "messages/values.h"
#include "runtime/text.h"

enum {
    CATALOG_LOCATIONS_MAX = 20, /* of one vendor */
    CATALOG_SETTLED_MAX = 200,  /* movements that are settled at once */
    CATALOG_SPLITS_MAX = (CATALOG_SETTLED_MAX + 1) * CATALOG_LOCATIONS_MAX /* and one by name */
};

/* One location and how much of the variant lies there; below nothing, where nothing lies anywhere:
 * what is owed. */
struct catalog_place {
    struct uuid location_id;
    struct text name;
    bool is_active; /* units may come there, and are taken from there by themselves */
    int64_t created_at_us;
    int64_t on_hand;
};

/* A part of a movement. */
struct catalog_split {
    int64_t version; /* of the movement */
    size_t place;
    int64_t delta;
    struct uuid reference; /* zero: none */
};

/* In the order in which units are taken. Too large for a fiber's stack. */
struct catalog_places {
    struct catalog_place places[CATALOG_LOCATIONS_MAX];
    size_t count;
    struct catalog_split splits[CATALOG_SPLITS_MAX];
    size_t splits_count;
};

/* A movement that is not settled yet. */
struct catalog_unsettled {
    int64_t version, delta;
    bool is_restock;
    struct uuid reference; /* zero: none */
    /* Of a restock: how many units of the same sale each place has given, as settled before. */
    int64_t given[CATALOG_LOCATIONS_MAX];
};

/* Where units lie that nobody has placed: the location that was made first, whatever the order and
 * whatever is added later. `places` must not be empty. */
size_t catalog_places_default(const struct catalog_places *places);
/* Splits a movement. Taken is all from the first active location that has all, or else from each in
 * turn, active ones first; what none has is owed by the default. What comes fills what is owed,
 * then goes to the default; what comes back goes where it was taken, unless that is not active any
 * more. Afterwards nothing is owed that lies anywhere: it is taken from there. */
void catalog_places_settle(struct catalog_places *places, const struct catalog_unsettled *movement);
/* A movement whose place somebody has named. What is owed is taken from what lies anywhere then. */
void catalog_places_put(struct catalog_places *places, int64_t version, size_t place,
                        int64_t delta);
/* The place of a location; count: it is none of them. */
size_t catalog_places_find(const struct catalog_places *places, struct uuid location_id);
