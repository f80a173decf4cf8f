/* Claims about carts, checkouts and orders, through the real dispatch, saga runner and database.
 * After each test stored orders are sound, no saga is open, and nothing is set aside. */
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "order_messages.h"
#include "tests/actors/order/order_market.h"

enum { TEAPOT, BOWL, LAMP, VARIANTS };
enum { SHOPPER_MONEY = 100000, SECOND_US = 1000 * 1000 };

static struct order_market market;
static struct uuid shopper;

static struct uuid draw_id(unsigned shard)
{
    static uint16_t drawn;
    drawn++;
    const uint8_t random[10] = { (uint8_t)(drawn >> 8), (uint8_t)drawn };
    return uuid_make(1767225600000000, random, shard);
}

static void stock_shop(void)
{
    static const struct {
        const char *name;
        int64_t price, amount;
        bool is_other_vendor;
    } goods[VARIANTS] = { { "Teapot", 1999, 10, false },
                          { "Bowl", 500, 5, true },
                          { "Lamp", 10000, 3, false } };
    const struct uuid vendors[] = { draw_id(1), draw_id(2) };
    market.shop = (struct shop){ .user_id = shopper, .wallet = { .amount = SHOPPER_MONEY } };
    market.shop.variants_count = VARIANTS;
    for (size_t i = 0; i < VARIANTS; i++)
        market.shop.variants[i] =
            (struct shop_variant){ .id = draw_id(3),
                                   .product_id = draw_id(3),
                                   .vendor_id = vendors[goods[i].is_other_vendor],
                                   .vendor_name = goods[i].is_other_vendor ? "Bowls" : "Teas",
                                   .name = goods[i].name,
                                   .price = goods[i].price,
                                   .shown_available = -1,
                                   .stock = { .amount = goods[i].amount } };
}

static int set_up_group(void **state)
{
    (void)state;
    market_new(&market);
    return 0;
}

static int tear_down_group(void **state)
{
    (void)state;
    market_destroy(&market);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    shopper = draw_id(7);
    market.arena = arena_new(64 * 1024);
    stock_shop();
    market_open(&market);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    market_settle(&market);
    market_close(&market);
    arena_destroy(&market.arena);
    const char *violated =
        scratch_sql(market.scratch, "order", "SELECT invariant FROM \"order\".check_orders()");
    if (violated[0] != '\0') {
        print_error("violated: %s\n", violated);
        return -1;
    }
    return market_number(&market, "SELECT count(*) FROM host.saga WHERE NOT is_done") == 0 ? 0 : -1;
}

/* --- words --- */

static struct answer create(struct order_cart *ret_cart)
{
    const struct order_create_cart command = { 0 };
    return market_call(&market, shopper, &order_create_cart_message, &command, 0, ret_cart);
}

static struct answer add(const struct order_cart *cart, size_t variant, int64_t quantity,
                         struct order_cart *ret_cart)
{
    const struct order_add_line command = { .cart_id = cart->id,
                                            .variant_id = market.shop.variants[variant].id,
                                            .quantity = quantity };
    return market_call(&market, shopper, &order_add_line_message, &command, 0, ret_cart);
}

/* Two teapots and a bowl: 44.98, of two vendors. */
static struct order_cart filled_cart(void)
{
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, 2, &cart).status, STATUS_OK);
    assert_int_equal(add(&cart, BOWL, 1, &cart).status, STATUS_OK);
    return cart;
}

static struct order_checkout checkout_of(const struct order_cart *cart)
{
    return (
        struct order_checkout){ .cart_id = cart->id,
                                .expected_total = cart->totals.total,
                                .payment = { .has_wallet = true, .wallet = cart->totals.total } };
}

static struct answer check_out(const struct order_cart *cart, uint8_t key,
                               struct order_group *ret_group)
{
    const struct order_checkout command = checkout_of(cart);
    return market_call(&market, shopper, &order_checkout_message, &command, key, ret_group);
}

static struct answer get_cart(struct uuid user_id, struct uuid cart_id, struct order_cart *ret_cart)
{
    const struct order_get_cart query = { .cart_id = cart_id };
    return market_call(&market, user_id, &order_get_cart_message, &query, 0, ret_cart);
}

static struct text fault_code(const struct answer *answer, size_t index)
{
    assert_true(index < answer->problem.errors_count);
    return answer->problem.errors[index].code;
}

