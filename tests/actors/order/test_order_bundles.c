/* Claims about bundles in their host: what is set aside, sold and brought back are the parts, once
 * each, summed over the basket; and about units that are not there yet. */
#include "tests/actors/order/order_story.h"

enum { TEAPOTS = 10, BOWLS = 5 };

/* The lamp is a set of two teapots and a bowl. */
static void make_set(void)
{
    struct shop_variant *set = &market.shop.variants[LAMP];
    set->parts[0] = (struct catalog_bundle_part){ .variant_id = market.shop.variants[TEAPOT].id,
                                                  .quantity = 2 };
    set->parts[1] =
        (struct catalog_bundle_part){ .variant_id = market.shop.variants[BOWL].id, .quantity = 1 };
    set->parts_count = 2;
    market.shop.variants[TEAPOT].stock.amount = TEAPOTS;
    market.shop.variants[BOWL].stock.amount = BOWLS;
}

static void assert_left(int64_t teapots, int64_t bowls)
{
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), teapots);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), bowls);
}

/* So many sets, and so many teapots beside. */
static struct order_cart basket(int64_t sets, int64_t teapots)
{
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, LAMP, sets, &cart).status, STATUS_OK);
    if (teapots > 0) assert_int_equal(add(&cart, TEAPOT, teapots, &cart).status, STATUS_OK);
    return cart;
}

static const struct order_order *order_with(const struct order_group *group, size_t variant)
{
    for (size_t i = 0; i < group->orders_count; i++)
        for (size_t k = 0; k < group->orders[i].lines_count; k++)
            if (uuid_equals(group->orders[i].lines[k].variant_id, market.shop.variants[variant].id))
                return &group->orders[i];
    fail();
    return NULL;
}

static struct order_order seen(struct uuid order_id)
{
    const struct order_get_order query = { .order_id = order_id };
    struct order_order order;
    assert_int_equal(
        market_call(&market, shopper, &order_get_order_message, &query, 0, &order).status,
        STATUS_OK);
    return order;
}

static void the_parts_of_a_basket_are_sold_as_one_sum(void **state)
{
    (void)state;
    struct order_group group;
    make_set();
    const struct order_cart cart = basket(3, 4);
    assert_int_equal(cart.lines[0].parts_count, 2);
    assert_int_equal(check_out(&cart, 1, &group).http_status, 201);
    market_settle(&market);
    assert_left(TEAPOTS - 3 * 2 - 4, BOWLS - 3);
    assert_int_equal(market.shop.variants[TEAPOT].stock.marks_count, 1);
    const struct order_order order = seen(order_with(&group, LAMP)->id);
    const struct order_order_line *line = &order.lines[0];
    assert_int_equal(line->parts_count, 2);
    assert_int_equal(line->parts[0].quantity, 2);
    assert_true(uuid_equals(line->parts[1].variant_id, market.shop.variants[BOWL].id));
    assert_true(text_equals_string(line->parts[0].name, market.shop.variants[TEAPOT].name));
}

/* S-03: each line alone is there. */
static void a_basket_that_needs_too_much_of_a_part_is_refused_by_its_lines(void **state)
{
    (void)state;
    struct order_group group;
    make_set();
    const struct order_cart cart = basket(3, 5);
    const struct answer answer = check_out(&cart, 2, &group);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_true(text_equals_string(fault_code(&answer, 0), "insufficient_stock"));
    assert_true(text_equals_string(fault_code(&answer, 1), "insufficient_stock"));
    market_settle(&market);
    assert_left(TEAPOTS, BOWLS);
    assert_nothing_happened(&cart);
}

/* What offers pretend is there is gone when it is set aside. */
static void a_part_that_is_gone_meanwhile_is_told_on_the_bundle(void **state)
{
    (void)state;
    struct order_group group;
    make_set();
    const struct order_cart cart = basket(2, 0);
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_reserve_stock_message,
                                                   .status = STATUS_INSUFFICIENT_STOCK,
                                                   .times = 1 });
    const struct answer answer = check_out(&cart, 3, &group);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    market_settle(&market);
    assert_left(TEAPOTS, BOWLS);
    assert_nothing_happened(&cart);
}

static struct answer set_quantity(const struct order_cart *cart, int64_t quantity,
                                  struct order_cart *ret_cart)
{
    const struct order_change_line command = { .cart_id = cart->id,
                                               .line_id = cart->lines[0].id,
                                               .quantity = quantity };
    return market_call(&market, shopper, &order_change_line_message, &command, 0, ret_cart);
}

static struct order_cart look(const struct order_cart *cart)
{
    struct order_cart seen_cart;
    assert_int_equal(get_cart(shopper, cart->id, &seen_cart).status, STATUS_OK);
    return seen_cart;
}

