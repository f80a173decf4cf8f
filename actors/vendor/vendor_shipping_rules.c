/* The rules of shipping methods. */
#include "actors/vendor/vendor_shipping_rules.h"

#include "runtime/plain_text.h"
#include "runtime/text_form.h"

static bool is_known_currency(struct money money)
{
    return currency_exponent(money.currency) >= 0;
}

static bool refuse(struct vendor_shipping_fault *ret_fault, const char *pointer, const char *why)
{
    *ret_fault = (struct vendor_shipping_fault){ .pointer = pointer, .why = why };
    return false;
}

/* An amount stands with its own kind and no other, in the currency of the price. */
static bool check_amount(const struct vendor_shipping_method *method, bool is_there,
                         struct money amount, enum vendor_shipping_kind kind,
                         const struct vendor_shipping_fault *fault,
                         struct vendor_shipping_fault *ret_fault)
{
    const bool is_wanted = method->kind == kind;
    *ret_fault = *fault;
    if (is_there != is_wanted) return false;
    if (!is_there || money_same_currency(method->price, amount)) return true;
    return refuse(ret_fault, fault->pointer, "All amounts are in the currency of the price.");
}

static bool check_amounts(const struct vendor_shipping_method *method,
                          struct vendor_shipping_fault *ret_fault)
{
    static const struct vendor_shipping_fault above = {
        .pointer = "/free_above", .why = "Needed with the kind free_above, and only there."
    };
    static const struct vendor_shipping_fault per_kg = {
        .pointer = "/price_per_kg", .why = "Needed with the kind weight, and only there."
    };
    if (!is_known_currency(method->price))
        return refuse(ret_fault, "/price", "The currency is not in ISO 4217.");
    return check_amount(method, method->has_free_above, method->free_above,
                        VENDOR_SHIPPING_KIND_FREE_ABOVE, &above, ret_fault) &&
           check_amount(method, method->has_price_per_kg, method->price_per_kg,
                        VENDOR_SHIPPING_KIND_WEIGHT, &per_kg, ret_fault);
}

/* 250 countries at most, so comparing each with each is cheap enough. */
static bool check_countries(const struct text *countries, size_t count,
                            struct vendor_shipping_fault *ret_fault)
{
    for (size_t i = 0; i < count; i++) {
        *ret_fault = (struct vendor_shipping_fault){
            .pointer = "/countries", .is_in_list = true, .index = i, .why = TEXT_COUNTRY_RULE
        };
        if (!text_is_country(countries[i])) return false;
        ret_fault->why = "Each country stands once.";
        for (size_t k = 0; k < i; k++) {
            if (text_equals(countries[i], countries[k])) return false;
        }
    }
    return true;
}

bool vendor_shipping_normalise(struct vendor_shipping_method *method,
                               struct vendor_shipping_fault *ret_fault)
{
    assert(method != NULL);
    assert(ret_fault != NULL);
    method->name = text_trim(method->name);
    if (!plain_text_is_name(method->name)) return refuse(ret_fault, "/name", PLAIN_TEXT_NAME_RULE);
    if (method->has_transit_days_min && method->has_transit_days_max &&
        method->transit_days_min > method->transit_days_max)
        return refuse(ret_fault, "/transit_days_max",
                      "The most days are not fewer than the least.");
    return check_amounts(method, ret_fault) &&
           check_countries(method->countries, method->countries_count, ret_fault);
}

/* What is a number or a day of the method. */
static void change_limits(struct vendor_shipping_method *method,
                          const struct vendor_change_shipping_method *change)
{
    if (change->has_handling_days) method->handling_days = change->handling_days;
    if (change->has_remove_weight_max && change->remove_weight_max)
        method->has_weight_max_grams = false;
    if (change->has_weight_max_grams) {
        method->has_weight_max_grams = true;
        method->weight_max_grams = change->weight_max_grams;
    }
    if (change->has_remove_transit_days && change->remove_transit_days)
        method->has_transit_days_min = method->has_transit_days_max = false;
    if (change->has_transit_days_min) {
        method->has_transit_days_min = true;
        method->transit_days_min = change->transit_days_min;
    }
    if (change->has_transit_days_max) {
        method->has_transit_days_max = true;
        method->transit_days_max = change->transit_days_max;
    }
}

