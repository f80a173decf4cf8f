/* Sales by the clock. */
#pragma once

#include "actors/host/request.h"

/* Search and lists are not to disagree for longer than a commit of search takes. */
enum { CATALOG_SALE_SWEEP_EVERY_US = 500 * 1000 };

/* Has the products of those shards whose sale is over look for what comes next. WAITS. Statuses:
 * OK and those of request_query() and request_ask(). */
MUST_CHECK enum status catalog_sale_sweep(struct request *request, unsigned shard_first,
                                          unsigned shard_last);
