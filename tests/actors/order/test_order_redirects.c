/* Claims about money that a card cannot get: it goes another way, once, and who has bought is told.
 */
#include "tests/actors/order/card_words.h"

#include <string.h>

#include "queue_messages.h"

static struct uuid failed(uint8_t key, struct order_order *ret_order)
{
    *ret_order = paid_by_card(key, 1, PRICE);
    const struct order_order reply = cancel_units(ret_order, 1);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_FAILED;
    market.shop.cards.code = "expired_or_canceled_card";
    look_again(ret_order->id, reply.cancellations[0].id);
    return reply.cancellations[0].id;
}

static struct answer redirect(struct uuid refund_id, enum order_refund_turn turn,
                              struct order_order *ret_order)
{
    const struct order_redirect_refund command = { .refund_id = refund_id,
                                                   .destination = turn,
                                                   .reason = TEXT("The card was closed") };
    return market_call(&market, ann, &order_redirect_refund_message, &command, 0, ret_order);
}

static struct order_refund_page refunds_in(enum order_card_refund_state state)
{
    const struct order_list_refunds query = { .has_state = true, .state = state };
    struct order_refund_page page;
    assert_int_equal(
        market_call(&market, ann, &order_list_refunds_message, &query, 0, &page).status, STATUS_OK);
    return page;
}

static void what_a_card_cannot_get_goes_to_the_wallet_once(void **state)
{
    (void)state;
    struct order_order order, reply;
    const struct uuid refund_id = failed(242, &order);
    const struct order_refund_page page = refunds_in(ORDER_CARD_REFUND_STATE_FAILED);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(seen(order.id).payment_status, ORDER_PAYMENT_STATUS_REFUND_FAILED);
    assert_true(uuid_equals(page.data[0].id, refund_id));
    assert_true(text_equals_string(page.data[0].card.code, "expired_or_canceled_card"));
    assert_true(text_equals_string(page.data[0].trigger, "cancel"));
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, &reply).status, STATUS_OK);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_REFUND_PENDING);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_MANUAL, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
    look_again(order.id, refund_id);
    look_again(order.id, refund_id);
    assert_int_equal(seen(order.id).payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + PRICE);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.refunded.amount, PRICE);
    assert_false(read.has_card_refunded);
    assert_int_equal(read.cancellations[0].refunded.amount, PRICE);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 0);
    market.shop.wallet.amount -= PRICE; /* it was the card's */
}

static void a_lost_answer_of_the_wallet_credits_once(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(243, &order);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + PRICE);
    market.shop.wallet.amount -= PRICE;
}

static void what_no_wallet_takes_is_handed_back_and_settled(void **state)
{
    (void)state;
    struct order_order order, reply;
    const struct uuid refund_id = failed(244, &order);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .status = STATUS_LIMIT_EXCEEDED,
                                                   .times = 1 });
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    look_again(order.id, refund_id);
    assert_int_equal(seen(order.id).cancellations[0].manual.amount, PRICE);
    assert_int_equal(seen(order.id).payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    const struct order_settle_refund by_vendor = { .order_id = order.id, .refund_id = refund_id };
    assert_int_equal(as_vendor(&order_settle_refund_message, &by_vendor, NULL).status,
                     STATUS_FORBIDDEN);
    const struct order_settle_any_refund settle = { .order_id = order.id, .refund_id = refund_id };
    assert_int_equal(
        market_call(&market, ann, &order_settle_any_refund_message, &settle, 0, &reply).status,
        STATUS_OK);
    assert_true(reply.cancellations[0].has_settled_at);
    assert_int_equal(
        market_call(&market, ann, &order_settle_any_refund_message, &settle, 0, NULL).status,
        STATUS_ALREADY_SETTLED);
}

static void two_who_redirect_at_once_send_it_one_way(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(245, &order);
    struct order_redirect_refund commands[2];
    struct call calls[2];
    for (size_t i = 0; i < 2; i++) {
        commands[i] =
            (struct order_redirect_refund){ .refund_id = refund_id,
                                            .destination = i == 0 ? ORDER_REFUND_TURN_WALLET
                                                                  : ORDER_REFUND_TURN_MANUAL,
                                            .reason = TEXT("Closed") };
        calls[i] = (struct call){ .user_id = i == 0 ? ann : bob,
                                  .message = &order_redirect_refund_message,
                                  .body = &commands[i] };
    }
    market_call_all(&market, calls, 2);
    assert_true((calls[0].answer.status == STATUS_OK) != (calls[1].answer.status == STATUS_OK));
    look_again(order.id, refund_id);
    const bool is_credited = calls[0].answer.status == STATUS_OK;
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + (is_credited ? PRICE : 0));
    assert_int_equal(seen(order.id).cancellations[0].has_manual, !is_credited);
    market.shop.wallet.amount = SHOPPER_MONEY;
}

