/* Chooses tax rates: for each class those of the most specific place that has any. */
#include "actors/order/tax_rates.h"

enum place { NOT_HERE, EVERYWHERE, COUNTRY, REGION };

/* How closely a row names the place; NOT_HERE also when it is not in force. */
static enum place place_of(const struct tax_rate *rate, struct text country, struct text region,
                           int64_t when_us)
{
    if (price_period_reason(&rate->period, when_us) != PRICE_REASON_APPLIED) return NOT_HERE;
    if (rate->country.length == 0) return EVERYWHERE;
    if (!text_equals(rate->country, country)) return NOT_HERE;
    if (rate->region.length == 0) return COUNTRY;
    return text_equals(rate->region, region) ? REGION : NOT_HERE;
}

/* The classes that were met, each with its closest place: no more than rates may apply. */
struct classes {
    size_t count;
    struct {
        unsigned tax_class;
        enum place closest;
    } list[PRICE_RATES_MAX];
};

/* Lends the closest place of the class; NULL: there are too many classes. */
static enum place *find_or_add_class(struct classes *classes, unsigned tax_class)
{
    for (size_t i = 0; i < classes->count; i++)
        if (classes->list[i].tax_class == tax_class) return &classes->list[i].closest;
    if (classes->count == PRICE_RATES_MAX) return NULL;
    classes->list[classes->count].tax_class = tax_class;
    classes->list[classes->count].closest = NOT_HERE;
    return &classes->list[classes->count++].closest;
}

enum status tax_rates_find(const struct tax_rate *table, size_t count, struct text country,
                           struct text region, int64_t when_us,
                           struct price_rate ret_rates[PRICE_RATES_MAX], size_t *ret_count)
{
    assert(table != NULL || count == 0);
    assert(ret_count != NULL);
    struct classes classes = { .count = 0 };
    for (size_t i = 0; i < count; i++) {
        const enum place place = place_of(&table[i], country, region, when_us);
        if (place == NOT_HERE) continue;
        enum place *closest = find_or_add_class(&classes, table[i].tax_class);
        if (closest == NULL) return STATUS_OUT_OF_RANGE;
        if (place > *closest) *closest = place;
    }

    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const enum place place = place_of(&table[i], country, region, when_us);
        if (place == NOT_HERE || place != *find_or_add_class(&classes, table[i].tax_class))
            continue;
        if (found == PRICE_RATES_MAX) return STATUS_OUT_OF_RANGE;
        ret_rates[found++] =
            (struct price_rate){ .id = table[i].id,
                                 .name = table[i].name,
                                 .tax_class = table[i].tax_class,
                                 .ppm = table[i].ppm,
                                 .exempts_businesses = table[i].exempts_businesses };
    }
    *ret_count = found;
    return STATUS_OK;
}
