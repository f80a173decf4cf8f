/* Claims about what staff gives back of an order and may not alone: from some amount on it waits
 * for another one, whichever command it is. */
#include "tests/actors/order/approval_words.h"

/* How it is answered; an answer is large. */
static int refund_as(struct uuid who, const struct order_refund_order *command,
                     struct order_order *ret_order)
{
    const struct answer answer =
        market_call(&market, who, &order_refund_order_message, command, 0, ret_order);
    market_settle(&market);
    assert_int_equal(answer.status, STATUS_OK);
    return answer.http_status;
}

static struct order_refund_order of_amount(struct uuid order_id, int64_t amount)
{
    return (struct order_refund_order){ .order_id = order_id,
                                        .has_amount = true,
                                        .amount = money_make(amount, "EUR"),
                                        .reason = TEXT("Sorry for the trouble") };
}

/* ---- in twos ---- */

static struct uuid asked_in_twos(const struct order_order *order)
{
    const struct order_refund_order small = of_amount(order->id, 1500);
    const struct order_refund_order next = of_amount(order->id, 1000);
    static struct order_order reply;
    set("--market.refund_approval_from=2500");
    assert_int_equal(refund_as(ann, &small, &reply), 201);
    /* Alone it is not so much, but with what was given back before. */
    assert_int_equal(refund_as(bob, &next, &reply), 202);
    assert_int_equal(reply.refunds_count, 1);
    assert_int_equal(reply.approvals_count, 1);
    return reply.approvals[0].id;
}

static struct common_approvals listed(enum common_approval_state state)
{
    const struct approvals_list_requests query = { .has_state = true, .state = state };
    static struct common_approvals page;
    assert_int_equal(
        market_call(&market, ann, &order_list_requests_message, &query, 0, &page).status,
        STATUS_OK);
    return page;
}

static void from_some_amount_on_another_one_has_to_approve(void **state)
{
    (void)state;
    static struct order_order order, reply;
    order = delivered_by_card(239, 4, 4 * PRICE);
    const struct uuid asked = asked_in_twos(&order);
    assert_int_equal(market.shop.cards.given_back, 1500);
    assert_int_equal(approve(bob, asked, NULL).status, STATUS_OWN_REQUEST);
    assert_int_equal(decline(bob, asked).status, STATUS_OWN_REQUEST);
    assert_int_equal(listed(COMMON_APPROVAL_STATE_OPEN).data_count, 1);
    const struct answer answer = approve(ann, asked, &reply);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(reply.refunds_count, 2);
    assert_int_equal(market.shop.cards.given_back, 2500);
    assert_int_equal(approve(ann, asked, NULL).status, STATUS_APPROVAL_ENDED);
    const struct common_approvals page = listed(COMMON_APPROVAL_STATE_APPROVED);
    assert_int_equal(page.data_count, 1);
    assert_true(uuid_equals(page.data[0].decided_by, ann));
    assert_int_equal(market.shop.cards.given_back, 2500);
}

static void what_is_declined_or_too_old_is_not_made(void **state)
{
    (void)state;
    static struct order_order order;
    order = delivered_by_card(240, 4, 4 * PRICE);
    const struct uuid asked = asked_in_twos(&order);
    assert_int_equal(decline(ann, asked).status, STATUS_OK);
    assert_int_equal(approve(ann, asked, NULL).status, STATUS_APPROVAL_ENDED);
    assert_int_equal(listed(COMMON_APPROVAL_STATE_DECLINED).data_count, 1);
    const struct order_refund_order again = of_amount(order.id, 1000);
    static struct order_order reply;
    assert_int_equal(refund_as(bob, &again, &reply), 202);
    market.shop.market_offset_us += 8 * DAY_US;
    assert_int_equal(approve(ann, reply.approvals[0].id, NULL).status, STATUS_APPROVAL_ENDED);
    assert_int_equal(listed(COMMON_APPROVAL_STATE_EXPIRED).data_count, 1);
    assert_int_equal(listed(COMMON_APPROVAL_STATE_OPEN).data_count, 0);
    assert_int_equal(market.shop.cards.given_back, 1500);
}