/* Money and stock are what they were, and the cart is the shopper's again. */
static void assert_nothing_happened(const struct order_cart *cart)
{
    market_settle(&market);
    assert_int_equal(account_available(&market.shop.wallet), SHOPPER_MONEY);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), 10);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), 5);
    struct order_cart now;
    assert_int_equal(get_cart(shopper, cart->id, &now).status, STATUS_OK);
    assert_int_equal(now.status, ORDER_CART_STATUS_ACTIVE);
    assert_int_equal(now.lines_count, cart->lines_count);
}

/* The filled cart was bought, once. */
static void assert_sold(const struct order_cart *cart)
{
    market_settle(&market);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 4498);
    assert_int_equal(account_available(&market.shop.wallet), SHOPPER_MONEY - 4498);
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 8);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), 8);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), 4);
    struct order_cart now;
    assert_int_equal(get_cart(shopper, cart->id, &now).status, STATUS_OK);
    assert_int_equal(now.status, ORDER_CART_STATUS_ORDERED);
}

/* --- carts --- */

static void shopper_has_one_active_cart(void **state)
{
    (void)state;
    struct order_cart first, second;
    assert_int_equal(create(&first).http_status, 0);
    assert_text_equal(first.currency, TEXT("EUR"));
    assert_int_equal(first.version, 1);
    assert_int_equal(uuid_shard(first.id), uuid_shard(shopper));
    const struct answer again = create(&second);
    assert_int_equal(again.http_status, 200);
    assert_true(uuid_equals(first.id, second.id));
}

static void carts_opened_at_once_are_one(void **state)
{
    (void)state;
    const struct order_create_cart command = { 0 };
    struct order_cart carts[4];
    struct call calls[4];
    for (size_t i = 0; i < 4; i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_create_cart_message,
                                  .body = &command,
                                  .reply = &carts[i] };
    market_call_all(&market, calls, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(calls[i].answer.status, STATUS_OK);
        assert_true(uuid_equals(carts[i].id, carts[0].id));
    }
}

