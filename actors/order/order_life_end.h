/* How an order ends before anything of it was sent. */
#pragma once

#include "actors/order/order_life_store.h"

/* Queues that the order ends by `trigger` (CANCEL or REFUSE), which its state must have, for
 * `reason` (may be empty): its parcels are called off, its units cancelled, and a process begins
 * that brings goods and money back and answers the request with the order. WAITS. Statuses: OK,
 * ILLEGAL_TRANSITION, and those of reading and of saga_begin(). */
MUST_CHECK enum status order_life_end(struct request *request, struct order_life *life,
                                      enum order_trigger trigger, struct text reason,
                                      struct order_order *ret_reply);
