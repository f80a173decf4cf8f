/* The lowest price of 30 days. */
#include "actors/catalog/catalog_price_history.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void take_lower(int64_t amount, int64_t *lowest)
{
    if (*lowest == CATALOG_PRIOR_NONE || amount < *lowest) *lowest = amount;
}

int64_t catalog_price_lowest(const struct catalog_price_span *spans, size_t count, int64_t from_us,
                             int64_t to_us)
{
    int64_t lowest = CATALOG_PRIOR_NONE;
    for (size_t i = 0; i < count; i++) {
        const struct catalog_sale *sale = &spans[i].sale;
        const int64_t begin_us = later(spans[i].since_us, from_us);
        const int64_t end_us = earlier(spans[i].until_us, to_us);
        if (begin_us >= end_us) continue;
        const bool has_sale =
            sale->amount > 0 && later(begin_us, sale->from_us) < earlier(end_us, sale->to_us);
        const bool is_all_sale = has_sale && sale->from_us <= begin_us && end_us <= sale->to_us;
        if (has_sale) take_lower(sale->amount, &lowest);
        if (!is_all_sale) take_lower(spans[i].amount, &lowest);
    }
    return lowest;
}

int64_t catalog_price_prior(const struct catalog_item_price *price,
                            const struct catalog_price_span *before, size_t count, int64_t now_us)
{
    if (price->sale.amount == 0) return CATALOG_PRIOR_NONE;
    const int64_t start_us = later(price->sale.from_us, now_us);
    const struct catalog_price_span until_then = { .amount = price->price.amount,
                                                   .since_us = now_us,
                                                   .until_us = start_us };
    const int64_t from_us = start_us - CATALOG_PRIOR_WINDOW_US;
    int64_t lowest = catalog_price_lowest(before, count, from_us, start_us);
    const int64_t waiting = catalog_price_lowest(&until_then, 1, from_us, start_us);
    if (waiting != CATALOG_PRIOR_NONE) take_lower(waiting, &lowest);
    return lowest;
}
