/* Claims about gift cards in the handlers and their SQL, against a scratch database: made with
 * codes that nobody keeps, redeemed once whatever happens in between. After each test ledger, lots
 * and cards must be whole. */
#include "tests/actors/wallet/wallet_story.h"

#include <string.h>

#include "actors/wallet/wallet_gift_digest.h"
#include "actors/wallet/wallet_gift_store.h"

#define DAY_US (INT64_C(86400) * 1000000)

static struct principal staff = { .kind = PRINCIPAL_ADMIN };

static int new_desk(void **state)
{
    empty_the_ledger();
    staff.id = draw_id();
    direct_set(market, "--wallet.balance_max=0");
    direct_set(market, "--wallet.corrections_max=0");
    return new_wallet(state);
}

static struct wallet_make_gift_cards cards_of(int64_t amount, int64_t count)
{
    return (struct wallet_make_gift_cards){ .amount = money_make(amount, "EUR"),
                                            .count = count,
                                            .reference = TEXT("Christmas"),
                                            .reason = TEXT("sold at the desk") };
}

static enum status make(struct wallet_make_gift_cards command,
                        struct wallet_gift_cards_made *ret_made)
{
    return direct_call(market, &staff, &wallet_make_gift_cards_message, &command, ret_made);
}

/* One card; returns its code. */
static struct text card_until(int64_t amount, int64_t expires_at_us, struct uuid *ret_id)
{
    struct wallet_gift_cards_made made;
    struct wallet_make_gift_cards command = cards_of(amount, 1);
    command.has_expires_at = expires_at_us != 0;
    command.expires_at_us = expires_at_us;
    assert_int_equal(make(command, &made), STATUS_OK);
    if (ret_id != NULL) *ret_id = made.data[0].id;
    return made.codes[0];
}

static enum status redeem_as(struct uuid user_id, struct text code,
                             struct wallet_gift_card_redeemed *ret_reply)
{
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = user_id };
    const struct wallet_redeem_gift_card command = { .code = code };
    return direct_call(market, &shopper, &wallet_redeem_gift_card_message, &command, ret_reply);
}

static enum status redeem(struct text code)
{
    struct wallet_gift_card_redeemed reply;
    return redeem_as(wallet_id, code, &reply);
}

static size_t cards_that_are(int state)
{
    struct wallet_gift_card_page page;
    const struct wallet_list_gift_cards query = { .has_state = state >= 0,
                                                  .state = state >= 0 ? (unsigned)state : 0,
                                                  .has_limit = true,
                                                  .limit = 100 };
    assert_int_equal(direct_call(market, &staff, &wallet_list_gift_cards_message, &query, &page),
                     STATUS_OK);
    assert_false(page.has_more);
    for (size_t i = 0; state >= 0 && i < page.data_count; i++)
        assert_int_equal(page.data[i].state, state);
    return page.data_count;
}

static enum status block(struct uuid card_id, struct wallet_gift_card *ret_card)
{
    const struct wallet_block_gift_card command = { .card_id = card_id,
                                                    .reason = TEXT("it was stolen") };
    return direct_call(market, &staff, &wallet_block_gift_card_message, &command, ret_card);
}

static void assert_sql(const char *sql, const char *expected)
{
    assert_text_equal(direct_sql(market, sql), text_of(expected));
}

/* ---- made ---- */

static void cards_are_made_at_once_with_codes_that_are_not_kept(void **state)
{
    (void)state;
    struct wallet_gift_cards_made made;
    assert_int_equal(make(cards_of(2500, 100), &made), STATUS_OK);
    assert_int_equal(made.data_count, 100);
    assert_int_equal(made.codes_count, 100);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_OPEN), 100);
    assert_sql("SELECT count(DISTINCT digest) FROM wallet.gift_card", "100");
    for (size_t i = 0; i < made.codes_count; i++) {
        struct gift_code code;
        assert_true(gift_code_read(made.codes[i], &code));
        assert_memory_equal(made.data[i].last4.data, gift_code_last4(&code).data, 4);
        char sql[160];
        (void)snprintf(sql, sizeof sql,
                       "SELECT count(*) FROM wallet.gift_card g WHERE g::text LIKE '%%%s%%'",
                       code.characters);
        if (i < 3) assert_sql(sql, "0");
    }
}

