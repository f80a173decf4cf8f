/* Claims about refunds: money comes back once, never more than was paid, however late, and nobody
 * changes what the ledger says of it. Against a scratch database. */
#include "tests/actors/wallet/wallet_story.h"

static struct uuid transaction_id; /* of the last refund; seldom looked at */

static enum status refund_eur(struct uuid refund_id, struct uuid hold_id, int64_t amount)
{
    return refund(refund_id, hold_id, money_make(amount, "EUR"), &transaction_id);
}

/* A wallet that had 500 and has paid so much; returns the hold. */
static struct uuid purchase_of(int64_t amount)
{
    struct wallet_hold_posted posted;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(id, amount), STATUS_OK);
    assert_int_equal(post(id, &posted), STATUS_OK);
    return id;
}

static struct text refunds_of_wallet(void)
{
    char sql[256], id[33];
    write_hex(wallet_id, id);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM wallet.transaction WHERE kind = 'refund' AND wallet_id ="
                   " '%s'",
                   id);
    return direct_sql(market, sql);
}

static void refund_credits_the_wallet_out_of_clearing(void **state)
{
    (void)state;
    empty_the_ledger();
    const struct uuid bought = purchase_of(200);
    assert_int_equal(refund_eur(draw_id(), bought, 80), STATUS_OK);
    assert_eur(380, 0);
    assert_text_equal(
        direct_sql(market, "SELECT sum(balance) FROM wallet.house WHERE name = 'clearing'"),
        TEXT("120"));
    assert_text_equal(direct_sql(market,
                                 "SELECT string_agg(account || ' ' || p.amount, ', ' ORDER BY"
                                 " leg) FROM wallet.posting p JOIN wallet.transaction t ON"
                                 " t.id = p.transaction_id WHERE t.kind = 'refund'"),
                      TEXT("wallet 80, clearing -80"));
}

static void same_refund_again_is_the_same_movement(void **state)
{
    (void)state;
    const struct uuid bought = purchase_of(200), id = draw_id();
    assert_int_equal(refund_eur(id, bought, 80), STATUS_OK);
    const struct uuid first = transaction_id;
    assert_int_equal(uuid_shard(first), uuid_shard(wallet_id));
    direct_forget(market);
    assert_int_equal(refund_eur(id, bought, 80), STATUS_OK);
    assert_true(uuid_equals(first, transaction_id));
    assert_text_equal(refunds_of_wallet(), TEXT("1"));
    assert_eur(380, 0);
}

static void id_of_a_refund_is_good_for_nothing_else(void **state)
{
    (void)state;
    const struct uuid bought = purchase_of(200), other = purchase_of(200), id = draw_id();
    assert_int_equal(refund_eur(id, bought, 80), STATUS_OK);
    assert_int_equal(refund_eur(id, bought, 81), STATUS_ILLEGAL_TRANSITION);
    assert_string_equal(direct_last_fault(market).pointer, "/refund_id");
    assert_int_equal(refund_eur(id, other, 80), STATUS_ILLEGAL_TRANSITION);
    assert_eur(680, 0);
}

static void refunds_together_are_never_more_than_was_paid(void **state)
{
    (void)state;
    const struct uuid bought = purchase_of(200);
    assert_int_equal(refund_eur(draw_id(), bought, 201), STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(refund_eur(draw_id(), bought, 150), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), bought, 51), STATUS_REFUND_EXCEEDS_PURCHASE);
    direct_forget(market);
    assert_int_equal(refund_eur(draw_id(), bought, 51), STATUS_REFUND_EXCEEDS_PURCHASE);
    const struct request_fault fault = direct_last_fault(market);
    assert_string_equal(fault.pointer, "/amount");
    assert_text_equal(fault.detail, TEXT("0.50 EUR are left of what was paid."));
    assert_int_equal(fault.requested, 51);
    assert_int_equal(fault.available, 50);
    assert_int_equal(refund_eur(draw_id(), bought, 50), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), bought, 1), STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_eur(500, 0);
}

static void refund_is_in_the_currency_that_was_paid(void **state)
{
    (void)state;
    const struct uuid bought = purchase_of(200);
    assert_int_equal(refund(draw_id(), bought, money_make(80, "USD"), &transaction_id),
                     STATUS_INVALID_VALUE);
    assert_text_equal(direct_last_fault(market).detail, TEXT("The purchase was paid in EUR."));
}

static void only_what_was_paid_is_refunded(void **state)
{
    (void)state;
    const struct uuid pending = draw_id(), voided = draw_id(), nothing = draw_id();
    struct wallet_hold_posted posted;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(pending, 200), STATUS_OK);
    assert_int_equal(hold(voided, 100), STATUS_OK);
    assert_int_equal(void_(voided), STATUS_OK);
    assert_int_equal(hold(nothing, 0), STATUS_OK);
    assert_int_equal(post(nothing, &posted), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), pending, 1), STATUS_HOLD_NOT_POSTED);
    assert_int_equal(refund_eur(draw_id(), voided, 1), STATUS_HOLD_VOIDED);
    assert_int_equal(refund_eur(draw_id(), nothing, 1), STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(refund_eur(draw_id(), draw_id(), 1), STATUS_NOT_FOUND);
    assert_eur(300, 200);
}

