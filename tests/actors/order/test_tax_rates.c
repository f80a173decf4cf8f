/* Claims about which tax rates apply to a place at a time. */
#include "tests/actors/order/price_case.h"

#include "actors/order/tax_rates.h"

enum { STANDARD, REDUCED };

static struct tax_rate rate(size_t number, const char *country, const char *region,
                            unsigned tax_class, int64_t ppm)
{
    return (struct tax_rate){ .id = price_case_id('t', number),
                              .name = TEXT("VAT"),
                              .country = text_of(country),
                              .region = text_of(region),
                              .tax_class = tax_class,
                              .ppm = ppm };
}

static size_t find(const struct tax_rate *table, size_t count, const char *country,
                   const char *region, int64_t when_us, struct price_rate ret_rates[])
{
    size_t found = 0;
    assert_int_equal(
        tax_rates_find(table, count, text_of(country), text_of(region), when_us, ret_rates, &found),
        STATUS_OK);
    return found;
}

static void the_most_specific_place_of_each_class_counts(void **state)
{
    (void)state;
    /* In no order. */
    const struct tax_rate table[] = {
        rate(1, "", "", STANDARD, 1),       rate(3, "CA", "QC", STANDARD, 2),
        rate(2, "CA", "", STANDARD, 50000), rate(4, "CA", "QC", STANDARD, 99750),
        rate(5, "CA", "", REDUCED, 3),      rate(6, "US", "", STANDARD, 4),
        rate(7, "CA", "ON", STANDARD, 13),  rate(8, "", "", REDUCED, 5),
    };
    const size_t count = ARRAY_LENGTH(table);
    struct price_rate rates[PRICE_RATES_MAX];
    assert_int_equal(find(table, count, "CA", "QC", 0, rates), 3);
    assert_int_equal(rates[0].ppm, 2);
    assert_int_equal(rates[1].ppm, 99750);
    assert_true(uuid_equals(rates[1].id, table[3].id));
    assert_text_equal(rates[1].name, TEXT("VAT"));
    assert_int_equal(rates[2].ppm, 3); /* the region has none for this class */
    assert_int_equal(rates[2].tax_class, REDUCED);
    assert_int_equal(find(table, count, "CA", "BC", 0, rates), 2);
    assert_int_equal(rates[0].ppm, 50000);
    assert_int_equal(find(table, count, "CA", "", 0, rates), 2);
    assert_int_equal(find(table, count, "DE", "BE", 0, rates), 2);
    assert_int_equal(rates[0].ppm, 1);
    assert_int_equal(find(table, count, "", "", 0, rates), 2);
    assert_int_equal(rates[0].ppm, 1);
}

static void a_region_of_another_country_is_another_region(void **state)
{
    (void)state;
    const struct tax_rate table[] = { rate(1, "US", "WA", STANDARD, 1) };
    struct price_rate rates[PRICE_RATES_MAX];
    assert_int_equal(find(table, 1, "AU", "WA", 0, rates), 0);
    assert_int_equal(find(table, 1, "US", "WA", 0, rates), 1);
    assert_int_equal(find(table, 1, "US", "XX", 0, rates), 0);
}

/* A rate of 0 in a region is a rate: it keeps the country's away. */
static void a_rate_of_nothing_counts(void **state)
{
    (void)state;
    const struct tax_rate table[] = { rate(1, "ES", "", STANDARD, 210000),
                                      rate(2, "ES", "CN", STANDARD, 0) };
    struct price_rate rates[PRICE_RATES_MAX];
    assert_int_equal(find(table, 2, "ES", "CN", 0, rates), 1);
    assert_int_equal(rates[0].ppm, 0);
}

static void rates_change_to_the_microsecond_and_what_is_over_hides_nothing(void **state)
{
    (void)state;
    struct tax_rate table[] = { rate(1, "DE", "", STANDARD, 190000),
                                rate(2, "DE", "", STANDARD, 160000),
                                rate(3, "DE", "BE", STANDARD, 7) };
    table[0].period = (struct price_period){ .has_end = true, .ends_us = 1000 };
    table[1].period = (struct price_period){ .starts_us = 1000 };
    table[2].period = (struct price_period){ .has_end = true, .ends_us = 500 };
    struct price_rate rates[PRICE_RATES_MAX];
    assert_int_equal(find(table, 3, "DE", "BE", 999, rates), 1);
    assert_int_equal(rates[0].ppm, 190000);
    assert_int_equal(find(table, 3, "DE", "BE", 1000, rates), 1);
    assert_int_equal(rates[0].ppm, 160000);
    assert_int_equal(find(table, 3, "DE", "BE", 499, rates), 1);
    assert_int_equal(rates[0].ppm, 7);
}

static void more_rates_than_can_be_charged_are_refused(void **state)
{
    (void)state;
    static struct tax_rate table[PRICE_RATES_MAX + 1];
    struct price_rate rates[PRICE_RATES_MAX];
    size_t found = 77;
    for (size_t i = 0; i <= PRICE_RATES_MAX; i++)
        table[i] = rate(i, "DE", "", (unsigned)i, 1);
    assert_int_equal(
        tax_rates_find(table, PRICE_RATES_MAX + 1, TEXT("DE"), TEXT(""), 0, rates, &found),
        STATUS_OUT_OF_RANGE);
    assert_int_equal(found, 77);
    for (size_t i = 0; i <= PRICE_RATES_MAX; i++)
        table[i].tax_class = STANDARD;
    assert_int_equal(
        tax_rates_find(table, PRICE_RATES_MAX + 1, TEXT("DE"), TEXT(""), 0, rates, &found),
        STATUS_OUT_OF_RANGE);
    assert_int_equal(find(table, PRICE_RATES_MAX, "DE", "", 0, rates), PRICE_RATES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_specific_place_of_each_class_counts),
        cmocka_unit_test(a_region_of_another_country_is_another_region),
        cmocka_unit_test(a_rate_of_nothing_counts),
        cmocka_unit_test(rates_change_to_the_microsecond_and_what_is_over_hides_nothing),
        cmocka_unit_test(more_rates_than_can_be_charged_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
