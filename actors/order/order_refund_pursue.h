/* What goes back to cards, or into wallets instead, is looked after until it is there, or cannot
 * be.
 */
#pragma once

#include "actors/host/request.h"

/* The payment of a checkout has changed: has what goes to its card pursued. WAITS. Statuses: those
 * of request_query(); what fails is tried by the clock. */
MUST_CHECK enum status order_refund_hear(struct request *request, struct uuid group_id);
/* Has what is due of these shards pursued. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_refund_sweep(struct request *request, unsigned shard_first,
                                          unsigned shard_last);
