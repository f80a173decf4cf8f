/* Claims about entries of several legs and posts of a part, against a scratch database. */
#include <string.h>

#include "tests/actors/wallet/wallet_story.h"

static struct wallet_leg legs[16];
static size_t legs_count;

static void leg(enum wallet_house_account account, int64_t amount, const char *currency)
{
    legs[legs_count++] = (struct wallet_leg){ account, money_make(amount, currency) };
}

/* Moves the legs that were named since the last transfer; 0: without the wallet. */
static enum status transfer(struct uuid transfer_id, int64_t amount)
{
    const struct wallet_transfer_funds command = { .wallet_id = wallet_id,
                                                   .transfer_id = transfer_id,
                                                   .has_amount = amount != 0,
                                                   .amount = money_make(amount, "EUR"),
                                                   .legs = legs,
                                                   .legs_count = legs_count,
                                                   .reference = TEXT("sale 1") };
    struct wallet_funds_transferred reply;
    legs_count = 0;
    return direct_call(market, NULL, &wallet_transfer_funds_message, &command, &reply);
}

static struct text houses(void)
{
    return direct_sql(market, "SELECT string_agg(name || ' ' || balance || currency, ', ' ORDER BY"
                              " name, currency) FROM wallet.house WHERE name <> 'grants'");
}

static enum status transfer_sale(struct uuid transfer_id)
{
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, 150, "EUR");
    leg(WALLET_HOUSE_ACCOUNT_REVENUE, 18, "EUR");
    leg(WALLET_HOUSE_ACCOUNT_TAX, 32, "EUR");
    return transfer(transfer_id, -200);
}

static void transfer_moves_all_its_legs(void **state)
{
    (void)state;
    empty_the_ledger();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(transfer_sale(draw_id()), STATUS_OK);
    assert_eur(300, 0);
    assert_text_equal(houses(), TEXT("clearing 150EUR, revenue 18EUR, tax 32EUR"));
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, -20, "EUR");
    assert_int_equal(transfer(draw_id(), 20), STATUS_OK);
    assert_eur(320, 0);
}

static void transfer_between_house_accounts_leaves_wallets_alone(void **state)
{
    (void)state;
    empty_the_ledger();
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, -7, "EUR");
    leg(WALLET_HOUSE_ACCOUNT_REVENUE, 7, "EUR");
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, -3, "USD");
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, -2, "USD");
    leg(WALLET_HOUSE_ACCOUNT_TAX, 5, "USD");
    assert_int_equal(transfer(draw_id(), 0), STATUS_OK);
    assert_text_equal(houses(), TEXT("clearing -7EUR, clearing -5USD, revenue 7EUR, tax 5USD"));
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM wallet.balance"), TEXT("0"));
}

static void legs_that_do_not_cancel_out_move_nothing(void **state)
{
    (void)state;
    empty_the_ledger();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, 150, "EUR");
    leg(WALLET_HOUSE_ACCOUNT_TAX, 32, "EUR");
    assert_int_equal(transfer(draw_id(), -200), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/legs");
    assert_text_equal(houses(), TEXT(""));
    assert_eur(500, 0);
}

static void transfer_never_takes_what_is_held(void **state)
{
    (void)state;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(draw_id(), 301), STATUS_OK);
    assert_int_equal(transfer_sale(draw_id()), STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(direct_last_fault(market).requested, 200);
    assert_int_equal(direct_last_fault(market).available, 199);
    assert_eur(199, 301);
}

static void same_transfer_again_is_the_same_entry(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(transfer_sale(id), STATUS_OK);
    assert_int_equal(transfer_sale(id), STATUS_OK);
    assert_eur(300, 0);
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, 200, "EUR");
    assert_int_equal(transfer(id, -200), STATUS_ILLEGAL_TRANSITION);
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, 150, "EUR");
    leg(WALLET_HOUSE_ACCOUNT_TAX, 18, "EUR");
    leg(WALLET_HOUSE_ACCOUNT_REVENUE, 32, "EUR");
    assert_int_equal(transfer(id, -200), STATUS_ILLEGAL_TRANSITION);
    wallet_id = draw_id();
    assert_int_equal(transfer_sale(id), STATUS_ILLEGAL_TRANSITION);
}

/* Orders call credits off so: an id under which nothing was moved is used up all the same. */
static void an_id_that_was_used_up_moves_nothing_later(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    for (size_t i = 0; i < 2; i++) {
        leg(WALLET_HOUSE_ACCOUNT_CLEARING, -200, "EUR");
        leg(WALLET_HOUSE_ACCOUNT_CLEARING, 200, "EUR");
        assert_int_equal(transfer(id, 0), STATUS_OK);
    }
    leg(WALLET_HOUSE_ACCOUNT_CLEARING, -200, "EUR");
    assert_int_equal(transfer(id, 200), STATUS_ILLEGAL_TRANSITION);
    assert_eur(500, 0);
}

