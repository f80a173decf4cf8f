/* What the buyer of an order is told while it is on its way. */
#pragma once

#include "actors/order/order_back.h"
#include "actors/order/order_life_store.h"
#include "actors/order/shipment.h"

/* Queues the notices of what has changed since the life was loaded: that a vendor has accepted it,
 * that the parcel that moved (`shipment`, or NULL) has left, that all has arrived, that it or a
 * part of it was cancelled, or it was refused; of that the vendor's team hears, too, when it was
 * not the one. WAITS. Statuses: those of request_publish() and of request_query(). */
MUST_CHECK enum status order_life_tell(struct request *request, const struct order_life *life,
                                       const struct shipment *shipment);

/* The same of changes by which money goes back: it says how much goes where. */
MUST_CHECK enum status order_life_tell_back(struct request *request, const struct order_life *life,
                                            const struct order_back *back);

/* The same that what was to be paid to the market was received, for `number`: of an order, or of
 * its whole checkout. Statuses: those of request_publish(). */
MUST_CHECK enum status order_life_tell_paid(struct request *request, const struct order_life *life,
                                            struct text number);
/* The same that the market waits for a transfer of `owed`, or that an invoice of so much is due,
 * for the whole checkout. */
MUST_CHECK enum status order_life_tell_due(struct request *request, const struct order_life *life,
                                           int64_t owed);
/* Tells who bought it that `amount` goes back, or goes another way than to the card, by `kind`, and
 * which `ways`; why may be empty. Statuses: those of request_publish(). */
MUST_CHECK enum status order_life_tell_refund(struct request *request,
                                              const struct order_life *life,
                                              enum common_notice_kind kind, int64_t amount,
                                              const struct order_back_ways *ways,
                                              struct text reason);
/* Tells the vendor's team that staff has decided a claim; `reason` may be empty. Statuses: those of
 * request_publish(). */
MUST_CHECK enum status order_life_tell_decided(struct request *request,
                                               const struct order_life *life, struct text reason);
