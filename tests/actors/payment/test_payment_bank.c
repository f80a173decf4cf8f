/* Claims about payments at the test bank (tests/testbank/), which knows nothing of us: its cards,
 * its books, its silence. */
#include "tests/actors/payment/own_bank.h"

#include <time.h>

static int open_bank(void **state)
{
    (void)state;
    return own_bank_open("86400");
}

/* The bank's clock is a day behind until then, so that a day of its reports is over. */
static void let_the_bank_catch_up(void)
{
    assert_non_null(strstr(ask_bank("POST", "/test/clock/advance", "seconds=86400"), " 200 "));
}

/* --- claims --- */

static void wait_for_sql(struct stage *of, const char *domain, const char *sql, const char *value)
{
    for (int i = 0; i < TRIES_MAX && strcmp(stage_sql(of, domain, sql), value) != 0; i++)
        stage_sleep(of, PAUSE_US);
    assert_string_equal(stage_sql(of, domain, sql), value);
}

static struct uuid captured(struct stage *of, const char *method)
{
    const struct uuid id = stage_new_id(of, 25);
    assert_int_equal(authorise_by(id, method, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
    assert_int_equal(take(id, 1999), STATUS_OK);
    wait_until(id, PAYMENT_STATUS_CAPTURED);
    return id;
}

/* What moves money at the bank, and nobody tells us: a charge that is not ours, a refund that was
 * made there, a dispute. */
static void move_behind_our_back(struct stage *of)
{
    char form[256];
    assert_non_null(strstr(ask_bank("POST", "/v1/payment_intents",
                                    "amount=777&currency=eur&payment_method=pm_ok&confirm=true&"
                                    "payment_method_types[0]=card"),
                           "succeeded"));
    (void)snprintf(form, sizeof form, "payment_intent=%s&amount=100",
                   stage_sql(of, "payment",
                             "SELECT reference FROM payment.payment WHERE"
                             " captured > 0 ORDER BY id LIMIT 1"));
    assert_non_null(strstr(ask_bank("POST", "/v1/refunds", form), " 200 "));
    for (int i = 0; i < TRIES_MAX; i++) {
        if (strstr(ask_bank("GET", "/v1/disputes", ""), "\"du_") != NULL) return;
        stage_sleep(of, PAUSE_US);
    }
    fail_msg("the bank has no dispute");
}

static enum payment_reconciliation_state reconcile(struct stage *of)
{
    static char day[16];
    struct payment_reconciled reply;
    if (day[0] == '\0') {
        const time_t yesterday = time(NULL) - 86400;
        struct tm parts;
        assert_non_null(gmtime_r(&yesterday, &parts));
        (void)strftime(day, sizeof day, "%Y-%m-%d", &parts);
    }
    const struct payment_reconcile_day command = { .day = text_of(day) };
    assert_int_equal(stage_ask(of, nobody, &payment_reconcile_day_message, &command, &reply),
                     STATUS_OK);
    return reply.state;
}

static void tell_report(struct stage *of, void *context)
{
    (void)context;
    char balance[64];
    (void)captured(of, "pm_ok");
    (void)captured(of, "pm_dispute");
    wait_for_sql(of, "wallet", "SELECT sum(captured) FROM wallet.payment_book", "3998");
    move_behind_our_back(of);
    assert_int_equal(reconcile(of), PAYMENT_RECONCILIATION_STATE_COMPARING);
    assert_int_equal(reconcile(of), PAYMENT_RECONCILIATION_STATE_DONE);
    assert_string_equal(stage_sql(of, "payment",
                                  "SELECT string_agg(movement || ' ' || kind || ' ' || reported,"
                                  " ', ' ORDER BY movement) FROM payment.difference"),
                        "charge unknown_payment 777, dispute not_told 1999, refund not_told 100");
    /* The bank's own books have the same sums. */
    (void)snprintf(balance, sizeof balance, "\"balances\":{\"eur\":%s}",
                   stage_sql(of, "payment",
                             "SELECT charged - refunded - disputed - fees + others"
                             " FROM payment.reconciled_sum"));
    assert_non_null(strstr(ask_bank("GET", "/test/books", ""), balance));
    wait_for_sql(of, "wallet",
                 "SELECT sum(refunded) || ' ' || sum(disputed) FROM wallet.payment_book",
                 "100 1999");
    (void)stage_sql(of, "payment",
                    "UPDATE payment.difference SET checked_at = checked_at - 2000000"
                    " RETURNING 1");
    assert_int_equal(reconcile(of), PAYMENT_RECONCILIATION_STATE_DONE);
    assert_string_equal(stage_sql(of, "payment",
                                  "SELECT string_agg(movement || ' ' || state, ', ' ORDER BY"
                                  " movement) FROM payment.difference"),
                        "charge open, dispute healed, refund healed");
    let_the_bank_catch_up();
}

static void the_banks_own_report_tells_what_the_bank_did_not(void **state)
{
    (void)state;
    stage_run(stage, tell_report, NULL);
}

static void tell_paid(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 20), refund_id = stage_new_id(of, 20);
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
    assert_int_equal(take(id, 1999), STATUS_OK);
    wait_until(id, PAYMENT_STATUS_CAPTURED);
    const struct payment_give_back command = { .payment_id = id,
                                               .refund_id = refund_id,
                                               .amount = { 500, "EUR" } };
    struct payment_refund refund;
    assert_int_equal(stage_ask(of, nobody, &payment_give_back_message, &command, &refund),
                     STATUS_OK);
    for (int i = 0; i < TRIES_MAX && standing(id).refunded.amount == 0; i++)
        stage_sleep(of, PAUSE_US);
    assert_int_equal(standing(id).refunded.amount, 500);
}

static void a_card_pays_and_gets_a_part_back(void **state)
{
    (void)state;
    stage_run(stage, tell_paid, NULL);
}

/* The first capture is the last one: what is not taken of it the bank lets go. */
static void tell_part_taken(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 26), refund_id = stage_new_id(of, 26);
    char path[128];
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
    assert_int_equal(take(id, 2000), STATUS_OUT_OF_RANGE);
    assert_int_equal(take(id, 1500), STATUS_OK);
    wait_until(id, PAYMENT_STATUS_CAPTURED);
    const struct payment_payment payment = standing(id);
    assert_int_equal(payment.authorised.amount, 1999);
    assert_int_equal(payment.captured.amount, 1500);
    assert_int_equal(payment.left.amount, 1500);
    assert_int_equal(take(id, 499), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(take(id, 1999), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(take(id, 1500), STATUS_OK);
    (void)snprintf(
        path, sizeof path, "/v1/payment_intents/%s",
        stage_sql(of, "payment", "SELECT reference FROM payment.payment WHERE captured = 1500"));
    const char *intent = ask_bank("GET", path, "");
    assert_non_null(strstr(intent, "\"amount_received\":1500"));
    assert_non_null(strstr(intent, "\"amount_capturable\":0"));
    assert_non_null(strstr(intent, "\"status\":\"succeeded\""));
    struct payment_refund refund;
    struct payment_give_back back = { .payment_id = id,
                                      .refund_id = refund_id,
                                      .amount = { 1501, "EUR" } };
    assert_int_equal(stage_ask(of, nobody, &payment_give_back_message, &back, &refund),
                     STATUS_REFUND_EXCEEDS_CAPTURED);
    back.amount.amount = 1500;
    assert_int_equal(stage_ask(of, nobody, &payment_give_back_message, &back, &refund), STATUS_OK);
    for (int i = 0; i < TRIES_MAX && standing(id).refunded.amount == 0; i++)
        stage_sleep(of, PAUSE_US);
    assert_int_equal(standing(id).refunded.amount, 1500);
    wait_for_sql(
        of, "wallet",
        "SELECT count(*) FROM wallet.payment_book WHERE captured = 1500 AND refunded = 1500", "1");
    assert_string_equal(stage_sql(of, "payment", "SELECT count(*) FROM payment.check_payments()"),
                        "0");
}

static void a_part_is_taken_and_the_rest_let_go(void **state)
{
    (void)state;
    stage_run(stage, tell_part_taken, NULL);
}

static void tell_refused(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 21);
    const struct payment_payment payment = authorise_by(id, "pm_insufficient", STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_FAILED);
    assert_true(text_equals_string(payment.decline_code, "insufficient_funds"));
    const struct uuid other = stage_new_id(of, 21);
    assert_int_equal(authorise_by(other, "pm_nobody_knows", STATUS_OK).status,
                     PAYMENT_STATUS_FAILED);
}

static void a_card_without_money_and_a_token_without_a_card_are_refused(void **state)
{
    (void)state;
    stage_run(stage, tell_refused, NULL);
}

static void tell_second_factor(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 22);
    char path[256];
    const struct payment_payment payment = authorise_by(id, "pm_3ds", STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_REQUIRES_ACTION);
    const struct text url = payment.next_action.redirect_url;
    const char *slash = memchr(url.data + strlen("http://"), '/', url.length - strlen("http://"));
    assert_non_null(slash);
    (void)snprintf(path, sizeof path, "%.*s", (int)(url.data + url.length - slash), slash);
    (void)ask_bank("POST", path, "outcome=approve");
    /* No event comes here: it is asked about. */
    for (int i = 0; i < 2 * TRIES_MAX && standing(id).status != PAYMENT_STATUS_AUTHORISED; i++)
        stage_sleep(of, PAUSE_US);
    wait_until(id, PAYMENT_STATUS_AUTHORISED);
}

