/* Claims about the price of one, and about what is refused. */
#include "tests/actors/order/price_case.h"

/* ---- the price of one ---- */

static void the_lowest_of_list_sale_and_tier_is_paid(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 10);
    assert_int_equal(price_case_price(shop)->total, 10000);
    line->has_sale = true;
    line->sale_amount = 900;
    assert_int_equal(price_case_price(shop)->total, 9000);
    price_case_add_tier(shop, line, 10, 850);
    price_case_add_tier(shop, line, 11, 100);
    assert_int_equal(price_case_price(shop)->total, 8500);
    line->quantity = 9;
    assert_int_equal(price_case_price(shop)->total, 8100);
    price_case_free(&shop);
}

static void nothing_raises_a_price_above_the_list(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 10);
    line->has_sale = true;
    line->sale_amount = 2000;
    price_case_add_tier(shop, line, 1, 3000);
    assert_int_equal(price_case_price(shop)->total, 10000);
    price_case_free(&shop);
}

static void a_price_of_the_shoppers_group_counts_where_it_is_the_lowest(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 10);
    price_case_add_group_price(shop, line, 1, 1, 800);
    price_case_add_group_price(shop, line, 2, 10, 700);
    price_case_add_group_price(shop, line, 3, 11, 100);
    assert_int_equal(price_case_price(shop)->total, 7000);
    assert_ptr_equal(shop->result.lines[0].group_price, &line->group_prices[1]);
    assert_int_equal(price_case_entry(shop, PRICE_RULE_GROUP_PRICE, 0)->reason,
                     PRICE_REASON_NOT_LOWEST);
    assert_int_equal(price_case_entry(shop, PRICE_RULE_GROUP_PRICE, 1)->reason,
                     PRICE_REASON_APPLIED);
    assert_int_equal(price_case_entry(shop, PRICE_RULE_GROUP_PRICE, 2)->reason,
                     PRICE_REASON_QUANTITY_TOO_LOW);
    line->has_sale = true;
    line->sale_amount = 700;
    assert_int_equal(price_case_price(shop)->total, 7000);
    assert_null(shop->result.lines[0].group_price); /* everybody pays that */
    price_case_free(&shop);
}

static void a_price_of_a_group_never_raises_a_price(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("KWD");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 10);
    price_case_add_group_price(shop, line, 1, 1, 1001);
    assert_int_equal(price_case_price(shop)->total, 10000);
    assert_null(shop->result.lines[0].group_price);
    price_case_free(&shop);
}

static void of_two_lists_with_one_price_the_smaller_id_is_named(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("JPY");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 1);
    price_case_add_group_price(shop, line, 2, 1, 900);
    price_case_add_group_price(shop, line, 1, 1, 900);
    assert_int_equal(price_case_price(shop)->total, 900);
    assert_ptr_equal(shop->result.lines[0].group_price, &line->group_prices[1]);
    price_case_free(&shop);
}

/* A list of tiers that was typed wrongly must not punish who buys more. */
static void a_later_tier_that_costs_more_takes_nothing_away(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 20);
    price_case_add_tier(shop, line, 20, 600);
    price_case_add_tier(shop, line, 10, 500);
    assert_int_equal(price_case_price(shop)->total, 10000);
    price_case_free(&shop);
}

static void a_sale_begins_and_ends_to_the_microsecond(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 1);
    line->has_sale = true;
    line->sale_amount = 1;
    line->sale_period = (struct price_period){ .starts_us = PRICE_CASE_NOW_US,
                                               .has_end = true,
                                               .ends_us = PRICE_CASE_NOW_US + 1 };
    assert_int_equal(price_case_price(shop)->total, 1);
    shop->request.now_us = PRICE_CASE_NOW_US - 1;
    assert_int_equal(price_case_price(shop)->total, 1000);
    shop->request.now_us = PRICE_CASE_NOW_US + 1;
    assert_int_equal(price_case_price(shop)->total, 1000);
    price_case_free(&shop);
}

static void an_empty_cart_costs_nothing(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    price_case_add_percentage(shop, 10);
    price_case_add_rate(shop, 0, 190000);
    assert_int_equal(price_case_price(shop)->total, 0);
    assert_int_equal(shop->result.problems_count, 0);
    shop->request.vendors_count = shop->request.consignments_count = 0;
    assert_int_equal(price_case_price(shop)->total, 0);
    price_case_free(&shop);
}

/* ---- what is refused ---- */

static void sums_that_overflow_are_refused(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, INT64_MAX, 1);
    assert_int_equal(price_case_price(shop)->total, INT64_MAX);
    line->quantity = 2;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    line->quantity = 1;
    price_case_add_line(shop, 1, 1, 1);
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    shop->request.lines_count = 1;
    price_case_add_method(shop, 0, 1);
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    shop->methods[0][0].amount = 0;
    price_case_add_rate(shop, 0, 1);
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    shop->request.prices_include_tax = true;
    assert_int_equal(price_case_price(shop)->total, INT64_MAX);
    price_case_free(&shop);
}