static void two_who_approve_at_once_make_it_once(void **state)
{
    (void)state;
    static struct order_order order;
    order = delivered_by_card(241, 4, 4 * PRICE);
    const struct uuid asked = asked_in_twos(&order);
    const struct approvals_approve_request command = { .approval_id = asked,
                                                       .reason = TEXT("I saw it") };
    const struct uuid eve = draw_id(7);
    static struct order_order replies[2];
    struct call calls[2];
    for (size_t i = 0; i < 2; i++)
        calls[i] = (struct call){ .user_id = i == 0 ? ann : eve,
                                  .message = &order_approve_request_message,
                                  .body = &command,
                                  .reply = &replies[i] };
    market_call_all(&market, calls, 2);
    market_settle(&market);
    assert_true((calls[0].answer.status == STATUS_OK) != (calls[1].answer.status == STATUS_OK));
    assert_int_equal(market.shop.cards.given_back, 2500);
}

/* ---- whatever it is ---- */

static struct order_order cancelled_by(struct uuid who, const struct order_order *order,
                                       int *ret_http_status)
{
    const struct order_cancel_any_order command = { .order_id = order->id,
                                                    .versions = (int64_t[]){ order->version },
                                                    .versions_count = 1,
                                                    .reason = TEXT("Sold out") };
    static struct order_order reply;
    const struct answer answer =
        market_call(&market, who, &order_cancel_any_order_message, &command, 0, &reply);
    market_settle(&market);
    assert_int_equal(answer.status, STATUS_OK);
    *ret_http_status = answer.http_status;
    return reply;
}

