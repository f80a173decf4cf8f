/* The rule of the best offer. */
#include "actors/catalog/catalog_offer.h"

#include <string.h>

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

int catalog_rival_compare(const struct catalog_rival *a, const struct catalog_rival *b)
{
    if (a->can_be_bought != b->can_be_bought) return a->can_be_bought ? -1 : 1;
    const int by_price = compare_numbers(a->amount, b->amount);
    if (by_price != 0) return by_price;
    const int by_days = compare_numbers(a->handling_days, b->handling_days);
    if (by_days != 0) return by_days;
    const int by_rating = compare_numbers(b->rating_hundredths, a->rating_hundredths);
    if (by_rating != 0) return by_rating;
    const int by_age = compare_numbers(a->listed_at_us, b->listed_at_us);
    if (by_age != 0) return by_age;
    return memcmp(a->variant_id.bytes, b->variant_id.bytes, sizeof a->variant_id.bytes);
}

/* ---- how it is sent ---- */

static const struct vendor_shipping_profile_terms *find_profile(const struct vendor_terms *terms,
                                                                struct uuid id)
{
    const struct vendor_shipping_profile_terms *found = NULL;
    for (size_t i = 0; i < terms->profiles_count; i++) {
        if (uuid_equals(terms->profiles[i].id, id)) return &terms->profiles[i];
        if (terms->profiles[i].is_default) found = &terms->profiles[i];
    }
    return found;
}

/* Whether the method takes the parcel, and for how much: as carts are priced, of one unit. */
static bool is_offered(const struct vendor_method_terms *method,
                       const struct catalog_parcel *parcel, int64_t *ret_amount)
{
    if (!method->is_sent_there) return false;
    if (method->has_weight_max_grams && parcel->weight_grams > method->weight_max_grams)
        return false;
    *ret_amount = method->price.amount;
    switch (method->kind) {
    case VENDOR_SHIPPING_KIND_FLAT:
        return true;
    case VENDOR_SHIPPING_KIND_FREE_ABOVE:
        if (method->has_free_above && parcel->amount >= method->free_above.amount) *ret_amount = 0;
        return true;
    case VENDOR_SHIPPING_KIND_WEIGHT: {
        const int64_t kilograms = (parcel->weight_grams + 999) / 1000;
        int64_t by_weight;
        return !method->has_price_per_kg ||
               (!__builtin_mul_overflow(method->price_per_kg.amount, kilograms, &by_weight) &&
                !__builtin_add_overflow(*ret_amount, by_weight, ret_amount));
    }
    }
    return false;
}

struct catalog_delivery catalog_delivery_of(const struct vendor_terms *terms,
                                            const struct catalog_parcel *parcel)
{
    const struct vendor_shipping_profile_terms *profile = find_profile(terms, parcel->profile_id);
    struct catalog_delivery best = { .is_said = profile != NULL,
                                     .handling_days = CATALOG_HANDLING_UNKNOWN };
    if (profile == NULL) return best;
    for (size_t i = 0; i < profile->methods_count; i++) {
        const struct vendor_method_terms *method = &profile->methods[i];
        int64_t amount;
        if (!is_offered(method, parcel, &amount)) continue;
        if (best.is_offered &&
            (amount > best.amount ||
             (amount == best.amount && method->handling_days >= best.handling_days)))
            continue;
        best.is_offered = true;
        best.amount = amount;
        best.handling_days = method->handling_days;
    }
    return best;
}