static void cards_need_a_currency_a_time_ahead_and_words(void **state)
{
    (void)state;
    struct wallet_gift_cards_made made;
    struct wallet_make_gift_cards command = cards_of(2500, 1);
    direct_set(market, "--market.currencies=USD");
    command.amount = money_make(2500, "JPY");
    assert_int_equal(make(command, &made), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/amount/currency");
    direct_set(market, "--market.currencies=");
    command = cards_of(2500, 1);
    command.has_expires_at = true;
    command.expires_at_us = direct_now_us(market);
    assert_int_equal(make(command, &made), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/expires_at");
    command = cards_of(2500, 1);
    command.reference = TEXT("\xe2\x80\x8b");
    assert_int_equal(make(command, &made), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/reference");
    assert_int_equal(cards_that_are(-1), 0);
}

static void cards_count_against_the_day_of_who_makes_them(void **state)
{
    (void)state;
    struct wallet_gift_cards_made made;
    direct_set(market, "--wallet.corrections_max=1000");
    assert_int_equal(make(cards_of(300, 3), &made), STATUS_OK);
    assert_int_equal(make(cards_of(51, 2), &made), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(direct_last_fault(market).available, 100);
    assert_int_equal(make(cards_of(50, 2), &made), STATUS_OK);
    assert_sql("SELECT sum(amount) FROM wallet.gift_card", "1000");
    direct_advance(market, DAY_US);
    assert_int_equal(make(cards_of(1000, 1), &made), STATUS_OK);
}

/* ---- redeemed ---- */

static void card_brings_what_it_is_worth_once(void **state)
{
    (void)state;
    struct wallet_gift_card_redeemed first, second, third;
    struct uuid other = draw_id();
    const struct text code = card_until(2500, 0, NULL);
    assert_int_equal(redeem_as(wallet_id, code, &first), STATUS_OK);
    assert_int_equal(first.amount.amount, 2500);
    assert_int_equal(first.balance.amount, 2500);
    assert_false(first.has_expires_at);
    assert_int_equal(redeem_as(wallet_id, code, &second), STATUS_OK);
    direct_forget(market);
    assert_int_equal(redeem_as(wallet_id, code, &third), STATUS_OK);
    assert_true(uuid_equals(first.transaction_id, second.transaction_id));
    assert_true(uuid_equals(first.transaction_id, third.transaction_id));
    assert_int_equal(redeem_as(other, code, &third), STATUS_GIFT_CARD_USED);
    assert_string_equal(direct_last_fault(market).pointer, "/code");
    assert_eur(2500, 0);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_REDEEMED), 1);
    assert_sql("SELECT string_agg(kind || ' ' || amount || ' ' || reference, ', ')"
               " FROM wallet.transaction",
               "gift_card 2500 Christmas");
    assert_sql("SELECT sum(balance) FROM wallet.house WHERE name = 'grants'", "-2500");
}

static void code_is_taken_in_any_case_without_hyphens(void **state)
{
    (void)state;
    const struct text code = card_until(2500, 0, NULL);
    char typed[64];
    size_t length = 0;
    typed[length++] = ' ';
    for (size_t i = 0; i < code.length; i++)
        if (code.data[i] != '-')
            typed[length++] = code.data[i] >= 'A' ? (char)(code.data[i] | 0x20) : code.data[i];
    assert_int_equal(redeem((struct text){ typed, length }), STATUS_OK);
    assert_eur(2500, 0);
}

static void mistyped_code_is_told_as_such_and_asks_nobody(void **state)
{
    (void)state;
    const struct text code = card_until(2500, 0, NULL);
    char typed[64];
    memcpy(typed, code.data, code.length);
    typed[0] = typed[0] == '2' ? '3' : '2';
    const size_t before = direct_statements(market);
    assert_int_equal(redeem((struct text){ typed, code.length }), STATUS_GIFT_CARD_MISTYPED);
    assert_string_equal(direct_last_fault(market).pointer, "/code");
    assert_int_equal(redeem(TEXT("hello")), STATUS_GIFT_CARD_MISTYPED);
    assert_int_equal(direct_statements(market), before);
}

static void unknown_and_blocked_codes_look_alike(void **state)
{
    (void)state;
    const uint32_t numbers[GIFT_CODE_DRAWN] = { 1, 2, 3 };
    const struct gift_code unknown = gift_code_make(numbers);
    struct wallet_gift_card card;
    struct uuid id;
    const struct text code = card_until(2500, 0, &id);
    assert_int_equal(redeem(text_of(unknown.characters)), STATUS_GIFT_CARD_UNKNOWN);
    const struct request_fault fault = direct_last_fault(market);
    assert_int_equal(block(id, &card), STATUS_OK);
    assert_int_equal(card.state, WALLET_GIFT_CARD_STATE_BLOCKED);
    assert_int_equal(redeem(code), STATUS_GIFT_CARD_UNKNOWN);
    const struct request_fault again = direct_last_fault(market);
    assert_string_equal(fault.pointer, again.pointer);
    assert_text_equal(fault.detail, again.detail);
    assert_int_equal(block(id, &card), STATUS_OK);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_BLOCKED), 1);
}

