/* Claims about what sending costs, and why something cannot be sent. */
#include "tests/actors/order/price_case.h"

static struct price_case *case_with_goods(void)
{
    struct price_case *shop = price_case_new("EUR");
    price_case_add_line(shop, 0, 1000, 2)->weight_grams = 600;
    return shop;
}

static void assert_problem(const struct price_case *shop, enum price_problem_code code,
                           size_t index)
{
    assert_int_equal(shop->result.problems_count, 1);
    assert_int_equal(shop->result.problems[0].code, code);
    assert_int_equal(shop->result.problems[0].index, index);
}

static void delivery_is_charged_once_for_each_consignment(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    price_case_add_line(shop, 0, 100, 1);
    price_case_add_line(shop, 1, 100, 1);
    price_case_add_method(shop, 0, 500);
    price_case_add_method(shop, 1, 300);
    assert_int_equal(price_case_price(shop)->delivery, 800);
    assert_int_equal(shop->result.parts[0].sums.total, 2100 + 500);
    assert_int_equal(shop->result.parts[1].sums.total, 100 + 300);
    price_case_free(&shop);
}

static void every_kilogram_begun_is_paid(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    struct price_method *method = price_case_add_method(shop, 0, 100);
    method->kind = PRICE_METHOD_WEIGHT;
    method->per_kg_amount = 50;
    assert_int_equal(price_case_price(shop)->delivery, 100 + 2 * 50); /* 1,200 g */
    shop->lines[0].weight_grams = 500;
    assert_int_equal(price_case_price(shop)->delivery, 100 + 50);
    shop->lines[0].weight_grams = 0;
    assert_int_equal(price_case_price(shop)->delivery, 100);
    price_case_free(&shop);
}

/* The vendor's figures, and the cart has goods of others: it must stay readable. */
static void what_costs_or_weighs_more_than_can_be_said_is_too_heavy(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    struct price_method *method = price_case_add_method(shop, 0, 100);
    method->kind = PRICE_METHOD_WEIGHT;
    method->per_kg_amount = 10000;
    shop->lines[0].weight_grams = INT64_MAX;
    (void)price_case_price(shop);
    assert_problem(shop, PRICE_PROBLEM_TOO_HEAVY, 0);
    shop->lines[0].quantity = 1;
    (void)price_case_price(shop);
    assert_problem(shop, PRICE_PROBLEM_TOO_HEAVY, 0); /* the price */
    method->per_kg_amount = 0;
    price_case_add_line(shop, 0, 1, 1)->weight_grams = 1;
    assert_int_equal(price_case_price(shop)->delivery, 100);
    method->kind = PRICE_METHOD_FLAT;
    method->amount = INT64_MAX;
    (void)price_case_price(shop);
    assert_problem(shop, PRICE_PROBLEM_TOO_HEAVY, 0);
    price_case_free(&shop);
}

static void free_above_looks_at_the_goods_after_discounts(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    struct price_method *method = price_case_add_method(shop, 0, 500);
    method->kind = PRICE_METHOD_FREE_ABOVE;
    method->free_above_amount = 2000;
    assert_int_equal(price_case_price(shop)->delivery, 0);
    price_case_add_fixed(shop, 1);
    assert_int_equal(price_case_price(shop)->delivery, 500);
    method->free_above_amount = 1999;
    assert_int_equal(price_case_price(shop)->delivery, 0);
    /* What another consignment has does not count. */
    method->free_above_amount = 2500;
    price_case_add_line(shop, 1, 9000, 1);
    price_case_add_method(shop, 1, 0);
    assert_int_equal(price_case_price(shop)->delivery, 500);
    price_case_free(&shop);
}

static void digital_goods_need_no_delivery(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    shop->lines[0].is_digital = true;
    shop->lines[0].consignment = 77; /* of no meaning */
    shop->request.has_destination = false;
    assert_int_equal(price_case_price(shop)->total, 2000);
    assert_int_equal(shop->result.problems_count, 0);
    assert_false(shop->result.consignments[0].needs_delivery);
    price_case_free(&shop);
}

static void digital_goods_neither_weigh_nor_count_for_free_delivery(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    struct price_line *digital = price_case_add_line(shop, 0, 50000, 1);
    digital->is_digital = true;
    digital->weight_grams = INT64_MAX;
    struct price_method *method = price_case_add_method(shop, 0, 500);
    method->kind = PRICE_METHOD_FREE_ABOVE;
    method->free_above_amount = 2001;
    method->has_weight_max = true;
    method->weight_max_grams = 1200;
    assert_int_equal(price_case_price(shop)->delivery, 500);
    price_case_free(&shop);
}

