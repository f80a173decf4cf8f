/* Claims about the prices that groups of customers pay: in carts, beside them, and in orders. */
#include "tests/actors/order/order_story.h"

static const struct uuid nobody;
static struct uuid list_id;

static struct uuid group_of_customers(const char *name)
{
    const struct order_create_customer_group command = { .name = text_of(name) };
    struct order_customer_group group;
    assert_int_equal(
        market_call(&market, draw_id(9), &order_create_customer_group_message, &command, 0, &group)
            .status,
        STATUS_OK);
    return group.id;
}

static void put_in(struct uuid group_id)
{
    const struct order_add_customer_group_member command = { .group_id = group_id,
                                                             .user_id = shopper };
    assert_int_equal(market_call(&market, draw_id(9), &order_add_customer_group_member_message,
                                 &command, 0, NULL)
                         .status,
                     STATUS_OK);
}

static void take_out(struct uuid group_id)
{
    const struct order_remove_customer_group_member command = { .group_id = group_id,
                                                                .user_id = shopper };
    assert_int_equal(market_call(&market, draw_id(9), &order_remove_customer_group_member_message,
                                 &command, 0, NULL)
                         .status,
                     STATUS_OK);
}

/* The teapot costs 15.00 for members of the group, instead of 19.99. */
static struct uuid priced_group(const char *name)
{
    const struct uuid group_id = group_of_customers(name);
    list_id = draw_id(5);
    market.shop.variants[TEAPOT].group_id = group_id;
    market.shop.variants[TEAPOT].list_id = list_id;
    market.shop.variants[TEAPOT].group_price = 1500;
    return group_id;
}

static void forget_the_list(void)
{
    market.shop.variants[TEAPOT].group_id = nobody;
}

static struct order_cart look(const struct order_cart *cart)
{
    struct order_cart seen;
    assert_int_equal(get_cart(shopper, cart->id, &seen).status, STATUS_OK);
    return seen;
}

static void a_member_sees_the_price_of_his_group_and_others_do_not(void **state)
{
    (void)state;
    const struct uuid group_id = priced_group("Trade");
    const struct order_cart cart = filled_cart();
    assert_int_equal(cart.totals.total.amount, 4498);
    assert_false(cart.lines[0].has_price_list_id);
    put_in(group_id);
    const struct order_cart priced = look(&cart);
    assert_int_equal(priced.lines[0].unit_price.amount, 1500);
    assert_int_equal(priced.lines[0].list_price.amount, 1999);
    assert_true(uuid_equals(priced.lines[0].price_list_id, list_id));
    assert_int_equal(priced.totals.total.amount, 3500);
    take_out(group_id);
    assert_int_equal(look(&cart).totals.total.amount, 4498);
    forget_the_list();
}

static void a_vendor_sees_which_groups_there_are_and_not_who_is_in_them(void **state)
{
    (void)state;
    (void)group_of_customers("zebras");
    (void)group_of_customers("Ants");
    const struct order_list_vendor_customer_groups query = { 0 };
    struct order_vendor_customer_groups groups;
    assert_int_equal(market_call(&market, market.shop.variants[TEAPOT].vendor_id,
                                 &order_list_vendor_customer_groups_message, &query, 0, &groups)
                         .status,
                     STATUS_OK);
    assert_int_equal(groups.data_count,
                     market_number(&market, "SELECT count(*) FROM \"order\".customer_group"));
    assert_true(text_equals_string(groups.data[0].name, "Ants"));
    assert_true(text_equals_string(groups.data[groups.data_count - 1].name, "zebras"));
}

static void the_order_keeps_which_list_made_its_price(void **state)
{
    (void)state;
    struct order_group group;
    const struct uuid group_id = priced_group("Trade again");
    put_in(group_id);
    const struct order_cart cart = filled_cart();
    assert_int_equal(cart.totals.total.amount, 3500);
    assert_int_equal(check_out(&cart, 61, &group).status, STATUS_OK);
    assert_int_equal(group.total.amount, 3500);
    take_out(group_id);
    forget_the_list();
    size_t with_list = 0;
    for (size_t i = 0; i < group.orders_count; i++)
        for (size_t k = 0; k < group.orders[i].lines_count; k++)
            with_list += group.orders[i].lines[k].has_price_list_id &&
                         uuid_equals(group.orders[i].lines[k].price_list_id, list_id);
    assert_int_equal(with_list, 1);
    assert_int_equal(
        market_number(&market, "SELECT count(*) FROM \"order\".order_line WHERE unit_amount = 1500"
                               " AND price_list_id IS NOT NULL"),
        1);
}