static void purchase_of_another_wallet_is_not_found(void **state)
{
    (void)state;
    const struct uuid bought = purchase_of(200), owner = wallet_id;
    wallet_id = draw_id();
    assert_int_equal(refund_eur(draw_id(), bought, 80), STATUS_NOT_FOUND);
    wallet_id = owner;
    assert_eur(300, 0);
}

static void refunds_on_their_way_count_too(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid bought = draw_id();
    direct_queue_units(market);
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(bought, 200), STATUS_OK);
    assert_int_equal(post(bought, &posted), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), bought, 120), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), bought, 81), STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(refund_eur(draw_id(), bought, 80), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 0);
    assert_eur(500, 0);
}

/* More purchases than are remembered have refunds under way, so the first of them is believed to be
 * whole: the database knows better. */
static void refund_that_was_forgotten_on_its_way_is_a_conflict(void **state)
{
    (void)state;
    struct uuid bought[10];
    for (size_t i = 0; i < ARRAY_LENGTH(bought); i++)
        bought[i] = purchase_of(200);
    direct_queue_units(market);
    for (size_t i = 0; i < ARRAY_LENGTH(bought); i++)
        assert_int_equal(refund_eur(draw_id(), bought[i], 150), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), bought[0], 150), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_int_equal(refund_eur(draw_id(), bought[0], 150), STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_eur(3000 + 1500, 0);
}

static void purchase_is_refunded_when_its_hold_is_long_forgotten(void **state)
{
    (void)state;
    const struct uuid bought = purchase_of(200), id = draw_id();
    assert_int_equal(refund_eur(id, bought, 80), STATUS_OK);
    direct_advance(market, 2000 * 24 * 60 * (int64_t)MINUTE_US);
    assert_int_equal(direct_sweep(market, "old_holds"), STATUS_OK);
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM wallet.hold WHERE state = 'posted'"),
                      TEXT("0"));
    direct_forget(market);
    assert_int_equal(refund_eur(draw_id(), bought, 121), STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(refund_eur(id, bought, 80), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), bought, 120), STATUS_OK);
    assert_eur(500, 0);
}

/* ---- entries ---- */

/* How many rows the domain's own role hits; "" when the statement is refused. */
static struct text hits_of_role(const char *statement, const char *table)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "WITH h AS (%s wallet.%s %s RETURNING 1) SELECT count(*) FROM h", statement,
                   table, statement[0] == 'U' ? "SET amount = 0" : "");
    return direct_sql_as_role(market, sql);
}

static void entries_can_be_neither_changed_nor_taken_away(void **state)
{
    (void)state;
    static const char *const tables[] = { "posting", "transaction" };
    empty_the_ledger();
    (void)purchase_of(200);
    /* The same statements work on a table that nothing protects. */
    (void)direct_sql(market, "CREATE TABLE wallet.unprotected AS SELECT * FROM wallet.posting");
    (void)direct_sql(market, "GRANT ALL ON wallet.unprotected TO PUBLIC");
    assert_text_equal(hits_of_role("UPDATE", "unprotected"), TEXT("4"));
    assert_text_equal(hits_of_role("DELETE FROM", "unprotected"), TEXT("4"));
    (void)direct_sql(market, "DROP TABLE wallet.unprotected");
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        assert_text_equal(hits_of_role("UPDATE", tables[i]), TEXT(""));
        assert_text_equal(hits_of_role("DELETE FROM", tables[i]), TEXT(""));
    }
    (void)direct_sql_as_role(market, "TRUNCATE wallet.posting, wallet.transaction");
    (void)direct_sql_as_role(market, "ALTER TABLE wallet.posting DISABLE TRIGGER ALL");
    (void)direct_sql_as_role(market, "DROP TRIGGER transaction_is_kept ON wallet.transaction");
    (void)direct_sql_as_role(market, "SET session_replication_role = replica");
    assert_text_equal(hits_of_role("DELETE FROM", "posting"), TEXT(""));
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM wallet.posting WHERE amount <> 0"),
                      TEXT("4"));
}

