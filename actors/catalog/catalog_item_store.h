/* SQL of a product with everything that is derived from it: the row, the listing in its categories,
 * and the document that shoppers read. Imports, vendors and staff all write through here. Loads
 * WAIT and see committed rows only, in the request's arena; saves are queued. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

/* Loads a product with its live variants, in their order: three statements. Statuses: OK, NOT_FOUND
 * and those of request_query(). */
MUST_CHECK enum status catalog_item_store_load(struct request *request, struct uuid product_id,
                                               struct catalog_item *ret_item);
/* Puts the item, not its row yet, into a category. Statuses: OK, NOT_FOUND (no such category) and
 * those of request_query(). */
MUST_CHECK enum status catalog_item_store_set_category(struct request *request,
                                                       struct catalog_item *item,
                                                       struct uuid category_id);

/* Queues the row (a new one if the item is at version 0) and what is derived from it, listing and
 * document. The item, which has at least one variant with a price, then is as it will be committed,
 * at its new version. When the row is not at the item's version any more, the unit ends with
 * CONFLICT. Statuses: OK, OUT_OF_RANGE (larger than any message may be). */
MUST_CHECK enum status catalog_item_store_save(struct request *request, struct catalog_item *item);
/* Queues what lists say of the price in a sale, of a product that is otherwise as its row says. The
 * unit ends with CONFLICT as above. Statuses: those of request_publish(). */
MUST_CHECK enum status catalog_item_store_renew_sale(struct request *request,
                                                     const struct catalog_item *item);
/* Queues all variants with their order and prices, after the row of a new product. Prices in
 * currencies that a variant does not have any more stay: see catalog_edit_store_drop_prices().
 * Another live variant of the vendor that has an SKU of theirs ends the unit with SKU_TAKEN. */
void catalog_item_store_save_variants(struct request *request, const struct catalog_item *item);
/* Queue that the SKUs of a product that is deleted are free, and that those of one that has come
 * back are its own again; another variant that has one now ends the unit with SKU_TAKEN. */
void catalog_item_store_free_skus(struct request *request, const struct catalog_item *item);
void catalog_item_store_keep_skus(struct request *request, const struct catalog_item *item);
