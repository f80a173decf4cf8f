/* Goods of a return are sent again: stock is set aside, the order that replaces them is made, then
 * the stock is taken and what came back is sold again, whatever happens in between. Registered with
 * the domain (order_actor.c). */
#pragma once

#include "actors/host/saga.h"
#include "actors/order/order_life_store.h"
#include "actors/order/return.h"

extern const struct saga_kind replacement_saga;

/* Begins that process for a return of which all has arrived; it answers the request. `order` is
 * what is shown of the return's order, with its lines. Statuses: those of saga_begin(). */
MUST_CHECK enum status replacement_begin(struct request *request, const struct order_life *life,
                                         const struct order_return *exchanged,
                                         const struct order_order *order);