static void cart_of_no_currency_is_refused(void **state)
{
    (void)state;
    const struct order_create_cart command = { .has_currency = true, .currency = TEXT("XQQ") };
    const struct answer answer =
        market_call(&market, shopper, &order_create_cart_message, &command, 0, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/currency"));
}

static void cart_shows_lines_and_totals(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    assert_int_equal(cart.version, 3);
    assert_int_equal(cart.lines_count, 2);
    assert_text_equal(cart.lines[0].name, TEXT("Teapot"));
    assert_int_equal(cart.lines[0].total.amount, 3998);
    assert_int_equal(cart.totals.total.amount, 4498);
    assert_int_equal(cart.problems_count, 0);
    market.shop.variants[BOWL].price = 600;
    const struct order_get_active_cart query = { 0 };
    struct order_cart shown;
    assert_int_equal(
        market_call(&market, shopper, &order_get_active_cart_message, &query, 0, &shown).status,
        STATUS_OK);
    assert_int_equal(shown.totals.total.amount, 4598);
}

static void lines_change_and_go(void **state)
{
    (void)state;
    struct order_cart cart = filled_cart();
    const struct order_change_line change = { .cart_id = cart.id,
                                              .line_id = cart.lines[0].id,
                                              .quantity = 3,
                                              .has_version = true,
                                              .version = 3 };
    assert_int_equal(
        market_call(&market, shopper, &order_change_line_message, &change, 0, &cart).status,
        STATUS_OK);
    assert_int_equal(cart.lines[0].quantity, 3);
    assert_int_equal(
        market_call(&market, shopper, &order_change_line_message, &change, 0, NULL).status,
        STATUS_PRECONDITION_FAILED);
    const struct order_remove_line removal = { .cart_id = cart.id, .line_id = cart.lines[0].id };
    assert_int_equal(
        market_call(&market, shopper, &order_remove_line_message, &removal, 0, &cart).status,
        STATUS_OK);
    assert_int_equal(
        market_call(&market, shopper, &order_remove_line_message, &removal, 0, NULL).status,
        STATUS_NOT_FOUND);
    struct order_cart stored;
    assert_int_equal(get_cart(shopper, cart.id, &stored).status, STATUS_OK);
    assert_int_equal(stored.version, 5);
    assert_int_equal(stored.lines_count, 1);
    assert_text_equal(stored.lines[0].name, TEXT("Bowl"));
}

static void what_is_not_sold_is_not_put_in(void **state)
{
    (void)state;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    const struct order_add_line unknown = { .cart_id = cart.id,
                                            .variant_id = draw_id(3),
                                            .quantity = 1 };
    assert_int_equal(
        market_call(&market, shopper, &order_add_line_message, &unknown, 0, NULL).status,
        STATUS_NOT_FOUND);
    market.shop.variants[BOWL].is_hidden = true;
    assert_int_equal(add(&cart, BOWL, 1, NULL).status, STATUS_PRODUCT_UNAVAILABLE);
    market.shop.variants[LAMP].is_vendor_closed = true;
    assert_int_equal(add(&cart, LAMP, 1, NULL).status, STATUS_VENDOR_UNAVAILABLE);
    const struct answer answer = add(&cart, TEAPOT, 11, NULL);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/quantity"));
    assert_int_equal(answer.problem.errors[0].requested, 11);
    assert_int_equal(answer.problem.errors[0].available, 10);
    assert_int_equal(add(&cart, TEAPOT, 9999, NULL).status, STATUS_INSUFFICIENT_STOCK);
}

static void other_peoples_carts_are_not_there(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    const struct uuid stranger = draw_id(7);
    assert_int_equal(get_cart(stranger, cart.id, NULL).status, STATUS_NOT_FOUND);
    const struct order_add_line command = { .cart_id = cart.id,
                                            .variant_id = market.shop.variants[BOWL].id,
                                            .quantity = 1 };
    assert_int_equal(
        market_call(&market, stranger, &order_add_line_message, &command, 0, NULL).status,
        STATUS_NOT_FOUND);
    const struct order_checkout checkout = checkout_of(&cart);
    assert_int_equal(
        market_call(&market, stranger, &order_checkout_message, &checkout, 9, NULL).status,
        STATUS_NOT_FOUND);
}

static void changes_at_once_all_count(void **state)
{
    (void)state;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    const struct order_add_line command = { .cart_id = cart.id,
                                            .variant_id = market.shop.variants[TEAPOT].id,
                                            .quantity = 1 };
    struct call calls[8];
    for (size_t i = 0; i < 8; i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_add_line_message,
                                  .body = &command };
    market_call_all(&market, calls, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(calls[i].answer.status, STATUS_OK);
    assert_int_equal(get_cart(shopper, cart.id, &cart).status, STATUS_OK);
    assert_int_equal(cart.lines_count, 1);
    assert_int_equal(cart.lines[0].quantity, 8);
    assert_int_equal(cart.version, 9);
}

/* --- checkout: what is refused at once --- */

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

/* --- checkout: every step in turn --- */

static void shortage_at_the_reservation_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.variants[BOWL].shown_available = 5;
    market.shop.variants[BOWL].stock.amount = 0;
    const struct answer answer = check_out(&cart, 30, NULL);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(answer.problem.errors_count, 1);
    assert_int_equal(answer.problem.errors[0].requested, 1);
    assert_int_equal(answer.problem.errors[0].available, 0);
    char line_id[ID_TEXT_MAX + 1];
    (void)id_format("lin", cart.lines[1].id, line_id);
    assert_text_equal(answer.problem.errors[0].pointer,
                      text_format(market.arena, "/lines/%s", line_id));
    market.shop.variants[BOWL].stock.amount = 5;
    assert_nothing_happened(&cart);
    assert_int_equal(check_out(&cart, 31, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void empty_wallet_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.wallet.amount = 4497;
    assert_int_equal(check_out(&cart, 32, NULL).status, STATUS_INSUFFICIENT_FUNDS);
    const struct answer again = check_out(&cart, 32, NULL);
    assert_int_equal(again.status, STATUS_INSUFFICIENT_FUNDS);
    assert_true(again.is_replayed);
    market.shop.wallet.amount = SHOPPER_MONEY;
    assert_nothing_happened(&cart);
    assert_int_equal(market_number(&market,
                                   "SELECT count(*) FROM \"order\".order_group "
                                   "WHERE status = 'failed' AND refusal = 'insufficient_funds'"),
                     1);
}

static void catalogue_away_for_long_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_reserve_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .skip = 1,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(check_out(&cart, 33, NULL).status, STATUS_UNAVAILABLE);
    assert_nothing_happened(&cart);
}

static void wallet_away_for_long_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(check_out(&cart, 34, NULL).status, STATUS_UNAVAILABLE);
    assert_nothing_happened(&cart);
}

static void lost_answers_before_giving_up_leave_nothing_behind(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .is_answer_lost = true,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(check_out(&cart, 35, NULL).status, STATUS_UNAVAILABLE);
    assert_nothing_happened(&cart);
}

static void undo_is_repeated_until_it_is_done(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.wallet.amount = 0;
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_release_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 3 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_void_hold_message,
                                                   .is_answer_lost = true,
                                                   .times = 2 });
    assert_int_equal(check_out(&cart, 36, NULL).status, STATUS_INSUFFICIENT_FUNDS);
    market.shop.wallet.amount = SHOPPER_MONEY;
    assert_nothing_happened(&cart);
}