static void a_cancellation_waits_and_moves_nothing_until_another_one_makes_it(void **state)
{
    (void)state;
    int http_status;
    static struct order_order reply;
    set("--market.refund_approval_from=2000");
    const struct order_order order = paid_by_card(220, 2, 2 * PRICE);
    reply = cancelled_by(bob, &order, &http_status);
    assert_int_equal(http_status, 202);
    assert_int_equal(reply.approvals_count, 1);
    assert_int_equal(reply.approvals[0].amount.amount, 2 * PRICE);
    assert_text_equal(reply.approvals[0].action, TEXT("order.cancel_any_order"));
    assert_int_equal(reply.cancellations_count, 0);
    assert_int_equal(seen(order.id).version, order.version);
    assert_int_equal(market.shop.cards.given_back, 0);
    assert_int_equal(approve(bob, reply.approvals[0].id, NULL).status, STATUS_OWN_REQUEST);
    assert_int_equal(approve(ann, reply.approvals[0].id, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(market.shop.cards.given_back, 2 * PRICE);
}

static void refusals_and_parts_wait_too_and_count_together(void **state)
{
    (void)state;
    static struct order_order reply;
    set("--market.refund_approval_from=2000");
    const struct order_order order = paid_by_card(221, 3, 3 * PRICE);
    const struct order_shipment_line one = { order.lines[0].id, 1 };
    const struct order_cancel_any_units part = {
        .order_id = order.id, .lines = &one, .lines_count = 1, .reason = TEXT("One is broken")
    };
    struct answer answer =
        market_call(&market, ann, &order_cancel_any_units_message, &part, 0, &reply);
    market_settle(&market);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(market.shop.cards.given_back, PRICE);
    /* Another one's, and as much as before: together it is too much. */
    answer = market_call(&market, bob, &order_cancel_any_units_message, &part, 0, &reply);
    market_settle(&market);
    assert_int_equal(answer.http_status, 202);
    const struct uuid waits = reply.approvals[0].id;
    const struct order_refund_order goodwill = of_amount(order.id, PRICE);
    assert_int_equal(refund_as(bob, &goodwill, &reply), 202);
    assert_int_equal(market.shop.cards.given_back, PRICE);
    assert_int_equal(approve(ann, waits, &reply).status, STATUS_OK);
    assert_int_equal(market.shop.cards.given_back, 2 * PRICE);
    set("--market.acceptance=required");
    const struct order_order fresh = paid_by_card(222, 2, 2 * PRICE);
    set("--market.acceptance=automatic");
    const struct order_refuse_any_order refuse = { .order_id = fresh.id,
                                                   .reason = TEXT("Not ours") };
    answer = market_call(&market, bob, &order_refuse_any_order_message, &refuse, 0, &reply);
    assert_int_equal(answer.http_status, 202);
    assert_int_equal(seen(fresh.id).status, ORDER_ORDER_STATUS_AWAITING_ACCEPTANCE);
}

static void shoppers_and_vendors_need_nobody(void **state)
{
    (void)state;
    set("--market.refund_approval_from=1");
    const struct order_order order = paid_by_card(223, 2, 2 * PRICE);
    assert_int_equal(cancel_units(&order, 2).status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(number_of("host.approval WHERE subject_id", order.id), 0);
}

static void what_has_changed_meanwhile_is_not_made(void **state)
{
    (void)state;
    int http_status;
    set("--market.refund_approval_from=2000");
    const struct order_order order = paid_by_card(224, 3, 3 * PRICE);
    const struct order_order asked = cancelled_by(bob, &order, &http_status);
    assert_int_equal(http_status, 202);
    (void)cancel_units(&order, 1); /* its shopper */
    assert_int_equal(approve(ann, asked.approvals[0].id, NULL).status, STATUS_APPROVAL_OUTDATED);
    assert_int_equal(market.shop.cards.given_back, PRICE);
    assert_int_equal(seen(order.id).status == ORDER_ORDER_STATUS_CANCELLED, false);
    assert_int_equal(decline(ann, asked.approvals[0].id).status, STATUS_OK);
}

static void what_somebody_asked_for_who_has_lost_his_right_is_not_made(void **state)
{
    (void)state;
    int http_status;
    set("--market.refund_approval_from=2000");
    const struct order_order order = paid_by_card(225, 2, 2 * PRICE);
    const struct order_order asked = cancelled_by(bob, &order, &http_status);
    market.shop.demoted_id = bob;
    assert_int_equal(approve(ann, asked.approvals[0].id, NULL).status, STATUS_REQUESTER_LOST_RIGHT);
    assert_int_equal(seen(order.id).version, order.version);
    assert_int_equal(market.shop.cards.given_back, 0);
    market.shop.demoted_id = (struct uuid){ { 0 } };
    assert_int_equal(approve(ann, asked.approvals[0].id, NULL).status, STATUS_OK);
}

static void money_of_a_card_goes_elsewhere_by_two_and_to_the_card_by_one(void **state)
{
    (void)state;
    static struct order_order reply;
    const struct order_order order = paid_by_card(226, 2, 2 * PRICE);
    const struct uuid refund_id = cancel_units(&order, 2).cancellations[0].id;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_FAILED;
    market.shop.cards.code = "expired_or_canceled_card";
    look_again(order.id, refund_id);
    set("--market.refund_approval_from=2000");
    struct order_redirect_refund command = { .refund_id = refund_id,
                                             .destination = ORDER_REFUND_TURN_WALLET,
                                             .reason = TEXT("The card was closed") };
    struct answer answer =
        market_call(&market, bob, &order_redirect_refund_message, &command, 0, &reply);
    assert_int_equal(answer.http_status, 202);
    assert_int_equal(reply.approvals[0].amount.amount, 2 * PRICE);
    look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    const struct uuid waits = reply.approvals[0].id;
    command.destination = ORDER_REFUND_TURN_MANUAL;
    answer = market_call(&market, ann, &order_redirect_refund_message, &command, 0, &reply);
    assert_int_equal(answer.http_status, 202);
    assert_int_equal(approve(ann, waits, NULL).status, STATUS_OK);
    look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + 2 * PRICE);
    assert_int_equal(approve(bob, reply.approvals[0].id, NULL).status, STATUS_ILLEGAL_TRANSITION);
    market.shop.wallet.amount -= 2 * PRICE; /* it was the card's */
}

/* Why somebody was to get money back may name him. The last claim: this shopper is gone. */
static void words_of_a_request_go_with_who_has_bought(void **state)
{
    (void)state;
    static struct order_order order;
    order = delivered_by_card(246, 4, 4 * PRICE);
    (void)asked_in_twos(&order);
    const struct order_forget_shopper command = { .user_id = shopper };
    assert_int_equal(market_call(&market, (struct uuid){ { 0 } }, &order_forget_shopper_message,
                                 &command, 0, NULL)
                         .status,
                     STATUS_OK);
    assert_int_equal(
        number_of(
            "host.approval WHERE reason || decision || encode(body, 'hex') <> '' AND subject_id",
            order.id),
        0);
}

static int end(void **state)
{
    set("--market.refund_approval_from=0");
    return returns_are_sound(state);
}

#define TWO_OF(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TWO_OF(from_some_amount_on_another_one_has_to_approve),
        TWO_OF(what_is_declined_or_too_old_is_not_made),
        TWO_OF(two_who_approve_at_once_make_it_once),
        TWO_OF(a_cancellation_waits_and_moves_nothing_until_another_one_makes_it),
        TWO_OF(refusals_and_parts_wait_too_and_count_together),
        TWO_OF(shoppers_and_vendors_need_nobody),
        TWO_OF(what_has_changed_meanwhile_is_not_made),
        TWO_OF(what_somebody_asked_for_who_has_lost_his_right_is_not_made),
        TWO_OF(money_of_a_card_goes_elsewhere_by_two_and_to_the_card_by_one),
        TWO_OF(words_of_a_request_go_with_who_has_bought),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
