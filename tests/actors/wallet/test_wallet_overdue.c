/* Claims about holds whose time is over: what the order domain says decides, not the clock. */
#include "order_messages.h"
#include "tests/actors/wallet/wallet_story.h"

/* What the order domain says of overdue holds. */
struct orders {
    enum status status;
    bool have_lapsed;
    size_t asked;
};

static enum status answer_as_orders(void *context, const struct message *message, const void *body,
                                    void *ret_reply)
{
    struct orders *orders = context;
    const struct order_find_lapsed_groups *query = body;
    assert_ptr_equal(message, &order_find_lapsed_groups_message);
    orders->asked += query->group_ids_count;
    if (orders->status == STATUS_OK && orders->have_lapsed)
        *(struct order_lapsed_groups *)ret_reply =
            (struct order_lapsed_groups){ .group_ids = query->group_ids,
                                          .group_ids_count = query->group_ids_count };
    return orders->status;
}

static void sweep_keeps_every_hold_while_the_orders_do_not_answer(void **state)
{
    (void)state;
    struct orders orders = { .status = STATUS_UNAVAILABLE, .have_lapsed = true };
    direct_set_peer(market, answer_as_orders, &orders);
    const struct uuid due = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(due, 200), STATUS_OK);
    direct_advance(market, 20 * (int64_t)MINUTE_US);
    assert_int_equal(direct_sweep(market, "overdue_holds"), STATUS_UNAVAILABLE);
    assert_eur(300, 200);
    orders.status = STATUS_OK;
    assert_int_equal(direct_sweep(market, "overdue_holds"), STATUS_OK);
    assert_eur(500, 0);
}

static void sweep_asks_again_later_about_what_is_kept(void **state)
{
    (void)state;
    struct orders orders = { .status = STATUS_OK };
    direct_set_peer(market, answer_as_orders, &orders);
    const struct uuid due = draw_id();
    struct wallet_hold_posted posted;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(due, 200), STATUS_OK);
    direct_advance(market, 20 * (int64_t)MINUTE_US);
    assert_int_equal(direct_sweep(market, "overdue_holds"), STATUS_OK);
    assert_int_equal(direct_sweep(market, "overdue_holds"), STATUS_OK);
    assert_int_equal(orders.asked, 1);
    assert_eur(300, 200);
    direct_advance(market, MINUTE_US);
    direct_forget(market);
    assert_int_equal(direct_sweep(market, "overdue_holds"), STATUS_OK);
    assert_int_equal(orders.asked, 2);
    assert_int_equal(post(due, &posted), STATUS_OK);
    assert_eur(300, 0);
}

static void sweep_frees_holds_whose_time_is_over(void **state)
{
    (void)state;
    struct orders orders = { .status = STATUS_OK, .have_lapsed = true };
    direct_set_peer(market, answer_as_orders, &orders);
    struct wallet_hold_posted posted;
    const struct uuid due = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(due, 200), STATUS_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(hold(draw_id(), 1), STATUS_OK);
    direct_advance(market, 19 * (int64_t)MINUTE_US);
    assert_int_equal(hold(draw_id(), 100), STATUS_OK);
    assert_int_equal(direct_sweep(market, "overdue_holds"), STATUS_OK);
    assert_eur(180, 320);
    direct_advance(market, MINUTE_US);
    direct_forget(market);
    assert_int_equal(direct_sweep(market, "overdue_holds"), STATUS_OK);
    assert_eur(400, 100);
    /* An outage may put the posting behind the expiry: the sale stands, so the money is taken. */
    assert_int_equal(post(due, &posted), STATUS_OK);
    assert_int_equal(post(due, &posted), STATUS_OK);
    assert_eur(200, 100);
}

static void sweep_forgets_holds_that_were_settled_long_ago_and_no_others(void **state)
{
    (void)state;
    const int64_t day_us = 24 * 60 * (int64_t)MINUTE_US;
    empty_the_ledger();
    struct wallet_hold_posted posted;
    const struct uuid old = draw_id(), never = draw_id(), pending = draw_id(), young = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(old, 200), STATUS_OK);
    assert_int_equal(post(old, &posted), STATUS_OK);
    assert_int_equal(void_(never), STATUS_OK); /* the mark of a hold that has not come */
    assert_int_equal(hold(pending, 10), STATUS_OK);
    direct_advance(market, 89 * day_us);
    assert_int_equal(hold(young, 20), STATUS_OK);
    assert_int_equal(post(young, &posted), STATUS_OK);
    assert_int_equal(direct_sweep(market, "old_holds"), STATUS_OK);
    assert_true(text_equals_string(direct_sql(market, "SELECT count(*) FROM wallet.hold"), "4"));
    direct_advance(market, 2 * day_us);
    assert_int_equal(direct_sweep(market, "old_holds"), STATUS_OK);
    assert_true(text_equals_string(
        direct_sql(market, "SELECT string_agg(state, ' ' ORDER BY state) FROM wallet.hold"),
        "pending posted"));
    direct_forget(market);
    assert_eur(270, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(sweep_frees_holds_whose_time_is_over),
        LEDGER_TEST(sweep_keeps_every_hold_while_the_orders_do_not_answer),
        LEDGER_TEST(sweep_asks_again_later_about_what_is_kept),
        LEDGER_TEST(sweep_forgets_holds_that_were_settled_long_ago_and_no_others),
    };
    market = direct_market_new(&wallet_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
