/* Claims about how Stripe's report is asked for and read. */
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "actors/payment/stripe_amount.h"
#include "actors/payment/stripe_message.h"
#include "runtime/arena.h"

#define LINE(id, type, category, amount, fee, currency, source)                                    \
    "{\"id\":\"" id "\",\"object\":\"balance_transaction\",\"amount\":" amount ",\"fee\":" fee     \
    ",\"currency\":\"" currency "\",\"created\":1700000000,\"type\":\"" type                       \
    "\",\"reporting_category\":\"" category "\",\"source\":" source "}"
#define PAGE(lines, has_more) "{\"object\":\"list\",\"data\":[" lines "],\"has_more\":" has_more "}"
#define CHARGE                                                                                     \
    "{\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":1999,\"amount_captured\":1999,"             \
    "\"captured\":true,\"currency\":\"eur\",\"payment_intent\":\"pi_1\",\"status\":\"succeeded\"," \
    "\"metadata\":{}}"
#define CHARGE_LINE LINE("txn_1", "charge", "charge", "1999", "55", "eur", CHARGE)
#define REFUND                                                                                     \
    "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":500,\"currency\":\"eur\","                  \
    "\"payment_intent\":\"pi_1\",\"status\":\"succeeded\",\"metadata\":{}}"
#define DISPUTE                                                                                    \
    "{\"id\":\"dp_1\",\"object\":\"dispute\",\"amount\":300,\"currency\":\"eur\","                 \
    "\"payment_intent\":\"pi_1\",\"charge\":\"ch_1\",\"status\":\"won\",\"reason\":\"general\"}"

static struct arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = arena_new(64 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static struct provider_report read_after(int code, const char *body, const char *after)
{
    struct provider_report report;
    stripe_read_report(code, text_of(body), text_of(after), arena, &report);
    return report;
}

static struct provider_report read_body(const char *body)
{
    return read_after(200, body, "");
}

static struct provider_movement read_line(const char *body)
{
    const struct provider_report report = read_body(body);
    assert_int_equal(report.verdict, PROVIDER_SAID);
    assert_int_equal(report.count, 1);
    return report.movements[0];
}

/* ---- asked for ---- */

static void a_page_is_asked_for_by_its_time_and_its_place(void **state)
{
    (void)state;
    const struct provider_period day = { .from_s = 1700006400, .before_s = 1700092800 };
    struct provider_request request;
    assert_int_equal(stripe_write_report(&day, (struct text){ 0 }, arena, &request), STATUS_OK);
    assert_int_equal(request.method, TRANSFER_GET);
    assert_text_equal(request.path,
                      TEXT("/v1/balance_transactions?created%5Bgte%5D=1700006400&created%5Blt%5D="
                           "1700092800&limit=100&expand%5B0%5D=data.source"));
    assert_int_equal(stripe_write_report(&day, TEXT("txn_9&x=1"), arena, &request), STATUS_OK);
    assert_non_null(memmem(request.path.data, request.path.length,
                           TEXT("&starting_after=txn_9%26x%3D1").data, 29));
}

/* ---- read ---- */

static void a_charge_says_what_its_payment_would_have_heard(void **state)
{
    (void)state;
    const struct provider_movement line = read_line(PAGE(CHARGE_LINE, "false"));
    assert_int_equal(line.kind, PAYMENT_MOVEMENT_KIND_CHARGE);
    assert_text_equal(line.id, TEXT("txn_1"));
    assert_text_equal(line.source, TEXT("ch_1"));
    assert_int_equal(line.amount, 1999);
    assert_string_equal(line.currency, "EUR");
    assert_int_equal(line.settled, 1999);
    assert_int_equal(line.fee, 55);
    assert_int_equal(line.at_us, INT64_C(1700000000) * 1000000);
    assert_text_equal(line.says.reference, TEXT("pi_1"));
    assert_text_equal(line.says.charge, TEXT("ch_1"));
    assert_int_equal(line.says.facts_count, 1);
    assert_int_equal(line.says.facts[0].fact, PAYMENT_FACT_CAPTURED);
    assert_int_equal(line.says.facts[0].amount, 1999);
    assert_int_equal(line.says.facts[0].at_us, line.at_us);
    assert_text_equal(line.says.facts[0].source, TEXT("txn_1"));
}

static void refunds_and_disputes_go_out_and_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum payment_movement_kind kind;
        int64_t settled, amount;
    } lines[] = {
        { PAGE(LINE("txn_2", "refund", "refund", "-500", "0", "eur", REFUND), "false"),
          PAYMENT_MOVEMENT_KIND_REFUND, -500, 500 },
        { PAGE(LINE("txn_3", "refund_failure", "refund_failure", "500", "0", "eur", REFUND),
               "false"),
          PAYMENT_MOVEMENT_KIND_REFUND_RETURNED, 500, 500 },
        { PAGE(LINE("txn_4", "adjustment", "dispute", "-300", "1500", "eur", DISPUTE), "false"),
          PAYMENT_MOVEMENT_KIND_DISPUTE, -300, 300 },
        { PAGE(LINE("txn_5", "adjustment", "dispute_reversal", "300", "-1500", "eur", DISPUTE),
               "false"),
          PAYMENT_MOVEMENT_KIND_DISPUTE_RETURNED, 300, 300 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        const struct provider_movement line = read_line(lines[i].body);
        assert_int_equal(line.kind, lines[i].kind);
        assert_int_equal(line.settled, lines[i].settled);
        assert_int_equal(line.amount, lines[i].amount);
        assert_text_equal(line.says.reference, TEXT("pi_1"));
    }
}

