/* Words about goods of returns that are sent again, for the stories of order_story.h. */
#pragma once

#include "tests/actors/order/return_words.h"

/* Asked for, approved and arrived. */
static inline struct uuid arrived(const struct order_order *order, int64_t good, int64_t damaged)
{
    struct order_order reply;
    assert_int_equal(
        ask_for(shopper, order, good + damaged, ORDER_RETURN_WISH_EXCHANGE, &reply).status,
        STATUS_OK);
    const struct order_return_request *made = &reply.returns[reply.returns_count - 1];
    assert_int_equal(made->wants, ORDER_RETURN_WISH_EXCHANGE);
    const struct uuid id = made->id;
    const struct order_approve_return approve = { .order_id = order->id, .return_id = id };
    assert_int_equal(as_vendor(&order_approve_return_message, &approve, &reply).status, STATUS_OK);
    assert_int_equal(receive(order, id, good, damaged, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[reply.returns_count - 1].status, ORDER_RETURN_STATUS_RECEIVED);
    return id;
}

static inline struct answer exchange(struct uuid order_id, struct uuid return_id,
                                     struct order_order *ret_reply)
{
    const struct order_exchange_return command = { .order_id = order_id, .return_id = return_id };
    return as_vendor(&order_exchange_return_message, &command, ret_reply);
}

/* All of the one line of an order reaches its shopper. */
static inline void deliver_all(struct uuid order_id)
{
    const struct order_order order = seen(order_id);
    const struct order_shipment_line lines[] = { { order.lines[0].id, order.lines[0].quantity } };
    const struct order_create_shipment pack = {
        .order_id = order_id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    struct order_order reply;
    assert_int_equal(as_vendor(&order_create_shipment_message, &pack, &shipment).status, STATUS_OK);
    const struct order_hand_over_shipment send = { .order_id = order_id,
                                                   .shipment_id = shipment.id };
    assert_int_equal(as_vendor(&order_hand_over_shipment_message, &send, &shipment).status,
                     STATUS_OK);
    const struct order_confirm_delivery confirm = { .order_id = order_id };
    assert_int_equal(
        market_call(&market, shopper, &order_confirm_delivery_message, &confirm, 0, &reply).status,
        STATUS_OK);
}

/* What arrived in the newest return is sent again: the id of the order that does. */
static inline struct uuid sent_again(struct uuid order_id, struct uuid return_id)
{
    struct order_order reply;
    assert_int_equal(exchange(order_id, return_id, &reply).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(reply.returns[0].status, ORDER_RETURN_STATUS_EXCHANGED);
    return reply.returns[0].replacement_id;
}

static inline struct answer cancel_all(struct uuid order_id)
{
    const struct order_cancel_vendor_order command = { .order_id = order_id, .reason = TEXT("No") };
    struct order_order reply;
    const struct answer answer = as_vendor(&order_cancel_vendor_order_message, &command, &reply);
    market_settle(&market);
    return answer;
}

static inline struct answer refund(struct uuid order_id, struct uuid return_id)
{
    const struct order_refund_return command = { .order_id = order_id, .return_id = return_id };
    struct order_order reply;
    const struct answer answer = as_vendor(&order_refund_return_message, &command, &reply);
    market_settle(&market);
    return answer;
}

/* The clock looks at a return. */
static inline void settle(struct uuid order_id, struct uuid return_id)
{
    const struct order_settle_return command = { .order_id = order_id, .return_id = return_id };
    assert_int_equal(
        market_call(&market, nobody, &order_settle_return_message, &command, 0, NULL).status,
        STATUS_OK);
    market_settle(&market);
}

static inline void assert_return_is(struct uuid order_id, enum order_return_status status)
{
    const struct order_order order = seen(order_id);
    assert_int_equal(order.returns_count, 1);
    assert_int_equal(order.returns[0].status, status);
    assert_int_equal(order.returns[0].has_replacement_id, status == ORDER_RETURN_STATUS_EXCHANGED);
    assert_int_equal(order.returns[0].has_ended_at, status != ORDER_RETURN_STATUS_RECEIVED);
}

static inline struct answer cancel_one(struct uuid order_id)
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

static inline void assert_given_back(struct uuid order_id, int64_t units, size_t times)
{
    const struct order_order order = seen(order_id);
    const struct order_return_request *exchanged = &order.returns[0];
    int64_t total = 0;
    assert_int_equal(exchanged->lines[0].given_back, units);
    assert_int_equal(exchanged->given_back_count, times);
    for (size_t i = 0; i < times; i++)
        total += exchanged->given_back[i].refunded.amount;
    assert_int_equal(total, uuid_is_zero(order.replaces_id) ? units * TEAPOT_COSTS : 0);
    assert_int_equal(order.lines[0].returned, units);
}

/* Goods that were delivered came back, are sent again and have arrived. */
static inline struct uuid replaced(uint8_t number, int64_t quantity, struct uuid *ret_return_id)
{
    const struct order_order order = delivered(number, quantity);
    *ret_return_id = arrived(&order, quantity, 0);
    const struct uuid id = sent_again(order.id, *ret_return_id);
    deliver_all(id);
    return id;
}

/* The clock completes an order. */
static inline void complete(struct uuid order_id)
{
    const struct order_settle_order command = { .order_id = order_id };
    assert_int_equal(
        market_call(&market, nobody, &order_settle_order_message, &command, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(seen(order_id).status, ORDER_ORDER_STATUS_COMPLETED);
}
