/* Which tax rates apply to a place at a time, of all that staff has entered. Pure. */
#pragma once

#include "actors/order/price.h"

/* A row of the table. */
struct tax_rate {
    struct uuid id;
    struct text name;
    struct text country; /* ISO 3166-1 alpha-2; empty: wherever no other row of the class applies */
    struct text region;  /* the second half of ISO 3166-2; empty: the whole country */
    unsigned tax_class;
    int64_t ppm;
    struct price_period period;
    bool exempts_businesses;
};

/* Finds the rates for each class: those of the region; if it has none, the country's; if that has
 * none, those of everywhere. Several rows of the same place are all charged. Empty texts: the place
 * is not known so far. Statuses: OK, OUT_OF_RANGE (more than PRICE_RATES_MAX apply; the result is
 * scratch). */
MUST_CHECK enum status tax_rates_find(const struct tax_rate *table, size_t count,
                                      struct text country, struct text region, int64_t when_us,
                                      struct price_rate ret_rates[PRICE_RATES_MAX],
                                      size_t *ret_count);
