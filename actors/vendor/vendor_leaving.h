/* How a vendor leaves the market for good. It stops selling at once and is `terminating`; it is
 * `terminated` when nothing can come any more. No order is overlooked: first the catalogue must
 * have heard that the vendor has stopped, so that every checkout that is priced from then on is
 * refused; then vendor.leave_delay must pass, which is longer than any request lives, so that every
 * checkout that was priced before has locked its cart; only then are open orders and locked carts
 * counted. */
#pragma once

#include "actors/vendor/vendor_life.h"

/* Queues the first look; to be called when the vendor was moved to `terminating`. */
void vendor_leaving_begin(struct request *request, const struct vendor *vendor);
/* What keeps the vendor from leaving. WAITS. Statuses: those of request_ask(). */
MUST_CHECK enum status vendor_leaving_count(struct request *request, struct uuid vendor_id,
                                            int64_t *ret_open_orders, int64_t *ret_open_checkouts);
/* Looks after vendors that leave. WAITS. */
MUST_CHECK enum status vendor_leaving_sweep(struct request *request, unsigned shard_first,
                                            unsigned shard_last);
