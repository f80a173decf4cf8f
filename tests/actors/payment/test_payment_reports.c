/* Claims about a provider's report that is read, compared and healed, through a node with payments
 * and ledger. The days are long over; what stands in their reports a test lays out. */
#include "tests/actors/payment/payment_stage.h"

#include <time.h>

#define LINE(id, type, category, amount, source)                                                   \
    "{\"id\":\"" id "\",\"object\":\"balance_transaction\",\"amount\":" amount                     \
    ",\"fee\":10,\"currency\":\"eur\",\"created\":1577880000,\"type\":\"" type                     \
    "\",\"reporting_category\":\"" category "\",\"source\":" source "}"
#define PAGE(lines, has_more) "{\"object\":\"list\",\"data\":[" lines "],\"has_more\":" has_more "}"
#define CHARGE(name, amount)                                                                       \
    "{\"id\":\"ch_pi_" name "\",\"object\":\"charge\",\"amount\":" amount                          \
    ",\"amount_captured\":" amount                                                                 \
    ",\"captured\":true,\"currency\":\"eur\",\"payment_intent\":\"pi_" name                        \
    "\",\"status\":\"succeeded\",\"metadata\":{}}"
#define CHARGED(id, name, amount) LINE(id, "charge", "charge", amount, CHARGE(name, amount))
#define REFUND(id, name, amount)                                                                   \
    "{\"id\":\"" id "\",\"object\":\"refund\",\"amount\":" amount                                  \
    ",\"currency\":\"eur\",\"payment_intent\":\"pi_" name                                          \
    "\",\"status\":\"succeeded\",\"metadata\":{}}"
#define REFUNDED(id, source, name, amount)                                                         \
    LINE(id, "refund", "refund", "-" amount, REFUND(source, name, amount))
#define DISPUTED(id, source, name, amount)                                                         \
    LINE(id, "adjustment", "dispute", "-" amount,                                                  \
         "{\"id\":\"" source "\",\"object\":\"dispute\",\"amount\":" amount                        \
         ",\"currency\":\"eur\",\"charge\":\"ch_pi_" name "\",\"payment_intent\":\"pi_" name       \
         "\",\"status\":\"needs_response\",\"reason\":\"general\"}")
#define PAYOUT(id) LINE(id, "payout", "payout", "-7000", "\"po_1\"")

/* A payment of 19.99 that was captured and booked. */
static struct uuid captured(struct stage *of, const char *intent)
{
    const struct uuid id = stage_new_id(of, 7);
    const struct bank_answer answers[] = { { 200, about(0, AUTHORISED, intent) },
                                           { 200, about(1, CAPTURED, intent) } };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
    assert_int_equal(take(id, 1999), STATUS_OK);
    wait_until(id, PAYMENT_STATUS_CAPTURED);
    return id;
}

static void wait_for_sql(struct stage *of, const char *domain, const char *sql, const char *value)
{
    for (int i = 0; i < TRIES_MAX && strcmp(stage_sql(of, domain, sql), value) != 0; i++)
        stage_sleep(of, PAUSE_US);
    assert_string_equal(stage_sql(of, domain, sql), value);
}

static const char *payment_sql(struct stage *of, const char *sql)
{
    return stage_sql(of, "payment", sql);
}

static enum payment_reconciliation_state go_on(struct stage *of, const char *day)
{
    const struct payment_reconcile_day command = { .day = text_of(day) };
    struct payment_reconciled reply;
    assert_int_equal(stage_ask(of, nobody, &payment_reconcile_day_message, &command, &reply),
                     STATUS_OK);
    return reply.state;
}

/* What is open is judged again a second later at the earliest. */
static void judge_again(struct stage *of, const char *day)
{
    (void)payment_sql(of, "UPDATE payment.difference SET checked_at = checked_at - 2000000"
                          " RETURNING 1");
    (void)go_on(of, day);
}

static void lay_out_report(const struct bank_answer *pages, size_t count)
{
    bank_lay_out_report(bank, pages, count);
}

static void assert_kind(struct stage *of, const char *about_id, const char *expected)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce((SELECT kind || ' ' || state FROM payment.difference"
                   " WHERE about = '%s'), 'none')",
                   about_id);
    assert_string_equal(payment_sql(of, sql), expected);
}

/* ---- a day of everything ---- */

