/* Products of categories that have moved, or go: some at a time they are listed where the tree has
 * them. */
#pragma once

#include "actors/host/request.h"

enum { CATALOG_CATEGORY_SWEEP_EVERY_US = 500000 };

/* Has the categories of those shards that have something to do do some of it. WAITS. Statuses: OK
 * and those of request_query() and request_ask(). */
MUST_CHECK enum status catalog_category_sweep(struct request *request, unsigned shard_first,
                                              unsigned shard_last);
