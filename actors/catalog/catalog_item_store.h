/* SQL of a product with everything that is derived from it: the row, the listing of its categories,
 * and the document that shoppers read. Imports, vendors and staff all write through here. Loads
 * WAIT and see committed rows only; saves are queued. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

enum { CATALOG_PRODUCT_SLUG_MAX = 255 };

/* Loads a product with its live variants. Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status catalog_item_store_load(struct request *request, struct uuid product_id,
                                               struct catalog_item *ret_item);
/* Puts the item into a category. Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status catalog_item_store_set_category(struct request *request,
                                                       struct catalog_item *item,
                                                       struct uuid category_id);

/* Queues the row (a new one at version 0) and what is derived from it, listing and document; the
 * item then is as it will stand, at its new version. The row must still be at the item's version,
 * or the unit ends in CONFLICT. Statuses: OK, OUT_OF_RANGE (larger than any message). */
MUST_CHECK enum status catalog_item_store_save(struct request *request, struct catalog_item *item);
/* Queues all variants with their order and prices; after the product of a new item. Prices in other
 * currencies stay. */
void catalog_item_store_save_variants(struct request *request, const struct catalog_item *item);
