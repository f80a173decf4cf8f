/* Claims about claims in their host: refunded or sent again once, by the vendor or by staff, and
 * nothing needs to come back. */
#include "tests/actors/order/return_words.h"

static struct answer file_as(struct uuid who, const struct order_order *order, int64_t quantity,
                             struct order_order *ret_order)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_file_claim command = { .order_id = order->id,
                                              .lines = lines,
                                              .lines_count = 1,
                                              .kind = ORDER_CLAIM_KIND_DAMAGED,
                                              .reason = TEXT("The spout is off") };
    return market_call(&market, who, &order_file_claim_message, &command, 0, ret_order);
}

/* The id of the newest claim. */
static struct uuid filed(const struct order_order *order, int64_t quantity)
{
    struct order_order reply;
    assert_int_equal(file_as(shopper, order, quantity, &reply).status, STATUS_OK);
    const struct order_claim *made = &reply.claims[reply.claims_count - 1];
    assert_int_equal(made->status, ORDER_CLAIM_STATUS_OPEN);
    assert_int_equal(made->lines[0].quantity, quantity);
    return made->id;
}

static struct answer refund(struct uuid order_id, struct uuid claim_id, struct order_order *reply)
{
    const struct order_refund_claim command = { .order_id = order_id, .claim_id = claim_id };
    return as_vendor(&order_refund_claim_message, &command, reply);
}

static struct answer replace(struct uuid order_id, struct uuid claim_id, struct order_order *reply)
{
    const struct order_replace_claim command = { .order_id = order_id, .claim_id = claim_id };
    return as_vendor(&order_replace_claim_message, &command, reply);
}

static struct answer reject(struct uuid order_id, struct uuid claim_id, struct order_order *reply)
{
    const struct order_reject_claim command = { .order_id = order_id,
                                                .claim_id = claim_id,
                                                .reason = TEXT("It left in one piece") };
    return as_vendor(&order_reject_claim_message, &command, reply);
}

static void settle(struct uuid order_id, struct uuid claim_id)
{
    const struct order_settle_claim command = { .order_id = order_id, .claim_id = claim_id };
    assert_int_equal(
        market_call(&market, nobody, &order_settle_claim_message, &command, 0, NULL).status,
        STATUS_OK);
}

static void a_part_is_refunded_and_nothing_comes_back(void **state)
{
    (void)state;
    const struct order_order order = delivered(120, 3);
    const struct uuid id = filed(&order, 2);
    const struct order_shipment_line one[] = { { order.lines[0].id, 1 } },
                                     three[] = { { order.lines[0].id, 3 } };
    struct order_refund_claim command = {
        .order_id = order.id, .claim_id = id, .lines = three, .lines_count = 1
    };
    struct order_order reply;
    assert_int_equal(as_vendor(&order_refund_claim_message, &command, &reply).status,
                     STATUS_UNITS_NOT_LEFT);
    command.lines = one;
    assert_int_equal(as_vendor(&order_refund_claim_message, &command, &reply).status, STATUS_OK);
    assert_int_equal(reply.claims[0].status, ORDER_CLAIM_STATUS_RESOLVED_REFUND);
    assert_int_equal(reply.claims[0].lines[0].granted, 1);
    assert_int_equal(reply.claims[0].refunded.amount, TEAPOT_COSTS);
    assert_int_equal(reply.lines[0].returned, 1);
    assert_int_equal(reply.cancellations_count, 0);
    assert_is(TEAPOTS - 3, 2 * TEAPOT_COSTS);
    /* What was not granted may be claimed, or returned; what was, may not. */
    assert_int_equal(file_as(shopper, &order, 3, &reply).status, STATUS_UNITS_NOT_LEFT);
    (void)filed(&order, 1);
    assert_int_equal(ask_as(shopper, &order, 2, &reply).status, STATUS_UNITS_NOT_LEFT);
    assert_int_equal(ask_as(shopper, &order, 1, &reply).status, STATUS_OK);
    assert_int_equal(file_as(shopper, &order, 1, &reply).status, STATUS_UNITS_NOT_LEFT);
}

