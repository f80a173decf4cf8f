/* Claims about a checkout whose steps fail, one after the other: either all is sold once, or
 * nothing has happened. */
#include "tests/actors/order/order_guests.h"

static void shortage_at_the_reservation_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.variants[BOWL].shown_available = 5;
    market.shop.variants[BOWL].stock.amount = 0;
    const struct answer answer = check_out(&cart, 30, NULL);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(answer.problem.errors_count, 1);
    assert_int_equal(answer.problem.errors[0].requested, 1);
    assert_int_equal(answer.problem.errors[0].available, 0);
    char line_id[ID_TEXT_MAX + 1];
    (void)id_format("lin", cart.lines[1].id, line_id);
    assert_text_equal(answer.problem.errors[0].pointer,
                      text_format(market.arena, "/lines/%s", line_id));
    market.shop.variants[BOWL].stock.amount = 5;
    assert_nothing_happened(&cart);
    assert_int_equal(check_out(&cart, 31, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void empty_wallet_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.wallet.amount = 4497;
    assert_int_equal(check_out(&cart, 32, NULL).status, STATUS_INSUFFICIENT_FUNDS);
    const struct answer again = check_out(&cart, 32, NULL);
    assert_int_equal(again.status, STATUS_INSUFFICIENT_FUNDS);
    assert_true(again.is_replayed);
    market.shop.wallet.amount = SHOPPER_MONEY;
    assert_nothing_happened(&cart);
    assert_int_equal(market_number(&market,
                                   "SELECT count(*) FROM \"order\".order_group "
                                   "WHERE status = 'failed' AND refusal = 'insufficient_funds'"),
                     1);
}

static void catalogue_away_for_long_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_reserve_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .skip = 1,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(check_out(&cart, 33, NULL).status, STATUS_UNAVAILABLE);
    assert_nothing_happened(&cart);
}

static void wallet_away_for_long_undoes_all(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(check_out(&cart, 34, NULL).status, STATUS_UNAVAILABLE);
    assert_nothing_happened(&cart);
}

/* (actors/host/README.md, Decisions: an outage is no answer to keep) */
static void checkout_that_an_outage_undid_may_be_tried_again_under_its_key(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(check_out(&cart, 45, NULL).status, STATUS_UNAVAILABLE);
    market_settle(&market);
    market.shop.failures_count = 0;
    struct order_group group;
    const struct answer answer = check_out(&cart, 45, &group);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_false(answer.is_replayed);
    assert_sold(&cart);
    assert_true(check_out(&cart, 45, &group).is_replayed);
}

/* (actors/host/README.md, Decisions: an outage is no answer to keep) */
static void checkout_that_was_accepted_and_undone_says_so_under_its_key(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    assert_int_equal(check_out(&cart, 47, NULL).http_status, 202);
    market.shop.market_offset_us += 1000 * (int64_t)SECOND_US; /* its patience is over */
    market_settle(&market);
    market.shop.failures_count = 0;
    for (int i = 0; i < 2; i++) {
        const struct answer answer = check_out(&cart, 47, NULL);
        assert_int_equal(answer.status, STATUS_NOT_COMPLETED);
        assert_true(answer.is_replayed);
    }
    assert_nothing_happened(&cart);
    assert_int_equal(check_out(&cart, 48, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void refusal_of_a_checkout_is_kept_under_its_key(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.wallet.amount = 0;
    assert_int_equal(check_out(&cart, 46, NULL).status, STATUS_INSUFFICIENT_FUNDS);
    market.shop.wallet.amount = SHOPPER_MONEY;
    const struct answer answer = check_out(&cart, 46, NULL);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_FUNDS);
    assert_true(answer.is_replayed);
    assert_nothing_happened(&cart);
}

static void lost_answers_before_giving_up_leave_nothing_behind(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .is_answer_lost = true,
                                                   .times = 4,
                                                   .advance_us = 5 * SECOND_US });
    assert_int_equal(check_out(&cart, 35, NULL).status, STATUS_UNAVAILABLE);
    assert_nothing_happened(&cart);
}

static void undo_is_repeated_until_it_is_done(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    market.shop.wallet.amount = 0;
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_release_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 3 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_void_hold_message,
                                                   .is_answer_lost = true,
                                                   .times = 2 });
    assert_int_equal(check_out(&cart, 36, NULL).status, STATUS_INSUFFICIENT_FUNDS);
    market.shop.wallet.amount = SHOPPER_MONEY;
    assert_nothing_happened(&cart);
}

static void pivot_is_refused_when_what_was_set_aside_would_lapse(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_OK,
                                                   .times = 1,
                                                   .advance_us = (int64_t)1199 * SECOND_US });
    assert_int_equal(check_out(&cart, 37, NULL).status, STATUS_CHECKOUT_EXPIRED);
    assert_nothing_happened(&cart);
}

