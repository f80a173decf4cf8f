/* Claims about money that staff gives back while everything stays with its buyer: never more than
 * is left, where it is wished to go. */
#include "tests/actors/order/card_words.h"

static struct answer refund_as(struct uuid who, const struct order_refund_order *command,
                               struct order_order *ret_order)
{
    const struct answer answer =
        market_call(&market, who, &order_refund_order_message, command, 0, ret_order);
    market_settle(&market);
    return answer;
}

static struct order_refund_order of_amount(struct uuid order_id, int64_t amount)
{
    return (struct order_refund_order){ .order_id = order_id,
                                        .has_amount = true,
                                        .amount = money_make(amount, "EUR"),
                                        .reason = TEXT("Sorry for the trouble") };
}

static struct order_refund_order of_units(const struct order_order *order,
                                          struct order_shipment_line *line, int64_t quantity)
{
    *line = (struct order_shipment_line){ order->lines[0].id, quantity };
    return (struct order_refund_order){
        .order_id = order->id, .lines = line, .lines_count = 1, .reason = TEXT("Scratched")
    };
}

static struct order_refund_way way(enum order_refund_destination destination, int64_t amount)
{
    return (struct order_refund_way){ destination, money_make(amount, "EUR") };
}

static void assert_refused(struct answer answer, enum status status, const char *pointer,
                           int64_t available)
{
    assert_int_equal(answer.status, status);
    assert_int_equal(answer.problem.errors_count, 1);
    assert_true(text_equals_string(answer.problem.errors[0].pointer, pointer));
    if (available < 0) return;
    assert_true(answer.problem.errors[0].has_available);
    assert_int_equal(answer.problem.errors[0].available, available);
}

/* ---- how much, and where to ---- */

/* 50.00, 20.00 from the wallet and 30.00 by card. */
static void ten_to_the_card_twenty_to_the_wallet_and_then_there_is_too_little(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(230, 5, 3 * PRICE);
    struct order_order reply;
    struct order_shipment_line line;
    const struct order_refund_way to_card[] = { way(ORDER_REFUND_DESTINATION_ORIGINAL, PRICE) };
    const struct order_refund_way to_wallet[] = { way(ORDER_REFUND_DESTINATION_WALLET, 2 * PRICE) };
    struct order_refund_order first = of_amount(order.id, PRICE);
    first.destinations = to_card;
    first.destinations_count = 1;
    struct answer answer = refund_as(ann, &first, &reply);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(reply.refunds_count, 1);
    assert_int_equal(reply.refunds[0].card.amount.amount, PRICE);
    assert_int_equal(reply.refunds[0].delivery.amount, 0);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_REFUND_PENDING);
    struct order_refund_order second = of_units(&order, &line, 2);
    second.destinations = to_wallet;
    second.destinations_count = 1;
    assert_int_equal(refund_as(bob, &second, &reply).status, STATUS_OK);
    assert_int_equal(reply.refunds[1].refunded.amount, 2 * PRICE);
    assert_int_equal(reply.refunds[1].lines[0].quantity, 2);
    assert_int_equal(reply.lines[0].returned, 0);
    const struct order_refund_order third = of_amount(order.id, 2500);
    assert_refused(refund_as(ann, &third, NULL), STATUS_REFUND_EXCEEDS_CAPTURED, "/amount", 2000);
    assert_int_equal(market.shop.cards.given_back, PRICE);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    assert_int_equal(seen(order.id).status, ORDER_ORDER_STATUS_DELIVERED);
}

static void one_refund_goes_to_several_places(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(231, 5, 4 * PRICE);
    const struct order_refund_way ways[] = { way(ORDER_REFUND_DESTINATION_ORIGINAL, 1500),
                                             way(ORDER_REFUND_DESTINATION_WALLET, 1200),
                                             way(ORDER_REFUND_DESTINATION_MANUAL, 300) };
    struct order_refund_order command = of_amount(order.id, 3000);
    struct order_order reply;
    command.destinations = ways;
    command.destinations_count = ARRAY_LENGTH(ways);
    assert_int_equal(refund_as(ann, &command, &reply).status, STATUS_OK);
    assert_int_equal(reply.refunds[0].card.amount.amount, 1500);
    assert_int_equal(reply.refunds[0].refunded.amount, 1200); /* 10.00 of them are the wallet's */
    assert_int_equal(reply.refunds[0].manual.amount, 300);
    assert_int_equal(reply.refunded.amount, 1200);
    assert_int_equal(reply.card_refunded.amount, 1500);
    assert_int_equal(market.shop.cards.given_back, 1500);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - PRICE + 1200);
    look_again(order.id, reply.refunds[0].id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - PRICE + 1200);
    const struct order_list_manual_refunds query = { .limit = 1 };
    struct order_manual_refund_page page;
    assert_int_equal(
        market_call(&market, ann, &order_list_manual_refunds_message, &query, 0, &page).status,
        STATUS_OK);
    assert_int_equal(page.data[0].amount.amount, 300);
    assert_int_equal(page.data[0].of_card.amount, 300);
}

