/* Claims about taxes: on top and included, of goods and of deliveries. */
#include "tests/actors/order/price_case.h"

static void assert_s24(const char *currency, int64_t goods, int64_t delivery, bool includes_tax,
                       int64_t tax, int64_t total)
{
    struct price_case *shop = price_case_of_s24(currency, goods, delivery);
    shop->request.prices_include_tax = includes_tax;
    const struct price_sums *sums = price_case_price(shop);
    assert_int_equal(sums->tax, tax);
    assert_int_equal(sums->total, total);
    assert_int_equal(shop->result.lines[0].cost.taxes_count, 1);
    assert_int_equal(shop->result.lines[0].cost.taxes[0].amount, tax);
    assert_int_equal(shop->result.consignments[0].cost.taxes_count, 0);
    assert_string_equal(shop->result.currency, currency);
    price_case_free(&shop);
}

/* 10.75 % of 24.99 is 2.686425; of 25 it is 2.6875; of 24.990 it is 2.686425. */
static void s24_tax_on_top_is_exact_in_two_none_and_three_digits(void **state)
{
    (void)state;
    assert_s24("EUR", 2499, 644, false, 269, 3412);
    assert_s24("JPY", 25, 6, false, 3, 34);
    assert_s24("KWD", 24990, 6440, false, 2686, 34116);
}

/* 24.99 contains 24.99 * 10.75 / 110.75 = 2.4256..., 25 contains 2.4266..., 24.990 contains
 * 2.42566... */
static void s24_included_tax_is_exact_in_two_none_and_three_digits(void **state)
{
    (void)state;
    assert_s24("EUR", 2499, 644, true, 243, 3143);
    assert_s24("JPY", 25, 6, true, 2, 31);
    assert_s24("KWD", 24990, 6440, true, 2426, 31430);
}

/* Ten lines of 0.05 at 10 %: each alone would round up to 0.01. */
static void a_rate_is_rounded_once_for_a_part_and_not_for_each_line(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    price_case_add_rate(shop, 0, 100000);
    for (unsigned i = 0; i < 10; i++)
        price_case_add_line(shop, 0, 5, 1);
    assert_int_equal(price_case_price(shop)->tax, 5);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(shop->result.lines[i].cost.sums.tax, i < 5 ? 1 : 0);
    price_case_free(&shop);
}

static void two_vendors_have_two_roundings(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    price_case_add_rate(shop, 0, 100000);
    price_case_add_line(shop, 0, 5, 1);
    price_case_add_line(shop, 1, 5, 1);
    assert_int_equal(price_case_price(shop)->tax, 2);
    price_case_free(&shop);
}

static void three_rates_on_a_line_are_three_lines_of_tax(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    price_case_add_line(shop, 0, 1000, 1);
    price_case_add_rate(shop, 0, 50000);
    price_case_add_rate(shop, 0, 99750);
    price_case_add_rate(shop, 0, 0);
    price_case_add_rate(shop, 1, 500000);
    assert_int_equal(price_case_price(shop)->total, 1000 + 50 + 100);
    const struct price_cost *line = &shop->result.lines[0].cost;
    assert_int_equal(line->taxes_count, 3);
    assert_int_equal(line->taxes[0].amount, 50);
    assert_int_equal(line->taxes[1].amount, 100); /* 99.75 */
    assert_int_equal(line->taxes[2].amount, 0);
    /* 1000 contains 1000 * 0.14975 / 1.14975 = 130.2457, shared 50000 : 99750. */
    shop->request.prices_include_tax = true;
    assert_int_equal(price_case_price(shop)->total, 1000);
    line = &shop->result.lines[0].cost;
    assert_int_equal(line->taxes[0].amount, 43);
    assert_int_equal(line->taxes[1].amount, 87);
    assert_int_equal(line->taxes[2].amount, 0);
    assert_int_equal(line->taxes[0].base_amount, 870);
    price_case_free(&shop);
}

/* Four lines of 1 contain 3 when three rates are 100 %: no line may contain more than it costs. */
static void a_line_never_contains_more_tax_than_it_costs(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("JPY");
    shop->request.prices_include_tax = true;
    for (unsigned i = 0; i < 3; i++)
        price_case_add_rate(shop, 0, PRICE_PPM);
    for (unsigned i = 0; i < 4; i++)
        price_case_add_line(shop, 0, 1, 1);
    assert_int_equal(price_case_price(shop)->tax, 3);
    for (unsigned i = 0; i < 4; i++)
        assert_true(shop->result.lines[i].cost.sums.tax <= 1);
    shop->request.is_tax_exempt = true;
    assert_int_equal(price_case_price(shop)->total, 1);
    price_case_free(&shop);
}