/* As the domain wrote them before transactions had several legs. */
static void write_entries_of_before(struct uuid purchase)
{
    static const char *const form =
        "WITH c AS (SELECT * FROM wallet.chain WHERE shard = %u),"
        " one AS (SELECT wallet.transaction_hash(c.head, c.shard, c.seq + 1, '%s', '%s', 'grant',"
        " 'grants', 'EUR', 500, 500, 1, 'old') AS hash FROM c),"
        " two AS (SELECT wallet.transaction_hash(one.hash, c.shard, c.seq + 2, '%s', '%s',"
        " 'purchase', 'clearing', 'EUR', -200, 300, 1, 'older') AS hash FROM c, one),"
        " t AS (INSERT INTO wallet.transaction (id, shard, seq, wallet_id, kind, house, currency,"
        " amount, balance_after, reference, created_at, previous_hash, hash)"
        " SELECT '%s'::uuid, c.shard, c.seq + 1, '%s'::uuid, 'grant', 'grants', 'EUR', 500, 500,"
        " 'old', 1, c.head, one.hash FROM c, one UNION ALL"
        " SELECT '%s', c.shard, c.seq + 2, '%s', 'purchase', 'clearing', 'EUR', -200, 300, 'older',"
        " 1, one.hash, two.hash FROM c, one, two RETURNING *),"
        " p AS (INSERT INTO wallet.posting SELECT t.id, 0, 'wallet', t.wallet_id, t.shard,"
        " 'EUR', t.amount FROM t UNION ALL SELECT t.id, 1, t.house, NULL, t.shard, 'EUR', -t.amount"
        " FROM t), h AS (INSERT INTO wallet.house SELECT t.shard, t.house, 'EUR', -t.amount FROM "
        "t),"
        " b AS (INSERT INTO wallet.balance SELECT '%s', 'EUR', 300)"
        " UPDATE wallet.chain c SET seq = c.seq + 2, head = two.hash FROM two WHERE c.shard = %u";
    char sql[3072], wallet[33], grant_id[33], purchase_id[33];
    write_hex(wallet_id, wallet);
    write_hex(draw_id(), grant_id);
    write_hex(purchase, purchase_id);
    const unsigned shard = uuid_shard(wallet_id);
    (void)snprintf(sql, sizeof sql, form, shard, grant_id, wallet, purchase_id, wallet, grant_id,
                   wallet, purchase_id, wallet, wallet, shard);
    (void)direct_sql(market, sql);
}

static void entries_of_before_keep_their_hashes_and_can_be_refunded(void **state)
{
    (void)state;
    empty_the_ledger();
    const struct uuid bought = draw_id();
    write_entries_of_before(uuid_derive_named(bought, TEXT("post"), 1));
    assert_int_equal(refund_eur(draw_id(), bought, 120), STATUS_OK);
    assert_int_equal(refund_eur(draw_id(), bought, 81), STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_eur(420, 0);
    assert_text_equal(direct_sql(market, "SELECT string_agg(version || kind, ' ' ORDER BY seq) FROM"
                                         " wallet.transaction"),
                      TEXT("1grant 1purchase 2refund"));
}

static void check_ledger_finds_refunds_of_nothing_and_of_too_much(void **state)
{
    (void)state;
    static const char *const tamperings[] = {
        "UPDATE wallet.transaction SET amount = -70 WHERE kind = 'purchase'",
        "UPDATE wallet.transaction SET kind = 'grant' WHERE kind = 'purchase'",
        "DELETE FROM wallet.transaction WHERE kind = 'purchase'",
    };
    empty_the_ledger();
    assert_int_equal(refund_eur(draw_id(), purchase_of(200), 80), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(tamperings); i++) {
        (void)direct_sql(market, "BEGIN");
        (void)direct_sql(market, "SET LOCAL session_replication_role = replica");
        (void)direct_sql(market, tamperings[i]);
        assert_text_equal(direct_sql(market, "SELECT count(*) FROM wallet.check_ledger() WHERE"
                                             " violation = 'refunds are more than their purchase'"),
                          TEXT("1"));
        (void)direct_sql(market, "ROLLBACK");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(refund_credits_the_wallet_out_of_clearing),
        LEDGER_TEST(same_refund_again_is_the_same_movement),
        LEDGER_TEST(id_of_a_refund_is_good_for_nothing_else),
        LEDGER_TEST(refunds_together_are_never_more_than_was_paid),
        LEDGER_TEST(refund_is_in_the_currency_that_was_paid),
        LEDGER_TEST(only_what_was_paid_is_refunded),
        LEDGER_TEST(purchase_of_another_wallet_is_not_found),
        LEDGER_TEST(refunds_on_their_way_count_too),
        LEDGER_TEST(refund_that_was_forgotten_on_its_way_is_a_conflict),
        LEDGER_TEST(purchase_is_refunded_when_its_hold_is_long_forgotten),
        LEDGER_TEST(entries_can_be_neither_changed_nor_taken_away),
        LEDGER_TEST(entries_of_before_keep_their_hashes_and_can_be_refunded),
        LEDGER_TEST(check_ledger_finds_refunds_of_nothing_and_of_too_much),
    };
    market = direct_market_new(&wallet_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
