/* Claims about what staff sees of the ledger and corrects in wallets, and about limits, against a
 * scratch database. */
#include "tests/actors/wallet/wallet_story.h"
#include "user_messages.h"

static struct principal staff = { .kind = PRINCIPAL_ADMIN };
static struct uuid stranger; /* nobody's id */

static enum status answer_as_users(void *context, const struct message *message, const void *body,
                                   void *ret_reply)
{
    const struct user_get_shopper_standing *query = body;
    (void)context;
    assert_ptr_equal(message, &user_get_shopper_standing_message);
    if (uuid_equals(query->user_id, stranger)) return STATUS_NOT_FOUND;
    *(struct user_shopper_standing *)ret_reply =
        (struct user_shopper_standing){ .is_active = false };
    return STATUS_OK;
}

static int new_desk(void **state)
{
    empty_the_ledger();
    stranger = draw_id();
    staff.id = draw_id();
    direct_set(market, "--wallet.balance_max=0");
    direct_set(market, "--wallet.corrections_max=0");
    return new_wallet(state);
}

static enum status correct(int64_t amount, struct wallet_corrected *ret_reply)
{
    const struct wallet_correct_wallet command = { .user_id = wallet_id,
                                                   .amount = money_make(amount, "EUR"),
                                                   .has_reference = true,
                                                   .reference = TEXT("goodwill"),
                                                   .reason = TEXT("the parcel came late") };
    return direct_call(market, &staff, &wallet_correct_wallet_message, &command, ret_reply);
}

static struct wallet_ledger_page ledger(const struct wallet_list_ledger *query)
{
    struct wallet_ledger_page page;
    assert_int_equal(direct_call(market, &staff, &wallet_list_ledger_message, query, &page),
                     STATUS_OK);
    return page;
}

static size_t found(struct wallet_list_ledger query)
{
    const struct wallet_ledger_page page = ledger(&query);
    assert_false(page.has_more);
    return page.data_count;
}

static struct wallet_managed_wallet wallet_as_of(int64_t as_of_us)
{
    const struct wallet_get_wallet_of_user query = { .user_id = wallet_id,
                                                     .has_as_of = as_of_us != 0,
                                                     .as_of_us = as_of_us };
    struct wallet_managed_wallet reply;
    assert_int_equal(
        direct_call(market, &staff, &wallet_get_wallet_of_user_message, &query, &reply), STATUS_OK);
    return reply;
}

/* A purchase of 200 out of 500, of which 80 came back, a minute between each. */
static struct uuid tell_purchase_and_refund(void)
{
    struct wallet_hold_posted posted;
    struct uuid refunded;
    const struct uuid bought = draw_id();
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    direct_advance(market, MINUTE_US);
    assert_int_equal(hold(bought, 200), STATUS_OK);
    assert_int_equal(post(bought, &posted), STATUS_OK);
    direct_advance(market, MINUTE_US);
    assert_int_equal(refund(draw_id(), bought, money_make(80, "EUR"), &refunded), STATUS_OK);
    direct_advance(market, MINUTE_US);
    return posted.transaction_id;
}

/* ---- the ledger ---- */

static void ledger_shows_whole_entries_newest_first(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    const struct uuid purchase = tell_purchase_and_refund();
    assert_int_equal(correct(-30, &corrected), STATUS_OK);
    const struct wallet_ledger_page page = ledger(&(struct wallet_list_ledger){ 0 });
    assert_int_equal(page.data_count, 4);
    assert_false(page.has_more);
    int64_t sum = 0;
    for (size_t i = 0; i < page.data_count; i++) {
        assert_int_equal(page.data[i].legs_count, 1);
        assert_int_equal(page.data[i].legs[0].amount.amount, -page.data[i].amount.amount);
        assert_true(uuid_equals(page.data[i].user_id, wallet_id));
        sum += page.data[i].amount.amount;
    }
    assert_int_equal(sum, page.data[0].balance.amount);
    assert_true(uuid_equals(page.data[0].id, corrected.transaction_id));
    assert_int_equal(page.data[0].kind, WALLET_TRANSACTION_KIND_CORRECTION);
    assert_int_equal(page.data[0].legs[0].account, WALLET_HOUSE_ACCOUNT_CORRECTIONS);
    assert_true(uuid_equals(page.data[0].staff_id, staff.id));
    assert_text_equal(page.data[0].reason, TEXT("the parcel came late"));
    assert_text_equal(page.data[0].reference, TEXT("goodwill"));
    assert_int_equal(page.data[1].kind, WALLET_TRANSACTION_KIND_REFUND);
    assert_true(uuid_equals(page.data[1].reverses, purchase));
    assert_false(page.data[1].has_staff_id || page.data[1].has_reason);
    assert_true(uuid_equals(page.data[2].id, purchase));
    assert_false(page.data[2].has_reverses);
}

