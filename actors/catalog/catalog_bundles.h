/* Bundles by the clock: their parts change without them. */
#pragma once

#include "actors/host/request.h"

enum { CATALOG_BUNDLE_SWEEP_EVERY_US = 5 * 1000000 };

/* Has the bundles of those shards that can be bought in another way than search knows tell so.
 * WAITS. Statuses: OK and those of request_query() and request_ask(). */
MUST_CHECK enum status catalog_bundle_sweep(struct request *request, unsigned shard_first,
                                            unsigned shard_last);
