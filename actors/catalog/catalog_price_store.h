/* SQL of prices with their sales and tiers. Loads WAIT and see committed rows only, in the
 * request's arena; saves are queued. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

/* The prices of a product's variants; those of one variant stand together, by currency. */
struct catalog_priced {
    const struct uuid *variant_ids; /* of each price */
    const struct catalog_item_price *prices;
    size_t count;
};

/* Those of variants that can be bought come first when there are too many to be read. Statuses: OK
 * and those of request_query(). */
MUST_CHECK enum status catalog_price_store_list(struct request *request, struct uuid product_id,
                                                struct catalog_priced *ret_priced);
/* The prices of one of the variants, lent. */
const struct catalog_item_price *catalog_priced_of(const struct catalog_priced *priced,
                                                   struct uuid variant_id, size_t *ret_count);
/* Queues the prices of all variants of the item. Those in currencies that a variant does not have
 * any more stay. */
void catalog_price_store_save(struct request *request, const struct catalog_item *item);