static void entry_without_a_wallet_has_its_legs_only(void **state)
{
    (void)state;
    const struct wallet_leg legs[] = {
        { WALLET_HOUSE_ACCOUNT_CLEARING, money_make(-9, "EUR") },
        { WALLET_HOUSE_ACCOUNT_REVENUE, money_make(4, "EUR") },
        { WALLET_HOUSE_ACCOUNT_TAX, money_make(5, "EUR") },
    };
    const struct wallet_transfer_funds command = { .wallet_id = wallet_id,
                                                   .transfer_id = draw_id(),
                                                   .legs = legs,
                                                   .legs_count = ARRAY_LENGTH(legs),
                                                   .reference = TEXT("fees") };
    struct wallet_funds_transferred reply;
    assert_int_equal(direct_call(market, NULL, &wallet_transfer_funds_message, &command, &reply),
                     STATUS_OK);
    const struct wallet_ledger_page page = ledger(&(struct wallet_list_ledger){ 0 });
    assert_int_equal(page.data_count, 1);
    assert_false(page.data[0].has_user_id || page.data[0].has_amount || page.data[0].has_balance);
    assert_int_equal(page.data[0].legs_count, 3);
    assert_int_equal(page.data[0].legs[1].account, WALLET_HOUSE_ACCOUNT_REVENUE);
    assert_int_equal(page.data[0].legs[2].amount.amount, 5);
}

static void each_filter_lets_through_what_it_names(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    (void)tell_purchase_and_refund();
    const struct uuid first = wallet_id;
    wallet_id = draw_id();
    assert_int_equal(correct(30, &corrected), STATUS_OK);
    assert_int_equal(found((struct wallet_list_ledger){ 0 }), 4);
    assert_int_equal(found((struct wallet_list_ledger){ .has_user_id = true, .user_id = first }),
                     3);
    assert_int_equal(
        found((struct wallet_list_ledger){ .has_user_id = true, .user_id = wallet_id }), 1);
    assert_int_equal(found((struct wallet_list_ledger){ .has_user_id = true, .user_id = stranger }),
                     0);
    for (size_t kind = 0; kind < WALLET_TRANSACTION_KIND_COUNT; kind++)
        assert_int_equal(found((struct wallet_list_ledger){
                             .has_kind = true, .kind = (enum wallet_transaction_kind)kind }),
                         kind < WALLET_TRANSACTION_KIND_TRANSFER ||
                                 kind == WALLET_TRANSACTION_KIND_CORRECTION
                             ? 1
                             : 0);
    assert_int_equal(
        found((struct wallet_list_ledger){ .has_reference = true, .reference = TEXT("order 1") }),
        1);
    assert_int_equal(found((struct wallet_list_ledger){ .has_reference = true,
                                                        .reference = TEXT("order 1"),
                                                        .has_kind = true,
                                                        .kind = WALLET_TRANSACTION_KIND_REFUND }),
                     0);
}

static void time_is_from_the_first_to_before_the_second(void **state)
{
    (void)state;
    const int64_t begin_us = direct_now_us(market);
    (void)tell_purchase_and_refund();
    const int64_t minute_us = MINUTE_US;
    assert_int_equal(
        found((struct wallet_list_ledger){ .has_from = true, .from_us = begin_us + minute_us }), 2);
    assert_int_equal(
        found((struct wallet_list_ledger){ .has_to = true, .to_us = begin_us + minute_us }), 1);
    assert_int_equal(found((struct wallet_list_ledger){ .has_from = true,
                                                        .from_us = begin_us + minute_us,
                                                        .has_to = true,
                                                        .to_us = begin_us + 2 * minute_us }),
                     1);
}

static void pages_show_each_entry_once(void **state)
{
    (void)state;
    for (int i = 0; i < 7; i++)
        assert_int_equal(grant(1 + i, "EUR"), STATUS_OK); /* all at one moment */
    struct wallet_list_ledger query = { .has_limit = true, .limit = 3 };
    int64_t sum = 0;
    size_t count = 0, pages = 0;
    bool has_more = true;
    while (has_more) {
        const struct wallet_ledger_page page = ledger(&query);
        for (size_t i = 0; i < page.data_count; i++)
            sum += page.data[i].amount.amount;
        count += page.data_count;
        pages++;
        has_more = page.has_more;
        query.has_after = true;
        query.after = page.next;
    }
    assert_int_equal(pages, 3);
    assert_int_equal(count, 7);
    assert_int_equal(sum, 28);
    query.after = TEXT("!!");
    struct wallet_ledger_page page;
    assert_int_equal(direct_call(market, &staff, &wallet_list_ledger_message, &query, &page),
                     STATUS_INVALID_PARAMETER);
}

