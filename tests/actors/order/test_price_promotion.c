/* Claims about promotions: what they take off, together with what, and who bears it. */
#include "tests/actors/order/price_case.h"

/* ---- what is taken off ---- */

static void a_percentage_is_rounded_once_and_shared(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(333, 333);
    price_case_add_percentage(shop, 10);
    assert_int_equal(price_case_price(shop)->discount, 67); /* 66.6 */
    assert_int_equal(price_case_discount(shop, 0), 34);
    assert_int_equal(price_case_discount(shop, 1), 33);
    price_case_free(&shop);
}

static void percentages_of_none_and_of_all_settle(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(333, 1);
    price_case_add_percentage(shop, 0);
    price_case_add_percentage(shop, 100);
    price_case_add_percentage(shop, 100);
    assert_int_equal(price_case_price(shop)->total, 0);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOTHING_TO_TAKE);
    assert_int_equal(price_case_reason(shop, 1), PRICE_REASON_APPLIED);
    assert_int_equal(price_case_reason(shop, 2), PRICE_REASON_NOTHING_TO_TAKE);
    price_case_free(&shop);
}

static void a_fixed_amount_is_taken_once_from_the_order_and_never_more_than_there_is(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 500);
    struct price_promotion *promotion = price_case_add_fixed(shop, 100);
    assert_int_equal(price_case_price(shop)->discount, 100);
    assert_int_equal(price_case_discount(shop, 0), 67);
    assert_int_equal(price_case_discount(shop, 1), 33);
    promotion->fixed_amount = 1501;
    assert_int_equal(price_case_price(shop)->total, 0);
    promotion->fixed_amount = INT64_MAX;
    assert_int_equal(price_case_price(shop)->total, 0);
    price_case_free(&shop);
}

static void a_cap_bounds_the_order_and_is_shared(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 500);
    struct price_promotion *promotion = price_case_add_percentage(shop, 50);
    promotion->has_cap = true;
    promotion->cap_amount = 100;
    assert_int_equal(price_case_price(shop)->discount, 100);
    assert_int_equal(price_case_discount(shop, 0), 67);
    const struct price_trace_entry *cap = price_case_entry(shop, PRICE_RULE_CAP, 0);
    assert_int_equal(cap->base, 750);
    assert_int_equal(cap->amount, 100);
    promotion->cap_amount = 0;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOTHING_TO_TAKE);
    price_case_free(&shop);
}

static void of_buy_two_get_one_the_cheapest_is_given(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 500);
    struct price_promotion *promotion = price_case_add_promotion(shop, PRICE_PROMOTION_BUY_X_GET_Y);
    promotion->buy_quantity = 2;
    promotion->ppm = PRICE_PPM;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOTHING_TO_TAKE);
    shop->lines[0].quantity = 2;
    assert_int_equal(price_case_price(shop)->discount, 500);
    assert_int_equal(price_case_discount(shop, 1), 500);
    /* Six units: two are given, the second of them is of the dearer line. */
    shop->lines[0].quantity = 5;
    assert_int_equal(price_case_price(shop)->discount, 1500);
    assert_int_equal(price_case_discount(shop, 0), 1000);
    promotion->ppm = PRICE_PPM / 2;
    assert_int_equal(price_case_price(shop)->discount, 750);
    price_case_free(&shop);
}

static void what_is_beyond_the_bought_ones_in_the_last_set_is_given(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(100, 100);
    shop->request.lines_count = 1;
    struct price_promotion *promotion = price_case_add_promotion(shop, PRICE_PROMOTION_BUY_X_GET_Y);
    promotion->buy_quantity = promotion->get_quantity = 2;
    promotion->ppm = PRICE_PPM;
    static const int64_t given[] = { 0, 0, 0, 1, 2, 2, 2, 3, 4 };
    for (int64_t quantity = 1; quantity <= 8; quantity++) {
        shop->lines[0].quantity = quantity;
        assert_int_equal(price_case_price(shop)->discount, given[quantity] * 100);
    }
    price_case_free(&shop);
}

static void given_units_cost_their_share_of_what_is_left(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(100, 100);
    shop->request.lines_count = 1;
    shop->lines[0].quantity = 3;
    price_case_add_fixed(shop, 1);
    struct price_promotion *promotion = price_case_add_promotion(shop, PRICE_PROMOTION_BUY_X_GET_Y);
    promotion->ppm = PRICE_PPM;
    /* 299 are left; one of three is given: 99.67. */
    assert_int_equal(price_case_price(shop)->discount, 1 + 100);
    price_case_free(&shop);
}

static void a_cap_on_given_units_is_shared_by_what_they_cost(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(300, 100);
    shop->lines[1].quantity = 3;
    struct price_promotion *promotion = price_case_add_promotion(shop, PRICE_PROMOTION_BUY_X_GET_Y);
    promotion->ppm = PRICE_PPM;
    promotion->has_cap = true;
    promotion->cap_amount = 100;
    assert_int_equal(price_case_price(shop)->discount, 100);
    assert_int_equal(price_case_discount(shop, 0), 0);
    assert_int_equal(price_case_discount(shop, 1), 100);
    price_case_free(&shop);
}

