/* Claims about what staff sees of payments, against a scratch database. */
#include "tests/support/cmocka.h"

#include <stdio.h>

#include "payment_messages.h"
#include "tests/support/direct_request.h"

extern const struct domain_definition payment_domain;

static struct direct_market *market;
static int64_t base_us; /* time 0 of the stories */
static const struct principal staff = { .kind = PRINCIPAL_ADMIN,
                                        .id = { { 7 } },
                                        .rights = UINT64_MAX };

/* `number` makes id and time; amounts are those of SQL. */
static void insert(int number, const char *more_columns, const char *more_values)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO payment.payment (id, shard, purpose, subject_id, user_id, currency,"
                   " amount, method, return_url, description, goal, is_tried, status, created_at,"
                   " updated_at%s) VALUES (lpad(to_hex(%d), 32, '0')::uuid, 0, 'order',"
                   " lpad(to_hex(%d), 32, '0')::uuid, lpad(to_hex(%d), 32, '0')::uuid, 'EUR', 1000,"
                   " 'pm', '', '', 'hold', true, 'authorised', %lld, %lld%s)",
                   more_columns, number, number, 1000 + number % 2, (long long)base_us + number,
                   (long long)base_us + number, more_values);
    (void)direct_sql(market, sql);
}

static struct uuid id_of(int number)
{
    struct uuid id = { { 0 } };
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static int empty(void **state)
{
    (void)state;
    (void)direct_sql(market,
                     "TRUNCATE payment.payment, payment.stray, payment.fact, payment.operation,"
                     " payment.event, payment.refund, payment.parked_event,"
                     " payment.reconciliation, payment.reconciled_sum, payment.movement,"
                     " payment.difference, payment.card, payment.customer");
    return 0;
}

static struct payment_payment_page list(struct payment_list_payments query)
{
    struct payment_payment_page page;
    assert_int_equal(direct_call(market, &staff, &payment_list_payments_message, &query, &page),
                     STATUS_OK);
    return page;
}

static void staff_reads_all_payments_page_by_page(void **state)
{
    (void)state;
    enum { COUNT = 45 };
    bool is_seen[COUNT + 1] = { false };
    struct payment_list_payments query = { .has_limit = true, .limit = 10 };
    for (int i = 1; i <= COUNT; i++)
        insert(i, "", "");
    (void)direct_sql(market,
                     "INSERT INTO payment.payment (id, shard, purpose, subject_id, currency,"
                     " amount, method, return_url, description, goal, is_tried, status,"
                     " created_at, updated_at) VALUES (gen_random_uuid(), 0, 'order',"
                     " gen_random_uuid(), '', 0, '', '', '', 'release', false, 'voided', 99,"
                     " 99)");
    for (int page_number = 0; page_number < 5; page_number++) {
        const struct payment_payment_page page = list(query);
        assert_int_equal(page.data_count, page_number < 4 ? 10 : 5);
        assert_int_equal(page.has_more, page_number < 4);
        for (size_t i = 0; i < page.data_count; i++) {
            const int64_t number = page.data[i].created_at_us - base_us;
            assert_in_range(number, 1, COUNT);
            assert_false(is_seen[number]);
            is_seen[number] = true;
        }
        query.has_after = page.has_next;
        query.after = page.next;
    }
    query.after = TEXT("nonsense");
    query.has_after = true;
    struct payment_payment_page page;
    assert_int_equal(direct_call(market, &staff, &payment_list_payments_message, &query, &page),
                     STATUS_INVALID_PARAMETER);
}

static void staff_finds_payments_by_what_it_knows_of_them(void **state)
{
    (void)state;
    for (int i = 1; i <= 6; i++)
        insert(i, "", "");
    insert(7, ", reference, disputed, captured, take", ", 'pi_7', 400, 1000, 1000");
    insert(8, ", has_mismatch", ", true");
    assert_int_equal(
        list((struct payment_list_payments){ .has_reference = true, .reference = TEXT("pi_7") })
            .data_count,
        1);
    assert_int_equal(
        list((struct payment_list_payments){ .has_user_id = true, .user_id = id_of(1000) })
            .data_count,
        4);
    assert_int_equal(
        list((struct payment_list_payments){ .has_status = true, .status = PAYMENT_STATUS_FAILED })
            .data_count,
        0);
    assert_int_equal(list((struct payment_list_payments){ .has_status = true,
                                                          .status = PAYMENT_STATUS_AUTHORISED })
                         .data_count,
                     8);
    const struct payment_payment_page disputed = list(
        (struct payment_list_payments){ .has_only = true, .only = PAYMENT_PAYMENT_TRAIT_DISPUTED });
    assert_int_equal(disputed.data_count, 1);
    assert_int_equal(disputed.data[0].disputed.amount, 400);
    /* What a bank has taken for good stays in the list, and has one of its own. */
    (void)direct_sql(market, "UPDATE payment.payment SET disputed = 0, lost = 400 "
                             "WHERE reference = 'pi_7'");
    for (size_t i = 0; i < 2; i++) {
        const struct payment_payment_page lost = list((struct payment_list_payments){
            .has_only = true,
            .only = i == 0 ? PAYMENT_PAYMENT_TRAIT_DISPUTED : PAYMENT_PAYMENT_TRAIT_LOST });
        assert_int_equal(lost.data_count, 1);
        assert_int_equal(lost.data[0].lost.amount, 400);
    }
    assert_int_equal(list((struct payment_list_payments){ .has_only = true,
                                                          .only = PAYMENT_PAYMENT_TRAIT_MISMATCH })
                         .data_count,
                     1);
    assert_int_equal(
        list((struct payment_list_payments){
                 .has_from = true, .from_us = base_us + 3, .has_to = true, .to_us = base_us + 6 })
            .data_count,
        3);
}

static void details_say_what_was_asked_and_said(void **state)
{
    (void)state;
    insert(5, "", "");
    (void)direct_sql(market, "INSERT INTO payment.fact SELECT id, 'authorised', '', 1000, 'EUR', 5,"
                             " 'evt', '' FROM payment.payment");
    (void)direct_sql(market, "INSERT INTO payment.operation (id, payment_id, operation, amount,"
                             " state, code, began_at, ended_at) SELECT gen_random_uuid(), id,"
                             " 'authorise', 1000, 'said', '', 5, 6 FROM payment.payment");
    const struct payment_get_payment_details query = { .payment_id = id_of(5) };
    struct payment_payment_details details;
    assert_int_equal(
        direct_call(market, &staff, &payment_get_payment_details_message, &query, &details),
        STATUS_OK);
    assert_int_equal(details.facts_count, 1);
    assert_int_equal(details.operations_count, 1);
    assert_int_equal(details.operations[0].outcome, PAYMENT_VERDICT_SAID);
    const struct payment_get_payment_details other = { .payment_id = id_of(6) };
    assert_int_equal(
        direct_call(market, &staff, &payment_get_payment_details_message, &other, &details),
        STATUS_NOT_FOUND);
}

static struct common_stuck_items stuck(void)
{
    const struct queue_list_stuck query = { .limit = 20 };
    struct common_stuck_items items;
    assert_int_equal(direct_call(market, NULL, &payment_list_stuck_message, &query, &items),
                     STATUS_OK);
    return items;
}

static bool waits(enum common_stuck_cause cause)
{
    const struct common_stuck_items items = stuck();
    for (size_t i = 0; i < items.items_count; i++)
        if (items.items[i].cause == cause) return true;
    return false;
}

static void what_nobody_knows_waits_until_the_provider_has_said(void **state)
{
    (void)state;
    static const char operation[] =
        "INSERT INTO payment.operation (id, payment_id, operation, amount, state, code, began_at,"
        " ended_at) SELECT gen_random_uuid(), id, '%s', 1000, '%s', '', %d, %d FROM"
        " payment.payment";
    char sql[512];
    insert(5, "", "");
    assert_int_equal(stuck().items_count, 0);
    (void)snprintf(sql, sizeof sql, operation, "capture", "unknown", 6, 7);
    (void)direct_sql(market, sql);
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_UNKNOWN));
    (void)snprintf(sql, sizeof sql, operation, "query", "said", 8, 9);
    (void)direct_sql(market, sql);
    assert_int_equal(stuck().items_count, 0);
}

