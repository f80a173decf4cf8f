/* Claims about checkouts that a card pays, between a scripted payment, shop and wallet: all is sold
 * and paid once, or nothing has happened. */
#include "queue_messages.h"
#include "tests/actors/order/order_guests.h"

#define CARD (&market.shop.card)

static int set_up_cards(void **state)
{
    market_setting = "--payment.provider=stripe";
    return set_up_group(state);
}

static int set_up_card(void **state)
{
    const int result = set_up(state);
    CARD->begins = PAYMENT_STATUS_AUTHORISED;
    CARD->ends = PAYMENT_STATUS_CAPTURED;
    CARD->next_url = "https://bank.example/3ds";
    return result;
}

/* ---- words ---- */

static struct order_checkout by_card(const struct order_cart *cart)
{
    return (struct order_checkout){
        .cart_id = cart->id,
        .expected_total = cart->totals.total,
        .payment = { .has_card = true,
                     .card = { .payment_method = TEXT("pm_ok"),
                               .has_return_url = true,
                               .return_url = TEXT("https://shop.example/paid") } },
    };
}

static struct answer pay(const struct order_checkout *command, uint8_t key,
                         struct order_group *ret_group)
{
    return market_call(&market, shopper, &order_checkout_message, command, key, ret_group);
}

static struct answer pay_by_card(const struct order_cart *cart, uint8_t key,
                                 struct order_group *ret_group)
{
    const struct order_checkout command = by_card(cart);
    return pay(&command, key, ret_group);
}

static struct answer cancel(struct uuid who, struct uuid group_id, struct text token,
                            struct order_group *ret_group)
{
    const struct order_cancel_group command = { .group_id = group_id,
                                                .has_token = token.length > 0,
                                                .token = token };
    return market_call(&market, who, &order_cancel_group_message, &command, 0, ret_group);
}

static struct order_group group_now(struct uuid group_id)
{
    struct order_group group;
    assert_int_equal(read_group(shopper, group_id, TEXT(""), &group).status, STATUS_OK);
    return group;
}

/* Over the orders of a placed group. */
static int64_t sum_of_orders(const char *what, const struct order_group *group)
{
    const struct text number = group->orders[0].number;
    return market_number(
        &market, text_format(market.arena,
                             "SELECT sum(%s)::bigint FROM \"order\".vendor_order "
                             "WHERE split_part(number, '-', 1) = split_part('%.*s', '-', 1)",
                             what, (int)number.length, number.data)
                     .data);
}

static void assert_all_is_back(const struct order_cart *cart)
{
    assert_nothing_happened(cart);
    assert_true(CARD->is_let_go);
    assert_int_equal(CARD->captured, 0);
}

static void assert_paid_by_card(int64_t amount)
{
    market_settle(&market);
    assert_int_equal(CARD->captured, amount);
    assert_false(CARD->is_let_go);
    assert_int_equal(CARD->authorisations, 1);
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 8);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - (4498 - amount));
}

/* ---- paid at once ---- */

static void a_card_pays_a_whole_checkout(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    const struct answer answer = pay_by_card(&cart, 1, &group);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_true(group.has_payment);
    assert_true(uuid_equals(group.payment.id, group.id));
    assert_paid_by_card(4498);
    assert_string_equal(CARD->method, "pm_ok");
    assert_string_equal(CARD->return_url, "https://shop.example/paid");
    assert_int_equal(group_now(group.id).payment.status, ORDER_CARD_STATUS_CAPTURED);
    assert_int_equal(sum_of_orders("card_amount", &group), 4498);
    assert_true(pay_by_card(&cart, 1, &group).is_replayed);
    assert_paid_by_card(4498);
}

static void wallet_and_card_each_pay_their_part(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = by_card(&cart);
    command.payment.has_wallet = true;
    command.payment.wallet = money_make(1500, "EUR");
    assert_int_equal(pay(&command, 2, NULL).http_status, 201);
    assert_paid_by_card(2998);
}

static void wallet_card_and_what_is_paid_at_the_door_add_up_in_each_order(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = by_card(&cart);
    struct order_group group;
    command.payment.has_wallet = command.payment.has_on_delivery = true;
    command.payment.wallet = money_make(1, "EUR");
    command.payment.on_delivery = money_make(777, "EUR");
    assert_int_equal(pay(&command, 3, &group).http_status, 201);
    market_settle(&market);
    assert_int_equal(CARD->captured, 4498 - 778);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    assert_int_equal(sum_of_orders("(card_amount + on_delivery > total)::int", &group), 0);
    assert_int_equal(sum_of_orders("(card_amount > 0)::int", &group), 2);
    assert_int_equal(sum_of_orders("total - on_delivery - card_amount", &group), 1);
}

