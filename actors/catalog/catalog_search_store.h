/* SQL of what feeds the search index: products as they are to be found, and what staff says about
 * searches. Reads of the service's own, of committed rows, in the arena given. All of it WAITS.
 * Statuses: OK and those of query_run(). */
#pragma once

#include "actors/catalog/search_index.h"
#include "catalog_messages.h"
#include "storage/database.h"

enum {
    CATALOG_SEARCH_BATCH_MAX = 100, /* products of one read */
    CATALOG_SEARCH_PINS_MAX = 2000, /* of the market */
};

/* Where and until when a read is made. */
struct catalog_search_source {
    struct database *database;
    struct arena *arena;
    int64_t deadline_us;
    int64_t market_us;    /* now: what is on sale */
    const char *currency; /* the market's own */
};

/* Those of the products that shoppers may see, as documents, in no order; at most
 * CATALOG_SEARCH_BATCH_MAX ids. Also OUT_OF_RANGE (a summary is larger than a message). */
MUST_CHECK enum status catalog_search_store_load(const struct catalog_search_source *source,
                                                 const struct uuid *ids, size_t count,
                                                 struct search_document *ret_documents,
                                                 size_t *ret_count);
/* The ids of the next listed products behind `after` in the order of ids, of one vendor or
 * (zero) of all; at most CATALOG_SEARCH_BATCH_MAX, and fewer at the end. */
MUST_CHECK enum status catalog_search_store_walk(const struct catalog_search_source *source,
                                                 struct uuid vendor, struct uuid after,
                                                 struct uuid *ret_ids, size_t *ret_count);
/* The same of those in a category and below it. */
MUST_CHECK enum status
catalog_search_store_walk_category(const struct catalog_search_source *source, struct uuid category,
                                   struct uuid after, struct uuid *ret_ids, size_t *ret_count);
/* Which of the vendors are open. `ret_is_open` has room for `count`. */
MUST_CHECK enum status catalog_search_store_open(const struct catalog_search_source *source,
                                                 const struct uuid *vendors, size_t count,
                                                 bool *ret_is_open);

/* A place of a product in a search. */
struct catalog_place {
    struct text query;
    struct uuid product;
    enum catalog_pin_effect effect;
};
/* All groups of synonyms, the oldest SEARCH_GROUPS_MAX; all pins, by query, then place, at most
 * CATALOG_SEARCH_PINS_MAX. */
MUST_CHECK enum status catalog_search_store_synonyms(const struct catalog_search_source *source,
                                                     struct search_synonyms **ret_groups,
                                                     size_t *ret_count);
MUST_CHECK enum status catalog_search_store_pins(const struct catalog_search_source *source,
                                                 struct catalog_place **ret_pins,
                                                 size_t *ret_count);
