/* Refunds that wait for a second member of the staff. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* Queues that one was asked for, with all that it says. */
void refund_request_store_add(struct request *request, const struct order_refund_request *asked);
/* As it is now: one whose time is over is expired. WAITS. Statuses: OK, NOT_FOUND, CORRUPT, and
 * those of request_query(). */
MUST_CHECK enum status refund_request_store_find(struct request *request, struct uuid request_id,
                                                 struct order_refund_request *ret_asked);
/* Queues what was decided; the unit ends with CONFLICT when something was before. */
void refund_request_store_decide(struct request *request,
                                 const struct order_refund_request *decided);

/* What an order has of staff's refunds. */
struct refund_request_counts {
    int64_t refunds; /* that were made */
    int64_t open;    /* that wait */
    int64_t alone;   /* what refunds came to that nobody else has approved, in minor units */
};
/* WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status refund_request_store_count(struct request *request, struct uuid order_id,
                                                  struct refund_request_counts *ret_counts);

struct refund_request_filter {
    struct uuid order_id; /* zero: of any */
    bool has_state;
    enum order_refund_request_state state;
};
/* The newest first, at most `limit` with smaller ids than `before`, in the request's arena. WAITS.
 * Statuses: OK, CORRUPT, and those of request_query(). */
MUST_CHECK enum status refund_request_store_list(struct request *request,
                                                 const struct refund_request_filter *filter,
                                                 struct uuid before, int64_t limit,
                                                 struct order_refund_request **ret_asked,
                                                 size_t *ret_count);
