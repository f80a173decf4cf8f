/* Words about goods that come back, for the stories of order_story.h. */
#pragma once

#include "tests/actors/order/order_story.h"

#include <stdio.h>

#include "tests/actors/order/order_guests.h"

#define DAY_US (INT64_C(24) * 3600 * SECOND_US)
enum { TEAPOT_COSTS = 1999, TEAPOTS = 10 };

static inline struct answer as_vendor(const struct message *message, const void *body,
                                      void *ret_reply)
{
    return market_call(&market, market.shop.variants[TEAPOT].vendor_id, message, body, 0,
                       ret_reply);
}

static inline struct order_order seen(struct uuid order_id)
{
    const struct order_get_order query = { .order_id = order_id };
    struct order_order order;
    assert_int_equal(
        market_call(&market, shopper, &order_get_order_message, &query, 0, &order).status,
        STATUS_OK);
    return order;
}

/* So many teapots, all of which have arrived. */
static inline struct order_order delivered(uint8_t key, int64_t quantity)
{
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, quantity, &cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, key, &group).status, STATUS_OK);
    market_settle(&market);
    const struct order_order *order = &group.orders[0];
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_create_shipment pack = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    assert_int_equal(as_vendor(&order_create_shipment_message, &pack, &shipment).status, STATUS_OK);
    const struct order_hand_over_shipment send = { order->id, shipment.id, .versions_count = 0 };
    assert_int_equal(as_vendor(&order_hand_over_shipment_message, &send, &shipment).status,
                     STATUS_OK);
    const struct order_confirm_delivery confirm = { .order_id = order->id };
    struct order_order reply;
    assert_int_equal(
        market_call(&market, shopper, &order_confirm_delivery_message, &confirm, 0, &reply).status,
        STATUS_OK);
    return reply;
}

/* The one unit of an order reaches its shopper. */
static inline void deliver(const struct order_order *order)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, 1 } };
    const struct order_create_shipment pack = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    struct order_order reply;
    assert_int_equal(as_vendor(&order_create_shipment_message, &pack, &shipment).status, STATUS_OK);
    const struct order_hand_over_shipment send = { .order_id = order->id,
                                                   .shipment_id = shipment.id };
    assert_int_equal(as_vendor(&order_hand_over_shipment_message, &send, &shipment).status,
                     STATUS_OK);
    const struct order_confirm_delivery confirm = { .order_id = order->id };
    assert_int_equal(
        market_call(&market, shopper, &order_confirm_delivery_message, &confirm, 0, &reply).status,
        STATUS_OK);
}

static inline struct answer ask_for(struct uuid who, const struct order_order *order,
                                    int64_t quantity, enum order_return_wish wish,
                                    struct order_order *ret_order)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_request_return command = { .order_id = order->id,
                                                  .lines = lines,
                                                  .lines_count = 1,
                                                  .reason = TEXT("Too small"),
                                                  .has_wants = wish != ORDER_RETURN_WISH_REFUND,
                                                  .wants = wish };
    return market_call(&market, who, &order_request_return_message, &command, 0, ret_order);
}

static inline struct answer ask_as(struct uuid who, const struct order_order *order,
                                   int64_t quantity, struct order_order *ret_order)
{
    return ask_for(who, order, quantity, ORDER_RETURN_WISH_REFUND, ret_order);
}

/* The id of the newest return. */
static inline struct uuid asked(const struct order_order *order, int64_t quantity)
{
    struct order_order reply;
    assert_int_equal(ask_as(shopper, order, quantity, &reply).status, STATUS_OK);
    const struct order_return_request *made = &reply.returns[reply.returns_count - 1];
    assert_int_equal(made->status, ORDER_RETURN_STATUS_REQUESTED);
    assert_int_equal(made->lines[0].quantity, quantity);
    return made->id;
}

static inline struct uuid approved(const struct order_order *order, int64_t quantity)
{
    const struct order_approve_return command = { .order_id = order->id,
                                                  .return_id = asked(order, quantity) };
    struct order_order reply;
    assert_int_equal(as_vendor(&order_approve_return_message, &command, &reply).status, STATUS_OK);
    return command.return_id;
}

static inline struct answer receive(const struct order_order *order, struct uuid return_id,
                                    int64_t good, int64_t damaged, struct order_order *ret_reply)
{
    struct order_return_receipt receipts[2];
    size_t count = 0;
    if (good > 0)
        receipts[count++] = (struct order_return_receipt){ order->lines[0].id, good,
                                                           ORDER_RETURN_CONDITION_AS_NEW, true };
    if (damaged > 0)
        receipts[count++] = (struct order_return_receipt){ order->lines[0].id, damaged,
                                                           ORDER_RETURN_CONDITION_DAMAGED, false };
    const struct order_receive_return command = {
        .order_id = order->id, .return_id = return_id, .receipts = receipts, .receipts_count = count
    };
    return as_vendor(&order_receive_return_message, &command, ret_reply);
}

static inline void assert_is(int64_t stock, int64_t paid)
{
    market_settle(&market);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), stock);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - paid);
}

/* As versions before have left a replacement: one unit more of it was cancelled, and nothing went
 * back for that. */
static inline void forget_one_unit(void)
{
#define OF_NEWEST                                                                                  \
    "(SELECT l.id FROM \"order\".order_line l JOIN \"order\".vendor_order o ON o.id = l.order_id " \
    "WHERE o.replaces_id IS NOT NULL ORDER BY o.id DESC LIMIT 1)"
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".order_refund_part SET quantity = quantity + 1 "
                      "WHERE subject_id = " OF_NEWEST);
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".order_line SET cancelled = cancelled + 1 "
                      "WHERE id = " OF_NEWEST);
#undef OF_NEWEST
}

/* What of orders waits for staff for this reason: how much, and the last one. */
static inline size_t waiting(enum common_stuck_cause cause, struct common_stuck_item *ret_last)
{
    const struct queue_list_stuck query = { .has_cause = true, .cause = cause, .limit = 51 };
    struct common_stuck_items found;
    assert_int_equal(
        market_call(&market, nobody, &order_list_stuck_message, &query, 0, &found).status,
        STATUS_OK);
    if (found.items_count > 0) *ret_last = found.items[found.items_count - 1];
    return found.items_count;
}

/* The invariants of order_story.c, and those of returns. */
static inline int returns_are_sound(void **state)
{
    const int failed = tear_down(state);
    const char *violated = scratch_sql(
        market.scratch, "order",
        "SELECT coalesce(string_agg(invariant, ' '), '') FROM \"order\".check_returns()");
    if (violated[0] != '\0') print_error("violated: %s\n", violated);
    return failed != 0 || violated[0] != '\0' ? -1 : 0;
}
#define SOUND(name) cmocka_unit_test_setup_teardown(name, set_up, returns_are_sound)