static void what_makes_no_sense_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(232, 2, 2 * PRICE);
    struct order_shipment_line line;
    struct order_refund_order command = { .order_id = order.id, .reason = TEXT("Why not") };
    assert_refused(refund_as(ann, &command, NULL), STATUS_MISSING_FIELD, "/amount", -1);
    command = of_units(&order, &line, 1);
    command.has_amount = true;
    command.amount = money_make(5, "EUR");
    assert_refused(refund_as(ann, &command, NULL), STATUS_INVALID_VALUE, "/amount", -1);
    command = of_units(&order, &line, 3);
    assert_refused(refund_as(ann, &command, NULL), STATUS_UNITS_NOT_LEFT, "/lines/0/quantity", 2);
    command = of_amount(order.id, 5);
    command.amount = money_make(5, "USD");
    assert_refused(refund_as(ann, &command, NULL), STATUS_CURRENCY_MISMATCH, "/amount", -1);
    command = of_amount(order.id, 500);
    struct order_refund_way ways[] = { way(ORDER_REFUND_DESTINATION_ORIGINAL, 300),
                                       way(ORDER_REFUND_DESTINATION_WALLET, 100) };
    command.destinations = ways;
    command.destinations_count = 2;
    assert_refused(refund_as(ann, &command, NULL), STATUS_INVALID_VALUE, "/destinations", 500);
    ways[1] = way(ORDER_REFUND_DESTINATION_ORIGINAL, 200);
    assert_refused(refund_as(ann, &command, NULL), STATUS_INVALID_VALUE,
                   "/destinations/1/destination", -1);
    command = (struct order_refund_order){ .order_id = order.id,
                                           .has_delivery = true,
                                           .delivery = true,
                                           .reason = TEXT("None was paid") };
    assert_refused(refund_as(ann, &command, NULL), STATUS_REFUND_EXCEEDS_CAPTURED, "/delivery", 0);
    command = of_amount(draw_id(9), 5);
    assert_int_equal(refund_as(ann, &command, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(seen(order.id).version, order.version);
    assert_int_equal(market.shop.cards.given_back, 0);
}

static void a_guest_has_no_wallet_to_refund_to(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_group group;
    assert_int_equal(guest_checks_out(&guest, "back@example.com", 233, &group).status, STATUS_OK);
    market_settle(&market);
    struct order_refund_order command = of_amount(group.orders[0].id, 100);
    const struct order_refund_way ways[] = { way(ORDER_REFUND_DESTINATION_WALLET, 100) };
    struct order_order reply;
    assert_int_equal(refund_as(ann, &command, &reply).status, STATUS_OK);
    assert_int_equal(reply.refunds[0].waived.amount, 100); /* it is still owed at the door */
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".vendor_order SET collected = on_delivery - waived, "
                      "payment_status = 'paid' WHERE waived > 0;"
                      "UPDATE \"order\".order_group g SET collected = (SELECT sum(o.collected) "
                      "FROM \"order\".vendor_order o WHERE o.group_id = g.id), payment_status = "
                      "\"order\".payment_state_of(g.total, g.on_delivery, g.waived, (SELECT "
                      "sum(o.collected)::bigint FROM \"order\".vendor_order o "
                      "WHERE o.group_id = g.id), 0, false) WHERE waived > 0");
    command.destinations = ways;
    command.destinations_count = 1;
    assert_refused(refund_as(ann, &command, NULL), STATUS_INVALID_VALUE,
                   "/destinations/0/destination", -1);
}

/* ---- what goes later ---- */

