/* Claims about orders that cards have paid: what goes back goes to the card, once, and is followed
 * until it is there; what cannot go there stays open for staff. */
#include "tests/actors/order/card_words.h"
#include "tests/actors/order/exchange_words.h"

static void a_cancelled_order_goes_back_to_the_card(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(210, 2, 2 * TEAPOT_COSTS);
    const struct order_order reply = cancel_units(&order, 2);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_REFUND_PENDING);
    assert_false(reply.has_refunded);
    assert_int_equal(reply.card_refunded.amount, 2 * TEAPOT_COSTS);
    assert_int_equal(reply.cancellations[0].card.amount.amount, 2 * TEAPOT_COSTS);
    assert_int_equal(reply.cancellations[0].refunded.amount, 0);
    assert_int_equal(market.shop.cards.given_back, 2 * TEAPOT_COSTS);
    assert_int_equal(market.shop.cards.refunds_count, 1);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* The wallet has paid one teapot, the card two. */
static void the_card_is_first_and_the_wallet_gets_the_rest(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(211, 3, 2 * TEAPOT_COSTS);
    const struct order_order first = cancel_units(&order, 1);
    assert_int_equal(first.cancellations[0].card.amount.amount, TEAPOT_COSTS);
    assert_int_equal(first.cancellations[0].refunded.amount, 0);
    const struct order_order last = cancel_units(&order, 2);
    assert_int_equal(last.cancellations[1].card.amount.amount, TEAPOT_COSTS);
    assert_int_equal(last.cancellations[1].refunded.amount, TEAPOT_COSTS);
    assert_int_equal(last.refunded.amount, TEAPOT_COSTS);
    assert_int_equal(market.shop.cards.given_back, 2 * TEAPOT_COSTS);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

static void what_came_back_goes_back_to_the_card(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(212, 2, TEAPOT_COSTS);
    struct order_order reply;
    assert_int_equal(receive(&order, approved(&order, 2), 2, 0, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[0].card.amount.amount, TEAPOT_COSTS);
    assert_int_equal(reply.returns[0].refunded.amount, TEAPOT_COSTS);
    market_settle(&market);
    assert_int_equal(market.shop.cards.given_back, TEAPOT_COSTS);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

static void a_claim_is_refunded_to_the_card(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(213, 2, 2 * TEAPOT_COSTS);
    const struct order_shipment_line lines[] = { { order.lines[0].id, 1 } };
    const struct order_file_claim file = { .order_id = order.id,
                                           .lines = lines,
                                           .lines_count = 1,
                                           .kind = ORDER_CLAIM_KIND_WRONG,
                                           .reason = TEXT("Wrong") };
    struct order_order reply;
    assert_int_equal(
        market_call(&market, shopper, &order_file_claim_message, &file, 0, &reply).status,
        STATUS_OK);
    const struct order_refund_claim grant = { order.id, reply.claims[0].id, .lines_count = 0 };
    assert_int_equal(as_vendor(&order_refund_claim_message, &grant, &reply).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(seen(order.id).claims[0].card.amount.amount, TEAPOT_COSTS);
    assert_int_equal(market.shop.cards.given_back, TEAPOT_COSTS);
}

/* Two of three teapots go: their price was the card's, and goes back there. */
static void what_goes_by_an_edit_goes_back_to_the_card(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(221, 3, 3 * TEAPOT_COSTS);
    const struct order_shipment_line fewer[] = { { order.lines[0].id, 2 } };
    const struct order_propose_edit propose = {
        .order_id = order.id, .fewer = fewer, .fewer_count = 1, .reason = TEXT("As you asked")
    };
    struct order_edit edit;
    assert_int_equal(as_vendor(&order_propose_edit_message, &propose, &edit).status, STATUS_OK);
    assert_int_equal(edit.to_wallet.amount, 2 * TEAPOT_COSTS);
    const struct order_accept_edit accept = { .order_id = order.id, .edit_id = edit.id };
    assert_int_equal(
        market_call(&market, shopper, &order_accept_edit_message, &accept, 0, &edit).status,
        STATUS_OK);
    market_settle(&market);
    assert_int_equal(market.shop.cards.given_back, 2 * TEAPOT_COSTS);
    assert_int_equal(seen(order.id).card_refunded.amount, 2 * TEAPOT_COSTS);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* What is sent again for goods that came back is called off in part: the card has paid for them. */
static void units_of_a_replacement_go_back_to_the_card_that_paid_the_order(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(222, 2, 2 * TEAPOT_COSTS);
    const struct uuid sent_id = sent_again(order.id, arrived(&order, 2, 0));
    const struct order_order sent = seen(sent_id);
    const struct order_shipment_line lines[] = { { sent.lines[0].id, 1 } };
    const struct order_cancel_vendor_units cancel = {
        .order_id = sent_id, .lines = lines, .lines_count = 1, .reason = TEXT("Broken")
    };
    struct order_order reply;
    assert_int_equal(as_vendor(&order_cancel_vendor_units_message, &cancel, &reply).status,
                     STATUS_OK);
    market_settle(&market);
    assert_int_equal(market.shop.cards.given_back, TEAPOT_COSTS);
    assert_int_equal(seen(order.id).returns[0].given_back[0].card.amount.amount, TEAPOT_COSTS);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* Guests have no wallet, and cards. */
static void a_guests_money_goes_back_to_his_card(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_group group;
    assert_int_equal(guest_checks_out(&guest, "card@example.com", 223, &group).status, STATUS_OK);
    market_settle(&market);
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".vendor_order SET card_amount = total, on_delivery = 0, "
                      "payment_status = 'paid' WHERE user_id IS NULL AND waived + collected = 0;"
                      "UPDATE \"order\".order_group g SET card_amount = total, on_delivery = 0, "
                      "payment_status = 'paid' WHERE user_id IS NULL AND waived + collected = 0");
    for (size_t i = 0; i < group.orders_count; i++) {
        market.shop.cards.captured += group.orders[i].totals.total.amount;
        const struct order_cancel_order command = { .order_id = group.orders[i].id,
                                                    .has_token = true,
                                                    .token = group.token };
        struct order_order off;
        assert_int_equal(market_call(&market, (struct uuid){ { 0 } }, &order_cancel_order_message,
                                     &command, 0, &off)
                             .status,
                         STATUS_OK);
        assert_int_equal(off.card_refunded.amount, group.orders[i].totals.total.amount);
    }
    market_settle(&market);
    assert_int_equal(market.shop.cards.given_back, market.shop.cards.captured);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* ---- on its way ---- */

static size_t count_paid(struct uuid who, const struct message *message, const void *query)
{
    struct order_order_page page;
    assert_int_equal(market_call(&market, who, message, query, 0, &page).status, STATUS_OK);
    return page.data_count;
}

/* In the views of its shopper, its vendor and staff, of the group, and in lists by it. */
static void assert_paid(const struct order_order *order, enum order_payment_status expected)
{
    const struct order_get_order of_shopper = { .order_id = order->id };
    const struct order_get_vendor_order of_vendor = { .order_id = order->id };
    const struct order_get_any_order of_staff = { .order_id = order->id };
    const struct order_list_all_orders list = { .has_payment_status = true,
                                                .payment_status = expected };
    const struct uuid staff = draw_id(5);
    struct order_order read;
    struct order_group group;
    assert_int_equal(
        market_call(&market, shopper, &order_get_order_message, &of_shopper, 0, &read).status,
        STATUS_OK);
    assert_int_equal(read.payment_status, expected);
    assert_int_equal(as_vendor(&order_get_vendor_order_message, &of_vendor, &read).status,
                     STATUS_OK);
    assert_int_equal(read.payment_status, expected);
    assert_int_equal(
        market_call(&market, staff, &order_get_any_order_message, &of_staff, 0, &read).status,
        STATUS_OK);
    assert_int_equal(read.payment_status, expected);
    assert_int_equal(read_group(shopper, order->group_id, TEXT(""), &group).status, STATUS_OK);
    assert_int_equal(group.payment_status, expected);
    assert_int_equal(group.orders[0].payment_status, expected);
    assert_true(count_paid(staff, &order_list_all_orders_message, &list) > 0);
}

static enum order_card_refund_state state_of(struct uuid order_id)
{
    const struct order_order order = seen(order_id);
    assert_true(order.cancellations[0].has_card);
    return order.cancellations[0].card.state;
}

static void how_far_it_is_is_followed_until_it_is_there(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(214, 1, TEAPOT_COSTS);
    const struct order_order reply = cancel_units(&order, 1);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_REQUESTED);
    assert_paid(&order, ORDER_PAYMENT_STATUS_REFUND_PENDING);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_PENDING;
    look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_PENDING);
    assert_paid(&order, ORDER_PAYMENT_STATUS_REFUND_PENDING);
    const int64_t version = seen(order.id).version;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_SUCCEEDED);
    assert_paid(&order, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(seen(order.id).version, version + 1);
    look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(seen(order.id).version, version + 1);
    assert_int_equal(market.shop.cards.given_back, TEAPOT_COSTS);
}

/* An authorisation may have lapsed: who was never charged gets nothing back. */
static void a_card_that_was_never_charged_gets_nothing(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(224, 1, TEAPOT_COSTS);
    market.shop.cards.captured = 0;
    market.shop.card = (struct fake_card){ .is_there = true,
                                           .status = PAYMENT_STATUS_AUTH_EXPIRED,
                                           .asked = { .payment_id = order.group_id,
                                                      .amount = money_make(TEAPOT_COSTS, "EUR") } };
    (void)cancel_units(&order, 1);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.cancellations[0].card.state, ORDER_CARD_REFUND_STATE_SUCCEEDED);
    assert_true(text_equals_string(read.cancellations[0].card.code, "not_captured"));
    assert_int_equal(market.shop.cards.given_back, 0);
}

/* The card may not be captured yet when its order is called off. */
static void what_is_not_captured_yet_is_asked_for_again(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(215, 1, TEAPOT_COSTS);
    market.shop.cards.is_not_captured = true;
    const struct order_order reply = cancel_units(&order, 1);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_REQUESTED);
    assert_int_equal(market.shop.cards.given_back, 0);
    market.shop.cards.is_not_captured = false;
    look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(market.shop.cards.given_back, TEAPOT_COSTS);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_REQUESTED);
}

static void an_outage_or_a_lost_answer_gives_back_once(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(216, 2, 2 * TEAPOT_COSTS);
    shop_fail(&market.shop, (struct shop_failure){ .message = &payment_give_back_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &payment_give_back_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    const struct order_order reply = cancel_units(&order, 1);
    for (size_t i = 0; i < 3; i++)
        look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(market.shop.cards.refunds_count, 1);
    assert_int_equal(market.shop.cards.given_back, TEAPOT_COSTS);
}

static void a_node_that_dies_goes_on_with_the_card(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(217, 1, TEAPOT_COSTS);
    shop_fail(&market.shop, (struct shop_failure){ .message = &payment_give_back_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    const struct order_order reply = cancel_units(&order, 1);
    assert_int_equal(market.shop.cards.given_back, 0);
    market_close(&market);
    market.shop.market_offset_us += DAY_US;
    market_open(&market);
    look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(market.shop.cards.given_back, TEAPOT_COSTS);
}

/* ---- not possible ---- */

static struct order_order failed(uint8_t key)
{
    const struct order_order order = paid_by_card(key, 1, TEAPOT_COSTS);
    const struct order_order reply = cancel_units(&order, 1);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_FAILED;
    market.shop.cards.code = "expired_or_canceled_card";
    look_again(order.id, reply.cancellations[0].id);
    return seen(order.id);
}

static size_t erasure_blockers(void)
{
    const struct people_get_erasure_blockers query = { .user_id = shopper };
    struct common_blockers found;
    assert_int_equal(market_call(&market, (struct uuid){ { 0 } },
                                 &order_get_erasure_blockers_message, &query, 0, &found)
                         .status,
                     STATUS_OK);
    return found.blockers_count;
}

static void an_account_stays_until_its_money_is_on_its_card(void **state)
{
    (void)state;
    const size_t before = erasure_blockers();
    const struct order_order order = paid_by_card(228, 1, TEAPOT_COSTS);
    const struct order_order reply = cancel_units(&order, 1);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_REQUESTED);
    assert_int_equal(erasure_blockers(), before + 1);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_PENDING;
    look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(erasure_blockers(), before + 1);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    look_again(order.id, reply.cancellations[0].id);
    assert_int_equal(erasure_blockers(), before);
}

static void what_the_provider_refuses_stays_open_with_its_reason(void **state)
{
    (void)state;
    const struct order_order order = failed(218);
    assert_paid(&order, ORDER_PAYMENT_STATUS_REFUND_FAILED);
    assert_int_equal(order.cancellations[0].card.state, ORDER_CARD_REFUND_STATE_FAILED);
    assert_true(text_equals_string(order.cancellations[0].card.code, "expired_or_canceled_card"));
    const struct people_get_erasure_blockers query = { .user_id = shopper };
    struct common_blockers found;
    assert_int_equal(market_call(&market, (struct uuid){ { 0 } },
                                 &order_get_erasure_blockers_message, &query, 0, &found)
                         .status,
                     STATUS_OK);
    assert_int_equal(found.blockers_count, 1);
}

/* The bank of the card may send back what was there already. */
static void what_comes_back_from_the_card_is_open_again(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(220, 1, TEAPOT_COSTS);
    const struct order_order reply = cancel_units(&order, 1);
    const struct uuid refund_id = reply.cancellations[0].id;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    look_again(order.id, refund_id);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_SUCCEEDED);
    assert_int_equal(
        number_of("\"order\".order_refund WHERE look_at IS NOT NULL AND id", refund_id), 1);
    market.shop.cards.refunds[0].state = PAYMENT_REFUND_STATE_FAILED;
    market.shop.cards.code = "lost_or_stolen_card";
    assert_paid(&order, ORDER_PAYMENT_STATUS_REFUNDED);
    look_again(order.id, refund_id);
    assert_paid(&order, ORDER_PAYMENT_STATUS_REFUND_FAILED);
    assert_int_equal(state_of(order.id), ORDER_CARD_REFUND_STATE_FAILED);
    assert_int_equal(
        number_of("\"order\".order_refund WHERE look_at IS NOT NULL AND id", refund_id), 0);
}

static void more_than_is_left_at_the_provider_is_for_staff(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(219, 1, TEAPOT_COSTS);
    market.shop.cards.captured -= 1; /* a dispute holds it, say */
    (void)cancel_units(&order, 1);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.cancellations[0].card.state, ORDER_CARD_REFUND_STATE_FAILED);
    assert_true(text_equals_string(read.cancellations[0].card.code, "refund_exceeds_captured"));
    assert_int_equal(market.shop.cards.given_back, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(a_cancelled_order_goes_back_to_the_card),
        SOUND(the_card_is_first_and_the_wallet_gets_the_rest),
        SOUND(what_came_back_goes_back_to_the_card),
        SOUND(a_claim_is_refunded_to_the_card),
        SOUND(what_goes_by_an_edit_goes_back_to_the_card),
        SOUND(units_of_a_replacement_go_back_to_the_card_that_paid_the_order),
        SOUND(a_guests_money_goes_back_to_his_card),
        SOUND(how_far_it_is_is_followed_until_it_is_there),
        SOUND(a_card_that_was_never_charged_gets_nothing),
        SOUND(what_is_not_captured_yet_is_asked_for_again),
        SOUND(an_outage_or_a_lost_answer_gives_back_once),
        SOUND(a_node_that_dies_goes_on_with_the_card),
        SOUND(an_account_stays_until_its_money_is_on_its_card),
        SOUND(what_the_provider_refuses_stays_open_with_its_reason),
        SOUND(what_comes_back_from_the_card_is_open_again),
        SOUND(more_than_is_left_at_the_provider_is_for_staff),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
