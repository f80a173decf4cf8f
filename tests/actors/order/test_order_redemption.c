/* Claims about races for promotions, in the real host: many checkouts want the same use at once. */
#include "tests/actors/order/order_story.h"

#include <stdio.h>

enum { CHECKOUTS = 50, TABS = 10 };

static const struct uuid nobody; /* another node */

/* A promotion with these limits; 0: none. */
static struct uuid promotion_with(int limit_total, int limit_per_customer)
{
    const struct uuid id = draw_id(11);
    char text[33], sql[1024];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO \"order\".promotion (id, owner_id, name, status, kind, off_ppm, fixed_amount,"
        " buy_quantity, get_quantity, target_products, qualifying_products, quantity_min,"
        " subtotal_min, group_ids, needs_first_order, starts_at, is_exclusive, priority, bearer,"
        " market_ppm, limit_total, limit_per_customer, created_at, updated_at) VALUES ('%s',"
        " '00000000-0000-0000-0000-000000000000', 'Race', 'active', 'percent', 1, 0, 0, 0, '{}',"
        " '{}', 0, 0, '{}', false, 0, false, 0, 'market', 0, nullif(%d, 0), nullif(%d, 0), 0, 0)",
        text, limit_total, limit_per_customer);
    (void)scratch_sql(market.scratch, "order", sql);
    return id;
}

static struct order_hold_redemption hold_of(struct uuid promotion_id, struct uuid customer)
{
    return (struct order_hold_redemption){ .promotion_id = promotion_id,
                                           .group_id = draw_id(12),
                                           .customer = customer,
                                           .priced_at_us = 1,
                                           .expires_at_us = INT64_C(4000000000000000) };
}

/* All at once; returns how many hold a use, and the others were refused for the limit. */
static size_t race(const struct order_hold_redemption *holds, size_t count, const char *limit,
                   struct uuid *ret_winner)
{
    struct call *calls = arena_allocate_array(market.arena, count, sizeof *calls);
    size_t held = 0;
    for (size_t i = 0; i < count; i++)
        calls[i] = (struct call){ .user_id = nobody,
                                  .message = &order_hold_redemption_message,
                                  .body = &holds[i] };
    market_call_all(&market, calls, count);
    for (size_t i = 0; i < count; i++) {
        const struct answer *answer = &calls[i].answer;
        if (answer->status == STATUS_OK) {
            held++;
            *ret_winner = holds[i].group_id;
            continue;
        }
        assert_int_equal(answer->status, STATUS_PROMOTION_EXHAUSTED);
        assert_text_equal(fault_code(answer, 0), TEXT("promotion_exhausted"));
        assert_true(text_equals_string(answer->problem.errors[0].pointer, limit));
    }
    return held;
}

static void of_fifty_at_once_for_one_use_exactly_one_gets_it(void **state)
{
    (void)state;
    const struct uuid promotion = promotion_with(1, 0);
    struct order_hold_redemption holds[CHECKOUTS];
    struct uuid winner;
    for (unsigned i = 0; i < CHECKOUTS; i++)
        holds[i] = hold_of(promotion, draw_id(1));
    assert_int_equal(race(holds, CHECKOUTS, "/limit_total", &winner), 1);
    /* Given back, it is there again, for one. */
    const struct order_release_redemption release = { promotion, winner };
    assert_int_equal(
        market_call(&market, nobody, &order_release_redemption_message, &release, 0, NULL).status,
        STATUS_OK);
    for (unsigned i = 0; i < CHECKOUTS; i++)
        holds[i] = hold_of(promotion, draw_id(1));
    assert_int_equal(race(holds, CHECKOUTS, "/limit_total", &winner), 1);
    assert_int_equal(market_number(&market, "SELECT max(held + used) FROM \"order\".promotion"), 1);
}

static void of_ten_tabs_of_one_customer_one_gets_it(void **state)
{
    (void)state;
    const struct uuid promotion = promotion_with(0, 1), customer = draw_id(1);
    struct order_hold_redemption holds[2 * TABS];
    struct uuid winner;
    for (unsigned i = 0; i < TABS; i++)
        holds[i] = hold_of(promotion, customer);
    assert_int_equal(race(holds, TABS, "/limit_per_customer", &winner), 1);
    /* Others are not in the way of each other. */
    for (unsigned i = 0; i < 2 * TABS; i++)
        holds[i] = hold_of(promotion, i < TABS ? customer : draw_id(1));
    assert_int_equal(race(holds, 2 * TABS, "/limit_per_customer", &winner), TABS);
}

static void holds_and_releases_that_cross_never_leave_one_too_many(void **state)
{
    (void)state;
    enum { ROUNDS = 8, USES = 3, PAIRS = 30 }; /* a mailbox holds 64 messages */
    const struct uuid promotion = promotion_with(USES, 0);
    static struct order_hold_redemption holds[PAIRS];
    static struct order_release_redemption releases[PAIRS];
    struct call *calls = arena_allocate_array(market.arena, 2 * PAIRS, sizeof *calls);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < PAIRS; i++) {
            holds[i] = hold_of(promotion, draw_id(1));
            releases[i] = (struct order_release_redemption){ promotion, holds[i].group_id };
            /* Every other release comes before its hold. */
            const unsigned first = 2 * i + (i & 1);
            calls[first] =
                (struct call){ .message = &order_hold_redemption_message, .body = &holds[i] };
            calls[first ^ 1] =
                (struct call){ .message = &order_release_redemption_message, .body = &releases[i] };
        }
        market_call_all(&market, calls, 2 * PAIRS);
        for (unsigned i = 0; i < 2 * PAIRS; i++)
            if (calls[i].message == &order_release_redemption_message)
                assert_int_equal(calls[i].answer.status, STATUS_OK);
    }
    assert_int_equal(market_number(&market, "SELECT sum(held)::bigint FROM \"order\".promotion"
                                            " WHERE limit_total = 3"),
                     0);
    struct uuid winner;
    for (unsigned i = 0; i < PAIRS; i++)
        holds[i] = hold_of(promotion, draw_id(1));
    assert_int_equal(race(holds, PAIRS, "/limit_total", &winner), USES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(of_fifty_at_once_for_one_use_exactly_one_gets_it),
        CLAIM(of_ten_tabs_of_one_customer_one_gets_it),
        CLAIM(holds_and_releases_that_cross_never_leave_one_too_many),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
