/* Claims about replacements of which a part does not come, or comes back: what was paid for that
 * goes back, once, where it was paid. */
#include "tests/actors/order/exchange_words.h"

static void a_part_that_is_not_sent_again_is_refunded_and_then_the_rest(void **state)
{
    (void)state;
    const struct order_order order = delivered(75, 3);
    const struct uuid return_id = arrived(&order, 0, 3), id = sent_again(order.id, return_id);
    assert_int_equal(cancel_one(id).status, STATUS_OK);
    assert_return_is(order.id, ORDER_RETURN_STATUS_EXCHANGED);
    assert_given_back(order.id, 1, 1);
    assert_int_equal(seen(order.id).payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
    assert_is(TEAPOTS - 3 - 2, 2 * TEAPOT_COSTS);
    assert_int_equal(cancel_one(id).status, STATUS_OK);
    assert_given_back(order.id, 2, 2);
    /* With the last one the whole replacement ends, and its vendor may send that one anew. */
    assert_int_equal(cancel_one(id).status, STATUS_OK);
    assert_return_is(order.id, ORDER_RETURN_STATUS_RECEIVED);
    assert_is(TEAPOTS - 3, TEAPOT_COSTS);
    const struct uuid again = sent_again(order.id, return_id);
    assert_int_equal(seen(again).lines[0].quantity, 1);
    assert_is(TEAPOTS - 3 - 1, TEAPOT_COSTS);
    assert_int_equal(cancel_all(again).status, STATUS_OK);
    assert_int_equal(refund(order.id, return_id).status, STATUS_OK);
    assert_int_equal(seen(order.id).returns[0].refunded.amount, TEAPOT_COSTS);
    assert_int_equal(seen(order.id).payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_is(TEAPOTS - 3, 0);
}

static void two_who_cancel_the_last_but_one_at_once_give_back_each_once(void **state)
{
    (void)state;
    const struct order_order order = delivered(76, 3);
    const struct uuid id = sent_again(order.id, arrived(&order, 0, 3));
    const struct order_shipment_line lines[] = { { seen(id).lines[0].id, 1 } };
    const struct order_cancel_vendor_units command = {
        .order_id = id, .lines = lines, .lines_count = 1, .reason = TEXT("No")
    };
    static struct order_order replies[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = market.shop.variants[TEAPOT].vendor_id,
                                  .message = &order_cancel_vendor_units_message,
                                  .body = &command,
                                  .reply = &replies[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        assert_int_equal(calls[i].answer.status, STATUS_OK);
    assert_is(TEAPOTS - 3 - 1, TEAPOT_COSTS);
    assert_given_back(order.id, 2, 2);
}

static void who_returns_a_replacement_asks_for_money_or_the_same_again(void **state)
{
    (void)state;
    struct uuid return_id;
    struct order_order reply;
    static struct order_order again; /* large */
    again = seen(replaced(69, 2, &return_id));
    assert_int_equal(ask_for(shopper, &again, 1, ORDER_RETURN_WISH_EXCHANGE, &reply).status,
                     STATUS_OK);
    const struct uuid second = approved(&again, 1);
    assert_int_equal(receive(&again, second, 1, 0, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[1].status, ORDER_RETURN_STATUS_REFUNDED);
    assert_given_back(again.replaces_id, 1, 1);
    assert_is(TEAPOTS - 2 + 1, TEAPOT_COSTS);
}

/* Also when what it replaced was of an order that is completed by then. */
static void who_refunds_a_replacement_gives_back_what_the_goods_cost(void **state)
{
    (void)state;
    struct uuid first;
    const struct order_order again = seen(replaced(71, 2, &first));
    market.shop.market_offset_us += 13 * DAY_US;
    const struct uuid second = arrived(&again, 1, 1);
    market.shop.market_offset_us += 2 * DAY_US;
    complete(again.replaces_id);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
    assert_int_equal(refund(again.id, second).status, STATUS_OK);
    assert_return_is(again.id, ORDER_RETURN_STATUS_REFUNDED);
    assert_return_is(again.replaces_id, ORDER_RETURN_STATUS_EXCHANGED);
    assert_given_back(again.replaces_id, 2, 1);
    assert_int_equal(refund(again.id, second).status, STATUS_ILLEGAL_TRANSITION);
    const struct order_order first_order = seen(again.replaces_id);
    assert_int_equal(first_order.status, ORDER_ORDER_STATUS_COMPLETED);
    assert_int_equal(first_order.fulfilment_status, ORDER_FULFILMENT_STATUS_RETURNED);
    assert_int_equal(first_order.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_is(TEAPOTS - 1, 0); /* one of the second two is damaged */
}

static void a_part_of_a_replacement_that_comes_back_is_refunded_by_its_vendor_or_time(void **state)
{
    (void)state;
    struct uuid first;
    static struct order_order again; /* large */
    again = seen(replaced(72, 3, &first));
    const struct uuid second = arrived(&again, 1, 0);
    assert_int_equal(refund(again.id, second).status, STATUS_OK);
    assert_return_is(again.id, ORDER_RETURN_STATUS_REFUNDED);
    assert_given_back(again.replaces_id, 1, 1);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
    struct order_order reply;
    assert_int_equal(ask_for(shopper, &again, 1, ORDER_RETURN_WISH_EXCHANGE, &reply).status,
                     STATUS_OK);
    const struct uuid third = reply.returns[1].id;
    const struct order_approve_return approve = { .order_id = again.id, .return_id = third };
    assert_int_equal(as_vendor(&order_approve_return_message, &approve, &reply).status, STATUS_OK);
    assert_int_equal(receive(&again, third, 0, 1, &reply).status, STATUS_OK);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(again.id, third);
    assert_given_back(again.replaces_id, 2, 2);
    assert_is(TEAPOTS - 2, TEAPOT_COSTS);
}

/* Of three orders, one after the other, the first was paid: a unit that the third does not send
 * goes back there, through the second. */
static void a_part_of_the_replacement_of_a_replacement_goes_back_where_it_was_paid(void **state)
{
    (void)state;
    struct uuid first;
    const struct order_order again = seen(replaced(77, 3, &first));
    const struct uuid second = arrived(&again, 0, 2), third = sent_again(again.id, second);
    assert_int_equal(cancel_one(third).status, STATUS_OK);
    assert_given_back(again.id, 1, 1);
    assert_given_back(again.replaces_id, 1, 1);
    assert_return_is(again.id, ORDER_RETURN_STATUS_EXCHANGED);
    assert_return_is(again.replaces_id, ORDER_RETURN_STATUS_EXCHANGED);
    assert_is(TEAPOTS - 3 - 1, 2 * TEAPOT_COSTS);
}

static struct answer repair(struct uuid order_id, struct uuid return_id,
                            struct order_order *ret_reply)
{
    const struct order_refund_any_return command = { .order_id = order_id, .return_id = return_id };
    const struct answer answer =
        market_call(&market, draw_id(9), &order_refund_any_return_message, &command, 0, ret_reply);
    market_settle(&market);
    return answer;
}

static void what_was_not_given_back_waits_for_staff_who_gives_it_back_once(void **state)
{
    (void)state;
    const struct order_order order = delivered(78, 3);
    const struct uuid return_id = arrived(&order, 0, 3), id = sent_again(order.id, return_id);
    struct common_stuck_item item;
    static struct order_order reply;
    assert_int_equal(cancel_one(id).status, STATUS_OK);
    const size_t before = waiting(COMMON_STUCK_CAUSE_REPLACEMENT_GONE, &item);
    assert_int_equal(repair(order.id, return_id, &reply).status, STATUS_ILLEGAL_TRANSITION);
    forget_one_unit();
    assert_int_equal(waiting(COMMON_STUCK_CAUSE_REPLACEMENT_GONE, &item), before + 1);
    assert_true(text_starts_with(item.part, TEXT("ret_")));
    assert_int_equal(repair(order.id, return_id, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[0].status, ORDER_RETURN_STATUS_EXCHANGED);
    assert_given_back(order.id, 2, 2);
    assert_int_equal(repair(order.id, return_id, &reply).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(waiting(COMMON_STUCK_CAUSE_REPLACEMENT_GONE, &item), before);
    assert_is(TEAPOTS - 3 - 2, TEAPOT_COSTS); /* the unit was forgotten by the stock, too */
}

/* Versions before left what came back of a replacement to wait for ever. */
static void what_waits_for_nobody_any_more_waits_for_staff_who_refunds_it(void **state)
{
    (void)state;
    struct uuid first;
    struct common_stuck_item item;
    struct order_order reply;
    static struct order_order again; /* large */
    again = seen(replaced(79, 2, &first));
    const struct uuid second = arrived(&again, 0, 1);
    const size_t before = waiting(COMMON_STUCK_CAUSE_RETURN_NOT_REFUNDED, &item);
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".order_return SET due_at = NULL WHERE id = "
                      "(SELECT id FROM \"order\".order_return ORDER BY id DESC LIMIT 1)");
    assert_int_equal(waiting(COMMON_STUCK_CAUSE_RETURN_NOT_REFUNDED, &item), before + 1);
    assert_int_equal(repair(again.id, second, &reply).status, STATUS_OK);
    assert_int_equal(waiting(COMMON_STUCK_CAUSE_RETURN_NOT_REFUNDED, &item), before);
    assert_given_back(again.replaces_id, 1, 1);
    assert_is(TEAPOTS - 2, TEAPOT_COSTS);
}

/* The replacement of a replacement is cancelled, and time does the rest. */
static void whatever_is_sent_again_its_buyer_ends_with_goods_or_money(void **state)
{
    (void)state;
    struct uuid first;
    const struct order_order again = seen(replaced(73, 1, &first));
    const struct uuid second = arrived(&again, 1, 0);
    assert_int_equal(cancel_all(sent_again(again.id, second)).status, STATUS_OK);
    assert_is(TEAPOTS, TEAPOT_COSTS);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(again.id, second);
    assert_return_is(again.id, ORDER_RETURN_STATUS_REFUNDED);
    assert_given_back(again.replaces_id, 1, 1);
    assert_is(TEAPOTS, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(a_part_that_is_not_sent_again_is_refunded_and_then_the_rest),
        SOUND(two_who_cancel_the_last_but_one_at_once_give_back_each_once),
        SOUND(who_returns_a_replacement_asks_for_money_or_the_same_again),
        SOUND(who_refunds_a_replacement_gives_back_what_the_goods_cost),
        SOUND(a_part_of_a_replacement_that_comes_back_is_refunded_by_its_vendor_or_time),
        SOUND(a_part_of_the_replacement_of_a_replacement_goes_back_where_it_was_paid),
        SOUND(what_was_not_given_back_waits_for_staff_who_gives_it_back_once),
        SOUND(what_waits_for_nobody_any_more_waits_for_staff_who_refunds_it),
        SOUND(whatever_is_sent_again_its_buyer_ends_with_goods_or_money),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
