/* What of an order staff may not give back alone (actors/host/approval.h). */
#pragma once

#include "actors/host/approval.h"
#include "actors/order/order_back.h"

/* Before what goes back is on its way; of others than staff it says OK. What staff has given back
 * of the order without a second member counts together, whoever of it did and whenever: an order is
 * bounded by what was paid for it and goes to who paid, so that a sum over all orders of a day
 * would but hinder the desk. WAITS. Statuses: those of approval_require(). */
MUST_CHECK enum status order_approval_require(struct request *request,
                                              const struct order_life *life, int64_t amount);
/* The end of each command of staff that gives money back: one that was told to wait waits, and is
 * answered with the order as it is. WAITS. Statuses: `done`, else those of approval_wait() and of
 * reading the order. */
MUST_CHECK enum status order_approval_end(struct request *request, enum status done,
                                          const struct message *message, const void *command,
                                          struct order_order *ret_reply);
