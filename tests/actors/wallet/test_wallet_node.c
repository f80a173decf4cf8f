/* Claims about wallets on a whole node: bus, dispatch, group commit, sweep. Rules and SQL have
 * tests of their own. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "tests/support/node_stage.h"
#include "wallet_messages.h"

enum {
    WALLET_SHARD = 11,
    HOLDS = 100,
    REFUNDS = 50,
    RACES = 20,
    SWEEP_TRIES = 400,
    SWEEP_PAUSE_US = 25000
};

static const struct uuid nobody;
static struct stage *stage_of_all;

static enum status grant(struct stage *stage, struct uuid wallet, int64_t amount)
{
    const struct wallet_grant command = { .wallet_id = wallet,
                                          .amount = money_make(amount, "EUR") };
    struct wallet_granted reply;
    return stage_ask(stage, nobody, &wallet_grant_message, &command, &reply);
}

static enum status hold(struct stage *stage, struct uuid wallet, struct uuid id, int64_t amount,
                        int64_t life_us)
{
    const struct wallet_hold_funds command = { .wallet_id = wallet,
                                               .hold_id = id,
                                               .amount = money_make(amount, "EUR"),
                                               .reference = TEXT("order"),
                                               .expires_at_us = stage_now_us(stage) + life_us };
    struct wallet_funds_held reply;
    return stage_ask(stage, nobody, &wallet_hold_funds_message, &command, &reply);
}

static enum status post(struct stage *stage, struct uuid wallet, struct uuid id)
{
    const struct wallet_post_hold command = { .wallet_id = wallet, .hold_id = id };
    struct wallet_hold_posted reply;
    return stage_ask(stage, nobody, &wallet_post_hold_message, &command, &reply);
}

static void assert_wallet(struct stage *stage, struct uuid wallet, int64_t available, int64_t held)
{
    const struct wallet_get_wallet query = { 0 };
    struct wallet_balances reply;
    assert_int_equal(stage_ask(stage, wallet, &wallet_get_wallet_message, &query, &reply),
                     STATUS_OK);
    assert_int_equal(reply.balances_count, 1);
    assert_int_equal(reply.balances[0].available.amount, available);
    assert_int_equal(reply.balances[0].held.amount, held);
    assert_string_equal(stage_sql(stage, "wallet", "SELECT count(*) FROM wallet.check_ledger()"),
                        "0");
    assert_string_equal(stage_sql(stage, "wallet", "SELECT count(*) FROM wallet.check_lots()"),
                        "0");
}

static void tell_hold_and_post(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = stage_new_id(stage, WALLET_SHARD);
    const struct uuid id = stage_new_id(stage, WALLET_SHARD);
    assert_int_equal(grant(stage, wallet, 500), STATUS_OK);
    assert_int_equal(hold(stage, wallet, id, 200, 600000000), STATUS_OK);
    assert_wallet(stage, wallet, 300, 200);
    assert_int_equal(hold(stage, wallet, stage_new_id(stage, WALLET_SHARD), 301, 600000000),
                     STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(post(stage, wallet, id), STATUS_OK);
    assert_int_equal(post(stage, wallet, id), STATUS_OK);
    assert_wallet(stage, wallet, 300, 0);
}

static void tell_more_holds_than_are_remembered(struct stage *stage, void *context)
{
    (void)context;
    static struct uuid ids[HOLDS];
    const struct uuid wallet = stage_new_id(stage, WALLET_SHARD);
    assert_int_equal(grant(stage, wallet, 1000), STATUS_OK);
    for (size_t i = 0; i < HOLDS; i++) {
        ids[i] = stage_new_id(stage, WALLET_SHARD);
        assert_int_equal(hold(stage, wallet, ids[i], 2, 600000000), STATUS_OK);
    }
    for (size_t i = 0; i < HOLDS; i++)
        assert_int_equal(post(stage, wallet, ids[i]), STATUS_OK);
    assert_wallet(stage, wallet, 800, 0);
}

static void tell_expiry(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = stage_new_id(stage, WALLET_SHARD);
    const struct uuid id = stage_new_id(stage, WALLET_SHARD);
    assert_int_equal(grant(stage, wallet, 500), STATUS_OK);
    assert_int_equal(hold(stage, wallet, id, 200, 1), STATUS_OK);
    const char *sql = "SELECT count(*) FROM wallet.hold WHERE state = 'pending' AND amount = 200";
    for (int i = 0; i < SWEEP_TRIES && strcmp(stage_sql(stage, "wallet", sql), "0") != 0; i++)
        stage_sleep(stage, SWEEP_PAUSE_US);
    assert_wallet(stage, wallet, 500, 0);
    assert_int_equal(post(stage, wallet, id), STATUS_OK);
    assert_wallet(stage, wallet, 300, 0);
}

/* A checkout as the order domain keeps it. */
static void make_group(struct stage *stage, struct uuid id, const char *status)
{
    char hex[33], sql[512];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    const bool is_placed = strcmp(status, "placed") == 0;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".order_group (id, cart_id, user_id, status,"
                   " payment_status, total, currency, refusal, number, created_at, placed_at)"
                   " VALUES ('%s', gen_random_uuid(), gen_random_uuid(), '%s', 'unpaid', 200,"
                   " 'EUR', %s, %s, 1, %s) RETURNING 1",
                   hex, status, strcmp(status, "failed") == 0 ? "'unavailable'" : "NULL",
                   is_placed ? "1" : "NULL", is_placed ? "1" : "NULL");
    assert_string_equal(stage_sql(stage, "order", sql), "1");
}