static void free_delivery_takes_off_the_delivery_of_its_lines(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(100, 100);
    shop->methods[0][0].amount = 500;
    shop->methods[1][0].amount = 300;
    struct price_promotion *promotion =
        price_case_add_promotion(shop, PRICE_PROMOTION_FREE_DELIVERY);
    assert_int_equal(price_case_price(shop)->delivery_discount, 800);
    assert_int_equal(shop->result.group.sums.discount, 0);
    promotion->vendor_id = shop->vendors[1];
    assert_int_equal(price_case_price(shop)->delivery_discount, 300);
    promotion->target = (struct price_selection){ .kind = PRICE_SELECT_PRODUCTS,
                                                  .products = &shop->lines[0].product_id,
                                                  .products_count = 1 };
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOTHING_TARGETED);
    promotion->vendor_id = (struct uuid){ 0 };
    shop->lines[0].is_digital = true; /* it is not sent */
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_NOTHING_TARGETED);
    shop->lines[0].is_digital = false;
    promotion->has_cap = true;
    promotion->cap_amount = 200;
    assert_int_equal(price_case_price(shop)->delivery_discount, 200);
    price_case_free(&shop);
}

/* The only unit to share goes to the smaller vendor id, wherever the vendors stand. */
static void consignments_with_one_id_are_told_apart_by_their_vendors(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(100, 100);
    shop->methods[0][0].amount = shop->methods[1][0].amount = 500;
    shop->consignments[1].id = shop->consignments[0].id;
    struct price_promotion *promotion =
        price_case_add_promotion(shop, PRICE_PROMOTION_FREE_DELIVERY);
    promotion->has_cap = true;
    promotion->cap_amount = 1;
    price_case_price(shop);
    assert_int_equal(shop->result.consignments[0].cost.sums.delivery_discount, 1);
    const struct uuid first = shop->vendors[0];
    shop->vendors[0] = shop->vendors[1];
    shop->vendors[1] = first;
    price_case_price(shop);
    assert_int_equal(shop->result.consignments[1].cost.sums.delivery_discount, 1);
    price_case_free(&shop);
}

static void free_delivery_waits_for_the_choice_of_a_delivery(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(100, 100);
    price_case_add_method(shop, 0, 500);
    price_case_add_promotion(shop, PRICE_PROMOTION_FREE_DELIVERY)->vendor_id = shop->vendors[0];
    price_case_add_promotion(shop, PRICE_PROMOTION_FREE_DELIVERY)->vendor_id = shop->vendors[1];
    shop->promotions[1].is_exclusive = true;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_DELIVERY_IS_OPEN);
    assert_int_equal(price_case_reason(shop, 1), PRICE_REASON_NOTHING_TO_TAKE);
    price_case_free(&shop);
}

/* ---- together ---- */

static void combinables_take_from_what_is_left_by_priority_then_id(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    price_case_add_percentage(shop, 10);
    price_case_add_fixed(shop, 500);
    assert_int_equal(price_case_price(shop)->discount, 100 + 500);
    shop->promotions[0].priority = 1;
    assert_int_equal(price_case_price(shop)->discount, 500 + 50);
    shop->promotions[0].priority = 0;
    shop->promotions[0].id = price_case_id('k', 9);
    assert_int_equal(price_case_price(shop)->discount, 500 + 50);
    price_case_free(&shop);
}

static void an_exclusive_one_stands_alone_where_it_takes_off_more(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 1000);
    price_case_add_percentage(shop, 10);
    struct price_promotion *exclusive = price_case_add_percentage(shop, 20);
    exclusive->is_exclusive = true;
    exclusive->vendor_id = shop->vendors[0];
    assert_int_equal(price_case_price(shop)->discount, 200 + 100);
    assert_int_equal(price_case_discount(shop, 0), 200);
    assert_int_equal(shop->result.lines[0].cost.discounts_count, 1);
    assert_int_equal(shop->result.lines[0].cost.discounts[0].promotion, 1);
    const struct price_trace_entry *gone = price_case_entry(shop, PRICE_RULE_WITHDRAWAL, 0);
    assert_int_equal(gone->amount, 100);
    assert_int_equal(gone->object, 0);
    assert_int_equal(gone->index, 0);
    assert_null(price_case_entry(shop, PRICE_RULE_WITHDRAWAL, 1));
    price_case_free(&shop);
}

static void an_exclusive_one_that_takes_off_less_changes_nothing(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 1000);
    price_case_add_percentage(shop, 10);
    price_case_add_fixed(shop, 180); /* 90 of each */
    struct price_promotion *exclusive = price_case_add_percentage(shop, 18);
    exclusive->is_exclusive = true;
    exclusive->vendor_id = shop->vendors[0];
    assert_int_equal(price_case_price(shop)->discount, 200 + 180);
    assert_int_equal(price_case_reason(shop, 2), PRICE_REASON_OTHERS_ARE_BETTER);
    price_case_free(&shop);
}