static void without_a_destination_nothing_is_sent(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    price_case_add_method(shop, 0, 500);
    shop->request.has_destination = false;
    assert_int_equal(price_case_price(shop)->total, 2000);
    assert_problem(shop, PRICE_PROBLEM_DESTINATION_MISSING, 0);
    assert_false(shop->result.consignments[0].has_method);
    price_case_free(&shop);
}

static void what_nobody_delivers_there_is_a_problem(void **state)
{
    (void)state;
    static const struct text france = { "FR", 2 };
    struct price_case *shop = case_with_goods();
    price_case_price(shop);
    assert_problem(shop, PRICE_PROBLEM_NOT_DELIVERED_THERE, 0); /* no method at all */
    struct price_method *method = price_case_add_method(shop, 0, 500);
    method->countries = &france;
    method->countries_count = 1;
    price_case_price(shop);
    assert_problem(shop, PRICE_PROBLEM_NOT_DELIVERED_THERE, 0);
    assert_int_equal(shop->result.consignments[0].offers[0].reason, PRICE_REASON_NOT_SENT_THERE);
    shop->request.country = france;
    assert_int_equal(price_case_price(shop)->delivery, 500);
    assert_int_equal(shop->result.problems_count, 0);
    price_case_free(&shop);
}

static void what_is_too_heavy_for_every_method_is_a_problem(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    struct price_method *method = price_case_add_method(shop, 0, 500);
    method->has_weight_max = true;
    method->weight_max_grams = 1199;
    price_case_price(shop);
    assert_problem(shop, PRICE_PROBLEM_TOO_HEAVY, 0);
    method->weight_max_grams = 1200;
    assert_int_equal(price_case_price(shop)->delivery, 500);
    price_case_free(&shop);
}

static void of_several_methods_one_must_be_chosen(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    price_case_add_method(shop, 0, 500);
    const struct uuid dearer = price_case_add_method(shop, 0, 900)->id;
    assert_int_equal(price_case_price(shop)->total, 2000);
    assert_problem(shop, PRICE_PROBLEM_DELIVERY_NOT_CHOSEN, 0);
    assert_int_equal(shop->result.consignments[0].offers[1].amount, 900);
    shop->consignments[0].has_choice = true;
    shop->consignments[0].chosen_method_id = dearer;
    assert_int_equal(price_case_price(shop)->total, 2900);
    assert_int_equal(shop->result.consignments[0].method, 1);
    assert_int_equal(shop->result.consignments[0].offers[0].reason, PRICE_REASON_NOT_CHOSEN);
    assert_int_equal(shop->result.consignments[0].offers[1].reason, PRICE_REASON_APPLIED);
    price_case_free(&shop);
}

static void a_choice_that_is_not_offered_is_a_problem_even_beside_the_only_one(void **state)
{
    (void)state;
    struct price_case *shop = case_with_goods();
    price_case_add_line(shop, 1, 100, 1);
    price_case_add_method(shop, 0, 500);
    /* The other vendor's method. */
    shop->consignments[0].has_choice = true;
    shop->consignments[0].chosen_method_id = price_case_add_method(shop, 1, 1)->id;
    assert_int_equal(price_case_price(shop)->delivery, 1);
    assert_problem(shop, PRICE_PROBLEM_DELIVERY_NOT_OFFERED, 0);
    price_case_free(&shop);
}

static void a_chosen_method_that_does_not_go_there_is_not_offered(void **state)
{
    (void)state;
    static const struct text france = { "FR", 2 };
    struct price_case *shop = case_with_goods();
    struct price_method *method = price_case_add_method(shop, 0, 500);
    method->countries = &france;
    method->countries_count = 1;
    price_case_add_method(shop, 0, 700);
    shop->consignments[0].has_choice = true;
    shop->consignments[0].chosen_method_id = method->id;
    assert_int_equal(price_case_price(shop)->delivery, 0);
    assert_problem(shop, PRICE_PROBLEM_DELIVERY_NOT_OFFERED, 0);
    price_case_free(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivery_is_charged_once_for_each_consignment),
        cmocka_unit_test(every_kilogram_begun_is_paid),
        cmocka_unit_test(what_costs_or_weighs_more_than_can_be_said_is_too_heavy),
        cmocka_unit_test(free_above_looks_at_the_goods_after_discounts),
        cmocka_unit_test(digital_goods_need_no_delivery),
        cmocka_unit_test(digital_goods_neither_weigh_nor_count_for_free_delivery),
        cmocka_unit_test(without_a_destination_nothing_is_sent),
        cmocka_unit_test(what_nobody_delivers_there_is_a_problem),
        cmocka_unit_test(what_is_too_heavy_for_every_method_is_a_problem),
        cmocka_unit_test(of_several_methods_one_must_be_chosen),
        cmocka_unit_test(a_choice_that_is_not_offered_is_a_problem_even_beside_the_only_one),
        cmocka_unit_test(a_chosen_method_that_does_not_go_there_is_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
