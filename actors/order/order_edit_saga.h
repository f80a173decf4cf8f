/* Units are added to an order: stock and money are set aside side by side, then they are the
 * order's, then stock is taken and money posted, whatever happens in between. Registered with the
 * domain (order_actor.c). */
#pragma once

#include "actors/host/saga.h"
#include "actors/order/order_edit_store.h"

extern const struct saga_kind order_edit_saga;

/* Begins that process for an open edit; it answers the request. `order` has the order's lines.
 * Statuses: those of saga_begin(). */
MUST_CHECK enum status order_edit_begin(struct request *request, const struct order_life *life,
                                        const struct order_edit *edit,
                                        const struct order_order *order);
