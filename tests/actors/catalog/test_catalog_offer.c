/* Claims about which offer of an item goes before which. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_offer.h"

static const struct catalog_rival base = { .variant_id = { { 5 } },
                                           .can_be_bought = true,
                                           .amount = 500,
                                           .rating_hundredths = 300,
                                           .listed_at_us = 1000 };

static void assert_better(const struct catalog_rival *better, const struct catalog_rival *worse)
{
    assert_true(catalog_rival_compare(better, worse) < 0);
    assert_true(catalog_rival_compare(worse, better) > 0);
}

static void what_can_be_bought_goes_before_what_costs_less(void **state)
{
    (void)state;
    struct catalog_rival cheap = base;
    cheap.amount = 1;
    cheap.can_be_bought = false;
    assert_better(&base, &cheap);
}

static void the_lower_price_goes_before_the_better_vendor(void **state)
{
    (void)state;
    struct catalog_rival cheap = base;
    cheap.amount = 499;
    cheap.rating_hundredths = 0;
    assert_better(&cheap, &base);
}

static void of_equal_prices_the_sooner_goes_before_the_better_vendor(void **state)
{
    (void)state;
    struct catalog_rival soon = base, late = base;
    soon.handling_days = 1;
    late.handling_days = 2;
    late.rating_hundredths = 500;
    assert_better(&soon, &late);
}

static const struct vendor_method_terms ways[] = {
    { .kind = VENDOR_SHIPPING_KIND_FLAT,
      .price = { 700, "EUR" },
      .handling_days = 1,
      .is_sent_there = true },
    { .kind = VENDOR_SHIPPING_KIND_FREE_ABOVE,
      .price = { 900, "EUR" },
      .has_free_above = true,
      .free_above = { 5000, "EUR" },
      .handling_days = 5,
      .is_sent_there = true },
    { .kind = VENDOR_SHIPPING_KIND_WEIGHT,
      .price = { 100, "EUR" },
      .has_price_per_kg = true,
      .price_per_kg = { 200, "EUR" },
      .has_weight_max_grams = true,
      .weight_max_grams = 2500,
      .handling_days = 3,
      .is_sent_there = true },
    { .kind = VENDOR_SHIPPING_KIND_FLAT, .price = { 1, "EUR" } },
};
static const struct vendor_method_terms one_way[] = {
    { .kind = VENDOR_SHIPPING_KIND_FLAT, .price = { 50, "EUR" }, .is_sent_there = true }
};
static const struct vendor_shipping_profile_terms profiles[] = {
    { .id = { { 1 } }, .is_default = true, .methods = ways, .methods_count = 4 },
    { .id = { { 2 } }, .methods = one_way, .methods_count = 1 },
    { .id = { { 3 } }, .methods = &ways[3], .methods_count = 1 },
};
static const struct vendor_terms terms = { .profiles = profiles, .profiles_count = 3 };

static void assert_sent(struct catalog_parcel parcel, int64_t amount, int64_t days)
{
    const struct catalog_delivery delivery = catalog_delivery_of(&terms, &parcel);
    assert_true(delivery.is_said);
    assert_true(delivery.is_offered);
    assert_int_equal(delivery.amount, amount);
    assert_int_equal(delivery.handling_days, days);
}

static void a_unit_is_sent_the_cheapest_way_that_takes_it(void **state)
{
    (void)state;
    assert_sent((struct catalog_parcel){ .weight_grams = 1001, .amount = 100 }, 500, 3);
    assert_sent((struct catalog_parcel){ .weight_grams = 0, .amount = 100 }, 100, 3);
    assert_sent((struct catalog_parcel){ .weight_grams = 2501, .amount = 100 }, 700, 1);
    assert_sent((struct catalog_parcel){ .weight_grams = 2501, .amount = 5000 }, 0, 5);
    assert_sent((struct catalog_parcel){ .profile_id = { { 2 } } }, 50, 0);
    assert_sent((struct catalog_parcel){ .profile_id = { { 9 } } }, 100, 3); /* gone: the default */
}

static void what_goes_elsewhere_only_is_not_offered_and_without_ways_nothing_is_said(void **state)
{
    (void)state;
    const struct catalog_parcel parcel = { .profile_id = { { 3 } } };
    struct catalog_delivery delivery = catalog_delivery_of(&terms, &parcel);
    assert_true(delivery.is_said && !delivery.is_offered);
    const struct vendor_terms none = { .profiles_count = 0 };
    delivery = catalog_delivery_of(&none, &parcel);
    assert_false(delivery.is_said || delivery.is_offered);
    assert_int_equal(delivery.handling_days, CATALOG_HANDLING_UNKNOWN);
}

static void the_better_vendor_goes_before_the_older_offer(void **state)
{
    (void)state;
    struct catalog_rival rated = base;
    rated.rating_hundredths = 301;
    rated.listed_at_us = 2000;
    assert_better(&rated, &base);
}

static void of_equal_ones_the_older_is_better_and_no_two_are_equal(void **state)
{
    (void)state;
    struct catalog_rival other = base;
    other.listed_at_us = 999;
    assert_better(&other, &base);
    other = base;
    other.variant_id.bytes[0] = 4;
    assert_better(&other, &base);
    assert_int_equal(catalog_rival_compare(&base, &base), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_bought_goes_before_what_costs_less),
        cmocka_unit_test(the_lower_price_goes_before_the_better_vendor),
        cmocka_unit_test(of_equal_prices_the_sooner_goes_before_the_better_vendor),
        cmocka_unit_test(a_unit_is_sent_the_cheapest_way_that_takes_it),
        cmocka_unit_test(what_goes_elsewhere_only_is_not_offered_and_without_ways_nothing_is_said),
        cmocka_unit_test(the_better_vendor_goes_before_the_older_offer),
        cmocka_unit_test(of_equal_ones_the_older_is_better_and_no_two_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