static void a_right_that_lapses_before_the_order_changes_its_total(void **state)
{
    (void)state;
    const struct uuid group_id = priced_group("Members for a day");
    put_in(group_id);
    const struct order_cart cart = filled_cart();
    take_out(group_id);
    const struct answer answer = check_out(&cart, 62, NULL);
    assert_int_equal(answer.status, STATUS_TOTALS_CHANGED);
    assert_int_equal(answer.problem.errors[0].requested, 3500);
    assert_int_equal(answer.problem.errors[0].available, 4498);
    assert_nothing_happened(&cart);
    forget_the_list();
}

static void a_list_that_ends_before_the_order_changes_its_total(void **state)
{
    (void)state;
    const struct uuid group_id = priced_group("Members of a list");
    put_in(group_id);
    const struct order_cart cart = filled_cart();
    forget_the_list(); /* it is over: the catalogue offers it no more */
    assert_int_equal(check_out(&cart, 63, NULL).status, STATUS_TOTALS_CHANGED);
    assert_nothing_happened(&cart);
    take_out(group_id);
}

static struct order_own_prices own_prices(struct uuid user_id)
{
    const struct uuid variants[] = { market.shop.variants[TEAPOT].id,
                                     market.shop.variants[BOWL].id };
    const struct order_list_own_prices query = { .variant_ids = variants, .variant_ids_count = 2 };
    struct order_own_prices prices;
    assert_int_equal(
        market_call(&market, user_id, &order_list_own_prices_message, &query, 0, &prices).status,
        STATUS_OK);
    return prices;
}

static void prices_of_ones_own_are_told_beside_the_cart(void **state)
{
    (void)state;
    const struct uuid group_id = priced_group("Askers");
    struct order_own_prices prices = own_prices(shopper);
    assert_int_equal(prices.data_count, 2);
    assert_int_equal(prices.data[0].price.amount, 1999);
    assert_false(prices.data[0].has_price_list_id);
    put_in(group_id);
    prices = own_prices(shopper);
    assert_int_equal(prices.data[0].price.amount, 1500);
    assert_int_equal(prices.data[0].list_price.amount, 1999);
    assert_true(uuid_equals(prices.data[0].price_list_id, list_id));
    assert_int_equal(prices.data[1].price.amount, 500);
    take_out(group_id);
    assert_int_equal(own_prices(shopper).data[0].price.amount, 1999);
    forget_the_list();
}

static void own_prices_are_refused_of_nothing_and_in_no_currency(void **state)
{
    (void)state;
    struct order_list_own_prices query = { .variant_ids_count = 0 };
    struct order_own_prices prices;
    assert_int_equal(
        market_call(&market, shopper, &order_list_own_prices_message, &query, 0, &prices).status,
        STATUS_INVALID_PARAMETER);
    query.variant_ids = &market.shop.variants[TEAPOT].id;
    query.variant_ids_count = 1;
    query.has_currency = true;
    query.currency = TEXT("eur");
    assert_int_equal(
        market_call(&market, shopper, &order_list_own_prices_message, &query, 0, &prices).status,
        STATUS_INVALID_PARAMETER);
    query.currency = TEXT("JPY");
    assert_int_equal(
        market_call(&market, shopper, &order_list_own_prices_message, &query, 0, &prices).status,
        STATUS_OK);
    assert_int_equal(prices.data_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_member_sees_the_price_of_his_group_and_others_do_not),
        CLAIM(a_vendor_sees_which_groups_there_are_and_not_who_is_in_them),
        CLAIM(the_order_keeps_which_list_made_its_price),
        CLAIM(a_right_that_lapses_before_the_order_changes_its_total),
        CLAIM(a_list_that_ends_before_the_order_changes_its_total),
        CLAIM(prices_of_ones_own_are_told_beside_the_cart),
        CLAIM(own_prices_are_refused_of_nothing_and_in_no_currency),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