static void tell_day(struct stage *of, void *context)
{
    (void)context;
    static const char day[] = "2020-01-01";
    (void)captured(of, "pi_a");
    (void)captured(of, "pi_b");
    assert_int_equal(tell_event("evt_a1", REFUND("re_a", "a", "500"), SECRET), STATUS_OK);
    wait_for_sql(of, "wallet",
                 "SELECT sum(captured) || ' ' || sum(refunded) FROM wallet.payment_book",
                 "3998 500");
    const struct bank_answer pages[] = {
        { 200,
          PAGE(
              CHARGED("txn_a1", "a", "1999") "," REFUNDED("txn_a2", "re_a", "a", "500") "," CHARGED(
                  "txn_b1", "b",
                  "2000") "," CHARGED("txn_z1", "zz",
                                      "777") "," REFUNDED("txn_b2", "re_b", "b",
                                                          "100") "," DISPUTED("txn_a3", "dp_a", "a",
                                                                              "300") "," PAYOUT("tx"
                                                                                                "n_"
                                                                                                "p"),
              "false") }
    };
    lay_out_report(pages, 1);
    assert_int_equal(go_on(of, day), PAYMENT_RECONCILIATION_STATE_COMPARING);
    assert_kind(of, "txn_a1", "none");
    assert_kind(of, "txn_a2", "none");
    assert_kind(of, "txn_p", "none");
    assert_kind(of, "txn_b1", "amount_differs open");
    assert_kind(of, "txn_z1", "unknown_payment open");
    assert_kind(of, "txn_b2", "not_told open");
    assert_kind(of, "txn_a3", "not_told open");
    assert_int_equal(go_on(of, day), PAYMENT_RECONCILIATION_STATE_DONE);
    assert_string_equal(payment_sql(of, "SELECT concat_ws(' ', charged, refunded, disputed, fees,"
                                        " others, movements) FROM payment.reconciled_sum"
                                        " WHERE day = 18262"),
                        "4776 600 300 70 -7000 7");
    /* What the payments were not told they have heard from the report, and the ledger from them. */
    wait_for_sql(of, "wallet",
                 "SELECT sum(refunded) || ' ' || sum(disputed) FROM wallet.payment_book",
                 "600 300");
    judge_again(of, day);
    assert_kind(of, "txn_b2", "not_told healed");
    assert_kind(of, "txn_a3", "not_told healed");
    assert_kind(of, "txn_b1", "amount_differs open");
    assert_kind(of, "txn_z1", "unknown_payment open");
    assert_string_equal(payment_sql(of, "SELECT reported || ' ' || known FROM payment.difference"
                                        " WHERE about = 'txn_b1'"),
                        "2000 1999");
}

static void a_day_names_what_does_not_fit_and_what_was_lost_heals(void **state)
{
    (void)state;
    stage_run(stage, tell_day, NULL);
}

/* ---- page by page ---- */

static const char page_day[] = "2020-01-02";
static const struct bank_answer two_pages[] = {
    { 200, PAGE(CHARGED("txn_c1", "c9", "100") "," CHARGED("txn_c2", "c8", "200"), "true") },
    { 200, PAGE(CHARGED("txn_c3", "c7", "300"), "false") },
};

static void tell_first_page(struct stage *of, void *context)
{
    (void)context;
    char path[256];
    lay_out_report(two_pages, ARRAY_LENGTH(two_pages));
    assert_int_equal(go_on(of, page_day), PAYMENT_RECONCILIATION_STATE_READING);
    assert_int_equal(bank_reports(bank, path), 1);
    assert_null(strstr(path, "starting_after"));
    assert_non_null(strstr(path, "created%5Bgte%5D=1577923200&created%5Blt%5D=1578009600"));
}

static void tell_second_page(struct stage *of, void *context)
{
    (void)context;
    char path[256];
    assert_int_equal(go_on(of, page_day), PAYMENT_RECONCILIATION_STATE_COMPARING);
    assert_int_equal(bank_reports(bank, path), 2);
    assert_non_null(strstr(path, "starting_after=txn_c2"));
    assert_int_equal(go_on(of, page_day), PAYMENT_RECONCILIATION_STATE_DONE);
    assert_string_equal(payment_sql(of, "SELECT charged FROM payment.reconciled_sum WHERE"
                                        " day = 18263"),
                        "600");
}

static void a_node_that_was_ended_between_two_pages_goes_on_behind_the_first(void **state)
{
    (void)state;
    stage_run(stage, tell_first_page, NULL);
    stage_restart_node(stage);
    stage_run(stage, tell_second_page, NULL);
}

