/* Claims about returns in their host: what has arrived is refunded and restocked once, whoever else
 * is there and whatever happens in between, and the order waits for it. */
#include "tests/actors/order/return_words.h"

static void damaged_goods_are_refunded_and_not_sold_again(void **state)
{
    (void)state;
    const struct order_order order = delivered(40, 3);
    const struct uuid id = approved(&order, 2);
    struct order_order reply;
    assert_int_equal(receive(&order, id, 1, 1, &reply).status, STATUS_OK);
    const struct order_return_request *made = &reply.returns[0];
    assert_int_equal(made->status, ORDER_RETURN_STATUS_REFUNDED);
    assert_int_equal(made->refunded.amount, 2 * TEAPOT_COSTS);
    assert_int_equal(made->receipts_count, 2);
    assert_int_equal(made->receipts[1].condition, ORDER_RETURN_CONDITION_DAMAGED);
    assert_int_equal(reply.lines[0].returned, 2);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_DELIVERED);
    assert_int_equal(reply.fulfilment_status, ORDER_FULFILMENT_STATUS_MIXED);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
    assert_int_equal(reply.cancellations_count, 0);
    assert_is(TEAPOTS - 2, TEAPOT_COSTS);
}

static void everything_that_comes_back_returns_the_order(void **state)
{
    (void)state;
    const struct order_order order = delivered(41, 2);
    struct order_order reply;
    assert_int_equal(receive(&order, approved(&order, 2), 2, 0, &reply).status, STATUS_OK);
    assert_int_equal(reply.fulfilment_status, ORDER_FULFILMENT_STATUS_RETURNED);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(reply.returns[0].lines[0].to_restock, 2);
    assert_int_equal(reply.returns[0].lines[0].restocked, 0);
    assert_is(TEAPOTS, 0);
    reply = seen(order.id);
    assert_int_equal(reply.returns[0].lines[0].restocked, 2);
    assert_true(reply.returns[0].has_restocked_at);
}

static void what_arrives_in_part_is_refunded_when_the_vendor_says_so(void **state)
{
    (void)state;
    const struct order_order order = delivered(42, 3);
    const struct uuid id = approved(&order, 3);
    struct order_order reply;
    assert_int_equal(receive(&order, id, 1, 0, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[0].status, ORDER_RETURN_STATUS_PARTIALLY_RECEIVED);
    assert_int_equal(reply.returns[0].lines[0].received, 1);
    assert_is(TEAPOTS - 3, 3 * TEAPOT_COSTS);
    assert_int_equal(receive(&order, id, 3, 0, &reply).status, STATUS_UNITS_NOT_LEFT);
    const struct order_refund_return command = { .order_id = order.id, .return_id = id };
    assert_int_equal(as_vendor(&order_refund_return_message, &command, &reply).status, STATUS_OK);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
    assert_int_equal(as_vendor(&order_refund_return_message, &command, &reply).status,
                     STATUS_ILLEGAL_TRANSITION);
    /* The two that never arrived may be asked back once more. */
    assert_int_equal(ask_as(shopper, &order, 3, NULL).status, STATUS_UNITS_NOT_LEFT);
    (void)asked(&order, 2);
}

static void whatever_fails_is_tried_until_it_is_done(void **state)
{
    (void)state;
    const struct order_order order = delivered(43, 2);
    const struct uuid id = approved(&order, 1);
    struct order_order reply;
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_refund_purchase_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_restock_units_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    assert_int_equal(receive(&order, id, 1, 0, &reply).status, STATUS_OK);
    market_close(&market);
    market.shop.market_offset_us += DAY_US;
    market_open(&market);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

static void two_who_receive_at_once_refund_once(void **state)
{
    (void)state;
    const struct order_order order = delivered(44, 2);
    const struct order_return_receipt receipts[] = { { order.lines[0].id, 2,
                                                       ORDER_RETURN_CONDITION_AS_NEW, true } };
    const struct order_receive_return command = { .order_id = order.id,
                                                  .return_id = approved(&order, 2),
                                                  .receipts = receipts,
                                                  .receipts_count = 1 };
    struct order_order orders[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = market.shop.variants[TEAPOT].vendor_id,
                                  .message = &order_receive_return_message,
                                  .body = &command,
                                  .reply = &orders[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t first = calls[0].answer.status == STATUS_OK ? 0 : 1;
    assert_int_equal(calls[first].answer.status, STATUS_OK);
    assert_int_equal(calls[1 - first].answer.status, STATUS_ILLEGAL_TRANSITION);
    assert_is(TEAPOTS, 0);
}

static void what_was_not_asked_by_its_buyer_is_not_there(void **state)
{
    (void)state;
    const struct order_order order = delivered(45, 2);
    assert_int_equal(ask_as(draw_id(8), &order, 1, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(ask_as(nobody, &order, 1, NULL).status, STATUS_NOT_FOUND);
    const struct order_cancel_return other = { .order_id = order.id, .return_id = draw_id(9) };
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_return_message, &other, 0, NULL).status,
        STATUS_NOT_FOUND);
    const struct order_cancel_return command = { .order_id = order.id,
                                                 .return_id = asked(&order, 2) };
    struct order_order reply;
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_return_message, &command, 0, &reply).status,
        STATUS_OK);
    assert_int_equal(reply.returns[0].status, ORDER_RETURN_STATUS_CANCELLED);
    assert_int_equal(receive(&order, command.return_id, 1, 0, &reply).status,
                     STATUS_ILLEGAL_TRANSITION);
    const struct order_reject_return reject = { .order_id = order.id,
                                                .return_id = asked(&order, 2),
                                                .reason = TEXT("It was worn") };
    assert_int_equal(as_vendor(&order_reject_return_message, &reject, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[1].status, ORDER_RETURN_STATUS_REJECTED);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
}

/* ---- in time ---- */

static void settle(const struct order_order *order, struct uuid return_id)
{
    const struct order_settle_return ret = { .order_id = order->id, .return_id = return_id };
    const struct order_settle_order whole = { .order_id = order->id };
    assert_int_equal(
        market_call(&market, nobody, &order_settle_return_message, &ret, 0, NULL).status,
        STATUS_OK);
    market_settle(&market);
    assert_int_equal(
        market_call(&market, nobody, &order_settle_order_message, &whole, 0, NULL).status,
        STATUS_OK);
}

static void silence_is_a_yes_and_goods_that_never_come_end_it(void **state)
{
    (void)state;
    const struct order_order order = delivered(46, 2);
    const struct uuid id = asked(&order, 1);
    market_settle(&market);
    settle(&order, id);
    assert_int_equal(seen(order.id).returns[0].status, ORDER_RETURN_STATUS_REQUESTED);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(&order, id);
    struct order_order read = seen(order.id);
    assert_int_equal(read.returns[0].status, ORDER_RETURN_STATUS_APPROVED);
    assert_int_equal(read.status, ORDER_ORDER_STATUS_DELIVERED);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(&order, id);
    read = seen(order.id);
    assert_int_equal(read.returns[0].status, ORDER_RETURN_STATUS_CANCELLED);
    assert_int_equal(read.status, ORDER_ORDER_STATUS_COMPLETED);
    assert_int_equal(ask_as(shopper, &order, 1, NULL).status, STATUS_RETURN_WINDOW_CLOSED);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
}

static void what_has_arrived_is_refunded_when_time_is_over(void **state)
{
    (void)state;
    const struct order_order order = delivered(47, 3);
    const struct uuid id = approved(&order, 2);
    struct order_order reply;
    assert_int_equal(receive(&order, id, 1, 0, &reply).status, STATUS_OK);
    market_settle(&market);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(&order, id);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.returns[0].status, ORDER_RETURN_STATUS_REFUNDED);
    assert_int_equal(read.status, ORDER_ORDER_STATUS_COMPLETED);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
}

static void nothing_comes_back_before_it_has_arrived_nor_after_the_window(void **state)
{
    (void)state;
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, 1, &cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, 48, &group).status, STATUS_OK);
    assert_int_equal(ask_as(shopper, &group.orders[0], 1, NULL).status, STATUS_ILLEGAL_TRANSITION);
    const struct order_order order = delivered(49, 1);
    market.shop.market_offset_us += 14 * DAY_US + SECOND_US;
    assert_int_equal(ask_as(shopper, &order, 1, NULL).status, STATUS_RETURN_WINDOW_CLOSED);
}