/* What the saga sends when it comes back after a crash and does not know how far it got. */
static struct order_checkout_data placed(const struct order_cart *cart,
                                         const struct order_group *group,
                                         const struct order_checkout_line *line)
{
    return (struct order_checkout_data){ .group_id = group->id,
                                         .cart_id = cart->id,
                                         .user_id = shopper,
                                         .total = group->total,
                                         .lines = line,
                                         .lines_count = 1 };
}

static struct answer place_again(const struct order_checkout_data *checkout,
                                 struct order_group *ret_group)
{
    const struct order_place_group command = { .cart_id = checkout->cart_id,
                                               .checkout = *checkout };
    return market_call(&market, nobody, &order_place_group_message, &command, 0, ret_group);
}

static void placement_that_is_asked_again_answers_alike(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group, again;
    assert_int_equal(check_out(&cart, 42, &group).status, STATUS_OK);
    const struct order_checkout_line line = { .quantity = 1,
                                              .vendor_name = TEXT("Teas"),
                                              .name = TEXT("Teapot"),
                                              .unit_price = group.total,
                                              .total = group.total };
    struct order_checkout_data checkout = placed(&cart, &group, &line);
    assert_int_equal(place_again(&checkout, &again).status, STATUS_OK);
    assert_true(uuid_equals(again.id, group.id));
    assert_int_equal(again.orders_count, 2);
    assert_text_equal(again.orders[0].number, group.orders[0].number);
    checkout.group_id = draw_id(7);
    assert_int_equal(place_again(&checkout, NULL).status, STATUS_ILLEGAL_TRANSITION);
    checkout = placed(&cart, &group, &line);
    checkout.user_id = draw_id(7);
    assert_int_equal(place_again(&checkout, NULL).status, STATUS_ILLEGAL_TRANSITION);
    assert_sold(&cart);
}

static void group_that_is_placed_is_not_abandoned(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    assert_int_equal(check_out(&cart, 43, &group).status, STATUS_OK);
    struct order_abandon_group command = { .cart_id = cart.id,
                                           .group_id = group.id,
                                           .refusal = TEXT("unavailable") };
    assert_int_equal(
        market_call(&market, nobody, &order_abandon_group_message, &command, 0, NULL).status,
        STATUS_ILLEGAL_TRANSITION);
    command.group_id = draw_id(7); /* one that was abandoned before */
    assert_int_equal(
        market_call(&market, nobody, &order_abandon_group_message, &command, 0, NULL).status,
        STATUS_OK);
    assert_sold(&cart);
}

/* What others have set aside for a checkout is free when it has failed, or has never begun. */
static void only_what_failed_or_never_began_lets_go_of_what_was_set_aside(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group;
    assert_int_equal(check_out(&cart, 44, &group).status, STATUS_OK);
    const struct uuid ids[] = { group.id, draw_id(7), draw_id(8), draw_id(9) };
    char sql[512];
    for (size_t i = 1; i <= 2; i++) {
        char hex[33];
        for (size_t k = 0; k < sizeof ids[i].bytes; k++)
            (void)snprintf(hex + 2 * k, 3, "%02x", ids[i].bytes[k]);
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO \"order\".order_group (id, cart_id, user_id, status,"
                       " payment_status, total, currency, refusal, created_at) VALUES ('%s',"
                       " gen_random_uuid(), gen_random_uuid(), '%s', 'unpaid', 1, 'EUR', %s, 1)"
                       " RETURNING 1",
                       hex, i == 1 ? "pending" : "failed", i == 1 ? "NULL" : "'unavailable'");
        assert_int_equal(market_number(&market, sql), 1);
    }
    const struct order_find_lapsed_groups query = { .group_ids = ids,
                                                    .group_ids_count = ARRAY_LENGTH(ids) };
    struct order_lapsed_groups lapsed;
    assert_int_equal(
        market_call(&market, nobody, &order_find_lapsed_groups_message, &query, 0, &lapsed).status,
        STATUS_OK);
    assert_int_equal(lapsed.group_ids_count, 2);
    for (size_t i = 0; i < lapsed.group_ids_count; i++)
        assert_true(uuid_equals(lapsed.group_ids[i], ids[2]) ||
                    uuid_equals(lapsed.group_ids[i], ids[3]));
    (void)market_number(&market, "WITH d AS (DELETE FROM \"order\".order_group"
                                 " WHERE total = 1 RETURNING 1) SELECT count(*) FROM d");
}