/* Waits until the sweep has decided on every hold whose time is over. */
static void await_sweep(struct stage *stage)
{
    const char *sql = "SELECT count(*) FROM wallet.hold WHERE state = 'pending'"
                      " AND expires_at <= extract(epoch FROM clock_timestamp()) * 1000000";
    for (int i = 0; i < SWEEP_TRIES && strcmp(stage_sql(stage, "wallet", sql), "0") != 0; i++)
        stage_sleep(stage, SWEEP_PAUSE_US);
    assert_string_equal(stage_sql(stage, "wallet", sql), "0");
}

static void tell_promise(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = stage_new_id(stage, WALLET_SHARD);
    const struct uuid placed = stage_new_id(stage, WALLET_SHARD);
    const struct uuid pending = stage_new_id(stage, WALLET_SHARD);
    const struct uuid failed = stage_new_id(stage, WALLET_SHARD);
    make_group(stage, placed, "placed");
    make_group(stage, pending, "pending");
    make_group(stage, failed, "failed");
    assert_int_equal(grant(stage, wallet, 500), STATUS_OK);
    assert_int_equal(hold(stage, wallet, placed, 200, 1), STATUS_OK);
    assert_int_equal(hold(stage, wallet, pending, 100, 1), STATUS_OK);
    assert_int_equal(hold(stage, wallet, failed, 150, 1), STATUS_OK);
    await_sweep(stage);
    assert_wallet(stage, wallet, 200, 300);
    /* What was promised buys nothing else. */
    assert_int_equal(hold(stage, wallet, stage_new_id(stage, WALLET_SHARD), 201, 600000000),
                     STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(post(stage, wallet, placed), STATUS_OK);
    assert_wallet(stage, wallet, 200, 100);
}

/* ---- all at once ---- */

struct call {
    struct stage *stage;
    const struct message *message;
    struct wallet_refund_purchase refund; /* or */
    struct wallet_post_hold post;
    enum status status;
    size_t *left;
    struct completion *done;
};

static void make_call(void *argument)
{
    struct call *call = argument;
    const bool is_refund = call->message == &wallet_refund_purchase_message;
    struct wallet_purchase_refunded refunded;
    struct wallet_hold_posted posted;
    call->status = stage_ask(call->stage, nobody, call->message,
                             is_refund ? (const void *)&call->refund : (const void *)&call->post,
                             is_refund ? (void *)&refunded : (void *)&posted);
    if (--*call->left == 0) completion_finish(call->done, STATUS_OK);
}

static void make_calls(struct stage *stage, struct call *calls, size_t count)
{
    struct fibers *fibers = stage_host(stage)->fibers;
    struct completion done;
    size_t left = count;
    completion_init(&done, fibers);
    for (size_t i = 0; i < count; i++) {
        calls[i].stage = stage;
        calls[i].left = &left;
        calls[i].done = &done;
        assert_int_equal(fiber_spawn(fibers, make_call, &calls[i]), STATUS_OK);
    }
    assert_int_equal(completion_wait(&done, INT64_MAX), STATUS_OK);
}

static struct call refund_of(struct stage *stage, struct uuid wallet, struct uuid bought,
                             int64_t amount)
{
    return (struct call){ .message = &wallet_refund_purchase_message,
                          .refund = { .wallet_id = wallet,
                                      .refund_id = stage_new_id(stage, WALLET_SHARD),
                                      .hold_id = bought,
                                      .amount = money_make(amount, "EUR"),
                                      .reference = TEXT("return") } };
}

/* Refunds of 7 each of a purchase of 200, every one named twice: 28 of them fit. */
static void tell_rush_for_one_purchase(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = stage_new_id(stage, WALLET_SHARD);
    const struct uuid bought = stage_new_id(stage, WALLET_SHARD);
    assert_int_equal(grant(stage, wallet, 200), STATUS_OK);
    assert_int_equal(hold(stage, wallet, bought, 200, 600000000), STATUS_OK);
    assert_int_equal(post(stage, wallet, bought), STATUS_OK);
    struct call *calls = arena_allocate_array(stage_arena(stage), 2 * REFUNDS, sizeof *calls);
    size_t refunded = 0;
    for (size_t i = 0; i < 2 * REFUNDS; i++)
        calls[i] = i < REFUNDS ? refund_of(stage, wallet, bought, 7) : calls[i - REFUNDS];
    make_calls(stage, calls, 2 * REFUNDS);
    for (size_t i = 0; i < 2 * REFUNDS; i++) {
        /* As many wait for one wallet as its mailbox holds. */
        if (calls[i].status != STATUS_OK && calls[i].status != STATUS_OVERLOADED)
            assert_int_equal(calls[i].status, STATUS_REFUND_EXCEEDS_PURCHASE);
        refunded += i < REFUNDS && calls[i].status == STATUS_OK;
    }
    assert_int_equal(refunded, 28);
    assert_wallet(stage, wallet, 196, 0);
}

/* A part of a hold is posted while it is given back: whatever comes first, no refund is of more
 * than the part, and none is of what was not posted yet. */
static void tell_refund_against_post(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = stage_new_id(stage, WALLET_SHARD);
    int64_t balance = 1000;
    assert_int_equal(grant(stage, wallet, balance), STATUS_OK);
    for (size_t round = 0; round < RACES; round++) {
        const struct uuid bought = stage_new_id(stage, WALLET_SHARD);
        assert_int_equal(hold(stage, wallet, bought, 50, 600000000), STATUS_OK);
        struct call calls[5];
        for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
            calls[i] = refund_of(stage, wallet, bought, 20);
        calls[round % ARRAY_LENGTH(calls)] =
            (struct call){ .message = &wallet_post_hold_message,
                           .post = { .wallet_id = wallet,
                                     .hold_id = bought,
                                     .has_amount = true,
                                     .amount = money_make(30, "EUR") } };
        make_calls(stage, calls, ARRAY_LENGTH(calls));
        size_t refunded = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(calls); i++) {
            const bool is_post = i == round % ARRAY_LENGTH(calls);
            if (is_post) assert_int_equal(calls[i].status, STATUS_OK);
            if (!is_post && calls[i].status == STATUS_OK) refunded++;
        }
        assert_in_range(refunded, 0, 1);
        balance += refunded > 0 ? 20 - 30 : -30;
    }
    assert_wallet(stage, wallet, balance, 0);
}