static void a_mismatch_waits_until_somebody_has_looked_and_the_next_one_again(void **state)
{
    (void)state;
    static const char mismatch[] =
        "INSERT INTO payment.fact SELECT id, 'mismatch', '%s', 999, 'EUR',"
        " 5, 'evt', '' FROM payment.payment";
    char sql[512];
    struct payment_payment reply;
    struct payment_settle_mismatch command = { .payment_id = id_of(5), .reason = TEXT("Typo.") };
    insert(5, "", "");
    assert_int_equal(
        direct_call(market, &staff, &payment_settle_mismatch_message, &command, &reply),
        STATUS_ILLEGAL_TRANSITION);
    (void)direct_sql(market, "UPDATE payment.payment SET has_mismatch = true");
    (void)snprintf(sql, sizeof sql, mismatch, "");
    (void)direct_sql(market, sql);
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_MISMATCH));
    assert_int_equal(
        direct_call(market, &staff, &payment_settle_mismatch_message, &command, &reply), STATUS_OK);
    assert_int_equal(stuck().items_count, 0);
    (void)snprintf(sql, sizeof sql, mismatch, "re_1");
    (void)direct_sql(market, sql);
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_MISMATCH));
}

static void disputes_and_what_nobody_wanted_wait(void **state)
{
    (void)state;
    insert(5, ", captured, disputed, take", ", 1000, 300, 1000");
    insert(6, ", captured", ", 1000");
    assert_true(waits(COMMON_STUCK_CAUSE_DISPUTE_OPEN));
    assert_false(waits(COMMON_STUCK_CAUSE_PAYMENT_NOT_WANTED));
    (void)direct_sql(market, "INSERT INTO payment.operation (id, payment_id, operation, amount,"
                             " state, code, began_at, ended_at) SELECT gen_random_uuid(), id,"
                             " 'refund', 1000, 'not_taken', 'x', 6, 7 FROM payment.payment WHERE"
                             " disputed = 0");
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_NOT_WANTED));
}