static void a_bundle_whose_parts_change_in_a_cart_is_shown_before_it_is_sold(void **state)
{
    (void)state;
    struct order_group group;
    make_set();
    struct order_cart cart = basket(2, 0);
    assert_int_equal(cart.lines[0].problems_count, 0);
    market.shop.variants[LAMP].parts_count = 1;
    const struct answer answer = check_out(&cart, 4, &group);
    assert_int_equal(answer.status, STATUS_BUNDLE_CHANGED);
    assert_true(text_equals_string(fault_code(&answer, 0), "bundle_changed"));
    assert_nothing_happened(&cart);
    cart = look(&cart);
    assert_int_equal(cart.lines[0].problems_count, 1);
    assert_true(text_equals_string(cart.lines[0].problems[0].code, "bundle_changed"));
    assert_int_equal(cart.lines[0].parts_count, 1);
    assert_int_equal(set_quantity(&cart, 2, &cart).status, STATUS_OK);
    assert_int_equal(cart.lines[0].problems_count, 0);
    assert_int_equal(check_out(&cart, 4, &group).http_status, 201);
    market_settle(&market);
    assert_left(TEAPOTS - 4, BOWLS);
    assert_int_equal(seen(group.orders[0].id).lines[0].parts_count, 1);
}

/* Counted anew, or no bundle any more, it is another one, too; in another order it is the same. */
static void what_a_bundle_is_made_of_is_compared_by_parts_and_quantities(void **state)
{
    (void)state;
    make_set();
    const struct order_cart cart = basket(1, 0);
    struct shop_variant *set = &market.shop.variants[LAMP];
    const struct catalog_bundle_part first = set->parts[0];
    set->parts[0] = set->parts[1];
    set->parts[1] = first;
    assert_int_equal(look(&cart).lines[0].problems_count, 0);
    set->parts[0].quantity++;
    assert_int_equal(look(&cart).lines[0].problems_count, 1);
    set->parts_count = 0;
    assert_int_equal(look(&cart).lines[0].problems_count, 1);
    /* As rows have it that were written before it was kept. */
    market_close(&market);
    (void)market_number(&market, "WITH u AS (UPDATE \"order\".cart_line SET parts_mark = 0 "
                                 "RETURNING 1) SELECT count(*) FROM u");
    market_open(&market);
    assert_int_equal(look(&cart).lines[0].problems_count, 0);
}

static struct answer cancel(const struct order_order *order, int64_t quantity,
                            struct order_order *ret_order)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_cancel_units command = { .order_id = order->id,
                                                .lines = lines,
                                                .lines_count = 1,
                                                .has_reason = true,
                                                .reason = TEXT("Too many") };
    return market_call(&market, shopper, &order_cancel_units_message, &command, 0, ret_order);
}

/* By what the order keeps: the bundle may be another one by then. */
static void cancelled_bundles_bring_their_parts_back_once(void **state)
{
    (void)state;
    struct order_group group;
    struct order_order reply;
    make_set();
    const struct order_cart cart = basket(3, 0);
    assert_int_equal(check_out(&cart, 5, &group).http_status, 201);
    market_settle(&market);
    const struct order_order order = seen(group.orders[0].id);
    market.shop.variants[LAMP].parts_count = 0;
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_restock_units_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 2,
                                                   .is_answer_lost = true });
    assert_int_equal(cancel(&order, 1, &reply).status, STATUS_OK);
    market_settle(&market);
    assert_left(TEAPOTS - 4, BOWLS - 2);
    assert_int_equal(cancel(&order, 2, &reply).status, STATUS_OK);
    market_settle(&market);
    assert_left(TEAPOTS, BOWLS);
}

static void units_that_are_not_there_are_kept_on_the_line(void **state)
{
    (void)state;
    struct order_group group;
    struct order_cart cart;
    market.shop.variants[TEAPOT].stock.amount = 5;
    market.shop.variants[TEAPOT].ahead = 3;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, 4, &cart).status, STATUS_OK);
    assert_int_equal(cart.lines[0].backordered, 2);
    assert_int_equal(check_out(&cart, 6, &group).http_status, 201);
    market_settle(&market);
    assert_int_equal(group.orders[0].lines[0].backordered, 2);
    assert_int_equal(seen(group.orders[0].id).lines[0].backordered, 2);
    const struct order_get_packing_slip query = { .order_id = group.orders[0].id };
    struct order_packing_slip slip;
    assert_int_equal(market_call(&market, market.shop.variants[TEAPOT].vendor_id,
                                 &order_get_packing_slip_message, &query, 0, &slip)
                         .status,
                     STATUS_OK);
    assert_int_equal(slip.lines[0].backordered, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(the_parts_of_a_basket_are_sold_as_one_sum),
        CLAIM(a_basket_that_needs_too_much_of_a_part_is_refused_by_its_lines),
        CLAIM(a_part_that_is_gone_meanwhile_is_told_on_the_bundle),
        CLAIM(a_bundle_whose_parts_change_in_a_cart_is_shown_before_it_is_sold),
        CLAIM(what_a_bundle_is_made_of_is_compared_by_parts_and_quantities),
        CLAIM(cancelled_bundles_bring_their_parts_back_once),
        CLAIM(units_that_are_not_there_are_kept_on_the_line),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