/* ---- what a bank holds ---- */

static void assert_exceeds(struct answer answer, const char *pointer, int64_t available)
{
    assert_int_equal(answer.status, STATUS_REFUND_EXCEEDS_CAPTURED);
    assert_int_equal(answer.problem.errors_count, 1);
    assert_true(text_equals_string(answer.problem.errors[0].pointer, pointer));
    assert_true(answer.problem.errors[0].has_available);
    assert_int_equal(answer.problem.errors[0].available, available);
}

static void what_a_bank_holds_goes_nowhere_else_and_to_the_card_when_it_is_won(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(248, &order);
    market.shop.cards.disputed = PRICE;
    for (int turn = 0; turn < (int)ORDER_REFUND_TURN_BANK; turn++)
        assert_exceeds(redirect(refund_id, (enum order_refund_turn)turn, NULL), "/destination", 0);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 1);
    assert_int_equal(seen(order.id).cancellations[0].card.amount.amount, PRICE);
    market.shop.cards.disputed = 0;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_ORIGINAL, NULL).status, STATUS_OK);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_ORIGINAL, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
    look_again(order.id, refund_id);
    look_again(order.id, refund_id);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.cancellations[0].card.state, ORDER_CARD_REFUND_STATE_SUCCEEDED);
    assert_int_equal(market.shop.cards.given_back, PRICE);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* Then its buyer has it from his bank: it is closed, once, and nothing is owed any more. */
static void what_a_bank_has_taken_for_good_is_closed(void **state)
{
    (void)state;
    struct order_order order, reply;
    const struct uuid refund_id = failed(246, &order);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, NULL).status,
                     STATUS_ILLEGAL_TRANSITION); /* nothing was disputed */
    market.shop.cards.disputed = PRICE;
    market.shop.cards.lost = PRICE - 1;
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
    market.shop.cards.lost = PRICE;
    assert_exceeds(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL), "/destination", 0);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, &reply).status, STATUS_OK);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(read.cancellations[0].card.by_bank.amount, PRICE);
    assert_int_equal(read.cancellations[0].card.amount.amount, 0);
    assert_int_equal(read.cancellations[0].refunded.amount, 0);
    assert_int_equal(read.card_refunded.amount, PRICE);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 0);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* ---- what went back without a refund of ours ---- */

enum { OUTSIDE = PRICE / 4 };

/* The card cannot get it, and then so much of it goes there outside. */
static struct uuid short_by_outside(uint8_t key, struct order_order *ret_order)
{
    const struct uuid refund_id = failed(key, ret_order);
    market.shop.cards.outside = OUTSIDE;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    return refund_id;
}

static void what_went_back_outside_is_closed_and_the_rest_goes_to_the_card_by_itself(void **state)
{
    (void)state;
    struct order_order order = paid_by_card(230, 1, PRICE);
    market.shop.cards.outside = OUTSIDE;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    const struct order_order reply = cancel_units(&order, 1);
    for (size_t i = 0; i < 3; i++)
        look_again(order.id, reply.cancellations[0].id);
    const struct order_order read = seen(order.id);
    assert_int_equal(market.shop.cards.given_back, PRICE - OUTSIDE);
    assert_int_equal(market.shop.cards.refunds_count, 1);
    assert_int_equal(read.cancellations[0].card.amount.amount, PRICE - OUTSIDE);
    assert_int_equal(read.cancellations[0].card.by_bank.amount, OUTSIDE);
    assert_int_equal(read.cancellations[0].card.state, ORDER_CARD_REFUND_STATE_SUCCEEDED);
    assert_int_equal(read.card_refunded.amount, PRICE);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 0);
}