/* Holds of 10 each of 7 and 13 and 30 that expire and 150 that do not, posted all at once, every
 * one named twice; then all of it is given back at once. */
static void tell_rush_for_expiring_credit(struct stage *stage, void *context)
{
    enum { BOUGHT = 20 };
    static const int64_t amounts[] = { 7, 13, 30 };
    (void)context;
    struct uuid bought[BOUGHT];
    struct wallet_granted granted;
    struct call *calls = arena_allocate_array(stage_arena(stage), 2 * BOUGHT, sizeof *calls);
    const struct uuid wallet = stage_new_id(stage, WALLET_SHARD);
    assert_int_equal(grant(stage, wallet, 150), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(amounts); i++) {
        const struct wallet_grant command = {
            .wallet_id = wallet,
            .amount = money_make(amounts[i], "EUR"),
            .has_expires_at = true,
            .expires_at_us = stage_now_us(stage) + INT64_C(86400000000) * (int64_t)(1 + i)
        };
        assert_int_equal(stage_ask(stage, nobody, &wallet_grant_message, &command, &granted),
                         STATUS_OK);
    }
    for (size_t i = 0; i < BOUGHT; i++) {
        bought[i] = stage_new_id(stage, WALLET_SHARD);
        assert_int_equal(hold(stage, wallet, bought[i], 10, 600000000), STATUS_OK);
    }
    for (size_t i = 0; i < 2 * BOUGHT; i++)
        calls[i] = (struct call){ .message = &wallet_post_hold_message,
                                  .post = { .wallet_id = wallet, .hold_id = bought[i % BOUGHT] } };
    make_calls(stage, calls, 2 * BOUGHT);
    for (size_t i = 0; i < 2 * BOUGHT; i++)
        assert_int_equal(calls[i].status, STATUS_OK);
    assert_wallet(stage, wallet, 0, 0);
    for (size_t i = 0; i < BOUGHT; i++)
        calls[i] = refund_of(stage, wallet, bought[i], 10);
    make_calls(stage, calls, BOUGHT);
    assert_wallet(stage, wallet, 200, 0);
    char sql[160], hex[33];
    for (size_t i = 0; i < sizeof wallet.bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", wallet.bytes[i]);
    (void)snprintf(sql, sizeof sql, "SELECT sum(remaining) FROM wallet.lot WHERE wallet_id = '%s'",
                   hex);
    assert_string_equal(stage_sql(stage, "wallet", sql), "50");
}

static void rush_for_expiring_credit_uses_and_returns_each_unit_once(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_rush_for_expiring_credit, NULL);
}

