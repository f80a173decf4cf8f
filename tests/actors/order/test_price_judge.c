/* Claims about when promotions apply, and about the codes that shoppers type. */
#include "tests/actors/order/price_case.h"

/* ---- when ---- */

static void a_promotion_of_a_vendor_touches_no_other(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 1000);
    struct price_promotion *promotion = price_case_add_percentage(shop, 50);
    promotion->vendor_id = shop->vendors[1];
    promotion->subtotal_min_amount = 1001; /* the other vendor's goods do not help */
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_SUBTOTAL_TOO_LOW);
    promotion->subtotal_min_amount = 1000;
    price_case_price(shop);
    assert_int_equal(price_case_discount(shop, 0), 0);
    assert_int_equal(price_case_discount(shop, 1), 500);
    promotion->vendor_id = price_case_id('v', 77);
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOTHING_QUALIFIES);
    price_case_free(&shop);
}

static void a_schedule_holds_to_the_microsecond(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    struct price_promotion *promotion = price_case_add_percentage(shop, 50);
    promotion->period = (struct price_period){ .starts_us = PRICE_CASE_NOW_US + 1 };
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOT_STARTED);
    promotion->period = (struct price_period){ .has_end = true, .ends_us = PRICE_CASE_NOW_US };
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_ENDED);
    promotion->period = (struct price_period){ .starts_us = PRICE_CASE_NOW_US,
                                               .has_end = true,
                                               .ends_us = PRICE_CASE_NOW_US + 1 };
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_APPLIED);
    price_case_free(&shop);
}

static void limits_groups_and_first_orders_refuse_with_their_reason(void **state)
{
    (void)state;
    const struct uuid group = price_case_id('g', 1);
    struct price_case *shop = price_case_of_two(1000, 0);
    struct price_promotion *promotion = price_case_add_percentage(shop, 50);
    promotion->has_group = promotion->needs_first_order = promotion->is_exhausted =
        promotion->is_exhausted_for_customer = true;
    promotion->group_id = group;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_EXHAUSTED);
    promotion->is_exhausted = false;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_EXHAUSTED_FOR_CUSTOMER);
    promotion->is_exhausted_for_customer = false;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOT_IN_GROUP);
    shop->request.groups = &group;
    shop->request.groups_count = 1;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOT_FIRST_ORDER);
    shop->request.is_first_order = true;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_APPLIED);
    price_case_free(&shop);
}

static void conditions_look_at_qualifying_lines_and_take_from_targets(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 1000);
    shop->categories[0][0] = price_case_id('c', 1);
    shop->categories[0][1] = price_case_id('c', 2); /* above it */
    shop->lines[0].categories_count = 2;
    struct price_promotion *promotion = price_case_add_percentage(shop, 50);
    promotion->qualifying = (struct price_selection){ .kind = PRICE_SELECT_CATEGORY,
                                                      .category_id = price_case_id('c', 2) };
    promotion->target = (struct price_selection){ .kind = PRICE_SELECT_PRODUCTS,
                                                  .products = &shop->lines[1].product_id,
                                                  .products_count = 1 };
    promotion->qualifying.category_id = price_case_id('c', 3);
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOTHING_QUALIFIES);
    promotion->qualifying.category_id = price_case_id('c', 2);
    promotion->quantity_min = 2;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_QUANTITY_TOO_LOW);
    promotion->quantity_min = 1;
    price_case_price(shop);
    assert_int_equal(price_case_discount(shop, 0), 0);
    assert_int_equal(price_case_discount(shop, 1), 500);
    price_case_free(&shop);
}

/* Each would take the other's ground away, if it were judged by what the other leaves. */
static void promotions_that_would_exclude_each_other_both_count(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    for (unsigned i = 0; i < 2; i++)
        price_case_add_percentage(shop, 50)->subtotal_min_amount = 1000;
    assert_int_equal(price_case_price(shop)->total, 250);
    price_case_free(&shop);
}

/* ---- codes ---- */

static void a_code_is_read_in_either_case_and_without_the_space_around_it(void **state)
{
    (void)state;
    assert_true(price_code_equals(TEXT(" tea-10\t\n"), TEXT("TEA-10")));
    assert_true(price_code_equals(TEXT("TEA-10"), TEXT("tea-10")));
    assert_false(price_code_equals(TEXT("TEA 10"), TEXT("TEA10")));
    assert_false(price_code_equals(TEXT("TEA10"), TEXT("TEA1O"))); /* the letter O */
    assert_false(price_code_equals(TEXT("\xd0\xa2"
                                        "EA10"),
                                   TEXT("TEA10"))); /* Cyrillic */
    assert_false(price_code_equals(TEXT("TEA1"), TEXT("TEA10")));
    assert_false(price_code_equals(TEXT("  "), TEXT("")));
    assert_false(price_code_equals(TEXT("[EA10"), TEXT("{EA10")));
}

static void codes_that_do_nothing_are_answered(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    struct price_promotion *promotion = price_case_add_percentage(shop, 50);
    promotion->needs_code = true;
    promotion->code = TEXT("TEA10");
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_CODE_NOT_TYPED);
    assert_int_equal(shop->result.problems_count, 0);
    shop->codes[0] = TEXT("TEA11");
    shop->codes[1] = TEXT("tea10");
    shop->request.codes_count = 2;
    assert_int_equal(price_case_price(shop)->total, 500);
    assert_int_equal(shop->result.problems_count, 1);
    assert_int_equal(shop->result.problems[0].code, PRICE_PROBLEM_CODE_UNKNOWN);
    assert_int_equal(shop->result.problems[0].index, 0);
    promotion->is_exhausted = true;
    assert_int_equal(price_case_price(shop)->total, 1000);
    assert_int_equal(shop->result.problems_count, 2);
    assert_int_equal(shop->result.problems[1].code, PRICE_PROBLEM_CODE_NOT_APPLIED);
    assert_int_equal(shop->result.problems[1].index, 1);
    assert_int_equal(shop->result.problems[1].reason, PRICE_REASON_EXHAUSTED);
    price_case_free(&shop);
}

static void a_code_that_is_typed_twice_counts_once(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    struct price_promotion *promotion = price_case_add_percentage(shop, 50);
    promotion->needs_code = true;
    promotion->code = TEXT("TEA10");
    shop->codes[0] = shop->codes[1] = TEXT("TEA10");
    shop->request.codes_count = 2;
    assert_int_equal(price_case_price(shop)->total, 500);
    assert_int_equal(shop->result.problems_count, 0);
    price_case_free(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_promotion_of_a_vendor_touches_no_other),
        cmocka_unit_test(a_schedule_holds_to_the_microsecond),
        cmocka_unit_test(limits_groups_and_first_orders_refuse_with_their_reason),
        cmocka_unit_test(conditions_look_at_qualifying_lines_and_take_from_targets),
        cmocka_unit_test(promotions_that_would_exclude_each_other_both_count),
        cmocka_unit_test(a_code_is_read_in_either_case_and_without_the_space_around_it),
        cmocka_unit_test(codes_that_do_nothing_are_answered),
        cmocka_unit_test(a_code_that_is_typed_twice_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
