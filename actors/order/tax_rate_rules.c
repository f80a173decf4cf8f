/* The rules of tax rates: what was in force stays as it was. */
#include "actors/order/tax_rate_rules.h"

#include "runtime/plain_text.h"
#include "runtime/text_form.h"

static bool is_region(struct text region)
{
    for (size_t i = 0; i < region.length; i++) {
        const char c = region.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
    }
    return region.length >= 1 && region.length <= 3;
}

struct tax_rate_fault tax_rate_normalise(struct order_tax_rate *rate)
{
    assert(rate != NULL);
    rate->name = text_trim(rate->name);
    if (!plain_text_is_name(rate->name))
        return (struct tax_rate_fault){ "/name", "A name has characters that can be seen." };
    if (rate->has_country && !text_is_country(rate->country))
        return (struct tax_rate_fault){ "/country", "Two capitals of ISO 3166-1, such as DE." };
    if (rate->has_region && !rate->has_country)
        return (struct tax_rate_fault){ "/region", "A region is one of a country." };
    if (rate->has_region && !is_region(rate->region))
        return (struct tax_rate_fault){
            "/region", "One to three capitals and digits: what follows the hyphen in ISO 3166-2."
        };
    if (rate->has_ends_at && rate->ends_at_us <= rate->starts_at_us)
        return (struct tax_rate_fault){ "/ends_at", "A rate ends after it has started." };
    return (struct tax_rate_fault){ NULL, NULL };
}

enum status tax_rate_change(struct order_tax_rate *rate, const struct order_change_tax_rate *change,
                            int64_t now_us, const char **ret_pointer)
{
    assert(rate != NULL);
    assert(change != NULL);
    assert(ret_pointer != NULL);
    if (rate->starts_at_us <= now_us) {
        const bool has_ended = rate->has_ends_at && rate->ends_at_us <= now_us;
        *ret_pointer = NULL;
        if (change->has_rate_ppm && change->rate_ppm != rate->rate_ppm) *ret_pointer = "/rate_ppm";
        if (change->has_exempts_businesses &&
            change->exempts_businesses != rate->exempts_businesses)
            *ret_pointer = "/exempts_businesses";
        if (change->has_starts_at && change->starts_at_us != rate->starts_at_us)
            *ret_pointer = "/starts_at";
        if (change->has_ends_at && (has_ended || change->ends_at_us < now_us))
            *ret_pointer = "/ends_at";
        if (*ret_pointer != NULL) return STATUS_TAX_RATE_IN_FORCE;
    }
    if (change->has_name) rate->name = change->name;
    if (change->has_rate_ppm) rate->rate_ppm = change->rate_ppm;
    if (change->has_exempts_businesses)
        rate->has_exempts_businesses = rate->exempts_businesses = change->exempts_businesses;
    if (change->has_starts_at) rate->starts_at_us = change->starts_at_us;
    if (change->has_ends_at) {
        rate->has_ends_at = true;
        rate->ends_at_us = change->ends_at_us;
    }
    return STATUS_OK;
}

enum status tax_rate_check_removal(const struct order_tax_rate *rate, int64_t now_us)
{
    return rate->starts_at_us > now_us ? STATUS_OK : STATUS_TAX_RATE_IN_FORCE;
}
