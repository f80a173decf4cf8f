/* What checkouts ask of a promotion, for tests/actors/order/promotion_story.h. */
#pragma once

#include "tests/actors/order/promotion_story.h"

enum { HELD_FOR_US = 20 * 60 * 1000 * 1000 };

static inline enum status hold_as(struct uuid promotion_id, struct uuid group_id,
                                  struct uuid customer)
{
    const struct order_hold_redemption command = {
        .promotion_id = promotion_id,
        .group_id = group_id,
        .customer = customer,
        .priced_at_us = direct_now_us(market),
        .expires_at_us = direct_now_us(market) + HELD_FOR_US,
    };
    return direct_call(market, NULL, &order_hold_redemption_message, &command, NULL);
}

static inline enum status hold(struct uuid promotion_id, struct uuid group_id)
{
    return hold_as(promotion_id, group_id, draw_id(1));
}

static inline enum status use(struct uuid promotion_id, struct uuid group_id)
{
    const struct order_use_redemption command = { promotion_id, group_id };
    return direct_call(market, NULL, &order_use_redemption_message, &command, NULL);
}

static inline enum status release(struct uuid promotion_id, struct uuid group_id)
{
    const struct order_release_redemption command = { promotion_id, group_id };
    return direct_call(market, NULL, &order_release_redemption_message, &command, NULL);
}

static inline enum status give_back(struct uuid promotion_id, struct uuid group_id)
{
    const struct order_return_redemption command = { promotion_id, group_id };
    return direct_call(market, NULL, &order_return_redemption_message, &command, NULL);
}

static inline void note_address(struct uuid user_id, struct uuid customer)
{
    char user[33], guest[33], sql[256];
    for (size_t i = 0; i < sizeof user_id.bytes; i++) {
        (void)snprintf(user + 2 * i, 3, "%02x", user_id.bytes[i]);
        (void)snprintf(guest + 2 * i, 3, "%02x", customer.bytes[i]);
    }
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".customer_address (user_id, customer) VALUES ('%s', '%s')",
                   user, guest);
    (void)direct_sql(market, sql);
}

/* A checkout that stands there: pending, placed or failed. */
static inline struct uuid checkout_that_is(const char *status)
{
    const struct uuid id = draw_id(2);
    char text[33], sql[512];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".order_group (id, cart_id, user_id, status,"
                   " payment_status, total, currency, refusal, number, created_at, placed_at)"
                   " SELECT '%s', gen_random_uuid(), gen_random_uuid(), s, 'paid', 0, 'EUR',"
                   " CASE s WHEN 'failed' THEN 'overloaded' END, CASE s WHEN 'placed' THEN 1 END,"
                   " 1, CASE s WHEN 'placed' THEN 1 END FROM (VALUES ('%s')) AS v (s)",
                   text, status);
    (void)direct_sql(market, sql);
    return id;
}

static inline struct order_promotion_terms limited(int64_t total, int64_t per_customer)
{
    struct order_promotion_terms terms = tenth();
    terms.has_limit_total = total > 0;
    terms.limit_total = total;
    terms.has_limit_per_customer = per_customer > 0;
    terms.limit_per_customer = per_customer;
    return terms;
}

static inline void assert_uses(struct uuid promotion_id, int64_t held, int64_t used)
{
    const struct order_promotion promotion = seen(promotion_id);
    assert_int_equal(promotion.held, held);
    assert_int_equal(promotion.used, used);
}
