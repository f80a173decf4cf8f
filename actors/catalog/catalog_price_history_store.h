/* SQL of prices that are over, and the lowest of them. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

enum { CATALOG_PRICE_SWEEP_EVERY_S = 3600 };

/* Gives each price of the item that has a sale the lowest price before it: that which stands in its
 * row if the sale is the same, else that of its history; the item's variants are copied. Reads
 * nothing unless a variant that is known has a sale. WAITS. Statuses: OK and those of
 * request_query(). */
MUST_CHECK enum status catalog_price_history_settle(struct request *request,
                                                    struct catalog_item *item);
/* Forgets what ended before the window. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status catalog_price_history_sweep(struct request *request, unsigned shard_first,
                                                   unsigned shard_last);