static void what_is_not_known_is_kept_by_its_sum(void **state)
{
    (void)state;
    static const char *const lines[] = {
        PAGE(LINE("txn_6", "payout", "payout", "-9000", "0", "eur", "\"po_1\""), "false"),
        PAGE(LINE("txn_7", "stripe_fee", "fee", "-12", "0", "eur", "null"), "false"),
        PAGE(LINE("txn_8", "adjustment", "other_adjustment", "7", "0", "eur", "null"), "false"),
        PAGE(LINE("txn_9", "a_type_of_tomorrow", "x", "7", "0", "eur",
                  "{\"id\":\"xx_1\",\"object\":\"thing_of_tomorrow\"}"),
             "false"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        const struct provider_movement line = read_line(lines[i]);
        assert_int_equal(line.kind, PAYMENT_MOVEMENT_KIND_OTHER);
        assert_int_equal(line.says.facts_count, 0);
    }
}

static void a_source_that_is_only_named_or_strange_tells_nothing_but_its_name(void **state)
{
    (void)state;
    struct provider_movement line = read_line(
        PAGE(LINE("txn_1", "charge", "charge", "1999", "55", "eur", "\"ch_7\""), "false"));
    assert_text_equal(line.source, TEXT("ch_7"));
    assert_int_equal(line.says.facts_count, 0);
    line = read_line(PAGE(LINE("txn_1", "charge", "charge", "1999", "55", "eur",
                               "{\"id\":\"ch_8\",\"object\":\"charge\"}"),
                          "false"));
    assert_text_equal(line.source, TEXT("ch_8"));
    assert_int_equal(line.says.facts_count, 0);
    assert_int_equal(line.amount, 1999);
}

/* An account in dollars: what the card was asked for stands in the charge. */
static void an_account_of_another_currency_is_compared_by_what_the_card_was_asked_for(void **state)
{
    (void)state;
    const struct provider_movement line =
        read_line(PAGE(LINE("txn_1", "charge", "charge", "2150", "80", "usd", CHARGE), "false"));
    assert_int_equal(line.amount, 1999);
    assert_string_equal(line.currency, "EUR");
    assert_int_equal(line.settled, 2150);
    assert_int_equal(line.fee, 80);
    assert_string_equal(line.settled_currency, "USD");
}

static void currencies_have_their_own_decimals(void **state)
{
    (void)state;
    struct provider_movement line =
        read_line(PAGE(LINE("txn_1", "charge", "charge", "500", "18", "jpy", "\"ch_1\""), "false"));
    assert_int_equal(line.amount, 500);
    line = read_line(
        PAGE(LINE("txn_1", "charge", "charge", "12340", "5", "kwd", "\"ch_1\""), "false"));
    assert_int_equal(line.amount, 12340);
    line = read_line(
        PAGE(LINE("txn_1", "charge", "charge", "50000", "1850", "isk", "\"ch_1\""), "false"));
    assert_int_equal(line.amount, 500);
    assert_int_equal(line.fee, 19); /* 18.50 */
    line =
        read_line(PAGE(LINE("txn_1", "charge", "charge", "77", "0", "zzz", "\"ch_1\""), "false"));
    assert_int_equal(line.amount, 77);
    assert_int_equal(stripe_amount_round(-1850, "ISK"), -19);
    assert_int_equal(stripe_amount_round(-1800, "ISK"), -18);
}

static void a_page_says_where_the_next_one_begins(void **state)
{
    (void)state;
    const char two[] =
        PAGE(CHARGE_LINE "," LINE("txn_2", "refund", "refund", "-500", "0", "eur", REFUND), "true");
    struct provider_report report = read_body(two);
    assert_int_equal(report.count, 2);
    assert_text_equal(report.after, TEXT("txn_2"));
    /* The same page for ever would never end. */
    assert_int_equal(read_after(200, two, "txn_2").verdict, PROVIDER_UNKNOWN);
    report = read_body(PAGE("", "false"));
    assert_int_equal(report.verdict, PROVIDER_SAID);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.after.length, 0);
}

