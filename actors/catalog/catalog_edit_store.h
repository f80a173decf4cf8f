/* SQL of what only vendors and staff do with products. Reads WAIT and see committed rows only, in
 * the request's arena; their statuses are OK and those of request_query(). Writes are queued. */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/catalog/catalog_item.h"
#include "actors/catalog/catalog_list_store.h"
#include "actors/host/request.h"

/* ---- lists ---- */

/* Which products are listed; without a status, all that are not archived. */
struct catalog_edit_filter {
    bool has_status;
    enum catalog_product_status status;
    struct text q; /* part of the name, in any case; empty: all */
    bool has_vendor;
    struct uuid vendor_id;
    bool has_category; /* only together with a vendor */
    struct uuid category_id;
    int64_t limit; /* 1 to CATALOG_PAGE_MAX */
};

/* Products with ids below `after`, the newest first, at most limit + 1, so that the caller knows
 * whether there are more. */
MUST_CHECK enum status catalog_edit_store_list(struct request *request,
                                               const struct catalog_edit_filter *filter,
                                               struct uuid after,
                                               struct catalog_own_summary **ret_products,
                                               size_t *ret_count);

/* ---- variants ---- */

/* Finds the one of `count` variants of the item from `first` on whose SKU a live variant of another
 * product of the vendor has. Statuses: OK, NOT_FOUND (none of them), those of request_query(). */
MUST_CHECK enum status catalog_edit_store_find_sku(struct request *request,
                                                   const struct catalog_item *item, size_t first,
                                                   size_t count, size_t *ret_index);
/* Queues the stock of new variants, those of the item from `first` on, with the units that they
 * have on hand and the movements that say so. */
void catalog_edit_store_add_stock(struct request *request, const struct catalog_item *item,
                                  size_t first);
/* Queues that a variant cannot be bought any more. What is held of it stays held and can be sold.
 */
void catalog_edit_store_retire(struct request *request, struct uuid variant_id);
/* Queues the deletion of prices in currencies that the variants, each of which has at least one
 * price, are not sold in any more. */
void catalog_edit_store_drop_prices(struct request *request,
                                    const struct catalog_item_variant *variants, size_t count);

/* ---- stock ---- */

/* The vendor of a live variant of a product that is not archived. Also NOT_FOUND. */
MUST_CHECK enum status catalog_edit_store_find_seller(struct request *request,
                                                      struct uuid variant_id,
                                                      struct uuid *ret_vendor_id);