static void a_second_charge_that_does_not_go_back_waits(void **state)
{
    (void)state;
    insert(5, ", captured, take", ", 1000, 1000");
    (void)direct_sql(market,
                     "WITH p AS (UPDATE payment.payment SET goal = 'take' RETURNING *) INSERT"
                     " INTO payment.stray SELECT 'pi_2', id, 'captured', 1000, 0, 7 FROM p");
    (void)direct_sql(market, "INSERT INTO payment.operation SELECT gen_random_uuid(), id, 'refund',"
                             " 1000, 'not_taken', 'x', 6, 7 FROM payment.payment");
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_NOT_WANTED));
    (void)direct_sql(market, "UPDATE payment.stray SET returned = 1000");
    assert_false(waits(COMMON_STUCK_CAUSE_PAYMENT_NOT_WANTED));
}

static void what_is_set_aside_and_not_taken_waits_before_its_bank_lets_go(void **state)
{
    (void)state;
    insert(5, "", "");
    assert_false(waits(COMMON_STUCK_CAUSE_PAYMENT_NOT_TAKEN));
    char sql[128];
    (void)snprintf(sql, sizeof sql, "UPDATE payment.payment SET created_at = %lld",
                   (long long)(direct_now_us(market) - INT64_C(3601) * 1000000));
    (void)direct_sql(market, sql);
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_NOT_TAKEN));
    (void)direct_sql(market, "UPDATE payment.payment SET status = 'captured'");
    assert_false(waits(COMMON_STUCK_CAUSE_PAYMENT_NOT_TAKEN));
}

static void an_event_about_nothing_is_discarded_once(void **state)
{
    (void)state;
    (void)direct_sql(
        market, "INSERT INTO payment.parked_event VALUES ('evt_Xy', 'charge.captured', 'pi', 5)");
    const struct common_stuck_items items = stuck();
    assert_int_equal(items.items_count, 1);
    assert_text_equal(items.items[0].subject, TEXT("evt_Xy"));
    const struct payment_discard_event command = { .event_id = TEXT("evt_Xy"),
                                                   .reason = TEXT("Not ours.") };
    assert_int_equal(direct_call(market, &staff, &payment_discard_event_message, &command, NULL),
                     STATUS_OK);
    assert_int_equal(stuck().items_count, 0);
    assert_int_equal(direct_call(market, &staff, &payment_discard_event_message, &command, NULL),
                     STATUS_NOT_FOUND);
}

/* ---- the provider's reports ---- */

static void insert_difference(int number, const char *kind, int day, const char *state)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "WITH m AS (INSERT INTO payment.movement VALUES ('txn_%d', %d, 'charge',"
                   " 'charge', 'ch_%d', '', '', NULL, 777, 'EUR', 777, 10, 'EUR', 5))"
                   " INSERT INTO payment.difference (id, day, kind, about, movement_id, movement,"
                   " source, reported, currency, state, reason, checks, found_at, checked_at,"
                   " over_at) VALUES (lpad(to_hex(%d), 32, '0')::uuid, %d, '%s', 'txn_%d',"
                   " 'txn_%d', 'charge', 'ch_%d', 777, 'EUR', '%s', CASE '%s' WHEN 'settled' THEN"
                   " 'Seen.' ELSE '' END, 1, %lld, %lld, CASE '%s' WHEN 'open' THEN NULL ELSE 9"
                   " END)",
                   number, day, number, number, day, kind, number, number, number, state, state,
                   (long long)base_us + number, (long long)base_us + number, state);
    (void)direct_sql(market, sql);
}

