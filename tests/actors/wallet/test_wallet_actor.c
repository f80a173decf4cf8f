/* Claims about the wallet's handlers and their SQL, against a scratch database. After each test the
 * ledger must be whole. */
#include <string.h>

#include "runtime/secret.h"
#include "tests/actors/wallet/wallet_story.h"
#include "wallet_handlers.h"

static void unknown_wallet_reads_as_empty(void **state)
{
    (void)state;
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    const struct wallet_get_wallet query = { 0 };
    struct wallet_balances reply;
    assert_int_equal(direct_call(market, &shopper, &wallet_get_wallet_message, &query, &reply),
                     STATUS_OK);
    assert_int_equal(reply.balances_count, 0);
}

static void grant_credits_wallet_and_debits_grants(void **state)
{
    (void)state;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    direct_forget(market);
    assert_int_equal(grant(250, "EUR"), STATUS_OK);
    assert_eur(750, 0);
    assert_true(text_equals_string(
        direct_sql(market,
                   "SELECT count(*) FROM wallet.house WHERE name = 'grants' AND balance < 0"),
        "1"));
}

static void grant_beyond_int64_or_of_no_currency_is_refused(void **state)
{
    (void)state;
    assert_int_equal(grant(1, "EUR"), STATUS_OK);
    (void)direct_sql(market, "UPDATE wallet.balance SET balance = 9223372036854775807");
    direct_forget(market);
    assert_int_equal(grant(1, "EUR"), STATUS_OUT_OF_RANGE);
    assert_int_equal(grant(1, "QQQ"), STATUS_INVALID_VALUE);
    assert_eur(INT64_MAX, 0);
    empty_the_ledger(); /* else the grants of later tests would overflow the house account */
}

static void hold_then_post_moves_money_once(void **state)
{
    (void)state;
    struct wallet_hold_posted first, second;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_eur(300, 200);
    assert_int_equal(post(id, &first), STATUS_OK);
    direct_forget(market);
    assert_int_equal(post(id, &second), STATUS_OK);
    assert_true(uuid_equals(first.transaction_id, second.transaction_id));
    assert_int_equal(uuid_shard(first.transaction_id), uuid_shard(wallet_id));
    assert_int_equal(void_(id), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_eur(300, 0);
}

static void hold_beyond_the_balance_says_what_there_is(void **state)
{
    (void)state;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(draw_id(), 501), STATUS_INSUFFICIENT_FUNDS);
    const struct request_fault fault = direct_last_fault(market);
    assert_string_equal(fault.pointer, "/payment/wallet");
    assert_int_equal(fault.code, STATUS_INSUFFICIENT_FUNDS);
    assert_true(fault.has_amounts);
    assert_int_equal(fault.requested, 501);
    assert_int_equal(fault.available, 500);
    assert_eur(500, 0);
}

static void hold_on_an_unknown_wallet_is_refused_but_not_of_nothing(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid id = draw_id();
    assert_int_equal(hold(draw_id(), 1), STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(direct_last_fault(market).available, 0);
    assert_int_equal(hold(id, 0), STATUS_OK);
    assert_int_equal(post(id, &posted), STATUS_OK);
    assert_int_equal(hold(draw_id(), 0), STATUS_OK);
}

static void voided_hold_frees_the_money(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_OK);
    direct_forget(market);
    assert_int_equal(void_(id), STATUS_OK);
    assert_int_equal(void_(id), STATUS_OK);
    assert_eur(500, 0);
    assert_int_equal(post(id, &posted), STATUS_HOLD_VOIDED);
}

static void void_of_an_unknown_hold_refuses_the_late_hold(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(void_(id), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_HOLD_VOIDED);
    direct_forget(market);
    assert_int_equal(void_(id), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_HOLD_VOIDED);
    assert_eur(500, 0);
}

static void post_of_an_unknown_hold_is_not_found(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    assert_int_equal(post(draw_id(), &posted), STATUS_NOT_FOUND);
}

static void queued_hold_can_be_posted_before_it_is_committed(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid first = draw_id(), second = draw_id();
    direct_queue_units(market);
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(first, 200), STATUS_OK);
    assert_int_equal(hold(second, 300), STATUS_OK);
    assert_int_equal(hold(draw_id(), 1), STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(post(first, &posted), STATUS_OK);
    assert_int_equal(void_(second), STATUS_OK);
    assert_int_equal(post(second, &posted), STATUS_HOLD_VOIDED);
    assert_int_equal(direct_commit_units(market), 0);
    assert_eur(300, 0);
}

static void wrong_memory_ends_in_a_conflict_and_runs_again(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    (void)direct_sql(market, "UPDATE wallet.balance SET version = version + 1");
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_eur(300, 200);
}