static void refund_against_a_post_of_a_part_gives_back_no_more_than_the_part(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_refund_against_post, NULL);
}

static void rush_for_one_purchase_gives_back_no_more_than_was_paid(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_rush_for_one_purchase, NULL);
}

static void hold_and_post_move_money_once(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_hold_and_post, NULL);
}

static void more_holds_than_are_remembered_can_all_be_posted(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_more_holds_than_are_remembered, NULL);
}

static void sweep_frees_holds_by_itself(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_expiry, NULL);
}

static void sweep_keeps_what_was_promised_to_an_order(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_promise, NULL);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "wallet", "order" };
    (void)state;
    stage_of_all = stage_new(domains, ARRAY_LENGTH(domains));
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hold_and_post_move_money_once),
        cmocka_unit_test(more_holds_than_are_remembered_can_all_be_posted),
        cmocka_unit_test(rush_for_one_purchase_gives_back_no_more_than_was_paid),
        cmocka_unit_test(refund_against_a_post_of_a_part_gives_back_no_more_than_the_part),
        cmocka_unit_test(rush_for_expiring_credit_uses_and_returns_each_unit_once),
        cmocka_unit_test(sweep_frees_holds_by_itself),
        cmocka_unit_test(sweep_keeps_what_was_promised_to_an_order),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
