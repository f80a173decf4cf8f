/* The changes of many orders, in the order in which each shard committed them. Nothing but SQL and
 * its mapping. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order_stream_place.h"
#include "order_messages.h"

/* Whose orders: a vendor's, a shopper's, or with neither the market's. */
struct order_stream_owner {
    struct uuid vendor_id, user_id; /* zero: not by that */
};

struct order_stream_row {
    struct order_order_change change; /* without its cursor */
    unsigned shard;
    int64_t position; /* in its shard */
};

/* The rows behind a place, at most `limit`, in the request's arena. Rows of a shard stand in the
 * order of their positions, shards among one another as the times of their rows say. WAITS.
 * Statuses: OK, CORRUPT, and those of request_query(). */
MUST_CHECK enum status order_stream_list(struct request *request,
                                         const struct order_stream_owner *owner,
                                         const struct order_stream_place *place, int64_t limit,
                                         struct order_stream_row **ret_rows, size_t *ret_count);
/* The place behind all that is committed. WAITS; statuses as above. */
MUST_CHECK enum status order_stream_find_end(struct request *request,
                                             struct order_stream_place *ret_place);
