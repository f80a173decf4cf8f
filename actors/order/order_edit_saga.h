/* An order is changed: stock and money are set aside side by side for what is added, then the order
 * is what was agreed on, then stock is taken and money posted, and stock and money of what goes are
 * given back, whatever happens in between. Registered with the domain (order_actor.c). */
#pragma once

#include "actors/host/saga.h"
#include "actors/order/order_edit_sold.h"
#include "actors/order/order_edit_store.h"

extern const struct saga_kind order_edit_saga;
/* Of edits that only added units of lines. */
extern const struct saga_kind order_edit_saga_1;

/* Begins that process for an open edit; it answers the request. `order` has the order's lines,
 * `late` what of what is added is not there. Statuses: those of saga_begin(). */
MUST_CHECK enum status order_edit_begin(struct request *request, const struct order_life *life,
                                        const struct order_edit *edit,
                                        const struct order_order *order,
                                        const struct order_edit_late_units *late);