/* ---- a wallet ---- */

static void wallet_is_shown_as_it_was_at_any_moment(void **state)
{
    (void)state;
    const int64_t begin_us = direct_now_us(market);
    (void)tell_purchase_and_refund();
    const int64_t expected[] = { 500, 300, 380, 380 };
    assert_int_equal(wallet_as_of(begin_us - 1).balances_count, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        const struct wallet_managed_wallet seen =
            wallet_as_of(begin_us + (int64_t)i * (int64_t)MINUTE_US);
        assert_int_equal(seen.balances_count, 1);
        assert_int_equal(seen.balances[0].balance.amount, expected[i]);
        assert_false(seen.balances[0].has_available || seen.balances[0].has_held);
    }
}

static void wallet_is_shown_as_it_is_with_what_is_held(void **state)
{
    (void)state;
    assert_int_equal(wallet_as_of(0).balances_count, 0);
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(draw_id(), 200), STATUS_OK);
    const struct wallet_managed_wallet seen = wallet_as_of(0);
    assert_false(seen.has_as_of);
    assert_int_equal(seen.balances[0].balance.amount, 500);
    assert_int_equal(seen.balances[0].available.amount, 300);
    assert_int_equal(seen.balances[0].held.amount, 200);
}

static void wallet_of_nobody_is_not_found_and_not_corrected(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    wallet_id = stranger;
    const struct wallet_get_wallet_of_user query = { .user_id = wallet_id };
    struct wallet_managed_wallet reply;
    assert_int_equal(
        direct_call(market, &staff, &wallet_get_wallet_of_user_message, &query, &reply),
        STATUS_NOT_FOUND);
    assert_int_equal(correct(30, &corrected), STATUS_NOT_FOUND);
}

/* ---- corrections ---- */

static void correction_is_an_entry_both_ways_and_leaves_an_audit_entry(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    const size_t audited = direct_events(market, 5191);
    assert_int_equal(correct(70, &corrected), STATUS_OK);
    assert_int_equal(corrected.balance.amount, 70);
    assert_int_equal(correct(-20, &corrected), STATUS_OK);
    assert_int_equal(corrected.balance.amount, 50);
    assert_eur(50, 0);
    assert_int_equal(direct_events(market, 5191), audited + 2);
    assert_text_equal(
        direct_sql(market, "SELECT sum(balance) FROM wallet.house WHERE name = 'corrections'"),
        TEXT("-50"));
}

static void correction_takes_nothing_that_is_held(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    assert_int_equal(hold(draw_id(), 450), STATUS_OK);
    assert_int_equal(correct(-51, &corrected), STATUS_INSUFFICIENT_FUNDS);
    assert_string_equal(direct_last_fault(market).pointer, "/amount");
    assert_int_equal(direct_last_fault(market).available, 50);
    assert_int_equal(correct(-50, &corrected), STATUS_OK);
    assert_eur(0, 450);
}