/* Amounts of the old kind go with it: they would be refused beside the new kind, and nobody sent
 * them. */
void vendor_shipping_change(struct vendor_shipping_method *method,
                            const struct vendor_change_shipping_method *change)
{
    assert(method != NULL);
    assert(change != NULL);
    if (change->has_name) method->name = change->name;
    if (change->has_kind && change->kind != method->kind) {
        method->kind = change->kind;
        method->has_free_above = method->has_price_per_kg = false;
    }
    if (change->has_price) method->price = change->price;
    if (change->has_free_above) {
        method->has_free_above = true;
        method->free_above = change->free_above;
    }
    if (change->has_price_per_kg) {
        method->has_price_per_kg = true;
        method->price_per_kg = change->price_per_kg;
    }
    if (change->countries_count > 0 || (change->has_is_everywhere && change->is_everywhere)) {
        method->countries = change->countries;
        method->countries_count = change->countries_count;
    }
    if (change->has_profile_id) method->profile_id = change->profile_id;
    change_limits(method, change);
    if (change->has_is_active) method->is_active = change->is_active;
}

bool vendor_shipping_has_room(const struct vendor_shipping_method *method,
                              const struct vendor_shipping_method *others, size_t count)
{
    size_t beside = 0;
    for (size_t i = 0; i < count; i++) {
        const struct vendor_shipping_method *other = &others[i];
        beside += other->is_active && !uuid_equals(other->id, method->id) &&
                  uuid_equals(other->profile_id, method->profile_id) &&
                  money_same_currency(other->price, method->price);
    }
    return !method->is_active || beside < VENDOR_SHIPPING_OFFERED_MAX;
}

/* ---- profiles ---- */

static bool is_region(struct text region)
{
    for (size_t i = 0; i < region.length; i++) {
        const char c = region.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
    }
    return region.length >= 1 && region.length <= 3;
}

bool vendor_shipping_profile_normalise(struct vendor_shipping_profile *profile,
                                       struct vendor_shipping_fault *ret_fault)
{
    assert(profile != NULL);
    assert(ret_fault != NULL);
    profile->name = text_trim(profile->name);
    if (!plain_text_is_name(profile->name)) return refuse(ret_fault, "/name", PLAIN_TEXT_NAME_RULE);
    if (profile->has_origin_country && !text_is_country(profile->origin_country))
        return refuse(ret_fault, "/origin_country", TEXT_COUNTRY_RULE);
    if (!profile->has_origin_region) return true;
    if (!profile->has_origin_country)
        return refuse(ret_fault, "/origin_region", "A region is one of a country.");
    if (!is_region(profile->origin_region))
        return refuse(ret_fault, "/origin_region",
                      "One to three capitals and digits: what follows the hyphen in ISO 3166-2.");
    return true;
}

void vendor_shipping_profile_change(struct vendor_shipping_profile *profile,
                                    const struct vendor_change_shipping_profile *change)
{
    assert(profile != NULL);
    assert(change != NULL);
    if (change->has_name) profile->name = change->name;
    if (change->has_origin_country) {
        profile->has_origin_country = change->origin_country.length > 0;
        profile->origin_country = change->origin_country;
        profile->has_origin_region &= profile->has_origin_country;
    }
    if (change->has_origin_region) {
        profile->has_origin_region = change->origin_region.length > 0;
        profile->origin_region = change->origin_region;
    }
    if (change->has_is_default) profile->is_default = change->is_default;
}

/* ---- least values of orders ---- */

bool vendor_order_minimums_check(const struct money *minimums, size_t count,
                                 struct vendor_shipping_fault *ret_fault)
{
    for (size_t i = 0; i < count; i++) {
        *ret_fault = (struct vendor_shipping_fault){ .pointer = "/order_minimums",
                                                     .is_in_list = true,
                                                     .index = i,
                                                     .why = "There is one in each currency." };
        for (size_t k = 0; k < i; k++) {
            if (money_same_currency(minimums[i], minimums[k])) return false;
        }
    }
    return true;
}