static void pivot_is_refused_when_what_was_set_aside_would_lapse(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_OK,
                                                   .times = 1,
                                                   .advance_us = (int64_t)1199 * SECOND_US });
    assert_int_equal(check_out(&cart, 37, NULL).status, STATUS_ILLEGAL_TRANSITION);
    assert_nothing_happened(&cart);
}

static void lost_answers_everywhere_still_sell_once(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    const struct message *const messages[] = { &catalog_reserve_stock_message,
                                               &wallet_hold_funds_message,
                                               &catalog_commit_stock_message,
                                               &wallet_post_hold_message };
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++)
        shop_fail(&market.shop, (struct shop_failure){
                                    .message = messages[i], .is_answer_lost = true, .times = 2 });
    assert_int_equal(check_out(&cart, 38, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void after_the_pivot_it_only_goes_forward(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_commit_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 3 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_post_hold_message,
                                                   .status = STATUS_OVERLOADED,
                                                   .times = 2 });
    assert_int_equal(check_out(&cart, 39, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void restart_finishes_what_was_placed(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_post_hold_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    struct order_group group, again;
    assert_int_equal(check_out(&cart, 40, &group).status, STATUS_OK);
    market_close(&market);
    market.shop.failures_count = 0;
    market_open(&market);
    assert_sold(&cart);
    const struct answer answer = check_out(&cart, 40, &again);
    assert_true(answer.is_replayed);
    assert_true(uuid_equals(group.id, again.id));
}

static void restart_goes_on_before_the_pivot(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    const struct answer answer = check_out(&cart, 41, NULL);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 202);
    assert_int_equal(check_out(&cart, 41, NULL).status, STATUS_REQUEST_IN_PROGRESS);
    assert_int_equal(add(&cart, BOWL, 1, NULL).status, STATUS_CHECKOUT_IN_PROGRESS);
    market_close(&market);
    market.shop.failures_count = 0;
    market_open(&market);
    assert_sold(&cart);
    struct order_group group;
    assert_int_equal(check_out(&cart, 41, &group).http_status, 201);
    assert_int_equal(group.orders_count, 2);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const char *filter = getenv("SOUK_TEST_FILTER");
    if (filter != NULL) cmocka_set_test_filter(filter);
    const struct CMUnitTest tests[] = {
        CLAIM(shopper_has_one_active_cart),
        CLAIM(carts_opened_at_once_are_one),
        CLAIM(cart_of_no_currency_is_refused),
        CLAIM(cart_shows_lines_and_totals),
        CLAIM(lines_change_and_go),
        CLAIM(what_is_not_sold_is_not_put_in),
        CLAIM(other_peoples_carts_are_not_there),
        CLAIM(changes_at_once_all_count),
        CLAIM(checkout_of_nothing_is_refused),
        CLAIM(checkout_at_yesterdays_price_tells_todays),
        CLAIM(checkout_must_be_paid_in_full),
        CLAIM(checkout_names_every_line_at_fault),
        CLAIM(checkout_makes_one_order_per_vendor),
        CLAIM(repeated_checkout_gets_the_first_answer),
        CLAIM(ordered_cart_tells_its_group),
        CLAIM(two_keys_at_once_sell_one_cart_once),
        CLAIM(gifts_cost_nothing_and_are_placed),
        CLAIM(placement_is_announced_once),
        CLAIM(orders_are_listed_newest_first_page_by_page),
        CLAIM(shortage_at_the_reservation_undoes_all),
        CLAIM(empty_wallet_undoes_all),
        CLAIM(catalogue_away_for_long_undoes_all),
        CLAIM(wallet_away_for_long_undoes_all),
        CLAIM(lost_answers_before_giving_up_leave_nothing_behind),
        CLAIM(undo_is_repeated_until_it_is_done),
        CLAIM(pivot_is_refused_when_what_was_set_aside_would_lapse),
        CLAIM(lost_answers_everywhere_still_sell_once),
        CLAIM(after_the_pivot_it_only_goes_forward),
        CLAIM(restart_finishes_what_was_placed),
        CLAIM(restart_goes_on_before_the_pivot),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