static void a_guest_pays_by_card(void **state)
{
    (void)state;
    struct guest guest = filled_guest();
    struct order_checkout command = guest_checkout_of(&guest, "ada@example.com");
    struct order_group group;
    CARD->begins = PAYMENT_STATUS_REQUIRES_ACTION;
    command.payment = by_card(&guest.cart).payment;
    const struct answer answer =
        market_call(&market, nobody, &order_checkout_message, &command, 4, &group);
    assert_int_equal(answer.http_status, 202);
    assert_true(group.has_token); /* with which he reads how far it is */
    struct order_group seen;
    assert_int_equal(read_group(nobody, group.id, group.token, &seen).status, STATUS_OK);
    assert_text_equal(seen.payment.next_action.redirect_url, TEXT("https://bank.example/3ds"));
    assert_int_equal(read_group(nobody, group.id, TEXT("x"), &seen).status, STATUS_NOT_FOUND);
    CARD->status = PAYMENT_STATUS_AUTHORISED;
    market_settle(&market);
    assert_int_equal(read_group(nobody, group.id, group.token, &seen).status, STATUS_OK);
    assert_int_equal(seen.status, ORDER_GROUP_STATUS_PLACED);
    assert_int_equal(seen.payment_status, ORDER_PAYMENT_STATUS_PAID);
}

/* ---- refused ---- */

static void a_card_that_is_declined_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = by_card(&cart);
    CARD->begins = PAYMENT_STATUS_FAILED;
    CARD->decline_code = "insufficient_funds";
    command.payment.has_wallet = true;
    command.payment.wallet = money_make(1500, "EUR");
    for (int i = 0; i < 2; i++) {
        const struct answer answer = pay(&command, 5, NULL);
        assert_int_equal(answer.status, STATUS_PAYMENT_FAILED);
        assert_int_equal(answer.is_replayed, i == 1);
        assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/card"));
        assert_text_equal(answer.problem.errors[0].detail, TEXT("insufficient_funds"));
    }
    assert_all_is_back(&cart);
    *CARD =
        (struct fake_card){ .begins = PAYMENT_STATUS_AUTHORISED, .ends = PAYMENT_STATUS_CAPTURED };
    assert_int_equal(pay(&command, 6, NULL).http_status, 201);
    assert_paid_by_card(2998);
}

static void what_is_no_token_is_refused_before_it_is_stored(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = by_card(&cart);
    command.payment.card.payment_method = TEXT("4242424242424242");
    struct answer answer = pay(&command, 7, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/card/payment_method"));
    command = by_card(&cart);
    command.payment.card.return_url = TEXT("http://shop.example/paid");
    answer = pay(&command, 8, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/card/return_url"));
    command = by_card(&cart);
    command.payment.has_wallet = true;
    command.payment.wallet = cart.totals.total;
    answer = pay(&command, 9, NULL);
    assert_int_equal(answer.status, STATUS_PAYMENT_MISMATCH);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/card"));
    assert_int_equal(market_number(&market, "SELECT count(*) FROM host.saga WHERE NOT is_done"), 0);
    assert_int_equal(CARD->authorisations, 0);
    assert_nothing_happened(&cart);
}

static void an_amount_that_no_card_pays_is_said_to_be_one(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &payment_authorise_message,
                                                   .status = STATUS_INVALID_VALUE,
                                                   .times = 1 });
    const struct answer answer = pay_by_card(&cart, 23, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/card"));
    assert_true(answer.problem.errors[0].detail.length > 0);
    assert_all_is_back(&cart);
}

static void goods_that_are_gone_end_the_wait_for_the_bank(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    CARD->begins = PAYMENT_STATUS_REQUIRES_ACTION;
    market.shop.variants[BOWL].shown_available = 5;
    market.shop.variants[BOWL].stock.amount = 0;
    assert_int_equal(pay_by_card(&cart, 10, NULL).status, STATUS_INSUFFICIENT_STOCK);
    market.shop.variants[BOWL].stock.amount = 5;
    assert_all_is_back(&cart);
}

static void payments_away_for_long_undo_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &payment_authorise_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(pay_by_card(&cart, 11, NULL).status, STATUS_UNAVAILABLE);
    assert_all_is_back(&cart);
}

/* ---- waiting ---- */

