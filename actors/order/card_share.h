/* An order's share of its checkout's payment by card, as its vendor and staff are shown it (P9). */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* The share of `sum` that belongs to the order at `index`, by what cards pay of each: exact, the
 * shares of all add up to the sum (largest remainder). Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status card_share_of(struct money sum, const int64_t *amounts, size_t count,
                                     size_t index, struct money *ret_share);

/* Adds it to the order. WAITS. Statuses: OK, also when nobody can say now; those of an ask. */
MUST_CHECK enum status card_share_show(struct request *request, struct order_order *order);
