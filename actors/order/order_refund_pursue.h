/* What goes back to cards, or into wallets instead, is looked after until it is there, or cannot
 * be.
 */
#pragma once

#include "actors/host/request.h"

/* Has what is due of these shards pursued. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_refund_sweep(struct request *request, unsigned shard_first,
                                          unsigned shard_last);
