/* Claims about what a checkout refuses and what it sells, and about the orders that come of it. */
#include "tests/actors/order/order_guests.h"

static void checkout_of_nothing_is_refused(void **state)
{
    (void)state;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, 1, NULL).status, STATUS_EMPTY_CART);
}

static void checkout_at_yesterdays_price_tells_todays(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.variants[BOWL].price = 600;
    const struct answer answer = check_out(&cart, 2, NULL);
    assert_int_equal(answer.status, STATUS_TOTALS_CHANGED);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/expected_total"));
    assert_int_equal(answer.problem.errors[0].requested, 4498);
    assert_int_equal(answer.problem.errors[0].available, 4598);
    market.shop.variants[BOWL].price = 500;
    assert_nothing_happened(&cart);
}

/* As the contract says of the key: nothing was set aside, so there is nothing to remember. */
static void refusal_before_anything_is_set_aside_leaves_the_key_free(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.variants[BOWL].price = 600;
    assert_int_equal(check_out(&cart, 201, NULL).status, STATUS_TOTALS_CHANGED);
    market.shop.variants[BOWL].price = 500;
    const struct answer again = check_out(&cart, 201, NULL);
    assert_int_equal(again.status, STATUS_OK);
    assert_false(again.is_replayed);
    assert_sold(&cart);
}

static void checkout_must_be_paid_in_full(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = checkout_of(&cart);
    command.payment.wallet.amount--;
    assert_int_equal(
        market_call(&market, shopper, &order_checkout_message, &command, 3, NULL).status,
        STATUS_PAYMENT_MISMATCH);
    command.payment.has_wallet = false;
    assert_int_equal(
        market_call(&market, shopper, &order_checkout_message, &command, 3, NULL).status,
        STATUS_PAYMENT_MISMATCH);
    command.expected_total = money_make(4498, "USD");
    assert_int_equal(
        market_call(&market, shopper, &order_checkout_message, &command, 3, NULL).status,
        STATUS_CURRENCY_MISMATCH);
    assert_nothing_happened(&cart);
}

