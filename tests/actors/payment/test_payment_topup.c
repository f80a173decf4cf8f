/* Claims about wallets that are topped up by card, and about who sees a payment. */
#include "host_messages.h"
#include "people_messages.h"
#include "tests/actors/payment/payment_stage.h"
#include "wallet_messages.h"

static struct uuid shopper;

static enum status top_up(int64_t amount, const char *key, struct payment_payment *ret_payment)
{
    const struct payment_top_up command = { .amount = { amount, "EUR" },
                                            .payment_method = TEXT("pm_ok"),
                                            .has_return_url = true,
                                            .return_url = TEXT("https://shop.example/wallet") };
    bool is_replay;
    int http_status;
    return stage_ask_with_key(stage, shopper, key, &payment_top_up_message, &command, ret_payment,
                              &is_replay, &http_status);
}

static int64_t available(struct stage *of)
{
    const struct wallet_get_wallet query = { 0 };
    struct wallet_balances reply;
    assert_int_equal(stage_ask(of, shopper, &wallet_get_wallet_message, &query, &reply), STATUS_OK);
    return reply.balances_count == 0 ? 0 : reply.balances[0].available.amount;
}

static void wait_for_balance(struct stage *of, int64_t amount)
{
    for (int i = 0; i < TRIES_MAX && available(of) != amount; i++)
        stage_sleep(of, PAUSE_US);
    assert_int_equal(available(of), amount);
}

static enum status get(struct uuid who, struct uuid payment_id, struct payment_payment *ret_payment)
{
    const struct payment_get_payment query = { .payment_id = payment_id };
    return stage_ask(stage, who, &payment_get_payment_message, &query, ret_payment);
}

static void tell_topup(struct stage *of, void *context)
{
    (void)context;
    const struct bank_answer answers[] = { { 200, about(0, AUTHORISED, "pi_t") },
                                           { 200, about(1, CAPTURED, "pi_t") } };
    struct payment_payment payment, again;
    shopper = stage_new_id(of, 20);
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_int_equal(top_up(1999, "key-1", &payment), STATUS_OK);
    wait_until(payment.id, PAYMENT_STATUS_CAPTURED);
    wait_for_balance(of, 1999);
    assert_int_equal(top_up(1999, "key-1", &again), STATUS_OK);
    assert_memory_equal(&again.id, &payment.id, sizeof payment.id);
    /* The provider's own word of it, three times. */
    for (int i = 0; i < 3; i++)
        assert_int_equal(tell_event("evt_t1", about(2, CAPTURED, "pi_t"), SECRET), STATUS_OK);
    /* A failure that comes after it was captured is none. */
    assert_int_equal(
        tell_event("evt_t2", about(3, INTENT("requires_payment_method", ""), "pi_t"), SECRET),
        STATUS_OK);
    stage_sleep(of, 10 * PAUSE_US);
    assert_int_equal(available(of), 1999);
    assert_int_equal(bank_requests(bank), 2);
    assert_int_equal(get(shopper, payment.id, &again), STATUS_OK);
    assert_int_equal(again.captured.amount, 1999);
    assert_int_equal(get(stage_new_id(of, 20), payment.id, &again), STATUS_NOT_FOUND);
    assert_int_equal(get(nobody, payment.id, &again), STATUS_NOT_FOUND);
}

static void a_topup_is_charged_and_credited_once(void **state)
{
    (void)state;
    stage_run(stage, tell_topup, NULL);
}

static void tell_declined(struct stage *of, void *context)
{
    (void)context;
    struct payment_payment payment;
    shopper = stage_new_id(of, 21);
    bank_lay_out(bank, (const struct bank_answer[]){ { 402, about(0, DECLINED, "pi_u") } }, 1);
    assert_int_equal(top_up(1999, "key-2", &payment), STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_FAILED);
    assert_true(text_equals_string(payment.decline_code, "lost_card"));
    for (int i = 0; i < TRIES_MAX; i++) {
        if (strcmp(stage_sql(of, "wallet",
                             "SELECT state FROM wallet.topup ORDER BY created_at"
                             " DESC LIMIT 1"),
                   "failed") == 0)
            break;
        stage_sleep(of, PAUSE_US);
    }
    assert_string_equal(
        stage_sql(of, "wallet", "SELECT state FROM wallet.topup ORDER BY created_at DESC LIMIT 1"),
        "failed");
    assert_int_equal(available(of), 0);
}

static void a_topup_that_is_declined_counts_for_nothing(void **state)
{
    (void)state;
    stage_run(stage, tell_declined, NULL);
}