static void units_after_a_lost_one_are_refused_too(void **state)
{
    (void)state;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    direct_queue_units(market);
    assert_int_equal(hold(draw_id(), 200), STATUS_OK);
    assert_int_equal(hold(draw_id(), 200), STATUS_OK);
    (void)direct_sql(market, "UPDATE wallet.balance SET version = version + 7");
    assert_int_equal(direct_commit_units(market), 2);
    assert_eur(500, 0);
}

static void hold_of_another_wallet_is_not_found(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_OK);
    const struct uuid owner = wallet_id;
    wallet_id = draw_id();
    assert_int_equal(post(id, &posted), STATUS_NOT_FOUND);
    wallet_id = owner;
    assert_eur(300, 200);
}

static void movements_are_listed_newest_first_by_pages(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(grant(20, "EUR"), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_int_equal(post(id, &posted), STATUS_OK);
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    struct wallet_list_transactions query = { .has_limit = true, .limit = 2 };
    struct wallet_transaction_page page;

    assert_int_equal(
        direct_call(market, &shopper, &wallet_list_transactions_message, &query, &page), STATUS_OK);
    assert_int_equal(page.data_count, 2);
    assert_true(page.has_more && page.has_next);
    assert_int_equal(page.data[0].kind, WALLET_TRANSACTION_KIND_PURCHASE);
    assert_int_equal(page.data[0].amount.amount, -200);
    assert_int_equal(page.data[0].balance.amount, 320);
    assert_true(text_equals_string(page.data[0].reference, "order 1"));
    assert_true(uuid_equals(page.data[0].id, posted.transaction_id));

    query.has_after = true;
    query.after = page.next;
    assert_int_equal(
        direct_call(market, &shopper, &wallet_list_transactions_message, &query, &page), STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_false(page.has_more || page.has_next);
    assert_int_equal(page.data[0].amount.amount, 500);

    query.after = TEXT("!!");
    assert_int_equal(
        direct_call(market, &shopper, &wallet_list_transactions_message, &query, &page),
        STATUS_INVALID_PARAMETER);
}

static enum status list_after(struct text after)
{
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    const struct wallet_list_transactions query = { .has_after = true, .after = after };
    struct wallet_transaction_page page;
    return direct_call(market, &shopper, &wallet_list_transactions_message, &query, &page);
}

static void what_is_no_cursor_is_refused(void **state)
{
    (void)state;
    static const char negative[8] = "\xff\xff\xff\xff\xff\xff\xff\xff";
    struct arena *arena = arena_new(1024);
    assert_int_equal(list_after(TEXT("AAAA")), STATUS_INVALID_PARAMETER);
    assert_string_equal(direct_last_fault(market).pointer, "/after");
    assert_int_equal(
        list_after(base64url_encode(arena, (struct text){ negative, sizeof negative })),
        STATUS_INVALID_PARAMETER);
    assert_int_equal(list_after(TEXT("AAAAAAAAAAE")), STATUS_OK);
    arena_destroy(&arena);
}

/* ---- what an account that ends is told ---- */

static struct common_blockers blockers(void)
{
    const struct people_get_erasure_blockers query = { .user_id = wallet_id };
    struct common_blockers found;
    assert_int_equal(
        direct_call(market, NULL, &wallet_get_erasure_blockers_message, &query, &found), STATUS_OK);
    return found;
}

static void money_in_the_wallet_blocks_an_erasure_until_it_is_spent(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid id = draw_id();
    assert_int_equal(blockers().blockers_count, 0);
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(grant(70, "JPY"), STATUS_OK);
    assert_int_equal(hold(id, 500), STATUS_OK);
    assert_int_equal(blockers().blockers_count, 2);
    assert_text_equal(blockers().blockers[0].code, TEXT("wallet_balance"));
    assert_text_equal(blockers().blockers[0].detail,
                      TEXT("The wallet holds 5.00 EUR: spend it, or have it paid out."));
    assert_text_equal(blockers().blockers[1].detail,
                      TEXT("The wallet holds 70 JPY: spend it, or have it paid out."));
    assert_int_equal(post(id, &posted), STATUS_OK);
    assert_int_equal(blockers().blockers_count, 1);
}

static struct text export(void)
{
    const struct people_export_shopper query = { .user_id = wallet_id };
    struct common_export_part part;
    assert_int_equal(direct_call(market, NULL, &wallet_export_shopper_message, &query, &part),
                     STATUS_OK);
    return part.json;
}

static bool contains(struct text text, const char *part)
{
    return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

static void export_has_balances_and_movements(void **state)
{
    (void)state;
    assert_text_equal(export(), TEXT("{\"balances\":[],\"transactions\":[],\"is_complete\":true}"));
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(grant(20, "EUR"), STATUS_OK);
    assert_int_equal(hold(draw_id(), 200), STATUS_OK);
    const struct text json = export();
    assert_true(text_starts_with(
        json, TEXT("{\"balances\":[{\"currency\":\"EUR\","
                   "\"available\":{\"amount\":320,\"currency\":\"EUR\"},"
                   "\"held\":{\"amount\":200,\"currency\":\"EUR\"},\"expiring\":[]}],\"transactions\":[{")));
    assert_true(contains(json, "\"reference\":\"welcome | gift\""));
    assert_true(contains(json, "},{"));
    assert_true(contains(json, "}],\"is_complete\":true}"));
}

static void export_of_more_movements_than_fit_says_so(void **state)
{
    (void)state;
    empty_the_ledger();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    (void)direct_sql(market, "SELECT count(wallet.post_transaction(t.shard, gen_random_uuid(),"
                             " t.wallet_id, 'grant', 'grants', 'EUR', 1, 501, 'one more', 1))"
                             " FROM wallet.transaction t, generate_series(1, 1000)");
    assert_true(contains(export(), "}],\"is_complete\":false}"));
    empty_the_ledger();
}

/* ---- tampering ---- */

static void check_ledger_finds_every_kind_of_tampering(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *violation;
    } tamperings[] = {
        { "UPDATE wallet.posting SET amount = amount + 1 WHERE leg = 1",
          "postings of a currency do not cancel out" },
        { "DELETE FROM wallet.posting WHERE leg = 1", "transaction is not balanced" },
        { "UPDATE wallet.posting SET currency = 'USD'", "posting differs from its transaction" },
        { "DELETE FROM wallet.posting WHERE leg = 0", "transaction of a wallet has no leg of it" },
        { "UPDATE wallet.posting SET account = 'clearing' WHERE leg = 1", "chain is broken" },
        { "UPDATE wallet.balance SET balance = balance + 1",
          "balance is not the sum of its postings" },
        { "UPDATE wallet.balance SET held = held + 1", "held is not the sum of the pending holds" },
        { "DELETE FROM wallet.hold WHERE state = 'pending'",
          "held is not the sum of the pending holds" },
        { "UPDATE wallet.house SET balance = 0", "house account is not the sum of its postings" },
        { "UPDATE wallet.transaction SET balance_after = balance_after + 1",
          "balance after a transaction is wrong" },
        { "UPDATE wallet.transaction SET reference = 'x'", "chain is broken" },
        { "UPDATE wallet.transaction SET version = 1, house = 'grants'", "chain is broken" },
        { "UPDATE wallet.chain SET head = sha256(head) WHERE seq > 0",
          "head of a chain is not its last transaction" },
    };
    empty_the_ledger();
    direct_forget(market);
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(draw_id(), 200), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(tamperings); i++) {
        (void)direct_sql(market, "BEGIN");
        (void)direct_sql(market, "SET LOCAL session_replication_role = replica");
        (void)direct_sql(market, tamperings[i].sql);
        const struct text found = direct_sql(
            market, "SELECT string_agg(DISTINCT violation, '; ') FROM wallet.check_ledger()");
        if (!contains(found, tamperings[i].violation))
            fail_msg("%s: found '%.*s'", tamperings[i].sql, (int)found.length, found.data);
        (void)direct_sql(market, "ROLLBACK");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(unknown_wallet_reads_as_empty),
        LEDGER_TEST(grant_beyond_int64_or_of_no_currency_is_refused),
        LEDGER_TEST(grant_credits_wallet_and_debits_grants),
        LEDGER_TEST(hold_then_post_moves_money_once),
        LEDGER_TEST(hold_beyond_the_balance_says_what_there_is),
        LEDGER_TEST(hold_on_an_unknown_wallet_is_refused_but_not_of_nothing),
        LEDGER_TEST(voided_hold_frees_the_money),
        LEDGER_TEST(void_of_an_unknown_hold_refuses_the_late_hold),
        LEDGER_TEST(post_of_an_unknown_hold_is_not_found),
        LEDGER_TEST(queued_hold_can_be_posted_before_it_is_committed),
        LEDGER_TEST(wrong_memory_ends_in_a_conflict_and_runs_again),
        LEDGER_TEST(units_after_a_lost_one_are_refused_too),
        LEDGER_TEST(hold_of_another_wallet_is_not_found),
        LEDGER_TEST(movements_are_listed_newest_first_by_pages),
        LEDGER_TEST(what_is_no_cursor_is_refused),
        LEDGER_TEST(money_in_the_wallet_blocks_an_erasure_until_it_is_spent),
        LEDGER_TEST(export_has_balances_and_movements),
        LEDGER_TEST(export_of_more_movements_than_fit_says_so),
        LEDGER_TEST(check_ledger_finds_every_kind_of_tampering),
    };
    market = direct_market_new(&wallet_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
