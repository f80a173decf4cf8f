/* How far an order and a group have come, by what happened to their units and their money. Pure. */
#pragma once

#include "actors/order/order_machine.h"

/* Units of a line. Cancelled units were never shipped; each later count is part of the one before
 * it. */
struct order_line_counts {
    int64_t ordered, cancelled, shipped, delivered, returned;
};

/* What parcels and cancellations make of an order: its state, once the vendor has accepted it. */
enum order_progress {
    ORDER_PROGRESS_NONE, /* nothing has been sent */
    ORDER_PROGRESS_PARTIALLY_SHIPPED,
    ORDER_PROGRESS_SHIPPED, /* all that was not cancelled */
    ORDER_PROGRESS_PARTIALLY_DELIVERED,
    ORDER_PROGRESS_DELIVERED,
    ORDER_PROGRESS_CANCELLED /* every unit */
};

/* Statuses: OK, INVALID_VALUE (no lines, or counts that cannot be). */
MUST_CHECK enum status order_progress_of(const struct order_line_counts *lines, size_t count,
                                         enum order_progress *ret_progress);
/* The trigger of the order's machine that says so, of what has come that far since `before`; false:
 * nothing is to be said. Less than before was sent when parcels came back. */
bool order_progress_trigger(enum order_progress before, enum order_progress now,
                            enum order_trigger *ret_trigger);

/* What lists filter by. */
enum order_fulfilment {
    ORDER_FULFILMENT_UNFULFILLED,
    ORDER_FULFILMENT_PARTIAL,
    ORDER_FULFILMENT_SHIPPED,
    ORDER_FULFILMENT_DELIVERED,
    ORDER_FULFILMENT_CANCELLED,
    ORDER_FULFILMENT_RETURNED,
    ORDER_FULFILMENT_MIXED /* something came back, not all */
};

/* Of an order, whose cancelled units count for nothing while others are left. Statuses: as
 * order_progress_of(). */
MUST_CHECK enum status order_fulfilment_of(const struct order_line_counts *lines, size_t count,
                                           enum order_fulfilment *ret_fulfilment);
/* Of a group, by its orders (one at least). An order that was cancelled or refused while others
 * were sent makes it partial: not all that was bought has come. */
enum order_fulfilment order_group_fulfilment_of(const enum order_fulfilment *orders, size_t count);

/* Sums of a group, or of one order's share, in minor units of one currency, none negative. */
struct order_payment_sums {
    int64_t total; /* to be paid for what was placed */
    int64_t authorised, paid, refunded;
    int64_t pending, failed; /* of what is refunded: on its way; cannot get where it should */
    bool is_voided;          /* the authorisation was given back */
};

enum order_payment_summary {
    ORDER_PAYMENT_SUMMARY_UNPAID,
    ORDER_PAYMENT_SUMMARY_AUTHORISED,
    ORDER_PAYMENT_SUMMARY_PARTIALLY_PAID,
    ORDER_PAYMENT_SUMMARY_PAID,
    ORDER_PAYMENT_SUMMARY_OVERCHARGED,
    ORDER_PAYMENT_SUMMARY_PARTIALLY_REFUNDED,
    ORDER_PAYMENT_SUMMARY_REFUNDED,
    ORDER_PAYMENT_SUMMARY_REFUND_PENDING,
    ORDER_PAYMENT_SUMMARY_REFUND_FAILED,
    ORDER_PAYMENT_SUMMARY_VOIDED
};

/* What cost nothing is paid. */
enum order_payment_summary order_payment_summary_of(const struct order_payment_sums *sums);