static void a_second_factor_is_waited_for_and_found_out_without_an_event(void **state)
{
    (void)state;
    stage_run(stage, tell_second_factor, NULL);
}

/* The bank has done it and will never say so. */
static void tell_silence(struct stage *of, void *context)
{
    (void)context;
    const struct uuid paid = stage_new_id(of, 23), refused = stage_new_id(of, 23);
    (void)authorise_by(paid, "pm_timeout_captured", STATUS_OK);
    wait_until(paid, PAYMENT_STATUS_AUTHORISED);
    (void)authorise_by(refused, "pm_timeout_failed", STATUS_OK);
    wait_until(refused, PAYMENT_STATUS_FAILED);
}

static void what_was_done_in_silence_is_found_out(void **state)
{
    (void)state;
    stage_run(stage, tell_silence, NULL);
}

/* Each of the bank's ways to fail, before and after the work, at a capture: it is taken once. */
static void tell_faults(struct stage *of, void *context)
{
    (void)context;
    static const char *const kinds[] = {
        "error", "too_many", "garbage", "half", "redirect", "close"
    };
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(kinds); i++) {
        char form[128];
        const struct uuid id = stage_new_id(of, 24);
        assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
        (void)snprintf(form, sizeof form,
                       "operation=payment_intents.capture&kind=%s&count=1&does_work=%s",
                       kinds[i / 2], i % 2 == 0 ? "false" : "true");
        assert_non_null(strstr(ask_bank("POST", "/test/faults", form), " 200 "));
        assert_int_equal(take(id, 1999), STATUS_OK);
        wait_until(id, PAYMENT_STATUS_CAPTURED);
        assert_int_equal(standing(id).captured.amount, 1999);
    }
    assert_string_equal(stage_sql(of, "payment", "SELECT count(*) FROM payment.check_payments()"),
                        "0");
}

