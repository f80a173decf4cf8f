/* Claims about credit that expires: who gives it, within which limits, who is told of it, and that
 * a check finds what is wrong. Against a scratch database. */
#include "tests/actors/wallet/credit_story.h"

#include <string.h>

/* ---- by staff ---- */

static struct wallet_credit_wallet credit_of(int64_t amount)
{
    return (struct wallet_credit_wallet){ .user_id = wallet_id,
                                          .amount = money_make(amount, "EUR"),
                                          .has_reference = true,
                                          .reference = TEXT("goodwill"),
                                          .reason = TEXT("the parcel came late") };
}

static enum status credit(const struct wallet_credit_wallet *command)
{
    struct wallet_credited reply;
    return direct_call(market, &staff, &wallet_credit_wallet_message, command, &reply);
}

static void staff_credits_for_a_time_or_for_good_with_a_reason(void **state)
{
    (void)state;
    const size_t audited = direct_events(market, wallet_action_was_audited_message.number);
    struct wallet_credit_wallet command = credit_of(50);
    assert_int_equal(credit(&command), STATUS_OK);
    assert_int_equal(balance()->expiring_count, 0);
    command.has_expires_at = true;
    command.expires_at_us = in_days(4);
    assert_int_equal(credit(&command), STATUS_OK);
    ASSERT_EXPIRING(50);
    assert_eur(100, 0);
    assert_int_equal(direct_events(market, wallet_action_was_audited_message.number), audited + 2);
    assert_text_equal(direct_sql(market, "SELECT DISTINCT kind || ' ' || reason || ' ' || reference"
                                         " FROM wallet.transaction WHERE kind = 'credit'"),
                      TEXT("credit the parcel came late goodwill"));
}