static void who_must_go_to_his_bank_is_told_so(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group, again;
    CARD->begins = PAYMENT_STATUS_REQUIRES_ACTION;
    const struct answer answer = pay_by_card(&cart, 12, &group);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 202);
    assert_int_equal(group.status, ORDER_GROUP_STATUS_PENDING);
    assert_int_equal(group.payment.status, ORDER_CARD_STATUS_REQUIRES_ACTION);
    assert_text_equal(group.payment.next_action.redirect_url, TEXT("https://bank.example/3ds"));
    assert_int_equal(pay_by_card(&cart, 12, &again).http_status, 202);
    assert_true(uuid_equals(again.id, group.id));
    assert_text_equal(again.payment.next_action.redirect_url, TEXT("https://bank.example/3ds"));
    assert_int_equal(pay_by_card(&cart, 13, NULL).status, STATUS_CHECKOUT_IN_PROGRESS);
    assert_int_equal(group_now(group.id).payment.status, ORDER_CARD_STATUS_REQUIRES_ACTION);
    CARD->status = PAYMENT_STATUS_AUTHORISED;
    market_settle(&market);
    const struct answer end = pay_by_card(&cart, 12, &again);
    assert_int_equal(end.http_status, 201);
    assert_true(end.is_replayed);
    assert_int_equal(again.status, ORDER_GROUP_STATUS_PLACED);
    assert_false(group_now(group.id).payment.has_next_action);
    assert_paid_by_card(4498);
}

static void a_wait_outlives_the_node(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    CARD->begins = PAYMENT_STATUS_REQUIRES_ACTION;
    assert_int_equal(pay_by_card(&cart, 14, &group).http_status, 202);
    market_close(&market);
    market_open(&market);
    const unsigned looks = CARD->looks;
    while (CARD->looks == looks)
        (void)group_now(group.id);
    while (pay_by_card(&cart, 14, &group).status == STATUS_REQUEST_IN_PROGRESS)
        ;
    assert_int_equal(pay_by_card(&cart, 14, &group).http_status, 202);
    CARD->status = PAYMENT_STATUS_AUTHORISED;
    assert_paid_by_card(4498);
    assert_int_equal(pay_by_card(&cart, 14, &group).http_status, 201);
}

static void who_stays_at_his_bank_too_long_buys_nothing(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    CARD->begins = PAYMENT_STATUS_PROCESSING;
    assert_int_equal(pay_by_card(&cart, 15, NULL).http_status, 202);
    market.shop.market_offset_us += 1300 * (int64_t)SECOND_US; /* longer than goods are kept */
    assert_all_is_back(&cart);
    const struct answer answer = pay_by_card(&cart, 15, NULL);
    assert_int_equal(answer.status, STATUS_CHECKOUT_EXPIRED);
    assert_true(answer.is_replayed);
}

