/* How many products are listed in each category, those below it included. To count is to read all
 * listings, so a node remembers what it counted: for half a second, and ten times as long as it
 * took. */
#pragma once

#include "actors/host/request.h"
#include "catalog_messages.h"

struct catalog_counts {
    int64_t good_until_us; /* monotonic */
    struct uuid *ids;      /* of categories that have products, in order; malloc'ed */
    int64_t *numbers;
    size_t count;
};

void catalog_counts_clear(struct catalog_counts *counts);
/* Fills in `products` of the categories. WAITS. Statuses: OK and those of request_query(). */
MUST_CHECK enum status catalog_counts_tell(struct request *request,
                                           struct catalog_category *categories, size_t count);