static void what_went_back_outside_is_closed_and_the_rest_goes_to_the_card(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = short_by_outside(231, &order);
    assert_int_equal(market.shop.cards.given_back, 0);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_ORIGINAL, NULL).status, STATUS_OK);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
    look_again(order.id, refund_id);
    look_again(order.id, refund_id);
    const struct order_order read = seen(order.id);
    assert_int_equal(market.shop.cards.given_back, PRICE - OUTSIDE);
    assert_int_equal(read.cancellations[0].card.amount.amount, PRICE - OUTSIDE);
    assert_int_equal(read.cancellations[0].card.by_bank.amount, OUTSIDE);
    assert_int_equal(read.cancellations[0].card.state, ORDER_CARD_REFUND_STATE_SUCCEEDED);
    assert_int_equal(read.card_refunded.amount, PRICE);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

static void what_went_back_outside_is_closed_and_the_rest_goes_to_the_wallet(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = short_by_outside(232, &order);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    look_again(order.id, refund_id);
    look_again(order.id, refund_id);
    const struct order_order read = seen(order.id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + PRICE - OUTSIDE);
    assert_int_equal(read.cancellations[0].refunded.amount, PRICE - OUTSIDE);
    assert_int_equal(read.cancellations[0].card.by_bank.amount, OUTSIDE);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    market.shop.wallet.amount -= PRICE - OUTSIDE;
}

/* By itself, so that the rest stays staff's; and once: it covers nothing that is left. */
static void what_went_back_outside_is_closed_once(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = short_by_outside(233, &order);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, NULL).status, STATUS_OK);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_BANK, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 1);
    assert_int_equal(seen(order.id).cancellations[0].card.amount.amount, PRICE - OUTSIDE);
    market.shop.cards.disputed = 1; /* is not closed by what is closed already */
    assert_exceeds(redirect(refund_id, ORDER_REFUND_TURN_MANUAL, NULL), "/destination",
                   PRICE - OUTSIDE - 1);
    market.shop.cards.disputed = 0;
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_MANUAL, NULL).status, STATUS_OK);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.cancellations[0].manual.amount, PRICE - OUTSIDE);
    assert_int_equal(read.cancellations[0].card.by_bank.amount, OUTSIDE);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 0);
}

/* It may fail there once more, and be asked for again: each time it is another refund. */
static void what_fails_at_the_card_twice_is_asked_for_a_third_time(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(249, &order);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_ORIGINAL, NULL).status, STATUS_OK);
    look_again(order.id, refund_id);
    look_again(order.id, refund_id);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 1);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_ORIGINAL, NULL).status, STATUS_OK);
    look_again(order.id, refund_id);
    look_again(order.id, refund_id);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 0);
    assert_int_equal(market.shop.cards.given_back, PRICE);
    assert_int_equal(market.shop.cards.refunds_count, 3);
}

static void what_a_bank_takes_before_it_is_credited_is_staffs_again(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(250, &order);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    market.shop.cards.disputed = PRICE;
    look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.cancellations[0].card.state, ORDER_CARD_REFUND_STATE_FAILED);
    assert_true(text_equals_string(read.cancellations[0].card.code, "refund_exceeds_captured"));
    assert_int_equal(read.cancellations[0].refunded.amount, 0);
    assert_exceeds(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL), "/destination", 0);
    market.shop.cards.disputed = 0;
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    look_again(order.id, refund_id);
    look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + PRICE);
    market.shop.wallet.amount -= PRICE;
}

static void what_was_credited_before_a_bank_takes_it_stays_credited(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(251, &order);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    look_again(order.id, refund_id);
    market.shop.cards.disputed = PRICE;
    look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + PRICE);
    assert_int_equal(seen(order.id).cancellations[0].refunded.amount, PRICE);
    assert_int_equal(refunds_in(ORDER_CARD_REFUND_STATE_FAILED).data_count, 0);
    market.shop.wallet.amount -= PRICE;
}

/* The wallet does not say whether the credit was made: nothing is owed to the card before it does.
 */
