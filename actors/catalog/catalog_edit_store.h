/* SQL of what only vendors and staff do with products. Reads WAIT and see committed rows only;
 * writes are queued. */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/catalog/catalog_item.h"
#include "actors/catalog/catalog_list_store.h"
#include "actors/host/request.h"

/* ---- lists ---- */

struct catalog_edit_filter {
    bool has_status;
    enum catalog_product_status status;
    struct text q; /* empty: all */
    bool has_vendor;
    struct uuid vendor_id;
    bool has_category; /* only together with a vendor */
    struct uuid category_id;
    int64_t limit; /* 1 to CATALOG_PAGE_MAX */
};

/* At most limit + 1, the newest first, behind `after`. */
MUST_CHECK enum status catalog_edit_store_list(struct request *request,
                                               const struct catalog_edit_filter *filter,
                                               struct uuid after,
                                               struct catalog_own_summary **ret_products,
                                               size_t *ret_count);

/* ---- variants ---- */

/* Whether a live variant of another product of the vendor has the SKU of one of these variants of
 * the item, `count` from `first` on. */
MUST_CHECK enum status catalog_edit_store_find_sku(struct request *request,
                                                   const struct catalog_item *item, size_t first,
                                                   size_t count, bool *ret_is_taken);
/* The first stock of the item's variants from `first` on: what they have on hand. */
void catalog_edit_store_add_stock(struct request *request, const struct catalog_item *item,
                                  size_t first);
/* Takes a variant off: nothing of it can be reserved any more. */
void catalog_edit_store_retire(struct request *request, struct uuid variant_id);
/* Removes prices in currencies that the variant is not sold in any more. */
void catalog_edit_store_drop_prices(struct request *request,
                                    const struct catalog_item_variant *variant);

/* ---- stock ---- */

/* Whose a live variant is. Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status catalog_edit_store_find_seller(struct request *request,
                                                      struct uuid variant_id,
                                                      struct uuid *ret_vendor_id);
