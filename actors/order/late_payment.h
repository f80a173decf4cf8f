/* Bank transfers that come when their orders are over: recorded, and given back. */
#pragma once

#include "actors/host/request.h"

/* Credits what goes into wallets, by the actor of each payment. WAITS. Statuses: those of
 * request_query() and request_ask(). */
MUST_CHECK enum status late_payment_sweep(struct request *request, unsigned shard_first,
                                          unsigned shard_last);