static void whatever_the_bank_says_of_a_capture_it_is_taken_once(void **state)
{
    (void)state;
    stage_run(stage, tell_faults, NULL);
}

/* The call broke after its work, the bank's lists are down for a while, and thousands pay
 * meanwhile. */
static void tell_buried(struct stage *of, void *context)
{
    (void)context;
    enum { NEWER = 2100 };
    const struct uuid id = stage_new_id(of, 27);
    let_the_bank_catch_up(); /* a clock that is a day behind would hide it */
    assert_non_null(strstr(ask_bank("POST", "/test/faults",
                                    "operation=payment_intents.create&kind=error&count=1&"
                                    "does_work=true"),
                           " 200 "));
    assert_non_null(
        strstr(ask_bank("POST", "/test/faults",
                        "operation=payment_intents.list&kind=close&count=1000&does_work=false"),
               " 200 "));
    (void)authorise(id, STATUS_OK);
    for (int i = 0; i < NEWER; i++)
        (void)ask_bank("POST", "/v1/payment_intents", "amount=100&currency=eur");
    assert_non_null(strstr(ask_bank("DELETE", "/test/faults", ""), " 200 "));
    wait_until(id, PAYMENT_STATUS_AUTHORISED);
    /* Once, though its key answers 500 for ever. */
    char pay[ID_TEXT_MAX + 1], path[160];
    (void)id_format("pay", id, pay);
    (void)snprintf(path, sizeof path,
                   "/v1/payment_intents/search?query=metadata%%5B%%27souk_payment%%27%%5D%%3A%%27%s"
                   "%%27",
                   pay);
    const char *first = strstr(ask_bank("GET", path, ""), "\"id\":\"pi_");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\"id\":\"pi_"));
    assert_non_null(
        strstr(ask_bank("GET", "/v1/payment_intents/search?query=amount%3E1000", ""), " 400 "));
}

static void a_payment_is_found_among_however_many_newer_ones(void **state)
{
    (void)state;
    stage_run(stage, tell_buried, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_banks_own_report_tells_what_the_bank_did_not),
        cmocka_unit_test(a_card_pays_and_gets_a_part_back),
        cmocka_unit_test(a_part_is_taken_and_the_rest_let_go),
        cmocka_unit_test(a_card_without_money_and_a_token_without_a_card_are_refused),
        cmocka_unit_test(a_second_factor_is_waited_for_and_found_out_without_an_event),
        cmocka_unit_test(what_was_done_in_silence_is_found_out),
        cmocka_unit_test(whatever_the_bank_says_of_a_capture_it_is_taken_once),
        cmocka_unit_test(a_payment_is_found_among_however_many_newer_ones),
    };
    return cmocka_run_group_tests(tests, open_bank, own_bank_close);
}