static void nothing_falls_back_while_the_wallet_is_away(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(254, &order);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    market.shop.cards.disputed = PRICE;
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    for (size_t i = 0; i < 2; i++) {
        look_again(order.id, refund_id);
        assert_false(seen(order.id).cancellations[0].has_card);
    }
    look_again(order.id, refund_id);
    assert_int_equal(seen(order.id).cancellations[0].card.state, ORDER_CARD_REFUND_STATE_FAILED);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* ---- who has no wallet any more ---- */

static void nothing_goes_to_the_wallet_of_who_is_gone_or_is_leaving(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(252, &order);
    const struct clock *clock = loop_clock(market.loop);
    const struct people_hold_shopper hold = { .user_id = shopper,
                                              .until_us = clock->real_us(clock->context) + DAY_US };
    const struct people_free_shopper let_go = { .user_id = shopper };
    market.shop.is_shopper_blocked = true;
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status,
                     STATUS_INVALID_VALUE);
    market.shop.is_shopper_blocked = false;
    assert_int_equal(
        market_call(&market, (struct uuid){ { 0 } }, &order_hold_shopper_message, &hold, 0, NULL)
            .status,
        STATUS_OK);
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status,
                     STATUS_INVALID_VALUE);
    assert_int_equal(
        market_call(&market, (struct uuid){ { 0 } }, &order_free_shopper_message, &let_go, 0, NULL)
            .status,
        STATUS_OK);
    market.shop.is_shopper_blocked = true;
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_MANUAL, NULL).status, STATUS_OK);
    market.shop.is_shopper_blocked = false;
}

/* ---- the queue ---- */

static struct text queued(struct uuid refund_id)
{
    const struct queue_list_stuck query = { .limit = 50,
                                            .has_cause = true,
                                            .cause = COMMON_STUCK_CAUSE_CARD_REFUND_FAILED };
    static struct common_stuck_items items;
    char part[ID_TEXT_MAX + 1];
    (void)id_format("rfd", refund_id, part);
    assert_int_equal(
        market_call(&market, (struct uuid){ { 0 } }, &order_list_stuck_message, &query, 0, &items)
            .status,
        STATUS_OK);
    for (size_t i = 0; i < items.items_count; i++)
        if (text_equals_string(items.items[i].part, part)) return items.items[i].detail;
    return TEXT("");
}

static bool ends_with(struct text text, const char *end)
{
    const size_t length = strlen(end);
    return text.length >= length && memcmp(text.data + text.length - length, end, length) == 0;
}

static void the_queue_says_how_much_cannot_go_back_and_why(void **state)
{
    (void)state;
    struct order_order order;
    const struct uuid refund_id = failed(253, &order);
    assert_true(ends_with(queued(refund_id),
                          ": 10.00 EUR cannot go back to the card (expired_or_canceled_card)"));
    assert_int_equal(redirect(refund_id, ORDER_REFUND_TURN_WALLET, NULL).status, STATUS_OK);
    assert_int_equal(queued(refund_id).length, 0);
    market.shop.cards.disputed = PRICE;
    look_again(order.id, refund_id);
    assert_true(
        ends_with(queued(refund_id),
                  ": 10.00 EUR cannot go back (so much is not left: it has gone back already, or "
                  "the buyer's bank holds it)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM_OF(what_a_card_cannot_get_goes_to_the_wallet_once),
        CLAIM_OF(a_lost_answer_of_the_wallet_credits_once),
        CLAIM_OF(what_no_wallet_takes_is_handed_back_and_settled),
        CLAIM_OF(two_who_redirect_at_once_send_it_one_way),
        CLAIM_OF(what_a_bank_holds_goes_nowhere_else_and_to_the_card_when_it_is_won),
        CLAIM_OF(what_a_bank_has_taken_for_good_is_closed),
        CLAIM_OF(what_went_back_outside_is_closed_and_the_rest_goes_to_the_card_by_itself),
        CLAIM_OF(what_went_back_outside_is_closed_and_the_rest_goes_to_the_card),
        CLAIM_OF(what_went_back_outside_is_closed_and_the_rest_goes_to_the_wallet),
        CLAIM_OF(what_went_back_outside_is_closed_once),
        CLAIM_OF(what_fails_at_the_card_twice_is_asked_for_a_third_time),
        CLAIM_OF(what_a_bank_takes_before_it_is_credited_is_staffs_again),
        CLAIM_OF(what_was_credited_before_a_bank_takes_it_stays_credited),
        CLAIM_OF(nothing_falls_back_while_the_wallet_is_away),
        CLAIM_OF(nothing_goes_to_the_wallet_of_who_is_gone_or_is_leaving),
        CLAIM_OF(the_queue_says_how_much_cannot_go_back_and_why),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
