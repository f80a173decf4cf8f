/* What one cost before a reduction: the lowest price of the 30 days before a sale begins (Directive
 * 98/6/EC, article 6a, as of 2019/2161). Pure. Amounts are minor units of one currency, times are
 * market time. */
#pragma once

#include "actors/catalog/catalog_price.h"

#define CATALOG_PRIOR_WINDOW_US (INT64_C(30) * 24 * 3600 * 1000000)
enum { CATALOG_PRIOR_NONE = CATALOG_ITEM_NONE };

/* A price with its sale, as it was said from `since_us` on, before `until_us`. */
struct catalog_price_span {
    int64_t amount;
    struct catalog_sale sale;
    int64_t since_us, until_us;
};

/* The lowest price that anybody could pay from `from_us` on, before `to_us`; CATALOG_PRIOR_NONE:
 * there was none. */
int64_t catalog_price_lowest(const struct catalog_price_span *spans, size_t count, int64_t from_us,
                             int64_t to_us);
/* The lowest price of the window before the sale of a price that is said from `now_us` on begins:
 * of the spans before, and of the price itself until then. A sale that has begun earlier is counted
 * from now on: it is announced now. CATALOG_PRIOR_NONE: there is no sale, or nothing was for sale
 * before. */
int64_t catalog_price_prior(const struct catalog_item_price *price,
                            const struct catalog_price_span *before, size_t count, int64_t now_us);
