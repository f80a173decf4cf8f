/* The rules of shipping methods. */
#include "actors/vendor/vendor_shipping_rules.h"

#include "runtime/plain_text.h"
#include "runtime/text_form.h"

static bool is_known_currency(struct money money)
{
    return currency_exponent(money.currency) >= 0;
}

static const char *check_amounts(const struct vendor_shipping_method *method)
{
    if (!is_known_currency(method->price)) return "/price";
    if (method->has_free_above != (method->kind == VENDOR_SHIPPING_KIND_FREE_ABOVE))
        return "/free_above";
    if (method->has_price_per_kg != (method->kind == VENDOR_SHIPPING_KIND_WEIGHT))
        return "/price_per_kg";
    if (method->has_free_above && !money_same_currency(method->price, method->free_above))
        return "/free_above";
    if (method->has_price_per_kg && !money_same_currency(method->price, method->price_per_kg))
        return "/price_per_kg";
    return NULL;
}

/* 250 countries at most, so comparing each with each is cheap enough. */
static bool are_countries(const struct text *countries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!text_is_country(countries[i])) return false;
        for (size_t k = 0; k < i; k++) {
            if (text_equals(countries[i], countries[k])) return false;
        }
    }
    return true;
}

const char *vendor_shipping_normalise(struct vendor_shipping_method *method)
{
    assert(method != NULL);
    method->name = text_trim(method->name);
    if (!plain_text_is_name(method->name)) return "/name";
    const char *fault = check_amounts(method);
    if (fault != NULL) return fault;
    return are_countries(method->countries, method->countries_count) ? NULL : "/countries";
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
    if (change->has_is_active) method->is_active = change->is_active;
}