/* The next unit of a top-up is not written. */
static void set_outage(struct stage *of)
{
    const struct host_set_fault command = { .point = TEXT("payment.top_up.commit.before"),
                                            .action = COMMON_FAULT_ACTION_ERROR,
                                            .times = 1 };
    struct envelope envelope, reply;
    stage_address(of, nobody, &host_set_fault_message, &command, &envelope);
    envelope.domain = DOMAIN_PAYMENT;
    assert_int_equal(stage_send(of, ROLE_NODE, &envelope, 1000000, &reply), STATUS_OK);
    assert_int_equal(reply.status, STATUS_OK);
}

static void tell_outage(struct stage *of, void *context)
{
    (void)context;
    const struct bank_answer answers[] = { { 200, about(0, AUTHORISED, "pi_w") },
                                           { 200, about(1, CAPTURED, "pi_w") } };
    struct payment_payment payment;
    shopper = stage_new_id(of, 24);
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    set_outage(of);
    assert_int_not_equal(top_up(1999, "key-outage", &payment), STATUS_OK);
    assert_int_equal(top_up(1999, "key-outage", &payment), STATUS_OK);
    wait_for_balance(of, 1999);
    assert_string_equal(stage_sql(of, "wallet",
                                  "SELECT count(*) FROM wallet.topup GROUP BY"
                                  " wallet_id ORDER BY max(created_at) DESC LIMIT 1"),
                        "1");
    assert_int_equal(bank_requests(bank), 2);
}

static void
an_outage_before_it_is_written_counts_for_nothing_when_it_is_asked_for_again(void **state)
{
    (void)state;
    stage_run(stage, tell_outage, NULL);
}

static enum status confirm(struct uuid who, struct uuid payment_id,
                           struct payment_payment *ret_payment)
{
    const struct payment_confirm command = { .payment_id = payment_id };
    return stage_ask(stage, who, &payment_confirm_message, &command, ret_payment);
}

static void tell_confirm(struct stage *of, void *context)
{
    (void)context;
    const struct bank_answer answers[] = { { 200, about(0, ACTION, "pi_v") },
                                           { 200, about(1, AUTHORISED, "pi_v") },
                                           { 200, about(2, CAPTURED, "pi_v") } };
    struct payment_payment payment;
    shopper = stage_new_id(of, 22);
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_int_equal(top_up(1999, "key-3", &payment), STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_REQUIRES_ACTION);
    assert_true(payment.has_next_action);
    assert_int_equal(confirm(stage_new_id(of, 22), payment.id, &payment), STATUS_NOT_FOUND);
    /* Who comes too soon is told what is known, and it is asked by itself when the moment is over.
     */
    assert_int_equal(confirm(shopper, payment.id, &payment), STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_REQUIRES_ACTION);
    assert_int_equal(bank_requests(bank), 1);
    wait_for_balance(of, 1999);
    assert_int_equal(confirm(shopper, payment.id, &payment), STATUS_OK);
    assert_int_equal(bank_requests(bank), 3);
}

static void who_comes_back_from_the_bank_has_it_asked_at_once(void **state)
{
    (void)state;
    stage_run(stage, tell_confirm, NULL);
}

/* Who has left the bank's page takes it back, and the wallet counts it no more. */
static void tell_taken_back(struct stage *of, void *context)
{
    (void)context;
    const struct bank_answer answers[] = { { 200, about(0, ACTION, "pi_left") },
                                           { 200, about(1, CANCELED, "pi_left") } };
    struct payment_payment payment;
    struct common_blockers blockers;
    shopper = stage_new_id(of, 24);
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_int_equal(top_up(1999, "key-6", &payment), STATUS_OK);
    const struct people_get_erasure_blockers query = { .user_id = shopper };
    assert_int_equal(stage_ask(of, nobody, &wallet_get_erasure_blockers_message, &query, &blockers),
                     STATUS_OK);
    assert_int_equal(blockers.blockers_count, 1);
    const struct payment_cancel_topup cancel = { .payment_id = payment.id };
    assert_int_equal(
        stage_ask(of, stage_new_id(of, 24), &payment_cancel_topup_message, &cancel, &payment),
        STATUS_NOT_FOUND);
    assert_int_equal(stage_ask(of, shopper, &payment_cancel_topup_message, &cancel, &payment),
                     STATUS_OK);
    wait_until(cancel.payment_id, PAYMENT_STATUS_VOIDED);
    for (int i = 0; i < TRIES_MAX; i++) {
        assert_int_equal(
            stage_ask(of, nobody, &wallet_get_erasure_blockers_message, &query, &blockers),
            STATUS_OK);
        if (blockers.blockers_count == 0) break;
        stage_sleep(of, PAUSE_US);
    }
    assert_int_equal(blockers.blockers_count, 0);
}

