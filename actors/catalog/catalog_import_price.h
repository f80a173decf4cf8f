/* Prices of a variant as a file gives them. What it lends, the request does. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

/* What is wrong with its sale's time or its other prices, or NULL; `ret_field` says where. */
const char *catalog_import_price_fault(const struct catalog_imported_variant *variant,
                                       const char **ret_field);
/* Of the variant of that id, which `before` may have. Statuses: OK, INVALID_VALUE (the market does
 * not sell in the currency of a price that does not stand there already; told at `at`). */
MUST_CHECK enum status
catalog_import_check_currencies(struct request *request, struct text at,
                                const struct catalog_imported_variant *imported,
                                const struct catalog_item *before, struct uuid variant_id);
/* The file's own price with its sale. */
struct catalog_item_price catalog_import_price(const struct catalog_imported_variant *imported);
/* Gives the variant `price`, unless the file has none in its currency, and in other currencies what
 * the file says and what it had `before` of which the file says nothing; CATALOG_ITEM_PRICES_MAX at
 * most. */
void catalog_import_put_prices(struct request *request,
                               const struct catalog_imported_variant *imported,
                               const struct catalog_item_price *price,
                               const struct catalog_item_variant *before,
                               struct catalog_item_variant *variant);
/* True if the file takes a price in another currency away. */
bool catalog_import_takes_price(const struct catalog_imported_variant *imported);