static void lost_answers_everywhere_still_sell_once(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    const struct message *const messages[] = { &catalog_reserve_stock_message,
                                               &wallet_hold_funds_message,
                                               &catalog_commit_stock_message,
                                               &wallet_post_hold_message };
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++)
        shop_fail(&market.shop, (struct shop_failure){
                                    .message = messages[i], .is_answer_lost = true, .times = 2 });
    assert_int_equal(check_out(&cart, 38, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void after_the_pivot_it_only_goes_forward(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_commit_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 3 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_post_hold_message,
                                                   .status = STATUS_OVERLOADED,
                                                   .times = 2 });
    assert_int_equal(check_out(&cart, 39, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void restart_finishes_what_was_placed(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_post_hold_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    struct order_group group, again;
    assert_int_equal(check_out(&cart, 40, &group).status, STATUS_OK);
    market_close(&market);
    market.shop.failures_count = 0;
    market_open(&market);
    assert_sold(&cart);
    const struct answer answer = check_out(&cart, 40, &again);
    assert_true(answer.is_replayed);
    assert_true(uuid_equals(group.id, again.id));
}

static void restart_goes_on_before_the_pivot(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    const struct answer answer = check_out(&cart, 41, NULL);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 202);
    assert_int_equal(check_out(&cart, 41, NULL).status, STATUS_REQUEST_IN_PROGRESS);
    assert_int_equal(add(&cart, BOWL, 1, NULL).status, STATUS_CHECKOUT_IN_PROGRESS);
    market_close(&market);
    market.shop.failures_count = 0;
    market_open(&market);
    assert_sold(&cart);
    struct order_group group;
    assert_int_equal(check_out(&cart, 41, &group).http_status, 201);
    assert_int_equal(group.orders_count, 2);
}

/* What a program has begun that knew no promotions, or no cards: its node has died at that message,
 * and another program finds its row. */
static struct answer begun_before(const struct order_cart *cart, uint8_t key, int version,
                                  const struct message *message)
{
    char sql[96];
    shop_fail(&market.shop, (struct shop_failure){ .message = message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    const struct answer answer = check_out(cart, key, NULL);
    market_close(&market);
    market.shop.failures_count = 0;
    (void)snprintf(sql, sizeof sql,
                   "UPDATE host.saga SET version = %d WHERE NOT is_done RETURNING kind", version);
    assert_string_equal(scratch_sql(market.scratch, "order", sql), "checkout");
    return answer;
}

static void checkout_of_every_version_goes_on_before_the_pivot(void **state)
{
    (void)state;
    for (int version = 1; version <= 2; version++) {
        const struct order_cart cart = filled_cart();
        const struct answer answer =
            begun_before(&cart, (uint8_t)(50 + version), version, &wallet_hold_funds_message);
        assert_int_equal(answer.http_status, 202);
        market_open(&market);
        struct order_group group;
        market_settle(&market);
        assert_int_equal(check_out(&cart, (uint8_t)(50 + version), &group).http_status, 201);
        assert_int_equal(group.orders_count, 2);
        assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 10 - 2 * version);
        assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 4498 * version);
    }
}

static void checkout_of_every_version_is_undone_before_the_pivot(void **state)
{
    (void)state;
    for (int version = 1; version <= 2; version++) {
        const struct order_cart cart = filled_cart();
        (void)begun_before(&cart, (uint8_t)(52 + version), version, &wallet_hold_funds_message);
        market.shop.wallet.amount = 4497;
        market_open(&market);
        market_settle(&market);
        assert_int_equal(check_out(&cart, (uint8_t)(52 + version), NULL).status,
                         STATUS_INSUFFICIENT_FUNDS);
        market.shop.wallet.amount = SHOPPER_MONEY;
        assert_nothing_happened(&cart);
    }
}

static void checkout_of_every_version_is_ended_after_the_pivot(void **state)
{
    (void)state;
    for (int version = 1; version <= 2; version++) {
        const struct order_cart cart = filled_cart();
        const struct answer answer =
            begun_before(&cart, (uint8_t)(54 + version), version, &wallet_post_hold_message);
        assert_int_equal(answer.http_status, 201);
        market_open(&market);
        market_settle(&market);
        assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 10 - 2 * version);
        assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 4498 * version);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(shortage_at_the_reservation_undoes_all),
        CLAIM(empty_wallet_undoes_all),
        CLAIM(catalogue_away_for_long_undoes_all),
        CLAIM(wallet_away_for_long_undoes_all),
        CLAIM(checkout_that_an_outage_undid_may_be_tried_again_under_its_key),
        CLAIM(checkout_that_was_accepted_and_undone_says_so_under_its_key),
        CLAIM(refusal_of_a_checkout_is_kept_under_its_key),
        CLAIM(lost_answers_before_giving_up_leave_nothing_behind),
        CLAIM(undo_is_repeated_until_it_is_done),
        CLAIM(pivot_is_refused_when_what_was_set_aside_would_lapse),
        CLAIM(placement_that_is_asked_again_answers_alike),
        CLAIM(group_that_is_placed_is_not_abandoned),
        CLAIM(only_what_failed_or_never_began_lets_go_of_what_was_set_aside),
        CLAIM(lost_answers_everywhere_still_sell_once),
        CLAIM(after_the_pivot_it_only_goes_forward),
        CLAIM(restart_finishes_what_was_placed),
        CLAIM(restart_goes_on_before_the_pivot),
        CLAIM(checkout_of_every_version_goes_on_before_the_pivot),
        CLAIM(checkout_of_every_version_is_undone_before_the_pivot),
        CLAIM(checkout_of_every_version_is_ended_after_the_pivot),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
