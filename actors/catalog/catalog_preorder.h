/* Pre-orders by the clock. */
#pragma once

#include "actors/host/request.h"

enum { CATALOG_PREORDER_SWEEP_EVERY_US = 5 * 1000000 };

/* Has the variants of those shards whose day has come tell so. WAITS. Statuses: OK and those of
 * request_query() and request_ask(). */
MUST_CHECK enum status catalog_preorder_sweep(struct request *request, unsigned shard_first,
                                              unsigned shard_last);
