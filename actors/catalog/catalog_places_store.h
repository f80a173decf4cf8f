/* SQL of where units lie. Loads WAIT and see committed rows only; saves are queued. */
#pragma once

#include "actors/catalog/catalog_places.h"
#include "actors/catalog/catalog_store.h"

/* A variant's stock as its row has it, and where it lies. */
struct catalog_located {
    struct uuid variant_id;
    int64_t before; /* settled up to this version until now; -1: never */
    int64_t settled_version;
    bool is_settled; /* all movements are; otherwise there were too many for one round */
    struct catalog_places places; /* with what was not settled yet, as splits */
};

/* Loads it and settles in memory what is not; not for a fiber's stack. Statuses: OK, NOT_FOUND (no
 * such variant, or its vendor has no locations) and those of request_query(). */
MUST_CHECK enum status catalog_places_load(struct request *request, struct uuid variant_id,
                                           struct catalog_located *ret_located);
/* Queues what was settled, up to `settled_version`. When somebody else has settled meanwhile, the
 * unit ends with CONFLICT. */
void catalog_places_save(struct request *request, const struct catalog_located *located,
                         int64_t settled_version);
/* Queues that a variant whose vendor has no locations any more lies nowhere in particular. */
void catalog_places_forget(struct request *request, struct uuid variant_id);
/* Variants of these shards of which not all is settled; at most 200. */
MUST_CHECK enum status catalog_places_list_unsettled(struct request *request, unsigned shard_first,
                                                     unsigned shard_last, struct uuid **ret_ids,
                                                     size_t *ret_count);
/* From where the units of a sale were taken, of these variants, what came back not counted where
 * they are placed; at most 200. */
MUST_CHECK enum status catalog_places_sources(struct request *request, struct uuid reference,
                                              const struct uuid *variant_ids, size_t ids_count,
                                              struct catalog_stock_source **ret_sources,
                                              size_t *ret_count);
/* Queues a transfer: the stock's version moves, its numbers do not. CONFLICT as those of
 * catalog_store.h. */
void catalog_places_save_transfer(struct request *request, const struct catalog_stock *stock);

/* ---- locations ---- */

/* A vendor's locations in their order, at most CATALOG_LOCATIONS_MAX, in the request's arena. */
MUST_CHECK enum status catalog_location_list(struct request *request, struct uuid vendor_id,
                                             struct catalog_stock_location **ret_locations,
                                             size_t *ret_count);
/* Queues a new location (version 1), or a changed one that was at the version before; CONFLICT when
 * it is not active any more and something lies there, or it is the vendor's first. */
void catalog_location_add(struct request *request, struct uuid vendor_id,
                          const struct catalog_stock_location *location);
void catalog_location_save(struct request *request, const struct catalog_stock_location *location);
/* Queues that it is none any more; CONFLICT when something lies there, or the vendor's first one
 * then is not active. */
void catalog_location_remove(struct request *request,
                             const struct catalog_stock_location *location);
/* Whether nothing lies there, nor is owed there, of any variant; `with_unplaced`: nor is there
 * anything of the vendor's that nobody has placed. */
MUST_CHECK enum status catalog_location_is_empty(struct request *request, struct uuid location_id,
                                                 bool with_unplaced, bool *ret_is_empty);