static void correction_needs_an_amount_and_words_that_can_be_read(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    assert_int_equal(correct(0, &corrected), STATUS_OUT_OF_RANGE);
    struct wallet_correct_wallet command = { .user_id = wallet_id,
                                             .amount = money_make(1, "EUR"),
                                             .reason = TEXT(" ") };
    assert_int_equal(
        direct_call(market, &staff, &wallet_correct_wallet_message, &command, &corrected),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/reason");
    command.reason = TEXT("late");
    command.has_reference = true;
    command.reference = TEXT("\x01");
    assert_int_equal(
        direct_call(market, &staff, &wallet_correct_wallet_message, &command, &corrected),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/reference");
}

/* ---- limits ---- */

static void greatest_balance_stands_against_gifts_and_not_against_refunds(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    struct wallet_hold_posted posted;
    struct uuid refunded;
    const struct uuid bought = draw_id();
    direct_set(market, "--wallet.balance_max=500");
    assert_int_equal(grant(501, "EUR"), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(grant(400, "EUR"), STATUS_OK);
    assert_int_equal(hold(bought, 100), STATUS_OK);
    assert_int_equal(post(bought, &posted), STATUS_OK);
    assert_int_equal(correct(201, &corrected), STATUS_LIMIT_EXCEEDED);
    assert_text_equal(direct_last_fault(market).detail,
                      TEXT("The greatest balance of a wallet (wallet.balance_max) is 5.00 EUR."));
    assert_int_equal(direct_last_fault(market).available, 200);
    assert_int_equal(correct(200, &corrected), STATUS_OK);
    assert_int_equal(refund(draw_id(), bought, money_make(100, "EUR"), &refunded), STATUS_OK);
    assert_int_equal(grant(1, "EUR"), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(direct_last_fault(market).available, 0);
    assert_int_equal(grant(1, "USD"), STATUS_OK);
}

static void member_of_staff_corrects_so_much_a_day_in_all_wallets(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    direct_set(market, "--wallet.corrections_max=100");
    assert_int_equal(correct(60, &corrected), STATUS_OK);
    assert_int_equal(correct(-30, &corrected), STATUS_OK);
    wallet_id = draw_id();
    assert_int_equal(correct(11, &corrected), STATUS_LIMIT_EXCEEDED);
    assert_text_equal(direct_last_fault(market).detail,
                      TEXT("What one member of staff may correct a day (wallet.corrections_max) is"
                           " 1.00 EUR."));
    assert_int_equal(direct_last_fault(market).available, 10);
    assert_int_equal(correct(10, &corrected), STATUS_OK);
    staff.id = draw_id();
    assert_int_equal(correct(100, &corrected), STATUS_OK);
    assert_int_equal(correct(1, &corrected), STATUS_LIMIT_EXCEEDED);
    direct_advance(market, 24 * 60 * (int64_t)MINUTE_US);
    assert_int_equal(correct(1, &corrected), STATUS_OK);
}

static void corrections_on_their_way_in_other_wallets_count_for_the_limit(void **state)
{
    (void)state;
    struct wallet_corrected corrected;
    direct_set(market, "--wallet.corrections_max=100");
    direct_queue_units(market);
    assert_int_equal(correct(60, &corrected), STATUS_OK);
    wallet_id = draw_id();
    assert_int_equal(correct(60, &corrected), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_int_equal(correct(60, &corrected), STATUS_LIMIT_EXCEEDED);
    assert_text_equal(direct_sql(market, "SELECT sum(balance) FROM wallet.balance"), TEXT("60"));
}

/* What somebody else's session does while this one waits, as nodes of two shards would. */
static struct text correct_by_sql(struct text (*run)(struct direct_market *market, const char *sql),
                                  unsigned shard, int64_t amount)
{
    char sql[512], id[33];
    write_hex(staff.id, id);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(wallet.post_correction(%u::smallint, gen_random_uuid(),"
                   " gen_random_uuid(), 'EUR', %lld, %lld, '', 1, '%s', 'late', 0, 100))",
                   shard, (long long)amount, (long long)amount, id);
    return run(market, sql);
}

static void corrections_of_one_member_of_staff_wait_for_each_other(void **state)
{
    (void)state;
    (void)direct_sql_as_role(market, "SET lock_timeout = '50ms'");
    (void)direct_sql(market, "BEGIN");
    assert_text_equal(correct_by_sql(direct_sql, 1, 60), TEXT("1"));
    assert_text_equal(correct_by_sql(direct_sql_as_role, 2, 60), TEXT(""));
    (void)direct_sql(market, "COMMIT");
    assert_text_equal(correct_by_sql(direct_sql_as_role, 2, 60), TEXT(""));
    assert_text_equal(correct_by_sql(direct_sql_as_role, 2, 40), TEXT("1"));
    (void)direct_sql_as_role(market, "RESET lock_timeout");
    empty_the_ledger(); /* no wallet was made for them */
}

#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, new_desk, ledger_is_whole)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(ledger_shows_whole_entries_newest_first),
        DESK_TEST(entry_without_a_wallet_has_its_legs_only),
        DESK_TEST(each_filter_lets_through_what_it_names),
        DESK_TEST(time_is_from_the_first_to_before_the_second),
        DESK_TEST(pages_show_each_entry_once),
        DESK_TEST(wallet_is_shown_as_it_was_at_any_moment),
        DESK_TEST(wallet_is_shown_as_it_is_with_what_is_held),
        DESK_TEST(wallet_of_nobody_is_not_found_and_not_corrected),
        DESK_TEST(correction_is_an_entry_both_ways_and_leaves_an_audit_entry),
        DESK_TEST(correction_takes_nothing_that_is_held),
        DESK_TEST(correction_needs_an_amount_and_words_that_can_be_read),
        DESK_TEST(greatest_balance_stands_against_gifts_and_not_against_refunds),
        DESK_TEST(member_of_staff_corrects_so_much_a_day_in_all_wallets),
        DESK_TEST(corrections_on_their_way_in_other_wallets_count_for_the_limit),
        DESK_TEST(corrections_of_one_member_of_staff_wait_for_each_other),
    };
    market = direct_market_new(&wallet_domain);
    direct_set_peer(market, answer_as_users, NULL);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