static void a_topup_whose_page_was_left_is_taken_back(void **state)
{
    (void)state;
    stage_run(stage, tell_taken_back, NULL);
}

static void tell_tester(struct stage *of, void *context)
{
    (void)context;
    enum { DECLINES_MAX = 20 };
    struct payment_payment payment;
    char key[16];
    shopper = stage_new_id(of, 25);
    /* That our own key is refused is not the shopper's doing. */
    bank_lay_out(bank, (const struct bank_answer[]){ { 401, "{}" } }, 1);
    assert_int_equal(top_up(1999, "key-shut", &payment), STATUS_OK);
    assert_true(payment.is_unavailable);
    for (int i = 0; i <= DECLINES_MAX; i++) {
        char intent[16];
        (void)snprintf(intent, sizeof intent, "pi_d%d", i);
        (void)snprintf(key, sizeof key, "key-d%d", i);
        bank_lay_out(bank, (const struct bank_answer[]){ { 402, about(0, DECLINED, intent) } }, 1);
        const enum status status = top_up(1999, key, &payment);
        assert_int_equal(status, i < DECLINES_MAX ? STATUS_OK : STATUS_TOO_MANY_DECLINES);
    }
    assert_int_equal(bank_requests(bank), 0);
}

static void who_tries_cards_out_tries_them_elsewhere(void **state)
{
    (void)state;
    stage_run(stage, tell_tester, NULL);
}

static void tell_bad_words(struct stage *of, void *context)
{
    (void)context;
    static const char *const urls[] = { "javascript:alert(1)", "//x",        "ftp://x", "https://",
                                        "http://shop.example", "https://a@b" };
    struct payment_payment payment;
    shopper = stage_new_id(of, 23);
    struct payment_top_up command = { .amount = { 1999, "EUR" },
                                      .payment_method = TEXT("4242 4242 4242 4242") };
    bool is_replay;
    int http_status;
    bank_lay_out(bank, (const struct bank_answer[]){ { 500, "{}" } }, 1);
    assert_int_equal(stage_ask_with_key(of, shopper, "key-4", &payment_top_up_message, &command,
                                        &payment, &is_replay, &http_status),
                     STATUS_INVALID_VALUE);
    command.payment_method = TEXT("pm_ok");
    command.has_return_url = true;
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        command.return_url = text_of(urls[i]);
        assert_int_equal(stage_ask_with_key(of, shopper, "key-5", &payment_top_up_message, &command,
                                            &payment, &is_replay, &http_status),
                         STATUS_INVALID_VALUE);
    }
    command.has_return_url = false;
    command.amount = (struct money){ 1999, "JPX" };
    assert_int_equal(stage_ask_with_key(of, shopper, "key-7", &payment_top_up_message, &command,
                                        &payment, &is_replay, &http_status),
                     STATUS_INVALID_VALUE);
    assert_int_equal(bank_requests(bank), 0);
}

static void numbers_of_cards_and_odd_addresses_are_refused(void **state)
{
    (void)state;
    stage_run(stage, tell_bad_words, NULL);
}

static void tell_all_adds_up(struct stage *of, void *context)
{
    (void)context;
    assert_string_equal(stage_sql(of, "payment", "SELECT count(*) FROM payment.check_payments()"),
                        "0");
    assert_string_equal(stage_sql(of, "wallet", "SELECT count(*) FROM wallet.check_payments()"),
                        "0");
    assert_string_equal(stage_sql(of, "wallet", "SELECT count(*) FROM wallet.check_ledger()"), "0");
}

static void all_of_it_adds_up(void **state)
{
    (void)state;
    stage_run(stage, tell_all_adds_up, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topup_is_charged_and_credited_once),
        cmocka_unit_test(a_topup_that_is_declined_counts_for_nothing),
        cmocka_unit_test(
            an_outage_before_it_is_written_counts_for_nothing_when_it_is_asked_for_again),
        cmocka_unit_test(who_comes_back_from_the_bank_has_it_asked_at_once),
        cmocka_unit_test(a_topup_whose_page_was_left_is_taken_back),
        cmocka_unit_test(who_tries_cards_out_tries_them_elsewhere),
        cmocka_unit_test(numbers_of_cards_and_odd_addresses_are_refused),
        cmocka_unit_test(all_of_it_adds_up),
    };
    return cmocka_run_group_tests(tests, payment_stage_open, payment_stage_close);
}