/* Each prefix of a page: none of them is one. */
static void half_a_page_is_none(void **state)
{
    (void)state;
    const char whole[] = PAGE(CHARGE_LINE, "false");
    for (size_t length = 0; length + 1 < sizeof whole; length++) {
        struct provider_report report;
        stripe_read_report(200, (struct text){ whole, length }, (struct text){ 0 }, arena, &report);
        assert_int_equal(report.verdict, PROVIDER_UNKNOWN);
        assert_int_equal(report.count, 0);
    }
}

static void garbage_is_no_page(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "garbage",
        "[]",
        "{}",
        "{\"data\":{},\"has_more\":false}",
        "{\"data\":[]}",
        PAGE("", "true"),
        PAGE("7", "false"),
        PAGE(LINE("", "charge", "charge", "1", "0", "eur", "null"), "false"),
        PAGE(LINE("txn_1", "charge", "charge", "\"1\"", "0", "eur", "null"), "false"),
        PAGE(LINE("txn_1", "charge", "charge", "1.5", "0", "eur", "null"), "false"),
        PAGE(LINE("txn_1", "charge", "charge", "9000000000000000000", "0", "eur", "null"), "false"),
        PAGE(LINE("txn_1", "charge", "charge", "1", "0", "e", "null"), "false"),
        PAGE(LINE("txn_1", "charge", "charge", "1", "0", "EUR", "null"), "false"),
        PAGE(LINE("txn_1", "charge", "charge", "1", "null", "eur", "null"), "false"),
        PAGE(CHARGE_LINE "," LINE("txn_2", "refund", "refund", "true", "0", "eur", REFUND),
             "false"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++)
        assert_int_equal(read_body(bodies[i]).verdict, PROVIDER_UNKNOWN);
}

static void other_answers_say_what_to_do(void **state)
{
    (void)state;
    const char page[] = PAGE(CHARGE_LINE, "false");
    assert_int_equal(read_after(500, page, "").verdict, PROVIDER_UNKNOWN);
    assert_int_equal(read_after(302, page, "").verdict, PROVIDER_UNKNOWN);
    assert_int_equal(read_after(429, page, "").verdict, PROVIDER_NOT_DONE);
    assert_int_equal(read_after(401, page, "").verdict, PROVIDER_SHUT);
    assert_int_equal(read_after(400, page, "").verdict, PROVIDER_UNKNOWN);
    assert_int_equal(read_after(400, page, "txn_gone").verdict, PROVIDER_NOT_TAKEN);
}

/* A hundred charges with their objects are more than other answers may be. */
static void a_full_page_is_read(void **state)
{
    (void)state;
    enum { BYTES = 128 * 1024 };
    char *body = arena_allocate(arena, BYTES);
    int at = snprintf(body, BYTES, "{\"data\":[");
    for (int i = 0; i < PROVIDER_MOVEMENTS_MAX; i++) {
        at += snprintf(body + at, (size_t)(BYTES - at),
                       "%s{\"id\":\"txn_%d\",\"amount\":1,\"fee\":0,\"currency\":\"eur\","
                       "\"created\":1700000000,\"type\":\"charge\",\"source\":%s,\"fee_details\":["
                       "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}",
                       i == 0 ? "" : ",", i, CHARGE);
    }
    at += snprintf(body + at, (size_t)(BYTES - at), "],\"has_more\":true}");
    assert_in_range(at, 1, BYTES - 1);
    const struct provider_report report = read_body(body);
    assert_int_equal(report.verdict, PROVIDER_SAID);
    assert_int_equal(report.count, PROVIDER_MOVEMENTS_MAX);
    assert_text_equal(report.after, TEXT("txn_99"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_asked_for_by_its_time_and_its_place),
        cmocka_unit_test(a_charge_says_what_its_payment_would_have_heard),
        cmocka_unit_test(refunds_and_disputes_go_out_and_come_back),
        cmocka_unit_test(what_is_not_known_is_kept_by_its_sum),
        cmocka_unit_test(a_source_that_is_only_named_or_strange_tells_nothing_but_its_name),
        cmocka_unit_test(an_account_of_another_currency_is_compared_by_what_the_card_was_asked_for),
        cmocka_unit_test(currencies_have_their_own_decimals),
        cmocka_unit_test(a_page_says_where_the_next_one_begins),
        cmocka_unit_test(half_a_page_is_none),
        cmocka_unit_test(garbage_is_no_page),
        cmocka_unit_test(other_answers_say_what_to_do),
        cmocka_unit_test(a_full_page_is_read),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
