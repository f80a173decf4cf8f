/* SQL of bundles. Loads WAIT and see committed rows only; saves are queued. */
#pragma once

#include "actors/catalog/catalog_bundle.h"
#include "actors/host/request.h"

/* A part of a bundle with what shoppers see of it, and how much of it there is. */
struct catalog_bundle_part_row {
    struct uuid bundle_id;
    struct catalog_bundle_part part; /* its available: units of the part */
    struct catalog_part_stock stock;
    int64_t weight_grams;          /* 0: nobody has said */
    struct uuid bundle_product_id; /* where it was asked for */
};

/* The parts of these bundles, those of one together and in their order, in the request's arena.
 * Statuses: OK and those of request_query(). */
MUST_CHECK enum status catalog_bundle_store_load(struct request *request, const struct uuid *ids,
                                                 size_t ids_count,
                                                 struct catalog_bundle_part_row **ret_rows,
                                                 size_t *ret_count);
/* The same of variants, in this order, as parts of which one is needed. At most CATALOG_PARTS_MAX.
 */
MUST_CHECK enum status catalog_bundle_store_look(struct request *request, const struct uuid *ids,
                                                 size_t ids_count,
                                                 struct catalog_bundle_part_row **ret_rows,
                                                 size_t *ret_count);
/* All parts of the bundles that have this variant as a part, with the bundles' products. */
MUST_CHECK enum status catalog_bundle_store_load_around(struct request *request,
                                                        struct uuid variant_id,
                                                        struct catalog_bundle_part_row **ret_rows,
                                                        size_t *ret_count);
/* What there is to know of variants that are to be parts of the bundle. */
MUST_CHECK enum status catalog_bundle_store_facts(struct request *request,
                                                  const struct catalog_set_bundle *command,
                                                  struct catalog_bundle_wish *wish);
/* Queues the parts, instead of those that it had; none: it is no bundle any more. When one of the
 * variants has become a bundle or a part meanwhile, the unit ends with CONFLICT. */
void catalog_bundle_store_save(struct request *request, struct uuid variant_id,
                               const struct catalog_new_part *parts, size_t count);

/* Bundles of these shards of which search was told something else than what holds now; at most 200.
 */
MUST_CHECK enum status catalog_bundle_store_list_untold(struct request *request,
                                                        unsigned shard_first, unsigned shard_last,
                                                        struct uuid **ret_ids, size_t *ret_count);
/* Queues that search is told what holds now. */
void catalog_bundle_store_save_told(struct request *request, struct uuid variant_id);

/* The parts of one bundle among rows that catalog_bundle_store_load() has loaded, in the request's
 * arena, and how much there is of it. */
struct catalog_bundle_stock catalog_bundle_of(struct request *request, struct uuid bundle_id,
                                              const struct catalog_bundle_part_row *rows,
                                              size_t rows_count,
                                              const struct catalog_bundle_part **ret_parts,
                                              size_t *ret_count);
