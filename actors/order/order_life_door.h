/* What every change of an order asks first: whose it is, what the sender may do where it stands;
 * and what is answered. */
#pragma once

#include "actors/order/order_life_store.h"
#include "actors/order/shipment.h"

/* Of this moment, by the market's settings. */
struct order_terms order_life_terms(struct request *request);

/* Loads an order that is the sender's: a vendor's own, a shopper's or guest's (by `token`, or
 * empty) own, for staff and nodes any. WAITS. Statuses: those of order_life_load(); what is
 * somebody else's is NOT_FOUND. */
MUST_CHECK enum status order_life_open(struct request *request, struct uuid order_id,
                                       struct text token, struct order_life **ret_life);

/* Statuses: OK (the sender may pull the trigger there, and it leads somewhere), ILLEGAL_TRANSITION,
 * with a fault that names the state and what the sender may do there. */
MUST_CHECK enum status order_life_require(struct request *request, enum order_state state,
                                          enum order_trigger trigger);

/* The same of cancelling an order, or units of it. What was sent as a replacement cost nothing, so
 * nothing would go back for it: that is for staff only. */
MUST_CHECK enum status order_life_require_cancel(struct request *request,
                                                 const struct order_life *life,
                                                 enum order_trigger trigger);

/* Units that a command names, as the rules take them. */
void order_life_wishes(const struct order_shipment_line *lines, size_t count,
                       struct shipment_wish ret_wishes[ORDER_LINES_MAX]);
/* Tells why they are refused, by their place in the list `pointer`. Statuses: OK (they are not),
 * MISSING_FIELD, NOT_FOUND, INVALID_VALUE, UNITS_NOT_LEFT. */
MUST_CHECK enum status order_life_refuse_units_at(struct request *request, const char *pointer,
                                                  const struct shipment_refusal *refusal,
                                                  const struct order_shipment_line *lines);
/* The same of the list `lines`. */
MUST_CHECK enum status order_life_refuse_units(struct request *request,
                                               const struct shipment_refusal *refusal,
                                               const struct order_shipment_line *lines);

/* The order as its next reader will see it, with parcels and cancellations that are committed.
 * WAITS. Statuses: those of reading it. */
MUST_CHECK enum status order_life_answer(struct request *request, const struct order_life *life,
                                         struct order_order *ret_reply);