static void units_that_were_refunded_are_not_refunded_when_they_come_back(void **state)
{
    (void)state;
    static struct order_order order, reply;
    order = delivered_by_card(234, 3, 3 * PRICE);
    struct order_shipment_line line;
    const struct order_refund_order kept = of_units(&order, &line, 2);
    assert_int_equal(refund_as(ann, &kept, &reply).status, STATUS_OK);
    assert_int_equal(receive(&order, approved(&order, 3), 3, 0, &reply).status, STATUS_OK);
    market_settle(&market);
    reply = seen(order.id);
    assert_int_equal(reply.returns[0].total.amount, PRICE);
    assert_int_equal(reply.returns[0].card.amount.amount, PRICE);
    assert_int_equal(reply.lines[0].returned, 3);
    assert_int_equal(market.shop.cards.given_back, 3 * PRICE);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), TEAPOTS);
}

static void goodwill_is_set_off_when_the_last_units_go(void **state)
{
    (void)state;
    static struct order_order order, reply;
    order = paid_by_card(235, 2, 2 * PRICE);
    const struct order_refund_order sorry = of_amount(order.id, 300);
    assert_int_equal(refund_as(ann, &sorry, &reply).status, STATUS_OK);
    assert_int_equal(cancel_units(&order, 1).cancellations[0].card.amount.amount, PRICE);
    reply = cancel_units(&order, 1);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(reply.cancellations[1].total.amount, PRICE);
    assert_int_equal(reply.cancellations[1].set_off.amount, 300);
    assert_int_equal(reply.cancellations[1].card.amount.amount, PRICE - 300);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_REFUND_PENDING);
    assert_int_equal(market.shop.cards.given_back, 2 * PRICE);
    const struct order_refund_order more = of_amount(order.id, 1);
    assert_refused(refund_as(ann, &more, NULL), STATUS_REFUND_EXCEEDS_CAPTURED, "/amount", 0);
}

/* ---- at once ---- */

static void refund_at_once(const struct order_order *order, int64_t quantity,
                           struct call ret_calls[2])
{
    static struct order_shipment_line lines[2];
    static struct order_refund_order commands[2];
    static struct order_order replies[2];
    for (size_t i = 0; i < 2; i++) {
        commands[i] = of_units(order, &lines[i], quantity);
        ret_calls[i] = (struct call){ .user_id = i == 0 ? ann : bob,
                                      .message = &order_refund_order_message,
                                      .body = &commands[i],
                                      .reply = &replies[i] };
    }
    market_call_all(&market, ret_calls, 2);
    market_settle(&market);
}

static void two_who_refund_a_line_at_once_refund_no_unit_twice(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(236, 3, 3 * PRICE);
    struct call calls[2];
    refund_at_once(&order, 2, calls);
    const bool is_first = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[is_first ? 0 : 1].answer.status, STATUS_OK);
    assert_int_equal(calls[is_first ? 1 : 0].answer.status, STATUS_UNITS_NOT_LEFT);
    assert_int_equal(market.shop.cards.given_back, 2 * PRICE);
}

static void two_refunds_that_fit_are_both_made(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(237, 3, 3 * PRICE);
    struct call calls[2];
    refund_at_once(&order, 1, calls);
    assert_int_equal(calls[0].answer.status, STATUS_OK);
    assert_int_equal(calls[1].answer.status, STATUS_OK);
    assert_int_equal(market.shop.cards.given_back, 2 * PRICE);
    assert_int_equal(seen(order.id).refunds_count, 2);
}

static void a_repetition_refunds_once(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(238, 2, 2 * PRICE);
    const struct order_refund_order command = of_amount(order.id, 500);
    static struct order_order first, second;
    assert_int_equal(
        market_call(&market, ann, &order_refund_order_message, &command, 77, &first).status,
        STATUS_OK);
    const struct answer again =
        market_call(&market, ann, &order_refund_order_message, &command, 77, &second);
    assert_true(again.is_replayed);
    assert_int_equal(again.http_status, 201);
    market_settle(&market);
    assert_int_equal(market.shop.cards.given_back, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM_OF(ten_to_the_card_twenty_to_the_wallet_and_then_there_is_too_little),
        CLAIM_OF(one_refund_goes_to_several_places),
        CLAIM_OF(what_makes_no_sense_is_refused_and_changes_nothing),
        CLAIM_OF(a_guest_has_no_wallet_to_refund_to),
        CLAIM_OF(units_that_were_refunded_are_not_refunded_when_they_come_back),
        CLAIM_OF(goodwill_is_set_off_when_the_last_units_go),
        CLAIM_OF(two_who_refund_a_line_at_once_refund_no_unit_twice),
        CLAIM_OF(two_refunds_that_fit_are_both_made),
        CLAIM_OF(a_repetition_refunds_once),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