static void at_the_same_amount_the_order_decides(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    price_case_add_percentage(shop, 20)->priority = 1;
    price_case_add_percentage(shop, 20)->priority = 1;
    shop->promotions[1].is_exclusive = true;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_APPLIED);
    assert_int_equal(price_case_reason(shop, 1), PRICE_REASON_OTHERS_ARE_BETTER);
    shop->promotions[1].priority = 0;
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_GAVE_WAY);
    assert_int_equal(price_case_reason(shop, 1), PRICE_REASON_APPLIED);
    shop->promotions[1].priority = 1;
    shop->promotions[1].id = price_case_id('k', 0);
    price_case_price(shop);
    assert_int_equal(price_case_reason(shop, 1), PRICE_REASON_APPLIED);
    price_case_free(&shop);
}

static void of_two_exclusive_ones_the_better_wins_whatever_its_priority(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    price_case_add_percentage(shop, 20)->is_exclusive = true;
    price_case_add_percentage(shop, 30)->is_exclusive = true;
    assert_int_equal(price_case_price(shop)->discount, 300);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_GAVE_WAY);
    shop->promotions[1].priority = -1;
    assert_int_equal(price_case_price(shop)->discount, 300);
    assert_int_equal(price_case_reason(shop, 0), PRICE_REASON_OTHERS_ARE_BETTER);
    price_case_free(&shop);
}

static void goods_and_delivery_are_settled_apart(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    shop->methods[0][0].amount = 500;
    price_case_add_promotion(shop, PRICE_PROMOTION_FREE_DELIVERY);
    price_case_add_percentage(shop, 10)->is_exclusive = true;
    assert_int_equal(price_case_price(shop)->total, 900);
    price_case_free(&shop);
}

static void a_code_that_gave_way_is_answered(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(1000, 0);
    struct price_promotion *promotion = price_case_add_percentage(shop, 10);
    promotion->needs_code = true;
    promotion->code = TEXT("TEA10");
    price_case_add_percentage(shop, 20)->is_exclusive = true;
    shop->codes[0] = TEXT("TEA10");
    shop->request.codes_count = 1;
    price_case_price(shop);
    assert_int_equal(shop->result.problems_count, 1);
    assert_int_equal(shop->result.problems[0].reason, PRICE_REASON_GAVE_WAY);
    price_case_free(&shop);
}

/* ---- who bears it ---- */

static void the_bearers_parts_are_those_of_the_whole_promotion(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_two(333, 333);
    struct price_promotion *promotion = price_case_add_percentage(shop, 10);
    price_case_price(shop);
    assert_int_equal(shop->result.group.sums.market_borne, 67);
    promotion->bearer = PRICE_BEARER_VENDOR;
    price_case_price(shop);
    assert_int_equal(shop->result.parts[0].sums.vendor_borne, 34);
    assert_int_equal(shop->result.parts[1].sums.vendor_borne, 33);
    promotion->bearer = PRICE_BEARER_SHARED;
    promotion->market_ppm = PRICE_PPM / 4;
    price_case_price(shop);
    assert_int_equal(shop->result.group.sums.market_borne, 17);                 /* 16.75 */
    assert_int_equal(shop->result.lines[0].cost.discounts[0].market_amount, 9); /* 8.63 */
    assert_int_equal(shop->result.lines[1].cost.discounts[0].market_amount, 8); /* 8.37 */
    price_case_free(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_percentage_is_rounded_once_and_shared),
        cmocka_unit_test(percentages_of_none_and_of_all_settle),
        cmocka_unit_test(a_fixed_amount_is_taken_once_from_the_order_and_never_more_than_there_is),
        cmocka_unit_test(a_cap_bounds_the_order_and_is_shared),
        cmocka_unit_test(of_buy_two_get_one_the_cheapest_is_given),
        cmocka_unit_test(what_is_beyond_the_bought_ones_in_the_last_set_is_given),
        cmocka_unit_test(given_units_cost_their_share_of_what_is_left),
        cmocka_unit_test(a_cap_on_given_units_is_shared_by_what_they_cost),
        cmocka_unit_test(free_delivery_takes_off_the_delivery_of_its_lines),
        cmocka_unit_test(consignments_with_one_id_are_told_apart_by_their_vendors),
        cmocka_unit_test(free_delivery_waits_for_the_choice_of_a_delivery),
        cmocka_unit_test(combinables_take_from_what_is_left_by_priority_then_id),
        cmocka_unit_test(an_exclusive_one_stands_alone_where_it_takes_off_more),
        cmocka_unit_test(an_exclusive_one_that_takes_off_less_changes_nothing),
        cmocka_unit_test(at_the_same_amount_the_order_decides),
        cmocka_unit_test(of_two_exclusive_ones_the_better_wins_whatever_its_priority),
        cmocka_unit_test(goods_and_delivery_are_settled_apart),
        cmocka_unit_test(a_code_that_gave_way_is_answered),
        cmocka_unit_test(the_bearers_parts_are_those_of_the_whole_promotion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