static void who_has_left_his_bank_takes_the_cart_back(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group, canceled;
    CARD->begins = PAYMENT_STATUS_REQUIRES_ACTION;
    assert_int_equal(pay_by_card(&cart, 16, &group).http_status, 202);
    assert_int_equal(cancel(draw_id(4), group.id, TEXT(""), NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(cancel(shopper, group.id, TEXT(""), &canceled).status, STATUS_OK);
    assert_int_equal(canceled.payment.status, ORDER_CARD_STATUS_VOIDED);
    assert_false(canceled.payment.has_next_action);
    /* The bank says yes all the same: that is given back by the payment, and sells nothing. */
    CARD->status = PAYMENT_STATUS_AUTHORISED;
    assert_all_is_back(&cart);
    const struct answer answer = pay_by_card(&cart, 16, NULL);
    assert_int_equal(answer.status, STATUS_PAYMENT_FAILED);
    assert_text_equal(answer.problem.errors[0].detail, TEXT("canceled"));
    assert_int_equal(group_now(group.id).status, ORDER_GROUP_STATUS_FAILED);
    assert_int_equal(cancel(shopper, group.id, TEXT(""), &canceled).status, STATUS_OK);
    assert_int_equal(check_out(&cart, 17, NULL).http_status, 201);
    assert_sold(&cart);
}

static void what_is_paid_is_not_taken_back(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    CARD->begins = PAYMENT_STATUS_REQUIRES_ACTION;
    assert_int_equal(pay_by_card(&cart, 18, &group).http_status, 202);
    CARD->status = PAYMENT_STATUS_AUTHORISED;
    assert_int_equal(cancel(shopper, group.id, TEXT(""), NULL).status, STATUS_ILLEGAL_TRANSITION);
    assert_paid_by_card(4498);
    assert_int_equal(cancel(shopper, group.id, TEXT(""), NULL).status, STATUS_ILLEGAL_TRANSITION);
}

static void a_checkout_without_a_card_is_not_taken_back(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    assert_int_equal(check_out(&cart, 19, &group).http_status, 201);
    assert_int_equal(cancel(shopper, group.id, TEXT(""), NULL).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(CARD->authorisations, 0);
    assert_false(CARD->is_let_go);
    assert_sold(&cart);
}

/* ---- what is lost on the way ---- */

static void lost_answers_charge_nobody_twice(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    const struct message *const messages[] = { &payment_authorise_message, &payment_take_message,
                                               &wallet_hold_funds_message };
    struct order_checkout command = by_card(&cart);
    command.payment.has_wallet = true;
    command.payment.wallet = money_make(98, "EUR");
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++)
        shop_fail(&market.shop, (struct shop_failure){
                                    .message = messages[i], .times = 2, .is_answer_lost = true });
    assert_int_equal(pay(&command, 20, NULL).http_status, 201);
    assert_paid_by_card(4400);
}

static void a_node_that_dies_behind_the_pivot_still_takes_the_money(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &payment_take_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    assert_int_equal(pay_by_card(&cart, 21, NULL).http_status, 201);
    market_close(&market);
    market.shop.failures_count = 0;
    assert_int_equal(CARD->captured, 0);
    market_open(&market);
    assert_paid_by_card(4498);
}

/* ---- what cannot be charged any more ---- */

static size_t stuck_cards(void)
{
    const struct queue_list_stuck query = { .limit = 50,
                                            .has_cause = true,
                                            .cause = COMMON_STUCK_CAUSE_CARD_NOT_TAKEN };
    struct common_stuck_items items;
    assert_int_equal(
        market_call(&market, nobody, &order_list_stuck_message, &query, 0, &items).status,
        STATUS_OK);
    return items.items_count;
}

static void a_card_that_cannot_be_charged_any_more_leaves_orders_that_owe(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = by_card(&cart);
    struct order_group group, now;
    command.payment.has_wallet = true;
    command.payment.wallet = money_make(498, "EUR");
    CARD->ends = PAYMENT_STATUS_AUTH_EXPIRED;
    assert_int_equal(pay(&command, 22, &group).http_status, 201);
    market_settle(&market);
    assert_int_equal(sum_of_orders("card_amount", &group), 0);
    assert_int_equal(sum_of_orders("on_delivery", &group), 4000);
    now = group_now(group.id);
    assert_int_equal(now.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    assert_int_equal(now.orders[0].payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    assert_int_equal(now.on_delivery.amount, 4000);
    assert_int_equal(now.orders_count, 2); /* what was sold stays sold */
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 8);
    assert_int_equal(stuck_cards(), 2);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 498);
    /* Noted once, however often it is said. */
    const struct order_note_card_lost again = { .group_id = group.id };
    assert_int_equal(
        market_call(&market, nobody, &order_note_card_lost_message, &again, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(sum_of_orders("on_delivery", &group), 4000);
    const struct order_mark_group_paid paid = { .group_id = group.id,
                                                .amount = money_make(4000, "EUR") };
    assert_int_equal(
        market_call(&market, draw_id(1), &order_mark_group_paid_message, &paid, 0, &now).status,
        STATUS_OK);
    assert_int_equal(group_now(group.id).payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(stuck_cards(), 0);
}

static void cards_are_among_the_ways_to_pay(void **state)
{
    (void)state;
    const struct order_list_payment_methods query = { 0 };
    struct order_payment_methods methods;
    assert_int_equal(
        market_call(&market, nobody, &order_list_payment_methods_message, &query, 0, &methods)
            .status,
        STATUS_OK);
    assert_int_equal(methods.data_count, 2); /* of a guest */
    assert_int_equal(methods.data[1].method, ORDER_PAYMENT_METHOD_CARD);
}

int main(void)
{
#define CARD_CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up_card, tear_down)
    const struct CMUnitTest tests[] = {
        CARD_CLAIM(a_card_pays_a_whole_checkout),
        CARD_CLAIM(wallet_and_card_each_pay_their_part),
        CARD_CLAIM(wallet_card_and_what_is_paid_at_the_door_add_up_in_each_order),
        CARD_CLAIM(a_guest_pays_by_card),
        CARD_CLAIM(a_card_that_is_declined_undoes_all),
        CARD_CLAIM(what_is_no_token_is_refused_before_it_is_stored),
        CARD_CLAIM(an_amount_that_no_card_pays_is_said_to_be_one),
        CARD_CLAIM(goods_that_are_gone_end_the_wait_for_the_bank),
        CARD_CLAIM(payments_away_for_long_undo_all),
        CARD_CLAIM(who_must_go_to_his_bank_is_told_so),
        CARD_CLAIM(a_wait_outlives_the_node),
        CARD_CLAIM(who_stays_at_his_bank_too_long_buys_nothing),
        CARD_CLAIM(who_has_left_his_bank_takes_the_cart_back),
        CARD_CLAIM(what_is_paid_is_not_taken_back),
        CARD_CLAIM(a_checkout_without_a_card_is_not_taken_back),
        CARD_CLAIM(lost_answers_charge_nobody_twice),
        CARD_CLAIM(a_node_that_dies_behind_the_pivot_still_takes_the_money),
        CARD_CLAIM(a_card_that_cannot_be_charged_any_more_leaves_orders_that_owe),
        CARD_CLAIM(cards_are_among_the_ways_to_pay),
    };
    return cmocka_run_group_tests(tests, set_up_cards, tear_down_group);
}
