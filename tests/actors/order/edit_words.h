/* Words about orders that are edited, for the stories of order_story.h. */
#pragma once

#include "tests/actors/order/return_words.h"

/* So many teapots, of which nothing was sent. */
static inline struct order_order bought(uint8_t key, int64_t quantity)
{
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, quantity, &cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, key, &group).status, STATUS_OK);
    market_settle(&market);
    return group.orders[0];
}

static inline struct answer accept_as(struct uuid who, const struct order_edit *edit,
                                      struct order_edit *ret_edit)
{
    const struct order_accept_edit command = { .order_id = edit->order_id, .edit_id = edit->id };
    return market_call(&market, who, &order_accept_edit_message, &command, 0, ret_edit);
}

static inline struct answer decline_as(struct uuid who, const struct order_edit *edit,
                                       struct order_edit *ret_edit)
{
    const struct order_decline_edit command = { .order_id = edit->order_id, .edit_id = edit->id };
    return market_call(&market, who, &order_decline_edit_message, &command, 0, ret_edit);
}

static inline enum status cancel(const struct order_order *order, size_t line, int64_t quantity)
{
    const struct order_shipment_line lines[] = { { order->lines[line].id, quantity } };
    const struct order_cancel_units command = { .order_id = order->id,
                                                .lines = lines,
                                                .lines_count = 1 };
    struct order_order reply;
    return market_call(&market, shopper, &order_cancel_units_message, &command, 0, &reply).status;
}