static void tell_same_page(struct stage *of, void *context)
{
    (void)context;
    static const char day[] = "2020-01-03";
    const struct bank_answer pages[] = {
        { 200, PAGE(CHARGED("txn_d1", "d1", "100") "," CHARGED("txn_d2", "d2", "200"), "true") },
        { 400, "{\"error\":{\"code\":\"resource_missing\"}}" },
        { 200, PAGE(CHARGED("txn_d1", "d1", "100") "," CHARGED("txn_d2", "d2", "200"), "false") },
    };
    lay_out_report(pages, ARRAY_LENGTH(pages));
    assert_int_equal(go_on(of, day), PAYMENT_RECONCILIATION_STATE_READING);
    /* The place is gone: the day begins anew, and what is kept already stays as it is. */
    assert_int_equal(go_on(of, day), PAYMENT_RECONCILIATION_STATE_READING);
    assert_int_equal(go_on(of, day), PAYMENT_RECONCILIATION_STATE_COMPARING);
    assert_string_equal(payment_sql(of, "SELECT count(*) FROM payment.movement WHERE day = 18264"),
                        "2");
    assert_string_equal(
        payment_sql(of, "SELECT count(*) FROM payment.difference WHERE day = 18264"), "2");
}

static void the_same_page_twice_changes_nothing(void **state)
{
    (void)state;
    stage_run(stage, tell_same_page, NULL);
}

/* ---- no report ---- */

static void tell_outage(struct stage *of, void *context)
{
    (void)context;
    static const struct bank_answer outages[] = {
        { 0, "" },
        { 500, "{}" },
        { 429, "{}" },
        { 200, "garbage" },
        { 200, "{\"object\":\"list\",\"data\":[" CHARGED("txn_e0", "e", "1") },
        { 401, "{}" },
    };
    const struct payment_reconcile_day command = { .day = TEXT("2020-01-04") };
    struct payment_reconciled reply;
    for (size_t i = 0; i < ARRAY_LENGTH(outages); i++) {
        lay_out_report(&outages[i], 1);
        assert_int_equal(stage_ask(of, nobody, &payment_reconcile_day_message, &command, &reply),
                         STATUS_UNAVAILABLE);
    }
    assert_string_equal(payment_sql(of, "SELECT count(*) FROM payment.movement WHERE day = 18265"),
                        "0");
    const struct bank_answer page = { 200, PAGE("", "false") };
    lay_out_report(&page, 1);
    assert_int_equal(go_on(of, "2020-01-04"), PAYMENT_RECONCILIATION_STATE_COMPARING);
}

static void what_is_no_page_leaves_the_day_where_it_is(void **state)
{
    (void)state;
    stage_run(stage, tell_outage, NULL);
}

static void tell_bad_days(struct stage *of, void *context)
{
    (void)context;
    char path[256], today[16];
    const time_t now = time(NULL);
    struct tm parts;
    assert_non_null(gmtime_r(&now, &parts));
    (void)strftime(today, sizeof today, "%Y-%m-%d", &parts);
    const struct {
        const char *day;
        enum status status;
    } days[] = { { "2020-02-30", STATUS_INVALID_VALUE },
                 { "yesterday!", STATUS_INVALID_VALUE },
                 { today, STATUS_OUT_OF_RANGE },
                 { "2999-01-01", STATUS_OUT_OF_RANGE } };
    const size_t before = bank_reports(bank, path);
    for (size_t i = 0; i < ARRAY_LENGTH(days); i++) {
        const struct payment_reconcile_day command = { .day = text_of(days[i].day) };
        struct payment_reconciled reply;
        assert_int_equal(stage_ask(of, nobody, &payment_reconcile_day_message, &command, &reply),
                         days[i].status);
    }
    assert_int_equal(bank_reports(bank, path), before);
}

static void a_day_that_is_none_or_not_over_is_not_asked_for(void **state)
{
    (void)state;
    stage_run(stage, tell_bad_days, NULL);
}

/* ---- the ledger lacks something ---- */

