/* What a rate of tax may look like, and what of one may still change. */
#include "actors/order/tax_rate_rules.h"
#include "tests/support/cmocka.h"

enum { NOW = 1000, BEFORE = 900, LATER = 2000 };

static struct order_tax_rate good_rate(void)
{
    return (struct order_tax_rate){ .name = TEXT(" VAT "),
                                    .has_country = true,
                                    .country = TEXT("DE"),
                                    .rate_ppm = 190000,
                                    .starts_at_us = LATER,
                                    .version = 1 };
}

static void expect_fault(struct order_tax_rate rate, const char *pointer)
{
    const struct tax_rate_fault fault = tax_rate_normalise(&rate);
    if (pointer == NULL) {
        assert_null(fault.pointer);
        return;
    }
    assert_non_null(fault.pointer);
    assert_string_equal(fault.pointer, pointer);
    assert_non_null(fault.why);
}

static void a_good_rate_is_taken_and_its_name_trimmed(void **state)
{
    (void)state;
    struct order_tax_rate rate = good_rate();
    assert_null(tax_rate_normalise(&rate).pointer);
    assert_text_equal(rate.name, TEXT("VAT"));
    rate.has_country = false;
    expect_fault(rate, NULL);
}

static void each_contradiction_names_its_field(void **state)
{
    (void)state;
    struct order_tax_rate rate = good_rate();
    rate.name = TEXT(" \xe2\x80\x8b ");
    expect_fault(rate, "/name");
    rate = good_rate();
    rate.country = TEXT("de");
    expect_fault(rate, "/country");
    rate.country = TEXT("XX");
    expect_fault(rate, "/country");
    rate = good_rate();
    rate.has_region = true;
    rate.region = TEXT("b y");
    expect_fault(rate, "/region");
    rate.region = TEXT("BY");
    expect_fault(rate, NULL);
    rate.has_country = false;
    expect_fault(rate, "/region");
    rate = good_rate();
    rate.has_ends_at = true;
    rate.ends_at_us = LATER;
    expect_fault(rate, "/ends_at");
}

static void expect_change(struct order_tax_rate rate, struct order_change_tax_rate change,
                          const char *pointer)
{
    const char *fault = NULL;
    const struct order_tax_rate before = rate;
    const enum status status = tax_rate_change(&rate, &change, NOW, &fault);
    if (pointer == NULL) {
        assert_int_equal(status, STATUS_OK);
        return;
    }
    assert_int_equal(status, STATUS_TAX_RATE_IN_FORCE);
    assert_string_equal(fault, pointer);
    assert_int_equal(rate.rate_ppm, before.rate_ppm);
    assert_int_equal(rate.ends_at_us, before.ends_at_us);
}

static void a_rate_that_has_not_started_changes_freely(void **state)
{
    (void)state;
    expect_change(good_rate(), (struct order_change_tax_rate){ .has_rate_ppm = true }, NULL);
    expect_change(good_rate(),
                  (struct order_change_tax_rate){ .has_starts_at = true, .starts_at_us = BEFORE },
                  NULL);
    const struct order_tax_rate rate = good_rate();
    assert_int_equal(tax_rate_check_removal(&rate, NOW), STATUS_OK);
}

static void of_a_rate_in_force_only_its_name_and_its_end_change(void **state)
{
    (void)state;
    struct order_tax_rate rate = good_rate();
    rate.starts_at_us = NOW;
    assert_int_equal(tax_rate_check_removal(&rate, NOW), STATUS_TAX_RATE_IN_FORCE);
    expect_change(rate, (struct order_change_tax_rate){ .has_rate_ppm = true }, "/rate_ppm");
    expect_change(rate, (struct order_change_tax_rate){ .has_starts_at = true }, "/starts_at");
    expect_change(rate, (struct order_change_tax_rate){ .has_ends_at = true, .ends_at_us = BEFORE },
                  "/ends_at");
    expect_change(rate, (struct order_change_tax_rate){ .has_ends_at = true, .ends_at_us = LATER },
                  NULL);
    expect_change(rate, (struct order_change_tax_rate){ .has_name = true, .name = TEXT("x") },
                  NULL);
    /* What says again what is there changes nothing. */
    expect_change(rate,
                  (struct order_change_tax_rate){ .has_rate_ppm = true, .rate_ppm = 190000 }, NULL);
}

static void a_rate_that_has_ended_is_not_begun_again(void **state)
{
    (void)state;
    struct order_tax_rate rate = good_rate();
    rate.starts_at_us = 1;
    rate.has_ends_at = true;
    rate.ends_at_us = NOW;
    expect_change(rate, (struct order_change_tax_rate){ .has_ends_at = true, .ends_at_us = LATER },
                  "/ends_at");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_rate_is_taken_and_its_name_trimmed),
        cmocka_unit_test(each_contradiction_names_its_field),
        cmocka_unit_test(a_rate_that_has_not_started_changes_freely),
        cmocka_unit_test(of_a_rate_in_force_only_its_name_and_its_end_change),
        cmocka_unit_test(a_rate_that_has_ended_is_not_begun_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
