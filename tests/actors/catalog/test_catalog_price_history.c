/* Claims about the lowest price of 30 days before a reduction: the rule, with a clock of its own.
 */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_price_history.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)
#define NOW_US (1000 * DAY_US)

/* Said from so many days before now on, until so many. */
static struct catalog_price_span span(int64_t amount, int64_t from_days, int64_t to_days)
{
    return (struct catalog_price_span){ .amount = amount,
                                        .since_us = NOW_US - from_days * DAY_US,
                                        .until_us = NOW_US - to_days * DAY_US };
}

static struct catalog_item_price on_sale(int64_t amount, int64_t sale, int64_t from_us)
{
    return (struct catalog_item_price){
        .price = { amount, "EUR" },
        .sale = { .amount = sale, .from_us = from_us, .to_us = CATALOG_SALE_FOR_GOOD }
    };
}

static int64_t prior(const struct catalog_item_price *price,
                     const struct catalog_price_span *before, size_t count)
{
    return catalog_price_prior(price, before, count, NOW_US);
}

static void the_lowest_price_of_the_window_counts_not_the_last(void **state)
{
    (void)state;
    const struct catalog_price_span before[] = { span(500, 100, 20), span(450, 20, 10),
                                                 span(600, 10, 0) };
    const struct catalog_item_price price = on_sale(600, 470, 0);
    assert_int_equal(prior(&price, before, 3), 450);
}

static void what_ended_30_days_ago_or_earlier_does_not_count(void **state)
{
    (void)state;
    const struct catalog_price_span before[] = { span(400, 60, 30), span(500, 30, 0) };
    const struct catalog_item_price price = on_sale(500, 450, 0);
    assert_int_equal(prior(&price, before, 2), 500);
    struct catalog_price_span touching[] = { before[0], before[1] };
    touching[0].until_us++;
    assert_int_equal(prior(&price, touching, 2), 400);
}

static void a_sale_of_before_counts_while_it_ran(void **state)
{
    (void)state;
    struct catalog_price_span before[] = { span(500, 100, 0) };
    const struct catalog_item_price price = on_sale(500, 450, 0);
    before[0].sale = (struct catalog_sale){ 400, NOW_US - 20 * DAY_US, NOW_US - 15 * DAY_US };
    assert_int_equal(prior(&price, before, 1), 400);
    before[0].sale = (struct catalog_sale){ 400, NOW_US - 50 * DAY_US, NOW_US - 30 * DAY_US };
    assert_int_equal(prior(&price, before, 1), 500);
    before[0].sale = (struct catalog_sale){ 400, NOW_US + DAY_US, CATALOG_SALE_FOR_GOOD };
    assert_int_equal(prior(&price, before, 1), 500); /* it never began */
    before[0].sale = (struct catalog_sale){ 400, 0, CATALOG_SALE_FOR_GOOD };
    assert_int_equal(prior(&price, before, 1), 400); /* nobody paid more */
}

static void a_sale_that_is_planned_looks_back_from_its_begin(void **state)
{
    (void)state;
    const struct catalog_price_span before[] = { span(400, 50, 10), span(450, 10, 0) };
    const struct catalog_item_price soon = on_sale(600, 350, NOW_US + 5 * DAY_US),
                                    later = on_sale(600, 350, NOW_US + 25 * DAY_US),
                                    much_later = on_sale(600, 350, NOW_US + 40 * DAY_US);
    assert_int_equal(prior(&soon, before, 2), 400);
    assert_int_equal(prior(&later, before, 2), 450);
    assert_int_equal(prior(&much_later, before, 2), 600);
}

static void nothing_that_was_for_sale_before_has_no_lowest_price(void **state)
{
    (void)state;
    const struct catalog_price_span old[] = { span(100, 90, 40) };
    const struct catalog_item_price at_once = on_sale(500, 450, 0),
                                    planned = on_sale(500, 450, NOW_US + DAY_US),
                                    none = on_sale(500, 0, 0);
    assert_int_equal(prior(&at_once, NULL, 0), CATALOG_PRIOR_NONE);
    assert_int_equal(prior(&at_once, old, 1), CATALOG_PRIOR_NONE);
    assert_int_equal(prior(&planned, NULL, 0), 500);
    assert_int_equal(prior(&none, old, 1), CATALOG_PRIOR_NONE);
}

static void a_price_of_nothing_is_a_price(void **state)
{
    (void)state;
    const struct catalog_price_span before[] = { span(0, 5, 4), span(500, 4, 0) };
    const struct catalog_item_price price = on_sale(500, 450, 0);
    assert_int_equal(prior(&price, before, 2), 0);
}

static void a_sale_that_is_said_to_have_begun_before_counts_from_now_on(void **state)
{
    (void)state;
    const struct catalog_price_span before[] = { span(480, 40, 0) };
    const struct catalog_item_price price = on_sale(500, 450, NOW_US - 35 * DAY_US);
    assert_int_equal(prior(&price, before, 1), 480);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_price_of_the_window_counts_not_the_last),
        cmocka_unit_test(what_ended_30_days_ago_or_earlier_does_not_count),
        cmocka_unit_test(a_sale_of_before_counts_while_it_ran),
        cmocka_unit_test(a_sale_that_is_planned_looks_back_from_its_begin),
        cmocka_unit_test(nothing_that_was_for_sale_before_has_no_lowest_price),
        cmocka_unit_test(a_price_of_nothing_is_a_price),
        cmocka_unit_test(a_sale_that_is_said_to_have_begun_before_counts_from_now_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
