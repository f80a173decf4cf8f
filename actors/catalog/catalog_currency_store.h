/* SQL of what lists and details say of a product in the currencies that are not the one of its row:
 * a row for each of them, while the product is listed. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

/* Queues the item's rows, and the end of those that it has no price for any more. Of an item that
 * never had another currency it queues nothing. Statuses: OK, OUT_OF_RANGE (larger than a message).
 */
MUST_CHECK enum status catalog_currency_store_save(struct request *request,
                                                   const struct catalog_item *item);