static struct payment_difference_page list_differences(struct payment_list_differences query)
{
    struct payment_difference_page page;
    assert_int_equal(direct_call(market, &staff, &payment_list_differences_message, &query, &page),
                     STATUS_OK);
    return page;
}

static void staff_finds_differences_and_pages_through_them(void **state)
{
    (void)state;
    insert_difference(1, "unknown_payment", 20000, "open");
    insert_difference(2, "not_told", 20000, "healed");
    insert_difference(3, "not_told", 20001, "open");
    struct payment_difference_page page =
        list_differences((struct payment_list_differences){ .has_open = true, .open = true });
    assert_int_equal(page.data_count, 2);
    assert_int_equal(page.data[1].kind, PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT);
    assert_text_equal(page.data[1].day, TEXT("2024-10-04"));
    assert_text_equal(page.data[1].movement_id, TEXT("txn_1"));
    assert_int_equal(page.data[1].reported.amount, 777);
    assert_false(page.data[1].has_known);
    assert_false(page.data[1].has_payment_id);
    page = list_differences((struct payment_list_differences){ .has_open = true, .open = false });
    assert_int_equal(page.data_count, 1);
    page = list_differences(
        (struct payment_list_differences){ .has_day = true, .day = TEXT("2024-10-04") });
    assert_int_equal(page.data_count, 2);
    page = list_differences((struct payment_list_differences){
        .has_kind = true, .kind = PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT });
    assert_int_equal(page.data_count, 1);
    page = list_differences(
        (struct payment_list_differences){ .has_difference_id = true, .difference_id = id_of(3) });
    assert_int_equal(page.data_count, 1);
    page = list_differences((struct payment_list_differences){ .has_limit = true, .limit = 2 });
    assert_true(page.has_more);
    page = list_differences((struct payment_list_differences){
        .has_limit = true, .limit = 2, .has_after = true, .after = page.next });
    assert_int_equal(page.data_count, 1);
    assert_false(page.has_more);
    assert_text_equal(page.data[0].movement_id, TEXT("txn_1"));
    const struct payment_list_differences bad = { .has_day = true, .day = TEXT("2024-10-99") };
    assert_int_equal(direct_call(market, &staff, &payment_list_differences_message, &bad, &page),
                     STATUS_INVALID_PARAMETER);
    const struct payment_list_differences lost = { .has_after = true, .after = TEXT("nonsense") };
    assert_int_equal(direct_call(market, &staff, &payment_list_differences_message, &lost, &page),
                     STATUS_INVALID_PARAMETER);
}

static void a_difference_waits_until_somebody_has_settled_it_with_a_reason(void **state)
{
    (void)state;
    struct payment_settle_difference command = { .difference_id = id_of(1), .reason = TEXT(" ") };
    insert_difference(1, "unknown_payment", 20000, "open");
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_DIFFERENCE));
    assert_true(text_starts_with(stuck().items[0].subject, TEXT("dif_")));
    assert_int_equal(
        direct_call(market, &staff, &payment_settle_difference_message, &command, NULL),
        STATUS_INVALID_VALUE);
    command.reason = TEXT("A test of the bank's.");
    assert_int_equal(
        direct_call(market, &staff, &payment_settle_difference_message, &command, NULL), STATUS_OK);
    assert_int_equal(stuck().items_count, 0);
    const struct payment_difference_page page =
        list_differences((struct payment_list_differences){ .has_open = false });
    assert_int_equal(page.data[0].state, PAYMENT_DIFFERENCE_STATE_SETTLED);
    assert_text_equal(page.data[0].reason, TEXT("A test of the bank's."));
    assert_int_equal(
        direct_call(market, &staff, &payment_settle_difference_message, &command, NULL),
        STATUS_ILLEGAL_TRANSITION);
    command.difference_id = id_of(77);
    assert_int_equal(
        direct_call(market, &staff, &payment_settle_difference_message, &command, NULL),
        STATUS_NOT_FOUND);
}

static void a_difference_that_may_heal_by_itself_is_shown_once_it_was_judged_again(void **state)
{
    (void)state;
    insert_difference(1, "not_told", 20000, "open");
    (void)direct_sql(market, "UPDATE payment.difference SET checks = 0");
    assert_false(waits(COMMON_STUCK_CAUSE_PAYMENT_DIFFERENCE));
    (void)direct_sql(market, "UPDATE payment.difference SET checks = 1");
    assert_true(waits(COMMON_STUCK_CAUSE_PAYMENT_DIFFERENCE));
}