static void rates_of_none_and_of_all_are_rates(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_rate *rate = price_case_add_rate(shop, 0, 0);
    price_case_add_line(shop, 0, 333, 3);
    assert_int_equal(price_case_price(shop)->total, 999);
    assert_int_equal(shop->result.group.taxes_count, 1);
    rate->ppm = PRICE_PPM;
    assert_int_equal(price_case_price(shop)->total, 1998);
    shop->request.prices_include_tax = true;
    assert_int_equal(price_case_price(shop)->total, 999);
    assert_int_equal(shop->result.group.sums.tax, 500);
    price_case_free(&shop);
}

static void the_exempt_pay_no_tax_neither_on_top_nor_included(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_s24("EUR", 2499, 644);
    shop->request.is_tax_exempt = true;
    assert_int_equal(price_case_price(shop)->total, 2499 + 644);
    assert_int_equal(shop->result.group.taxes_count, 0);
    assert_int_equal(price_case_entry(shop, PRICE_RULE_TAX, 0)->reason, PRICE_REASON_EXEMPT);
    shop->request.prices_include_tax = true;
    assert_int_equal(price_case_price(shop)->total, 2499 - 243 + 644);
    assert_int_equal(shop->result.lines[0].cost.sums.exempted, 243);
    assert_int_equal(shop->result.group.taxes_count, 0);
    assert_null(price_case_entry(shop, PRICE_RULE_TAX, 0));
    assert_int_equal(price_case_entry(shop, PRICE_RULE_EXEMPTION, 0)->amount, 243);
    price_case_free(&shop);
}

/* 500 of delivery over goods of 30000 at 19 % and 10000 at 7 %. */
static void delivery_is_taxed_like_its_goods_where_that_is_the_rule(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    price_case_add_line(shop, 0, 30000, 1)->tax_class = 1;
    price_case_add_line(shop, 0, 10000, 1)->tax_class = 2;
    price_case_add_line(shop, 0, 70000, 1)->is_digital = true;
    price_case_add_method(shop, 0, 500);
    price_case_add_rate(shop, 1, 190000);
    price_case_add_rate(shop, 2, 70000);
    shop->request.delivery_tax = PRICE_DELIVERY_TAX_AS_GOODS;
    const struct price_sums *sums = price_case_price(shop);
    assert_int_equal(shop->result.group.taxes[0].base_amount, 30375);
    assert_int_equal(shop->result.group.taxes[0].amount, 5771); /* 5771.25 */
    assert_int_equal(shop->result.group.taxes[1].base_amount, 10125);
    assert_int_equal(shop->result.group.taxes[1].amount, 709); /* 708.75 */
    assert_int_equal(sums->total, 110000 + 500 + 5771 + 709);
    assert_int_equal(shop->result.consignments[0].cost.taxes_count, 2);
    price_case_free(&shop);
}

/* Goods that cost nothing are sent, too: then what they would cost decides, or their number. */
static void delivery_of_free_goods_is_taxed_like_them(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    price_case_add_line(shop, 0, 300, 1)->tax_class = 1;
    price_case_add_line(shop, 0, 100, 1)->tax_class = 2;
    price_case_add_method(shop, 0, 400);
    price_case_add_rate(shop, 1, PRICE_PPM);
    price_case_add_percentage(shop, 100);
    shop->request.delivery_tax = PRICE_DELIVERY_TAX_AS_GOODS;
    assert_int_equal(price_case_price(shop)->tax, 300);
    shop->lines[0].list_amount = shop->lines[1].list_amount = 0;
    assert_int_equal(price_case_price(shop)->tax, 200);
    price_case_free(&shop);
}

static void delivery_has_a_class_of_its_own_where_that_is_the_rule(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_s24("EUR", 1000, 500);
    shop->request.delivery_tax_class = 5;
    price_case_add_rate(shop, 5, 200000);
    assert_int_equal(price_case_price(shop)->tax, 108 + 100); /* 107.5 */
    assert_int_equal(shop->result.consignments[0].cost.sums.tax, 100);
    /* What is not sent so far has no tax, not even of nothing. */
    shop->request.has_destination = false;
    assert_int_equal(price_case_price(shop)->tax, 108);
    assert_int_equal(shop->result.consignments[0].cost.taxes_count, 0);
    price_case_free(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s24_tax_on_top_is_exact_in_two_none_and_three_digits),
        cmocka_unit_test(s24_included_tax_is_exact_in_two_none_and_three_digits),
        cmocka_unit_test(a_rate_is_rounded_once_for_a_part_and_not_for_each_line),
        cmocka_unit_test(two_vendors_have_two_roundings),
        cmocka_unit_test(three_rates_on_a_line_are_three_lines_of_tax),
        cmocka_unit_test(a_line_never_contains_more_tax_than_it_costs),
        cmocka_unit_test(rates_of_none_and_of_all_are_rates),
        cmocka_unit_test(the_exempt_pay_no_tax_neither_on_top_nor_included),
        cmocka_unit_test(delivery_is_taxed_like_its_goods_where_that_is_the_rule),
        cmocka_unit_test(delivery_of_free_goods_is_taxed_like_them),
        cmocka_unit_test(delivery_has_a_class_of_its_own_where_that_is_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