/* A capture of which the ledger has never heard: it is told again, and booked. */
static void tell_not_booked(struct stage *of, void *context)
{
    (void)context;
    static const char day[] = "2020-01-06";
    (void)payment_sql(
        of, "WITH p AS (INSERT INTO payment.payment (id, shard, purpose, subject_id, currency,"
            " amount, method, return_url, description, goal, take, is_tried, reference, charge,"
            " status, authorised, captured, created_at, updated_at) VALUES"
            " ('00000000-0000-0000-0000-0000000000c0', 0, 'order',"
            " '00000000-0000-0000-0000-0000000000c0', 'EUR', 1999, 'pm', '', '', 'take', 1999,"
            " true, 'pi_f', 'ch_pi_f', 'captured', 1999, 1999, 1, 1) RETURNING id),"
            " f AS (INSERT INTO payment.fact (payment_id, fact, ref, amount, currency, at, source,"
            " code) SELECT id, x.fact, '', 1999, 'EUR', 1, 'pi_f', '' FROM p,"
            " (VALUES ('authorised'), ('captured')) AS x (fact) RETURNING 1)"
            " SELECT count(*) FROM f");
    const struct bank_answer page = { 200, PAGE(CHARGED("txn_f1", "f", "1999"), "false") };
    lay_out_report(&page, 1);
    assert_int_equal(go_on(of, day), PAYMENT_RECONCILIATION_STATE_COMPARING);
    assert_kind(of, "txn_f1", "not_booked open");
    assert_int_equal(go_on(of, day), PAYMENT_RECONCILIATION_STATE_DONE);
    wait_for_sql(of, "wallet",
                 "SELECT count(*) FROM wallet.payment_book WHERE captured = 1999 AND"
                 " payment_id = '00000000-0000-0000-0000-0000000000c0'",
                 "1");
    judge_again(of, day);
    assert_kind(of, "txn_f1", "not_booked healed");
    assert_string_equal(stage_sql(of, "wallet", "SELECT count(*) FROM wallet.check_payments()"),
                        "0");
}

static void what_the_ledger_lacks_is_named_and_told_again(void **state)
{
    (void)state;
    stage_run(stage, tell_not_booked, NULL);
}

/* ---- by the clock ---- */

static void tell_sweep(struct stage *of, void *context)
{
    (void)context;
    char sql[256];
    const struct bank_answer empty = { 200, PAGE("", "false") };
    lay_out_report(&empty, 1);
    (void)captured(of, "pi_g");
    /* As if it had been heard yesterday at noon. */
    (void)snprintf(
        sql, sizeof sql,
        "WITH u AS (UPDATE payment.fact SET heard_at = %lld WHERE payment_id = (SELECT id"
        " FROM payment.payment WHERE reference = 'pi_g') RETURNING 1)"
        " SELECT count(*) FROM u",
        ((long long)time(NULL) / 86400 * 86400 - 43200) * 1000000);
    assert_string_equal(payment_sql(of, sql), "2");
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM payment.reconciliation WHERE day = %lld"
                   " AND state = 'done'",
                   (long long)time(NULL) / 86400 - 1);
    wait_for_sql(of, "payment", sql, "1");
    wait_for_sql(of, "payment",
                 "SELECT kind || ' ' || state || ' ' || movement || ' ' || known || ' ' || source"
                 " FROM payment.difference WHERE kind = 'not_reported'",
                 "not_reported open charge 1999 ch_pi_g");
    /* The report of another day has it: the provider's clock goes otherwise than ours. */
    const struct bank_answer late = { 200, PAGE(CHARGED("txn_g1", "g", "1999"), "false") };
    wait_for_sql(of, "wallet", "SELECT count(*) > 0 FROM wallet.payment_book WHERE captured = 1999",
                 "t");
    lay_out_report(&late, 1);
    assert_int_equal(go_on(of, "2020-01-07"), PAYMENT_RECONCILIATION_STATE_COMPARING);
    wait_for_sql(of, "payment", "SELECT state FROM payment.difference WHERE kind = 'not_reported'",
                 "healed");
}

static void the_clock_reads_each_day_once_it_is_over_and_finds_what_is_not_in_it(void **state)
{
    (void)state;
    stage_run(stage, tell_sweep, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_names_what_does_not_fit_and_what_was_lost_heals),
        cmocka_unit_test(a_node_that_was_ended_between_two_pages_goes_on_behind_the_first),
        cmocka_unit_test(the_same_page_twice_changes_nothing),
        cmocka_unit_test(what_is_no_page_leaves_the_day_where_it_is),
        cmocka_unit_test(a_day_that_is_none_or_not_over_is_not_asked_for),
        cmocka_unit_test(what_the_ledger_lacks_is_named_and_told_again),
        cmocka_unit_test(the_clock_reads_each_day_once_it_is_over_and_finds_what_is_not_in_it),
    };
    return cmocka_run_group_tests(tests, payment_stage_open, payment_stage_close);
}