static void redeemed_card_is_not_blocked_and_an_unknown_one_not_found(void **state)
{
    (void)state;
    struct wallet_gift_card card;
    struct uuid id;
    assert_int_equal(redeem(card_until(2500, 0, &id)), STATUS_OK);
    assert_int_equal(block(id, &card), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(block(draw_id(), &card), STATUS_NOT_FOUND);
}

static void card_whose_time_is_over_brings_nothing(void **state)
{
    (void)state;
    const struct text code = card_until(2500, direct_now_us(market) + DAY_US, NULL);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_OPEN), 1);
    direct_advance(market, DAY_US);
    assert_int_equal(redeem(code), STATUS_GIFT_CARD_EXPIRED);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_EXPIRED), 1);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_OPEN), 0);
}

static void what_a_card_brought_lapses_with_the_card(void **state)
{
    (void)state;
    struct wallet_gift_card_redeemed reply;
    const int64_t over_us = direct_now_us(market) + 5 * DAY_US;
    assert_int_equal(redeem_as(wallet_id, card_until(2500, over_us, NULL), &reply), STATUS_OK);
    assert_true(reply.has_expires_at);
    assert_int_equal(reply.expires_at_us, over_us);
    assert_eur(2500, 0);
    direct_advance(market, 5 * DAY_US);
    assert_int_equal(direct_sweep(market, "lapsed_credit"), STATUS_OK);
    assert_eur(0, 0);
}

/* ---- limits ---- */

static void limits_stand_before_the_card_is_used(void **state)
{
    (void)state;
    direct_set(market, "--wallet.balance_max=3000");
    assert_int_equal(grant(1000, "EUR"), STATUS_OK);
    const struct text code = card_until(2500, 0, NULL);
    assert_int_equal(redeem(code), STATUS_LIMIT_EXCEEDED);
    assert_string_equal(direct_last_fault(market).pointer, "/code");
    assert_int_equal(direct_last_fault(market).available, 2000);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_OPEN), 1);
    direct_set(market, "--wallet.balance_max=3500");
    assert_int_equal(redeem(code), STATUS_OK);
    assert_eur(3500, 0);
}