static void a_market_without_a_provider_of_cards_refuses_them_by_name(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = checkout_of(&cart);
    command.payment =
        (struct order_payment){ .has_card = true, .card = { .payment_method = TEXT("pm_ok") } };
    const struct answer answer =
        market_call(&market, shopper, &order_checkout_message, &command, 5, NULL);
    assert_int_equal(answer.status, STATUS_PAYMENT_METHOD_UNAVAILABLE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/card"));
    assert_nothing_happened(&cart);
}

static void checkout_names_every_line_at_fault(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.variants[TEAPOT].is_hidden = true;
    market.shop.variants[BOWL].is_vendor_closed = true;
    struct answer answer = check_out(&cart, 4, NULL);
    assert_int_equal(answer.status, STATUS_PRODUCT_UNAVAILABLE);
    assert_int_equal(answer.problem.errors_count, 2);
    assert_text_equal(fault_code(&answer, 1), TEXT("vendor_unavailable"));
    market.shop.variants[TEAPOT].is_hidden = false;
    market.shop.variants[BOWL].is_vendor_closed = false;
    market.shop.variants[TEAPOT].shown_available = 1;
    answer = check_out(&cart, 4, NULL);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(answer.problem.errors[0].requested, 2);
    assert_int_equal(answer.problem.errors[0].available, 1);
    char line_id[ID_TEXT_MAX + 1];
    (void)id_format("lin", cart.lines[0].id, line_id);
    assert_text_equal(answer.problem.errors[0].pointer,
                      text_format(market.arena, "/lines/%s", line_id));
    assert_nothing_happened(&cart);
}

static void say(const char *setting)
{
    char *const arguments[] = { (char *)"test", (char *)setting, NULL };
    int first;
    assert_int_equal(config_load_arguments(market.config, 2, arguments, &first), STATUS_OK);
}

static void market_may_ask_for_a_verified_address(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    const struct guest guest = filled_guest();
    say("--market.verified_email_required=order");
    assert_int_equal(check_out(&cart, 25, NULL).status, STATUS_EMAIL_NOT_VERIFIED);
    assert_nothing_happened(&cart);
    assert_int_equal(guest_checks_out(&guest, "guest@example.com", 26, NULL).status,
                     STATUS_EMAIL_NOT_VERIFIED);
    market.shop.verified_email = "shopper@example.com";
    assert_int_equal(check_out(&cart, 27, NULL).status, STATUS_OK);
    say("--market.verified_email_required=none");
    assert_sold(&cart);
}

static void nothing_is_paid_on_delivery_where_it_is_refused(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    say("--market.offline_payment=refused");
    const struct answer answer = guest_checks_out(&guest, "guest@example.com", 28, NULL);
    say("--market.offline_payment=allowed");
    assert_int_equal(answer.status, STATUS_PAYMENT_METHOD_UNAVAILABLE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/on_delivery"));
}

/* --- checkout: what is sold --- */

static void checkout_makes_one_order_per_vendor(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    const struct answer answer = check_out(&cart, 5, &group);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(group.status, ORDER_GROUP_STATUS_PLACED);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(group.total.amount, 4498);
    assert_int_equal(group.orders_count, 2);
    assert_text_equal(group.orders[0].vendor.name, TEXT("Teas"));
    assert_int_equal(group.orders[0].totals.total.amount, 3998);
    assert_int_equal(group.orders[1].totals.total.amount, 500);
    assert_text_equal(group.orders[1].lines[0].sku, TEXT("SKU-1"));
    assert_int_equal(group.orders[0].number.data[group.orders[0].number.length - 1], '1');
    assert_sold(&cart);

    const struct order_get_group query = { .group_id = group.id };
    struct order_group stored;
    assert_int_equal(
        market_call(&market, shopper, &order_get_group_message, &query, 0, &stored).status,
        STATUS_OK);
    assert_int_equal(stored.orders_count, 2);
    for (size_t i = 0; i < stored.orders_count; i++) {
        const struct order_order_line *line = &stored.orders[i].lines[0];
        assert_text_equal(line->slug, TEXT("a-slug"));
        assert_text_equal(line->image, TEXT("https://cdn.example/1.jpg"));
        assert_int_equal(line->options_count, 2);
        assert_text_equal(line->options[0].name, TEXT("Size"));
        assert_text_equal(line->options[1].value, TEXT("Gr\xc3\xbcn, \"hell\""));
    }
    assert_text_equal(stored.orders[0].number, group.orders[0].number);
    assert_int_equal(stored.orders[0].lines[0].total.amount, 3998);
    assert_int_equal(stored.created_at_us, group.created_at_us);
    assert_int_equal(
        market_call(&market, draw_id(1), &order_get_group_message, &query, 0, NULL).status,
        STATUS_NOT_FOUND);
}

static void repeated_checkout_gets_the_first_answer(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group, again;
    assert_int_equal(check_out(&cart, 6, &group).status, STATUS_OK);
    const struct answer answer = check_out(&cart, 6, &again);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_true(answer.is_replayed);
    assert_true(uuid_equals(group.id, again.id));
    assert_int_equal(again.orders_count, 2);
    assert_sold(&cart);
}

static void ordered_cart_tells_its_group(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    assert_int_equal(check_out(&cart, 7, &group).status, STATUS_OK);
    const struct answer answer = check_out(&cart, 8, NULL);
    assert_int_equal(answer.status, STATUS_CART_ALREADY_ORDERED);
    char group_id[ID_TEXT_MAX + 1];
    (void)id_format("og", group.id, group_id);
    assert_text_equal(answer.problem.errors[0].detail,
                      text_format(market.arena, "It was ordered as %s.", group_id));
    assert_int_equal(add(&cart, BOWL, 1, NULL).status, STATUS_CART_ALREADY_ORDERED);
    struct order_cart next;
    assert_int_equal(create(&next).status, STATUS_OK);
    assert_false(uuid_equals(cart.id, next.id));
}

static void two_keys_at_once_sell_one_cart_once(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    const struct order_checkout command = checkout_of(&cart);
    struct call calls[3];
    for (uint8_t i = 0; i < 3; i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_checkout_message,
                                  .body = &command,
                                  .key = (uint8_t)(10 + i) };
    market_call_all(&market, calls, 3);
    size_t sold = 0;
    for (size_t i = 0; i < 3; i++) {
        const enum status status = calls[i].answer.status;
        sold += status == STATUS_OK;
        assert_true(status == STATUS_OK || status == STATUS_CHECKOUT_IN_PROGRESS ||
                    status == STATUS_CART_ALREADY_ORDERED);
    }
    assert_int_equal(sold, 1);
    assert_sold(&cart);
}

static void gifts_cost_nothing_and_are_placed(void **state)
{
    (void)state;
    market.shop.variants[LAMP].price = 0;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, LAMP, 1, &cart).status, STATUS_OK);
    struct order_group group;
    assert_int_equal(check_out(&cart, 15, &group).status, STATUS_OK);
    assert_int_equal(group.total.amount, 0);
}