static void repeated_transfer_on_its_way_moves_money_once(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    direct_queue_units(market);
    assert_int_equal(transfer_sale(id), STATUS_OK);
    assert_int_equal(transfer_sale(id), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_eur(300, 0);
}

/* What the rules would let through, the database does not. */
static void database_refuses_entries_that_are_not_balanced(void **state)
{
    (void)state;
    empty_the_ledger();
    (void)direct_sql_as_role(
        market, "SELECT wallet.post_entry(7::smallint, gen_random_uuid(), 'transfer', NULL, NULL,"
                " NULL, NULL, '{clearing,tax}', '{EUR,USD}', '{5,-5}', '', 1)");
    (void)direct_sql_as_role(
        market, "SELECT wallet.post_entry(7::smallint, gen_random_uuid(), 'transfer', NULL, NULL,"
                " NULL, NULL, '{clearing,pockets}', '{EUR,EUR}', '{5,-5}', '', 1)");
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM wallet.transaction"), TEXT("0"));
    (void)direct_sql_as_role(
        market, "SELECT wallet.post_entry(7::smallint, gen_random_uuid(), 'transfer', NULL, NULL,"
                " NULL, NULL, '{clearing,tax}', '{EUR,EUR}', '{5,-5}', '', 1)");
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM wallet.transaction"), TEXT("1"));
}

/* The contract and the tables each have a list: they are the same. */
static void accounts_and_kinds_of_the_contract_are_those_of_the_tables(void **state)
{
    (void)state;
    char sql[256];
    for (size_t i = 0; i < WALLET_HOUSE_ACCOUNT_COUNT; i++) {
        (void)snprintf(sql, sizeof sql, "SELECT wallet.is_house('%s')",
                       wallet_house_account_names[i]);
        assert_text_equal(direct_sql(market, sql), TEXT("t"));
    }
    const struct text kinds = direct_sql(market, "SELECT pg_get_constraintdef(oid) FROM"
                                                 " pg_constraint WHERE conname ="
                                                 " 'transaction_kind_check'");
    for (size_t i = 0; i < WALLET_TRANSACTION_KIND_COUNT; i++) {
        (void)snprintf(sql, sizeof sql, "'%s'", wallet_transaction_kind_names[i]);
        assert_non_null(memmem(kinds.data, kinds.length, sql, strlen(sql)));
    }
}

/* ---- posts of a part ---- */

static enum status post_part(struct uuid hold_id, int64_t amount, const char *currency)
{
    const struct wallet_post_hold command = { .wallet_id = wallet_id,
                                              .hold_id = hold_id,
                                              .has_amount = true,
                                              .amount = money_make(amount, currency) };
    struct wallet_hold_posted reply;
    return direct_call(market, NULL, &wallet_post_hold_message, &command, &reply);
}

static void part_of_a_hold_is_posted_once_and_the_rest_is_free(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    struct wallet_hold_posted posted;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_int_equal(post_part(id, 150, "EUR"), STATUS_OK);
    assert_eur(350, 0);
    direct_forget(market);
    assert_int_equal(post_part(id, 150, "EUR"), STATUS_OK);
    assert_int_equal(post_part(id, 50, "EUR"), STATUS_ILLEGAL_TRANSITION);
    assert_text_equal(direct_last_fault(market).detail,
                      TEXT("The hold was posted with 1.50 EUR before."));
    assert_int_equal(post(id, &posted), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(void_(id), STATUS_ILLEGAL_TRANSITION);
    assert_eur(350, 0);
}

static void post_beyond_the_hold_says_how_much_was_held(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_int_equal(post_part(id, 201, "EUR"), STATUS_OUT_OF_RANGE);
    assert_text_equal(direct_last_fault(market).detail,
                      TEXT("The hold is of 2.00 EUR: no more can be taken."));
    assert_int_equal(post_part(id, 200, "USD"), STATUS_INVALID_VALUE);
    assert_eur(300, 200);
}

static void refunds_of_a_part_are_never_more_than_the_part(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    struct uuid transaction_id;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    direct_queue_units(market);
    assert_int_equal(hold(id, 200), STATUS_OK);
    assert_int_equal(post_part(id, 150, "EUR"), STATUS_OK);
    assert_int_equal(refund(draw_id(), id, money_make(151, "EUR"), &transaction_id),
                     STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(refund(draw_id(), id, money_make(100, "EUR"), &transaction_id), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 0);
    direct_forget(market);
    assert_int_equal(refund(draw_id(), id, money_make(51, "EUR"), &transaction_id),
                     STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(refund(draw_id(), id, money_make(50, "EUR"), &transaction_id), STATUS_OK);
    assert_eur(500, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(transfer_moves_all_its_legs),
        LEDGER_TEST(transfer_between_house_accounts_leaves_wallets_alone),
        LEDGER_TEST(legs_that_do_not_cancel_out_move_nothing),
        LEDGER_TEST(transfer_never_takes_what_is_held),
        LEDGER_TEST(same_transfer_again_is_the_same_entry),
        LEDGER_TEST(an_id_that_was_used_up_moves_nothing_later),
        LEDGER_TEST(repeated_transfer_on_its_way_moves_money_once),
        LEDGER_TEST(database_refuses_entries_that_are_not_balanced),
        LEDGER_TEST(accounts_and_kinds_of_the_contract_are_those_of_the_tables),
        LEDGER_TEST(part_of_a_hold_is_posted_once_and_the_rest_is_free),
        LEDGER_TEST(post_beyond_the_hold_says_how_much_was_held),
        LEDGER_TEST(refunds_of_a_part_are_never_more_than_the_part),
    };
    market = direct_market_new(&wallet_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
