/* Words about what is paid outside of the market, for the stories of order_story.h: two teapots of
 * one vendor and a bowl of another, in a market that takes transfers. */
#pragma once

/* Claims about what is paid outside of the market, in its host: orders wait for it, it is marked
 * once, what does not come ends them with all that is to give back, and no wallet gets what it
 * never paid. */
#include "tests/actors/order/order_story.h"

#include <stdio.h>

#include "tests/actors/order/order_guests.h"

#define DAY_US (INT64_C(24) * 3600 * SECOND_US)
enum { TEAPOT_COSTS = 1999, BOTH_COST = 2 * TEAPOT_COSTS + 500, TEAPOTS = 10, BOWLS = 5 };

static inline void set(const char *option)
{
    char *arguments[] = { (char *)"test", (char *)option, NULL };
    int first;
    assert_int_equal(config_load_arguments(market.config, 2, arguments, &first), STATUS_OK);
}

static inline int set_up_offline(void **state)
{
    set("--market.transfer_payment=allowed");
    set("--market.transfer_account=Souk, IBAN DE02 1203 0000 0000 2020 51");
    return set_up(state);
}
#define OFFLINE(test) cmocka_unit_test_setup_teardown(test, set_up_offline, tear_down)

static inline struct money euros(int64_t amount)
{
    return money_make(amount, "EUR");
}

static inline struct answer buy(struct order_payment payment, uint8_t key,
                                struct order_group *ret_group)
{
    const struct order_cart cart = filled_cart();
    struct order_checkout checkout = checkout_of(&cart);
    checkout.payment = payment;
    const struct answer answer =
        market_call(&market, shopper, &order_checkout_message, &checkout, key, ret_group);
    market_settle(&market);
    return answer;
}

/* Two teapots of one vendor and a bowl of another, of which so much comes by transfer. */
static inline struct order_group awaited(uint8_t key, int64_t transfer)
{
    struct order_group group;
    const struct order_payment payment = { .has_wallet = transfer < BOTH_COST,
                                           .wallet = euros(BOTH_COST - transfer),
                                           .has_transfer = true,
                                           .transfer = euros(transfer) };
    assert_int_equal(buy(payment, key, &group).status, STATUS_OK);
    return group;
}

static inline struct order_group group_now(struct uuid group_id)
{
    const struct order_get_group query = { .group_id = group_id };
    struct order_group group;
    assert_int_equal(
        market_call(&market, shopper, &order_get_group_message, &query, 0, &group).status,
        STATUS_OK);
    return group;
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

static inline struct answer mark_group(struct uuid group_id, struct money amount, uint8_t key,
                                       struct order_group *ret_group)
{
    const struct order_mark_group_paid command = { .group_id = group_id, .amount = amount };
    return market_call(&market, draw_id(1), &order_mark_group_paid_message, &command, key,
                       ret_group);
}

static inline struct answer mark(struct uuid order_id, int64_t amount,
                                 struct order_order *ret_order)
{
    const struct order_mark_any_order_paid command = { .order_id = order_id,
                                                       .amount = euros(amount) };
    return market_call(&market, draw_id(1), &order_mark_any_order_paid_message, &command, 0,
                       ret_order);
}

static inline struct answer mark_as_vendor(size_t variant, struct uuid order_id, int64_t amount)
{
    struct order_order order;
    const struct order_mark_order_paid command = { .order_id = order_id, .amount = euros(amount) };
    return market_call(&market, market.shop.variants[variant].vendor_id,
                       &order_mark_order_paid_message, &command, 0, &order);
}

static inline enum status settle(struct uuid order_id)
{
    const struct order_settle_order command = { .order_id = order_id };
    return market_call(&market, nobody, &order_settle_order_message, &command, 0, NULL).status;
}

static inline void settle_all(const struct order_group *group)
{
    for (size_t i = 0; i < group->orders_count; i++)
        assert_int_equal(settle(group->orders[i].id), STATUS_OK);
    market_settle(&market);
}

static inline struct answer cancel(struct uuid order_id, struct order_order *ret_order)
{
    const struct order_cancel_order command = { .order_id = order_id };
    const struct answer answer =
        market_call(&market, shopper, &order_cancel_order_message, &command, 0, ret_order);
    market_settle(&market);
    return answer;
}

static inline int64_t told(const char *kind)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM host.outbox WHERE number = %u AND encode(body, 'escape')"
                   " LIKE '%%%s%%'",
                   (unsigned)order_notice_was_raised_message.number, kind);
    return market_number(&market, sql);
}
