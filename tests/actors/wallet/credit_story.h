/* Words that the stories of credit that expires are told with. */
#pragma once

#include "tests/actors/wallet/wallet_story.h"

#include "user_messages.h"

#define DAY_US (INT64_C(86400) * 1000000)

static struct principal staff = { .kind = PRINCIPAL_ADMIN };

static inline enum status answer_as_users(void *context, const struct message *message,
                                          const void *body, void *ret_reply)
{
    (void)context;
    (void)body;
    assert_ptr_equal(message, &user_get_shopper_standing_message);
    *(struct user_shopper_standing *)ret_reply =
        (struct user_shopper_standing){ .is_active = true };
    return STATUS_OK;
}

static inline int new_credit(void **state)
{
    empty_the_ledger();
    staff.id = draw_id();
    direct_set(market, "--wallet.balance_max=0");
    direct_set(market, "--wallet.corrections_max=0");
    return new_wallet(state);
}

static inline int64_t in_days(int64_t days)
{
    return direct_now_us(market) + days * DAY_US;
}

static inline void pass_days(int64_t days)
{
    direct_advance(market, days * DAY_US);
}

static inline void sweep(const char *name)
{
    assert_int_equal(direct_sweep(market, name), STATUS_OK);
}

static inline const struct wallet_balance *balance(void)
{
    static struct wallet_balances reply;
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    const struct wallet_get_wallet query = { 0 };
    assert_int_equal(direct_call(market, &shopper, &wallet_get_wallet_message, &query, &reply),
                     STATUS_OK);
    assert_int_equal(reply.balances_count, 1);
    return &reply.balances[0];
}

/* What expires, in its order; ended by 0. */
static inline void assert_expiring(const int64_t *amounts)
{
    const struct wallet_balance *now = balance();
    size_t count = 0;
    while (amounts[count] != 0)
        count++;
    assert_int_equal(now->expiring_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(now->expiring[i].amount.amount, amounts[i]);
        if (i > 0)
            assert_true(now->expiring[i - 1].expires_at_us <= now->expiring[i].expires_at_us);
    }
}
#define ASSERT_EXPIRING(...) assert_expiring((const int64_t[]){ __VA_ARGS__, 0 })

static inline struct uuid buy(int64_t amount)
{
    struct wallet_hold_posted posted;
    const struct uuid id = draw_id();
    assert_int_equal(hold(id, amount), STATUS_OK);
    assert_int_equal(post(id, &posted), STATUS_OK);
    return id;
}

static inline void give_back(struct uuid bought, int64_t amount)
{
    struct uuid transaction_id;
    assert_int_equal(refund(draw_id(), bought, money_make(amount, "EUR"), &transaction_id),
                     STATUS_OK);
}

static inline int64_t house(const char *name)
{
    char sql[128];
    int64_t sum = 0;
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(sum(balance), 0) FROM wallet.house WHERE name = '%s'", name);
    assert_int_equal(text_parse_int(direct_sql(market, sql), &sum), STATUS_OK);
    return sum;
}

static inline enum status correct(int64_t amount)
{
    const struct wallet_correct_wallet command = { .user_id = wallet_id,
                                                   .amount = money_make(amount, "EUR"),
                                                   .reason = TEXT("by mistake") };
    struct wallet_corrected reply;
    return direct_call(market, &staff, &wallet_correct_wallet_message, &command, &reply);
}

#define CREDIT_TEST(test) cmocka_unit_test_setup_teardown(test, new_credit, ledger_is_whole)
