/* The provider's reports by the clock. */
#pragma once

#include "actors/host/request.h"

/* A sweep (actors/host/domain.h): goes on with each day of these shards that is over and not done,
 * a bounded number of pages each. WAITS. Statuses: OK, those of request_ask(), of the first day
 * that did not go on. */
MUST_CHECK enum status reconcile_sweep(struct request *request, unsigned shard_first,
                                       unsigned shard_last);