static void the_same_goods_are_sent_again_and_none_is_restocked(void **state)
{
    (void)state;
    static struct order_order order; /* large */
    order = delivered(121, 2);
    const struct uuid id = filed(&order, 2);
    static struct order_order reply;
    const struct answer answer = replace(order.id, id, &reply);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(reply.claims[0].status, ORDER_CLAIM_STATUS_RESOLVED_REPLACEMENT);
    assert_is(TEAPOTS - 4, 2 * TEAPOT_COSTS);
    static struct order_order again; /* large */
    again = seen(reply.claims[0].replacement_id);
    assert_true(uuid_equals(again.replaces_id, order.id));
    assert_int_equal(again.totals.total.amount, 0);
    assert_int_equal(again.lines[0].quantity, 2);
    assert_int_equal(replace(order.id, id, &reply).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(file_as(shopper, &order, 1, &reply).status, STATUS_UNITS_NOT_LEFT);
}

static void without_stock_the_claim_stays_and_can_be_refunded(void **state)
{
    (void)state;
    const struct order_order order = delivered(122, 2);
    const struct uuid id = filed(&order, 2);
    market.shop.variants[TEAPOT].stock.amount = 1;
    struct order_order reply;
    assert_int_equal(replace(order.id, id, &reply).status, STATUS_INSUFFICIENT_STOCK);
    market_settle(&market);
    assert_int_equal(seen(order.id).claims[0].status, ORDER_CLAIM_STATUS_OPEN);
    assert_int_equal(seen(order.id).claims[0].lines[0].granted, 0);
    assert_int_equal(refund(order.id, id, &reply).status, STATUS_OK);
    assert_is(1, 0);
}

static void two_who_refund_at_once_refund_once(void **state)
{
    (void)state;
    const struct order_order order = delivered(123, 2);
    const struct order_refund_claim command = { .order_id = order.id,
                                                .claim_id = filed(&order, 2) };
    struct order_order replies[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = market.shop.variants[TEAPOT].vendor_id,
                                  .message = &order_refund_claim_message,
                                  .body = &command,
                                  .reply = &replies[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t refused = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[1 - refused].answer.status, STATUS_OK);
    assert_int_equal(calls[refused].answer.status, STATUS_ILLEGAL_TRANSITION);
    assert_is(TEAPOTS - 2, 0);
}

static void what_the_vendor_rejects_its_buyer_hands_to_staff(void **state)
{
    (void)state;
    const struct order_order order = delivered(124, 1);
    const struct uuid id = filed(&order, 1);
    const struct order_escalate_claim escalate = { .order_id = order.id, .claim_id = id };
    struct order_order reply;
    assert_int_equal(
        market_call(&market, shopper, &order_escalate_claim_message, &escalate, 0, &reply).status,
        STATUS_ILLEGAL_TRANSITION); /* the vendor may still answer */
    assert_int_equal(reject(order.id, id, &reply).status, STATUS_OK);
    assert_text_equal(reply.claims[0].answer, TEXT("It left in one piece"));
    assert_int_equal(
        market_call(&market, draw_id(8), &order_escalate_claim_message, &escalate, 0, &reply)
            .status,
        STATUS_NOT_FOUND);
    assert_int_equal(
        market_call(&market, shopper, &order_escalate_claim_message, &escalate, 0, &reply).status,
        STATUS_OK);
    assert_int_equal(reply.claims[0].status, ORDER_CLAIM_STATUS_ESCALATED);
    assert_false(reply.claims[0].has_due_at);
    assert_int_equal(refund(order.id, id, &reply).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(replace(order.id, id, &reply).status, STATUS_ILLEGAL_TRANSITION);
    assert_text_equal(seen(order.id).claims[0].answer, TEXT("It left in one piece"));
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

static void time_hands_to_staff_what_nobody_answers_and_the_order_waits(void **state)
{
    (void)state;
    const struct order_order order = delivered(125, 1);
    const struct uuid id = filed(&order, 1);
    settle(order.id, id); /* not yet */
    assert_int_equal(seen(order.id).claims[0].status, ORDER_CLAIM_STATUS_OPEN);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(order.id, id);
    assert_int_equal(seen(order.id).claims[0].status, ORDER_CLAIM_STATUS_ESCALATED);
    settle(order.id, id); /* and again */
    const struct order_settle_order complete = { .order_id = order.id };
    assert_int_equal(
        market_call(&market, nobody, &order_settle_order_message, &complete, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(seen(order.id).status, ORDER_ORDER_STATUS_DELIVERED);
    struct order_order reply;
    assert_int_equal(file_as(shopper, &order, 1, &reply).status, STATUS_RETURN_WINDOW_CLOSED);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

/* The one unit is claimed, sent again and arrives: by which order. */
static struct uuid replaced(const struct order_order *order)
{
    struct order_order reply;
    assert_int_equal(replace(order->id, filed(order, 1), &reply).status, STATUS_OK);
    market_settle(&market);
    const struct uuid id = reply.claims[0].replacement_id;
    reply = seen(id);
    deliver(&reply);
    return id;
}

static void assert_claim_is_given_back(struct uuid order_id)
{
    const struct order_order order = seen(order_id);
    assert_int_equal(order.claims[0].status, ORDER_CLAIM_STATUS_RESOLVED_REPLACEMENT);
    assert_int_equal(order.claims[0].lines[0].given_back, 1);
    assert_int_equal(order.claims[0].given_back_count, 1);
    assert_int_equal(order.claims[0].given_back[0].refunded.amount, TEAPOT_COSTS);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
}

static void what_replaces_goods_of_a_claim_is_sent_again_or_refunded(void **state)
{
    (void)state;
    const struct order_order order = delivered(126, 1);
    struct order_order again = seen(replaced(&order)), reply;
    again = seen(replaced(&again));
    assert_is(TEAPOTS - 3, TEAPOT_COSTS);
    assert_int_equal(refund(again.id, filed(&again, 1), &reply).status, STATUS_OK);
    assert_is(TEAPOTS - 3, 0);
    assert_claim_is_given_back(order.id);
}

static struct answer cancel_as_vendor(struct uuid order_id)
{
    const struct order_cancel_vendor_order command = { .order_id = order_id, .reason = TEXT("No") };
    struct order_order reply;
    const struct answer answer = as_vendor(&order_cancel_vendor_order_message, &command, &reply);
    market_settle(&market);
    return answer;
}

static struct answer cancel_one_as_vendor(struct uuid order_id)
{
    const struct order_shipment_line lines[] = { { seen(order_id).lines[0].id, 1 } };
    const struct order_cancel_vendor_units command = {
        .order_id = order_id, .lines = lines, .lines_count = 1, .reason = TEXT("No")
    };
    struct order_order reply;
    const struct answer answer = as_vendor(&order_cancel_vendor_units_message, &command, &reply);
    market_settle(&market);
    return answer;
}

static void a_replacement_that_is_cancelled_opens_its_claim_again(void **state)
{
    (void)state;
    const struct order_order order = delivered(129, 3);
    const struct uuid id = filed(&order, 2);
    struct order_order reply;
    assert_int_equal(replace(order.id, id, &reply).status, STATUS_OK);
    market_settle(&market);
    const struct uuid again = reply.claims[0].replacement_id;
    assert_int_equal(cancel_one_as_vendor(again).status, STATUS_OK);
    assert_is(TEAPOTS - 3 - 1, 2 * TEAPOT_COSTS);
    assert_int_equal(cancel_as_vendor(again).status, STATUS_OK);
    const struct order_order open = seen(order.id);
    assert_int_equal(open.claims[0].status, ORDER_CLAIM_STATUS_OPEN);
    assert_true(open.claims[0].has_due_at);
    assert_false(open.claims[0].has_replacement_id);
    assert_int_equal(file_as(shopper, &order, 2, &reply).status, STATUS_UNITS_NOT_LEFT);
    assert_is(TEAPOTS - 3, 2 * TEAPOT_COSTS);
    assert_int_equal(refund(order.id, id, &reply).status, STATUS_OK);
    assert_int_equal(reply.claims[0].refunded.amount, TEAPOT_COSTS);
    assert_is(TEAPOTS - 3, TEAPOT_COSTS);
}

static void what_was_not_given_back_of_a_claim_waits_for_staff_who_gives_it_back_once(void **state)
{
    (void)state;
    const struct order_order order = delivered(131, 3);
    const struct uuid id = filed(&order, 3);
    struct order_order reply;
    struct common_stuck_item item;
    assert_int_equal(replace(order.id, id, &reply).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(cancel_one_as_vendor(reply.claims[0].replacement_id).status, STATUS_OK);
    forget_one_unit();
    const size_t found = waiting(COMMON_STUCK_CAUSE_REPLACEMENT_GONE, &item);
    assert_true(text_starts_with(item.part, TEXT("clm_")));
    const struct order_shipment_line lines[] = { { order.lines[0].id, 1 } };
    struct order_refund_any_claim command = { order.id, id, .lines = lines, .lines_count = 1 };
    const struct message *message = &order_refund_any_claim_message;
    assert_int_equal(market_call(&market, draw_id(9), message, &command, 0, &reply).status,
                     STATUS_INVALID_VALUE);
    command.lines_count = 0;
    assert_int_equal(market_call(&market, draw_id(9), message, &command, 0, &reply).status,
                     STATUS_OK);
    assert_int_equal(reply.claims[0].lines[0].given_back, 2);
    assert_int_equal(market_call(&market, draw_id(9), message, &command, 0, &reply).status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(waiting(COMMON_STUCK_CAUSE_REPLACEMENT_GONE, &item), found - 1);
    assert_is(TEAPOTS - 3 - 2, TEAPOT_COSTS); /* the unit was forgotten by the stock, too */
}

static void who_has_filed_a_claim_withdraws_it(void **state)
{
    (void)state;
    const struct order_order order = delivered(130, 1);
    const struct uuid id = filed(&order, 1);
    const struct order_withdraw_claim command = { .order_id = order.id, .claim_id = id };
    struct order_order reply;
    const struct message *message = &order_withdraw_claim_message;
    assert_int_equal(market_call(&market, draw_id(8), message, &command, 0, &reply).status,
                     STATUS_NOT_FOUND);
    assert_int_equal(reject(order.id, id, &reply).status, STATUS_OK);
    assert_int_equal(market_call(&market, shopper, message, &command, 0, &reply).status, STATUS_OK);
    assert_int_equal(reply.claims[0].status, ORDER_CLAIM_STATUS_WITHDRAWN);
    assert_true(reply.claims[0].has_ended_at);
    assert_int_equal(market_call(&market, shopper, message, &command, 0, &reply).status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(refund(order.id, id, &reply).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(file_as(shopper, &order, 1, &reply).status, STATUS_OK);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

static void what_is_somebody_elses_is_not_there(void **state)
{
    (void)state;
    const struct order_order order = delivered(127, 1);
    struct order_order reply;
    assert_int_equal(file_as(draw_id(9), &order, 1, &reply).status, STATUS_NOT_FOUND);
    const struct uuid id = filed(&order, 1);
    const struct order_refund_claim command = { .order_id = order.id, .claim_id = id };
    assert_int_equal(market_call(&market, market.shop.variants[BOWL].vendor_id,
                                 &order_refund_claim_message, &command, 0, &reply)
                         .status,
                     STATUS_NOT_FOUND);
    assert_int_equal(refund(order.id, draw_id(10), &reply).status, STATUS_NOT_FOUND);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

/* ---- what must hold ---- */

static const char *violated(void)
{
    return scratch_sql(market.scratch, "order",
                       "SELECT coalesce(string_agg(DISTINCT invariant, ' ' ORDER BY invariant), '')"
                       " FROM (SELECT * FROM \"order\".check_claims() UNION ALL"
                       " SELECT * FROM \"order\".check_returns()) c");
}

/* Spoils one thing of the only claim, looks, and puts it back. */
static void assert_violates(const char *spoil, const char *restore, const char *invariant)
{
    (void)scratch_sql(market.scratch, "order", spoil);
    assert_string_equal(violated(), invariant);
    (void)scratch_sql(market.scratch, "order", restore);
    assert_string_equal(violated(), "");
}

static void what_does_not_add_up_is_named(void **state)
{
    (void)state;
    const struct order_order order = delivered(128, 2);
    const struct uuid id = filed(&order, 2);
#define OF_CLAIM "WHERE claim_id = (SELECT id FROM \"order\".order_claim ORDER BY id DESC LIMIT 1)"
#define LAST_ORDER                                                                                 \
    "WHERE id = (SELECT order_id FROM \"order\".order_claim ORDER BY id DESC LIMIT 1)"
#define LAST_CLAIM "WHERE id = (SELECT id FROM \"order\".order_claim ORDER BY id DESC LIMIT 1)"
    assert_violates("UPDATE \"order\".order_claim SET status = 'vendor_response' " LAST_CLAIM,
                    "UPDATE \"order\".order_claim SET status = 'open' " LAST_CLAIM,
                    "claim_is_not_where_its_history_ends");
    assert_violates("UPDATE \"order\".order_claim_line SET granted = 1 " OF_CLAIM,
                    "UPDATE \"order\".order_claim_line SET granted = 0 " OF_CLAIM,
                    "claim_does_not_grant_what_it_says");
    assert_violates("UPDATE \"order\".order_claim_line SET quantity = 3 " OF_CLAIM,
                    "UPDATE \"order\".order_claim_line SET quantity = 2 " OF_CLAIM,
                    "more_is_returned_than_has_arrived");
    assert_violates("UPDATE \"order\".vendor_order SET returns_open = 0 " LAST_ORDER,
                    "UPDATE \"order\".vendor_order SET returns_open = 1 " LAST_ORDER,
                    "order_does_not_count_its_open_returns");
    struct order_order reply;
    assert_int_equal(refund(order.id, id, &reply).status, STATUS_OK);
    market_settle(&market);
    assert_violates("UPDATE \"order\".order_claim_line SET granted = 1 " OF_CLAIM,
                    "UPDATE \"order\".order_claim_line SET granted = 2 " OF_CLAIM,
                    "line_does_not_count_what_was_returned");
}

static int claims_are_sound(void **state)
{
    const int failed = returns_are_sound(state);
    const char *found = violated();
    if (found[0] != '\0') print_error("violated: %s\n", found);
    return failed != 0 || found[0] != '\0' ? -1 : 0;
}
#define HOLDS(name) cmocka_unit_test_setup_teardown(name, set_up, claims_are_sound)

int main(void)
{
    const struct CMUnitTest tests[] = {

        HOLDS(a_part_is_refunded_and_nothing_comes_back),
        HOLDS(the_same_goods_are_sent_again_and_none_is_restocked),
        HOLDS(without_stock_the_claim_stays_and_can_be_refunded),
        HOLDS(two_who_refund_at_once_refund_once),
        HOLDS(what_the_vendor_rejects_its_buyer_hands_to_staff),
        HOLDS(time_hands_to_staff_what_nobody_answers_and_the_order_waits),
        HOLDS(what_replaces_goods_of_a_claim_is_sent_again_or_refunded),
        HOLDS(a_replacement_that_is_cancelled_opens_its_claim_again),
        HOLDS(what_was_not_given_back_of_a_claim_waits_for_staff_who_gives_it_back_once),
        HOLDS(who_has_filed_a_claim_withdraws_it),
        HOLDS(what_is_somebody_elses_is_not_there),
        HOLDS(what_does_not_add_up_is_named),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