static struct payment_reconciliation_page list_days(struct payment_list_reconciliations query)
{
    struct payment_reconciliation_page page;
    assert_int_equal(
        direct_call(market, &staff, &payment_list_reconciliations_message, &query, &page),
        STATUS_OK);
    return page;
}

static void staff_sees_each_day_with_its_sums_by_currency(void **state)
{
    (void)state;
    insert_difference(1, "unknown_payment", 20001, "open");
    insert_difference(2, "not_told", 20001, "healed");
    (void)direct_sql(market, "INSERT INTO payment.reconciliation (day, state, began_at, done_at)"
                             " VALUES (20000, 'done', 1, 2), (20001, 'done', 3, 4),"
                             " (20002, 'reading', 5, NULL)");
    (void)direct_sql(market, "INSERT INTO payment.reconciled_sum VALUES"
                             " (20001, 'USD', 5, 0, 0, 1, 0, 2),"
                             " (20001, 'EUR', 777, 100, 50, 10, -7, 3),"
                             " (20000, 'EUR', 1, 0, 0, 0, 0, 1)");
    struct payment_reconciliation_page page =
        list_days((struct payment_list_reconciliations){ .has_limit = true, .limit = 2 });
    assert_int_equal(page.data_count, 2);
    assert_true(page.has_more);
    assert_text_equal(page.data[0].day, TEXT("2024-10-06"));
    assert_int_equal(page.data[0].state, PAYMENT_RECONCILIATION_STATE_READING);
    assert_false(page.data[0].has_done_at);
    assert_int_equal(page.data[0].sums_count, 0);
    assert_int_equal(page.data[1].differences, 2);
    assert_int_equal(page.data[1].open, 1);
    assert_int_equal(page.data[1].sums_count, 2);
    assert_int_equal(page.data[1].sums[0].charged.amount, 777);
    assert_int_equal(page.data[1].sums[0].refunded.amount, 100);
    assert_int_equal(page.data[1].sums[0].disputed.amount, 50);
    assert_int_equal(page.data[1].sums[0].fees.amount, 10);
    assert_int_equal(page.data[1].sums[0].others.amount, -7);
    assert_string_equal(page.data[1].sums[1].charged.currency, "USD");
    page = list_days((struct payment_list_reconciliations){
        .has_limit = true, .limit = 2, .has_after = true, .after = page.next });
    assert_int_equal(page.data_count, 1);
    assert_false(page.has_more);
    assert_text_equal(page.data[0].day, TEXT("2024-10-04"));
    assert_int_equal(page.data[0].sums_count, 1);
    const struct payment_list_reconciliations lost = { .has_after = true, .after = TEXT("x") };
    assert_int_equal(
        direct_call(market, &staff, &payment_list_reconciliations_message, &lost, &page),
        STATUS_INVALID_PARAMETER);
}

/* ---- cards of whoever was ---- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(staff_reads_all_payments_page_by_page, empty),
        cmocka_unit_test_setup(staff_finds_payments_by_what_it_knows_of_them, empty),
        cmocka_unit_test_setup(details_say_what_was_asked_and_said, empty),
        cmocka_unit_test_setup(what_nobody_knows_waits_until_the_provider_has_said, empty),
        cmocka_unit_test_setup(a_mismatch_waits_until_somebody_has_looked_and_the_next_one_again,
                               empty),
        cmocka_unit_test_setup(disputes_and_what_nobody_wanted_wait, empty),
        cmocka_unit_test_setup(a_second_charge_that_does_not_go_back_waits, empty),
        cmocka_unit_test_setup(what_is_set_aside_and_not_taken_waits_before_its_bank_lets_go,
                               empty),
        cmocka_unit_test_setup(staff_finds_differences_and_pages_through_them, empty),
        cmocka_unit_test_setup(a_difference_waits_until_somebody_has_settled_it_with_a_reason,
                               empty),
        cmocka_unit_test_setup(
            a_difference_that_may_heal_by_itself_is_shown_once_it_was_judged_again, empty),
        cmocka_unit_test_setup(staff_sees_each_day_with_its_sums_by_currency, empty),
        cmocka_unit_test_setup(an_event_about_nothing_is_discarded_once, empty),
    };
    market = direct_market_new(&payment_domain);
    base_us = direct_now_us(market);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