/* ---- what must hold ---- */

/* Spoils one thing of a return's or an order's, looks, and puts it back. */
static void assert_violates(const char *what, struct uuid id, const char *spoil,
                            const char *restore, const char *invariant)
{
    char hex[33], sql[512];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    (void)snprintf(sql, sizeof sql, what, spoil, hex);
    (void)scratch_sql(market.scratch, "order", sql);
    assert_string_equal(scratch_sql(market.scratch, "order",
                                    "SELECT string_agg(DISTINCT invariant, ' ')"
                                    " FROM \"order\".check_returns()"),
                        invariant);
    (void)snprintf(sql, sizeof sql, what, restore, hex);
    (void)scratch_sql(market.scratch, "order", sql);
}

static void what_does_not_add_up_is_named(void **state)
{
    (void)state;
    static const char a_return[] = "UPDATE \"order\".order_return SET %s WHERE id = '%s'",
                      part[] = "UPDATE \"order\".order_return_line SET %s WHERE return_id = '%s'",
                      whole[] = "UPDATE \"order\".vendor_order SET %s WHERE id = '%s'",
                      line[] = "UPDATE \"order\".order_line SET %s WHERE order_id = '%s'";
    const struct order_order order = delivered(50, 2);
    const struct uuid id = approved(&order, 2);
    struct order_order reply;
    assert_int_equal(receive(&order, id, 1, 0, &reply).status, STATUS_OK);
    market_settle(&market);
    assert_violates(a_return, id, "status = 'received'", "status = 'partially_received'",
                    "return_is_not_where_its_history_ends");
    assert_violates(part, id, "received = 2", "received = 1",
                    "return_does_not_count_what_was_received");
    assert_violates(part, id, "quantity = 3", "quantity = 2", "more_is_returned_than_has_arrived");
    assert_violates(whole, order.id, "returns_open = 0", "returns_open = 1",
                    "order_does_not_count_its_open_returns");
    assert_violates(line, order.id, "returned = 1", "returned = 0",
                    "line_does_not_count_what_was_returned");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(damaged_goods_are_refunded_and_not_sold_again),
        SOUND(everything_that_comes_back_returns_the_order),
        SOUND(what_arrives_in_part_is_refunded_when_the_vendor_says_so),
        SOUND(whatever_fails_is_tried_until_it_is_done),
        SOUND(two_who_receive_at_once_refund_once),
        SOUND(what_was_not_asked_by_its_buyer_is_not_there),
        SOUND(silence_is_a_yes_and_goods_that_never_come_end_it),
        SOUND(what_has_arrived_is_refunded_when_time_is_over),
        SOUND(what_does_not_add_up_is_named),
        SOUND(nothing_comes_back_before_it_has_arrived_nor_after_the_window),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
