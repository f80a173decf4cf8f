/* Words about parcels, for the stories of life_story.h. */
#pragma once

#include "tests/actors/order/life_story.h"

/* Of the vendor's own order. */
static inline enum status create_of(const struct principal *who, struct uuid order,
                                    struct uuid line, int64_t quantity,
                                    struct order_shipment *ret_shipment)
{
    const struct order_shipment_line lines[] = { { line, quantity } };
    const struct order_create_shipment command = { .order_id = order,
                                                   .lines = lines,
                                                   .lines_count = 1,
                                                   .carrier = TEXT("Post"),
                                                   .has_tracking_number = true,
                                                   .tracking_number = TEXT("P-1"),
                                                   .has_tracking_url = true,
                                                   .tracking_url = TEXT("https://post.example/1") };
    return direct_call(market, who, &order_create_shipment_message, &command, ret_shipment);
}

static inline struct uuid packed(int64_t quantity)
{
    struct order_shipment shipment;
    assert_int_equal(create_of(&vendor, order_id, line_id, quantity, &shipment), STATUS_OK);
    return shipment.id;
}

static inline enum status hand_over_of(const struct principal *who, struct uuid order,
                                       struct uuid shipment_id)
{
    struct order_shipment reply;
    const struct order_hand_over_shipment command = { .order_id = order,
                                                      .shipment_id = shipment_id };
    return direct_call(market, who, &order_hand_over_shipment_message, &command, &reply);
}

static inline struct uuid sent(int64_t quantity)
{
    const struct uuid shipment_id = packed(quantity);
    assert_int_equal(hand_over_of(&vendor, order_id, shipment_id), STATUS_OK);
    return shipment_id;
}

static inline enum status deliver(struct uuid shipment_id)
{
    struct order_shipment reply;
    const struct order_deliver_shipment command = { .order_id = order_id,
                                                    .shipment_id = shipment_id };
    return direct_call(market, &vendor, &order_deliver_shipment_message, &command, &reply);
}

static inline enum status report(struct uuid shipment_id, enum order_carrier_report what,
                                 int64_t at_us, struct order_shipment *ret_shipment)
{
    const struct order_report_shipment command = { .order_id = order_id,
                                                   .shipment_id = shipment_id,
                                                   .status = what,
                                                   .at_us = at_us,
                                                   .has_note = true,
                                                   .note = TEXT("Leeds") };
    return direct_call(market, &vendor, &order_report_shipment_message, &command, ret_shipment);
}

static inline enum status confirm(const struct principal *who, struct order_order *ret_order)
{
    const struct order_confirm_delivery command = { .order_id = order_id };
    return direct_call(market, who, &order_confirm_delivery_message, &command, ret_order);
}

static inline struct order_order seen(void)
{
    const struct order_get_any_order query = { .order_id = order_id };
    struct order_order order;
    assert_int_equal(direct_call(market, &staff, &order_get_any_order_message, &query, &order),
                     STATUS_OK);
    return order;
}