static void credit_needs_a_time_ahead_an_amount_and_words(void **state)
{
    (void)state;
    struct wallet_credit_wallet command = credit_of(50);
    command.has_expires_at = true;
    command.expires_at_us = direct_now_us(market);
    assert_int_equal(credit(&command), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/expires_at");
    command.expires_at_us = in_days(4000);
    assert_int_equal(credit(&command), STATUS_INVALID_VALUE);
    command = credit_of(50);
    command.reason = TEXT(" ");
    assert_int_equal(credit(&command), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/reason");
    command = credit_of(50);
    command.amount = money_make(50, "QQQ");
    assert_int_equal(credit(&command), STATUS_INVALID_VALUE);
    assert_int_equal(grant_until(50, direct_now_us(market) - 1), STATUS_INVALID_VALUE);
}

static void credits_and_corrections_share_one_limit_a_day(void **state)
{
    (void)state;
    direct_set(market, "--wallet.corrections_max=100");
    struct wallet_credit_wallet command = credit_of(70);
    assert_int_equal(credit(&command), STATUS_OK);
    assert_int_equal(correct(-20), STATUS_OK);
    command = credit_of(11);
    assert_int_equal(credit(&command), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(direct_last_fault(market).available, 10);
    assert_int_equal(correct(11), STATUS_LIMIT_EXCEEDED);
    pass_days(1);
    assert_int_equal(credit(&command), STATUS_OK);
}

static void credit_that_expires_is_bounded_in_number(void **state)
{
    (void)state;
    for (int i = 0; i < 64; i++)
        assert_int_equal(grant_until(1, in_days(1 + i % 7)), STATUS_OK);
    assert_int_equal(grant_until(1, in_days(3)), STATUS_LIMIT_EXCEEDED);
    assert_string_equal(direct_last_fault(market).pointer, "/expires_at");
    assert_int_equal(balance()->expiring_count, 10);
    assert_int_equal(grant(1, "EUR"), STATUS_OK);
    (void)buy(1);
    assert_int_equal(grant_until(1, in_days(3)), STATUS_OK);
    (void)buy(65);
    assert_eur(0, 0);
}

/* ---- told ---- */

static void shopper_is_told_once_some_days_before(void **state)
{
    (void)state;
    struct told_notice_was_raised event;
    direct_set(market, "--wallet.credit_notice=7d");
    const size_t told = direct_events(market, wallet_notice_was_raised_message.number);
    assert_int_equal(grant_until(50, in_days(10)), STATUS_OK);
    sweep("expiring_credit");
    assert_int_equal(direct_events(market, wallet_notice_was_raised_message.number), told);
    pass_days(4);
    sweep("expiring_credit");
    sweep("expiring_credit");
    assert_int_equal(direct_events(market, wallet_notice_was_raised_message.number), told + 1);
    direct_last_event(market, &wallet_notice_was_raised_message, &event);
    assert_int_equal(event.notice.kind, COMMON_NOTICE_KIND_CREDIT_EXPIRING);
    assert_int_equal(event.notice.facts_count, 2);
    assert_text_equal(event.notice.facts[0].value, TEXT("0.50 EUR"));
    assert_int_equal(event.notice.facts[1].value.length, 10);
}

static void who_wants_no_notice_ahead_gets_none(void **state)
{
    (void)state;
    direct_set(market, "--wallet.credit_notice=0");
    const size_t told = direct_events(market, wallet_notice_was_raised_message.number);
    assert_int_equal(grant_until(50, in_days(1)), STATUS_OK);
    sweep("expiring_credit");
    assert_int_equal(direct_events(market, wallet_notice_was_raised_message.number), told);
}

/* ---- the check ---- */

static void check_lots_finds_every_kind_of_tampering(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *violation;
    } tamperings[] = {
        { "UPDATE wallet.lot SET remaining = remaining - 1", "has what it got" },
        { "UPDATE wallet.balance SET balance = 5", "no more than their balance" },
        { "UPDATE wallet.balance SET lots_expire_at = NULL", "knows when" },
        { "UPDATE wallet.balance SET lots_expire_at = 7", "knows when" },
        { "UPDATE wallet.lot SET wallet_id = gen_random_uuid()", "part of a credit" },
        { "UPDATE wallet.lot_move SET amount = -60", "no more in lots" },
        { "DELETE FROM wallet.lot_move m USING wallet.transaction t"
          " WHERE t.id = m.transaction_id AND t.kind = 'lapse'",
          "what lapses was in lots" },
        { "UPDATE wallet.lot_move SET amount = 25 WHERE amount = 10", "gets back no more" },
    };
    assert_int_equal(grant_until(30, in_days(1)), STATUS_OK);
    assert_int_equal(grant_until(50, in_days(5)), STATUS_OK);
    const struct uuid bought = buy(20);
    pass_days(2);
    sweep("lapsed_credit");
    give_back(bought, 10);
    for (size_t i = 0; i < ARRAY_LENGTH(tamperings); i++) {
        (void)direct_sql(market, "BEGIN");
        (void)direct_sql(market, "SET LOCAL session_replication_role = replica");
        (void)direct_sql(market, tamperings[i].sql);
        const struct text found = direct_sql(
            market, "SELECT string_agg(DISTINCT violation, '; ') FROM wallet.check_lots()");
        char text[512];
        (void)snprintf(text, sizeof text, "%.*s", (int)found.length,
                       found.length > 0 ? found.data : "");
        if (strstr(text, tamperings[i].violation) == NULL)
            fail_msg("%s: found '%s'", tamperings[i].sql, text);
        (void)direct_sql(market, "ROLLBACK");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CREDIT_TEST(staff_credits_for_a_time_or_for_good_with_a_reason),
        CREDIT_TEST(credit_needs_a_time_ahead_an_amount_and_words),
        CREDIT_TEST(credits_and_corrections_share_one_limit_a_day),
        CREDIT_TEST(credit_that_expires_is_bounded_in_number),
        CREDIT_TEST(shopper_is_told_once_some_days_before),
        CREDIT_TEST(who_wants_no_notice_ahead_gets_none),
        CREDIT_TEST(check_lots_finds_every_kind_of_tampering),
    };
    market = direct_market_new(&wallet_domain);
    direct_set_peer(market, answer_as_users, NULL);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
