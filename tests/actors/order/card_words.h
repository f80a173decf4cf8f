/* Words about orders that a card has paid, beside those of return_words.h. Checkouts take cards
 * elsewhere: here the wallet has paid, and a part of that is written down as the card's. */
#pragma once

#include "tests/actors/order/return_words.h"

/* How many rows there are, by a condition that ends with what is this id. */
static inline int64_t number_of(const char *sql_of_id, struct uuid id)
{
    char sql[512], hex[2 * sizeof id.bytes + 1];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s = '%s'", sql_of_id, hex);
    return market_number(&market, sql);
}

/* So much of what the wallet has paid of the group, which has one order, was the card's. */
static inline void write_card(struct uuid group_id, int64_t amount)
{
    char sql[512];
    struct account *wallet = &market.shop.wallet;
    char id[2 * sizeof group_id.bytes + 1];
    for (size_t i = 0; i < sizeof group_id.bytes; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", group_id.bytes[i]);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE \"order\".order_group SET card_amount = %lld WHERE id = '%s';"
                   "UPDATE \"order\".vendor_order SET card_amount = %lld WHERE group_id = '%s'",
                   (long long)amount, id, (long long)amount, id);
    (void)scratch_sql(market.scratch, "order", sql);
    for (size_t i = 0; i < wallet->marks_count; i++)
        if (uuid_equals(wallet->marks[i].id, group_id)) wallet->marks[i].amount -= amount;
    wallet->amount += amount;
    market.shop.cards.captured += amount;
}

/* So many teapots, not sent yet. */
static inline struct order_order paid_by_card(uint8_t key, int64_t quantity, int64_t card)
{
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, quantity, &cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, key, &group).status, STATUS_OK);
    market_settle(&market);
    write_card(group.id, card);
    return seen(group.orders[0].id);
}

/* All of it has reached its shopper. */
static inline struct order_order delivered_by_card(uint8_t key, int64_t quantity, int64_t card)
{
    const struct order_order order = delivered(key, quantity);
    write_card(order.group_id, card);
    return seen(order.id);
}

static inline struct order_order cancel_units(const struct order_order *order, int64_t quantity)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_cancel_units command = { .order_id = order->id,
                                                .lines = lines,
                                                .lines_count = 1 };
    struct order_order reply;
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_units_message, &command, 0, &reply).status,
        STATUS_OK);
    market_settle(&market);
    return reply;
}

/* The clock has come so far that everything is looked at again, and has looked. */
static inline void look_again(struct uuid order_id, struct uuid refund_id)
{
    const struct order_pursue_refund command = { .order_id = order_id, .refund_id = refund_id };
    assert_int_equal(market_call(&market, (struct uuid){ { 0 } }, &order_pursue_refund_message,
                                 &command, 0, NULL)
                         .status,
                     STATUS_OK);
}

enum { PRICE = 1000 };

static struct uuid ann, bob; /* of the staff */

static inline int begin(void **state)
{
    const int failed = set_up(state);
    ann = draw_id(5);
    bob = draw_id(6);
    market.shop.variants[TEAPOT].price = PRICE;
    return failed;
}

#define CLAIM_OF(name) cmocka_unit_test_setup_teardown(name, begin, returns_are_sound)
