/* A refund as staff asks for it, without cancelling anything: judged, and worked out. */
#pragma once

#include "actors/order/order_back_begin.h"

enum {
    ORDER_STAFF_REFUNDS_MAX = 20, /* of an order; as many requests wait at most */
    ORDER_REFUND_WAYS_MAX = 3
};

struct order_refund_ask {
    bool has_amount; /* a plain amount; else lines and deliveries */
    struct money amount;
    const struct order_shipment_line *lines;
    size_t lines_count;
    bool has_delivery;
    const struct order_refund_way *ways; /* none: back where it came from */
    size_t ways_count;
    struct text reason;
};

/* Works out what would go back, by the sums of the life; nothing is queued. WAITS. Statuses: OK,
 * UNITS_NOT_LEFT, REFUND_EXCEEDS_CAPTURED (also: a bank holds the card's part that should go
 * elsewhere), CURRENCY_MISMATCH, INVALID_VALUE, MISSING_FIELD,
 * NOT_FOUND (no such line; all told why), CONFLICT (the order has changed meanwhile), CORRUPT,
 * those of request_query(), and those of an outage of users or payments. */
MUST_CHECK enum status order_refund_plan(struct request *request, const struct order_life *life,
                                         const struct order_refund_ask *ask,
                                         struct order_back *ret_back);