static void ten_thousand_of_the_dearest_that_fits_are_priced(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("KWD");
    price_case_add_line(shop, 0, INT64_MAX / PRICE_QUANTITY_MAX / 2, PRICE_QUANTITY_MAX);
    price_case_add_rate(shop, 0, 999999);
    price_case_add_percentage(shop, 1);
    assert_true(price_case_price(shop)->total > INT64_MAX / 2);
    shop->lines[0].quantity = PRICE_QUANTITY_MAX + 1;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    price_case_free(&shop);
}

static void figures_beyond_their_limits_are_refused(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, 100, 1);
    struct price_rate *rate = price_case_add_rate(shop, 0, PRICE_PPM + 1);
    struct price_promotion *promotion = price_case_add_percentage(shop, 100);
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    rate->ppm = -1;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    rate->ppm = 0;
    promotion->ppm++;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    promotion->ppm--;
    line->quantity = 0;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    line->quantity = INT64_C(1) << 31;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    line->quantity = 1;
    line->list_amount = -1;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    line->list_amount = 100;
    line->consignment = 1; /* another vendor's */
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    line->consignment = 0;
    promotion->kind = PRICE_PROMOTION_BUY_X_GET_Y;
    promotion->buy_quantity = 0;
    assert_int_equal(price_case_try(shop), STATUS_OUT_OF_RANGE);
    promotion->buy_quantity = 1;
    assert_int_equal(price_case_price(shop)->total, 100);
    price_case_free(&shop);
}

/* Everything at its limit, all of it applying. */
static struct price_case *largest_case(void)
{
    struct price_case *shop = price_case_new("KWD");
    shop->request.vendors_count = PRICE_VENDORS_MAX;
    shop->request.consignments_count = 0;
    for (size_t i = 0; i < PRICE_LINES_MAX; i++) {
        shop->vendors[i] = price_case_id('v', i + 1);
        struct price_line *line = price_case_add_line(shop, i, 100000 + (int64_t)i * 997, 10000);
        line->tax_class = 0;
        for (int64_t k = 0; k < PRICE_TIERS_MAX; k++)
            price_case_add_tier(shop, line, k + 1, 99999 - k);
        for (int64_t k = 0; k < PRICE_GROUP_PRICES_MAX; k++)
            price_case_add_group_price(shop, line, (size_t)k + 1, k + 1, 99990 - k);
        price_case_add_consignment(shop, i)->has_choice = true;
        for (int64_t k = 0; k < PRICE_METHODS_MAX; k++)
            shop->consignments[i].chosen_method_id = price_case_add_method(shop, i, 1000 + k)->id;
    }
    for (size_t i = 0; i < PRICE_PROMOTIONS_MAX; i++) {
        struct price_promotion *promotion =
            price_case_add_promotion(shop, (enum price_promotion_kind)(i % 4));
        promotion->ppm = 30000;
        promotion->fixed_amount = 777777;
        promotion->is_exclusive = i > 40;
        promotion->has_cap = i % 2 == 0;
        promotion->cap_amount = 9999999;
        promotion->bearer = PRICE_BEARER_SHARED;
        promotion->market_ppm = 333333;
    }
    for (size_t i = 0; i < PRICE_RATES_MAX; i++)
        price_case_add_rate(shop, 0, 10007);
    shop->request.delivery_tax = PRICE_DELIVERY_TAX_AS_GOODS;
    return shop;
}

static void the_largest_cart_is_priced_and_explained(void **state)
{
    (void)state;
    struct price_case *shop = largest_case();
    assert_true(price_case_price(shop)->discount > 0);
    assert_int_equal(shop->result.problems_count, 0);
    assert_int_equal(price_trace_bound(&shop->request), PRICE_TRACE_MAX);
    shop->request.prices_include_tax = true;
    assert_true(price_case_price(shop)->tax > 0);
    shop->request.is_tax_exempt = true;
    assert_true(price_case_price(shop)->exempted > 0);
    price_case_free(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_of_list_sale_and_tier_is_paid),
        cmocka_unit_test(nothing_raises_a_price_above_the_list),
        cmocka_unit_test(a_price_of_the_shoppers_group_counts_where_it_is_the_lowest),
        cmocka_unit_test(a_price_of_a_group_never_raises_a_price),
        cmocka_unit_test(of_two_lists_with_one_price_the_smaller_id_is_named),
        cmocka_unit_test(a_later_tier_that_costs_more_takes_nothing_away),
        cmocka_unit_test(a_sale_begins_and_ends_to_the_microsecond),
        cmocka_unit_test(an_empty_cart_costs_nothing),
        cmocka_unit_test(sums_that_overflow_are_refused),
        cmocka_unit_test(ten_thousand_of_the_dearest_that_fits_are_priced),
        cmocka_unit_test(figures_beyond_their_limits_are_refused),
        cmocka_unit_test(the_largest_cart_is_priced_and_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