static void placement_is_announced_once(void **state)
{
    (void)state;
    const char *sql = "SELECT count(*) FROM host.outbox WHERE number = 4101";
    const int64_t before = market_number(&market, sql);
    const struct order_cart cart = filled_cart();
    assert_int_equal(check_out(&cart, 16, NULL).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(market_number(&market, sql), before + 1);
}

static void orders_are_listed_newest_first_page_by_page(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < 2; i++) {
        const struct order_cart cart = filled_cart();
        assert_int_equal(check_out(&cart, (uint8_t)(20 + i), NULL).status, STATUS_OK);
        market_settle(&market);
    }
    struct order_list_orders query = { .has_limit = true, .limit = 3 };
    struct order_order_page first, second;
    assert_int_equal(
        market_call(&market, shopper, &order_list_orders_message, &query, 0, &first).status,
        STATUS_OK);
    assert_int_equal(first.data_count, 3);
    assert_true(first.has_more);
    assert_true(uuid_compare(first.data[0].id, first.data[1].id) > 0);
    assert_int_equal(first.data[0].lines_count, 1);
    query.has_after = true;
    query.after = first.next;
    assert_int_equal(
        market_call(&market, shopper, &order_list_orders_message, &query, 0, &second).status,
        STATUS_OK);
    assert_int_equal(second.data_count, 1);
    assert_false(second.has_more);
    query.after = TEXT("not a cursor");
    assert_int_equal(
        market_call(&market, shopper, &order_list_orders_message, &query, 0, NULL).status,
        STATUS_INVALID_PARAMETER);
    const struct order_get_order one = { .order_id = second.data[0].id };
    struct order_order order;
    assert_int_equal(
        market_call(&market, shopper, &order_get_order_message, &one, 0, &order).status, STATUS_OK);
    assert_text_equal(order.number, second.data[0].number);
    assert_int_equal(
        market_call(&market, draw_id(4), &order_get_order_message, &one, 0, NULL).status,
        STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(checkout_of_nothing_is_refused),
        CLAIM(checkout_at_yesterdays_price_tells_todays),
        CLAIM(refusal_before_anything_is_set_aside_leaves_the_key_free),
        CLAIM(checkout_must_be_paid_in_full),
        CLAIM(a_market_without_a_provider_of_cards_refuses_them_by_name),
        CLAIM(checkout_names_every_line_at_fault),
        CLAIM(market_may_ask_for_a_verified_address),
        CLAIM(nothing_is_paid_on_delivery_where_it_is_refused),
        CLAIM(checkout_makes_one_order_per_vendor),
        CLAIM(repeated_checkout_gets_the_first_answer),
        CLAIM(ordered_cart_tells_its_group),
        CLAIM(two_keys_at_once_sell_one_cart_once),
        CLAIM(gifts_cost_nothing_and_are_placed),
        CLAIM(placement_is_announced_once),
        CLAIM(orders_are_listed_newest_first_page_by_page),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
