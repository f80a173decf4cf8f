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
        cmocka_unit_test(the_better_vendor_goes_before_the_older_offer),
        cmocka_unit_test(of_equal_ones_the_older_is_better_and_no_two_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
