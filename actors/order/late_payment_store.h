/* SQL of bank transfers that came when their orders were over. Reads see committed rows, in the
 * request's arena; their statuses are OK and those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

enum { LATE_PAYMENTS_SWEPT = 64 };

/* A checkout as far as money that comes late matters. */
struct late_payment_group {
    struct text number;  /* for people */
    struct uuid user_id; /* zero: a guest's */
    const char *currency;
    bool is_transfer;
    int64_t waiting;     /* orders that still wait for it */
    int64_t ended;       /* orders that ended without it */
    int64_t missed;      /* what these asked for, in minor units */
    int64_t ended_at_us; /* when the last of them ended */
};
/* WAITS. Also NOT_FOUND (no such placed group). */
MUST_CHECK enum status late_payment_store_find_group(struct request *request, struct uuid group_id,
                                                     struct late_payment_group *ret_group);
/* Queues a payment; the unit ends with LATE_PAYMENT_RECORDED when its group has one. */
void late_payment_store_add(struct request *request, const struct order_late_payment *payment);
/* Queues that it was handed back or credited, or that it goes back by hand after all; the unit ends
 * with CONFLICT when it was settled before. */
void late_payment_store_settle(struct request *request, struct uuid payment_id);
void late_payment_store_make_manual(struct request *request, struct uuid payment_id);
/* WAITS. Also NOT_FOUND. */
MUST_CHECK enum status late_payment_store_find(struct request *request, struct uuid payment_id,
                                               struct order_late_payment *ret_payment);
struct late_payment_filter {
    struct uuid group_id; /* zero: any */
    bool has_settled, is_settled;
};
/* The newest first, at most `limit` (>= 1) with smaller ids than `before`. WAITS. */
MUST_CHECK enum status late_payment_store_list(struct request *request,
                                               const struct late_payment_filter *filter,
                                               struct uuid before, int64_t limit,
                                               struct order_late_payment **ret_payments,
                                               size_t *ret_count);
/* Ids of those of these shards that wait to be credited, at most LATE_PAYMENTS_SWEPT. WAITS. */
MUST_CHECK enum status late_payment_store_list_due(struct request *request, unsigned shard_first,
                                                   unsigned shard_last, const struct uuid **ret_ids,
                                                   size_t *ret_count);