static void bound_of_lots_stands_before_the_card_is_used(void **state)
{
    (void)state;
    const int64_t over_us = direct_now_us(market) + DAY_US;
    for (int i = 0; i < 64; i++)
        assert_int_equal(grant_until(1, over_us), STATUS_OK);
    assert_int_equal(redeem(card_until(2500, over_us, NULL)), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(cards_that_are(WALLET_GIFT_CARD_STATE_OPEN), 1);
    assert_int_equal(redeem(card_until(2500, 0, NULL)), STATUS_OK);
    assert_eur(2564, 0);
}

/* ---- cut short ---- */

static struct wallet_claim_gift_card claim_of(struct text text, struct uuid user_id)
{
    static uint8_t digest[GIFT_DIGEST_BYTES];
    struct gift_code code;
    char sql[256], hex[2 * GIFT_DIGEST_BYTES + 1] = { 0 };
    struct uuid id;
    assert_true(gift_code_read(text, &code));
    /* As the row has it: the digest is a secret of the market. */
    (void)snprintf(sql, sizeof sql,
                   "SELECT encode(digest, 'hex') FROM wallet.gift_card WHERE last4 = '%.4s'",
                   gift_code_last4(&code).data);
    const struct text found = direct_sql(market, sql);
    assert_int_equal(found.length, 2 * GIFT_DIGEST_BYTES);
    memcpy(hex, found.data, found.length);
    for (size_t i = 0; i < GIFT_DIGEST_BYTES; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        digest[i] = (uint8_t)byte;
    }
    id = gift_card_id(digest);
    return (
        struct wallet_claim_gift_card){ id, { (const char *)digest, GIFT_DIGEST_BYTES }, user_id };
}

/* The node ends when the card is claimed and nobody is credited. */
static void claim(struct text code, struct uuid user_id)
{
    struct wallet_gift_card_terms terms;
    const struct wallet_claim_gift_card command = claim_of(code, user_id);
    assert_int_equal(direct_call(market, NULL, &wallet_claim_gift_card_message, &command, &terms),
                     STATUS_OK);
    direct_forget(market);
}

static void sweep_finishes_what_was_cut_short(void **state)
{
    (void)state;
    const struct text code = card_until(2500, 0, NULL);
    claim(code, wallet_id);
    assert_int_equal(direct_sweep(market, "redeemed_cards"), STATUS_OK);
    assert_sql("SELECT count(*) FROM wallet.transaction", "0"); /* it is left alone for a while */
    direct_advance(market, 11 * 1000000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(direct_sweep(market, "redeemed_cards"), STATUS_OK);
    assert_eur(2500, 0);
    assert_sql("SELECT count(*) FROM wallet.gift_card WHERE credited_at IS NOT NULL", "1");
    assert_int_equal(redeem(code), STATUS_OK);
    assert_eur(2500, 0);
}

static void shopper_who_tries_again_finishes_it_himself(void **state)
{
    (void)state;
    struct wallet_gift_card_redeemed reply;
    const struct text code = card_until(2500, 0, NULL);
    claim(code, wallet_id);
    assert_int_equal(redeem_as(draw_id(), code, &reply), STATUS_GIFT_CARD_USED);
    assert_int_equal(redeem(code), STATUS_OK);
    assert_eur(2500, 0);
    direct_advance(market, 11 * 1000000);
    assert_int_equal(direct_sweep(market, "redeemed_cards"), STATUS_OK);
    assert_eur(2500, 0);
    assert_sql("SELECT count(*) FROM wallet.gift_card WHERE credited_at IS NOT NULL", "1");
}

static void what_was_cut_short_is_credited_whatever_limits_and_times_say(void **state)
{
    (void)state;
    const struct text code = card_until(2500, direct_now_us(market) + DAY_US, NULL);
    claim(code, wallet_id);
    direct_set(market, "--wallet.balance_max=100");
    direct_set(market, "--wallet.credit_grace=10d");
    direct_advance(market, 2 * DAY_US);
    assert_int_equal(direct_sweep(market, "redeemed_cards"), STATUS_OK);
    assert_int_equal(direct_sweep(market, "lapsed_credit"), STATUS_OK);
    assert_eur(2500, 0);
    direct_advance(market, 10 * DAY_US);
    assert_int_equal(direct_sweep(market, "lapsed_credit"), STATUS_OK);
    assert_eur(0, 0);
}

static void forged_digest_opens_no_card(void **state)
{
    (void)state;
    struct wallet_gift_card_terms terms;
    const struct text code = card_until(2500, 0, NULL);
    struct wallet_claim_gift_card command = claim_of(code, wallet_id);
    uint8_t digest[GIFT_DIGEST_BYTES];
    memcpy(digest, command.digest.data, sizeof digest);
    digest[GIFT_DIGEST_BYTES - 1] ^= 1;
    command.digest = (struct text){ (const char *)digest, sizeof digest };
    assert_int_equal(direct_call(market, NULL, &wallet_claim_gift_card_message, &command, &terms),
                     STATUS_GIFT_CARD_UNKNOWN);
}

/* ---- lists and rows ---- */

static void pages_show_each_card_once(void **state)
{
    (void)state;
    struct wallet_gift_cards_made made;
    assert_int_equal(make(cards_of(1, 7), &made), STATUS_OK);
    struct wallet_list_gift_cards query = { .has_limit = true, .limit = 3 };
    struct wallet_gift_card_page page;
    size_t count = 0;
    do {
        assert_int_equal(
            direct_call(market, &staff, &wallet_list_gift_cards_message, &query, &page), STATUS_OK);
        count += page.data_count;
        query.has_after = true;
        query.after = page.next;
    } while (page.has_more);
    assert_int_equal(count, 7);
    query.after = TEXT("nonsense");
    assert_int_equal(direct_call(market, &staff, &wallet_list_gift_cards_message, &query, &page),
                     STATUS_INVALID_PARAMETER);
}

static void used_card_is_not_opened_again_by_anybody(void **state)
{
    (void)state;
    assert_int_equal(redeem(card_until(2500, 0, NULL)), STATUS_OK);
    static const char *const tricks[] = {
        "WITH g AS (UPDATE wallet.gift_card SET state = 'open', wallet_id = NULL,"
        " redeemed_at = NULL RETURNING 1) SELECT count(*) FROM g",
        "WITH g AS (UPDATE wallet.gift_card SET wallet_id = gen_random_uuid() RETURNING 1)"
        " SELECT count(*) FROM g",
        "WITH g AS (UPDATE wallet.gift_card SET amount = 9999 RETURNING 1) SELECT count(*) FROM g",
        "WITH g AS (DELETE FROM wallet.gift_card RETURNING 1) SELECT count(*) FROM g",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(tricks); i++)
        assert_text_equal(direct_sql_as_role(market, tricks[i]), TEXT(""));
}

static void check_finds_cards_that_were_not_credited_as_they_should(void **state)
{
    (void)state;
    static const char *const tamperings[] = {
        "UPDATE wallet.gift_card SET amount = amount + 1",
        "UPDATE wallet.gift_card SET wallet_id = gen_random_uuid()",
        "DELETE FROM wallet.gift_card_credit",
        "DELETE FROM wallet.gift_card",
    };
    assert_int_equal(redeem(card_until(2500, 0, NULL)), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(tamperings); i++) {
        (void)direct_sql(market, "BEGIN");
        (void)direct_sql(market, "SET LOCAL session_replication_role = replica");
        (void)direct_sql(market, tamperings[i]);
        const struct text found =
            direct_sql(market, "SELECT (count(*) > 0)::text FROM wallet.check_gift_cards()");
        assert_text_equal(found, TEXT("true"));
        (void)direct_sql(market, "ROLLBACK");
    }
}

#define CARD_TEST(test) cmocka_unit_test_setup_teardown(test, new_desk, ledger_is_whole)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CARD_TEST(cards_are_made_at_once_with_codes_that_are_not_kept),
        CARD_TEST(cards_need_a_currency_a_time_ahead_and_words),
        CARD_TEST(cards_count_against_the_day_of_who_makes_them),
        CARD_TEST(card_brings_what_it_is_worth_once),
        CARD_TEST(code_is_taken_in_any_case_without_hyphens),
        CARD_TEST(mistyped_code_is_told_as_such_and_asks_nobody),
        CARD_TEST(unknown_and_blocked_codes_look_alike),
        CARD_TEST(redeemed_card_is_not_blocked_and_an_unknown_one_not_found),
        CARD_TEST(card_whose_time_is_over_brings_nothing),
        CARD_TEST(what_a_card_brought_lapses_with_the_card),
        CARD_TEST(limits_stand_before_the_card_is_used),
        CARD_TEST(bound_of_lots_stands_before_the_card_is_used),
        CARD_TEST(sweep_finishes_what_was_cut_short),
        CARD_TEST(shopper_who_tries_again_finishes_it_himself),
        CARD_TEST(what_was_cut_short_is_credited_whatever_limits_and_times_say),
        CARD_TEST(forged_digest_opens_no_card),
        CARD_TEST(pages_show_each_card_once),
        CARD_TEST(used_card_is_not_opened_again_by_anybody),
        CARD_TEST(check_finds_cards_that_were_not_credited_as_they_should),
    };
    market = direct_market_new(&wallet_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
