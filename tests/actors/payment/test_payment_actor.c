/* Claims about payments, through a node, PostgreSQL and a provider on loopback. */
#include "tests/support/cmocka.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "payment_messages.h"
#include "tests/actors/payment/fake_bank.h"
#include "tests/support/node_stage.h"

#define INTENT(status, more)                                                                       \
    "{\"id\":\"%s\",\"object\":\"payment_intent\",\"amount\":1999,\"currency\":\"eur\","           \
    "\"latest_charge\":\"ch_%s\",\"metadata\":{},\"status\":\"" status "\"" more "}"
#define AUTHORISED INTENT("requires_capture", ",\"amount_capturable\":1999")
#define CAPTURED INTENT("succeeded", ",\"amount_received\":1999")
#define CANCELED INTENT("canceled", "")
#define DECLINED                                                                                   \
    "{\"error\":{\"type\":\"card_error\",\"code\":\"card_declined\",\"decline_code\":"             \
    "\"lost_card\",\"payment_intent\":" INTENT(                                                    \
        "requires_payment_method",                                                                 \
        ",\"last_payment_error\":{\"decline_code\":\"lost_card\"}") "}}"
#define ACTION                                                                                     \
    INTENT("requires_action", ",\"next_action\":{\"redirect_to_url\":{\"url\":\"https://b/3\"}}")

enum { TRIES_MAX = 400, PAUSE_US = 20000, BODIES_MAX = 8, BODY_MAX = 1024 };

static struct stage *stage;
static struct bank *bank;
static char settings[5][256];
static char key_file[] = "/tmp/souk-test-key-XXXXXX";
static const struct uuid nobody;
static char bodies[BODIES_MAX][BODY_MAX];

/* --- words --- */

static const char *about(size_t number, const char *form, const char *intent)
{
    /* The forms above name the intent once and its charge once. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(bodies[number], BODY_MAX, form, intent, intent);
#pragma GCC diagnostic pop
    return bodies[number];
}

static struct payment_payment authorise(struct uuid payment_id, enum status expected)
{
    const struct payment_authorise command = { .payment_id = payment_id,
                                               .purpose = PAYMENT_PURPOSE_ORDER,
                                               .subject_id = payment_id,
                                               .amount = { 1999, "EUR" },
                                               .method = TEXT("pm_ok"),
                                               .description = TEXT("Order 7") };
    struct payment_payment reply = { .version = -1 };
    assert_int_equal(stage_ask(stage, nobody, &payment_authorise_message, &command, &reply),
                     expected);
    return reply;
}

static struct payment_payment standing(struct uuid payment_id)
{
    const struct payment_get_standing query = { .payment_id = payment_id };
    struct payment_payment reply;
    assert_int_equal(stage_ask(stage, nobody, &payment_get_standing_message, &query, &reply),
                     STATUS_OK);
    return reply;
}

static void wait_until(struct uuid payment_id, enum payment_status status)
{
    enum payment_status now = PAYMENT_STATUS_CREATED;
    for (int i = 0; i < TRIES_MAX; i++) {
        now = standing(payment_id).status;
        if (now == status) return;
        stage_sleep(stage, PAUSE_US);
    }
    fail_msg("the payment is %s", payment_status_names[now]);
}

static void wait_for_requests(size_t count)
{
    for (int i = 0; i < TRIES_MAX && bank_requests(bank) < count; i++)
        stage_sleep(stage, PAUSE_US);
    assert_int_equal(bank_requests(bank), count);
}

static enum status take(struct uuid payment_id, int64_t amount)
{
    const struct payment_take command = { .payment_id = payment_id, .amount = { amount, "EUR" } };
    struct payment_payment reply;
    return stage_ask(stage, nobody, &payment_take_message, &command, &reply);
}

static bool release(struct uuid payment_id)
{
    const struct payment_release command = { .payment_id = payment_id };
    struct payment_released reply;
    assert_int_equal(stage_ask(stage, nobody, &payment_release_message, &command, &reply),
                     STATUS_OK);
    return reply.is_settled;
}

static struct text signed_by(struct text body, const char *secret)
{
    static char header[160];
    char hex[2 * crypto_auth_hmacsha256_BYTES + 1], time_text[24];
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    (void)snprintf(time_text, sizeof time_text, "%lld.", (long long)time(NULL));
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)time_text, strlen(time_text));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.data, body.length);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    time_text[strlen(time_text) - 1] = '\0';
    (void)snprintf(header, sizeof header, "t=%s,v1=%s", time_text, hex);
    return text_of(header);
}

static enum status tell_event(const char *id, const char *object, const char *secret)
{
    static char body[2 * BODY_MAX];
    (void)snprintf(
        body, sizeof body,
        "{\"id\":\"%s\",\"object\":\"event\",\"type\":\"payment_intent.x\",\"created\":%lld,"
        "\"livemode\":false,\"data\":{\"object\":%s}}",
        id, (long long)time(NULL), object);
    const struct payment_receive_event command = { .event = text_of(body),
                                                   .signature = signed_by(text_of(body), secret) };
    return stage_ask(stage, nobody, &payment_receive_event_message, &command, NULL);
}

#define SECRET "bank key"

static const char *count_of(const char *what)
{
    static char sql[256];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM payment.%s", what);
    return stage_sql(stage, "payment", sql);
}

/* --- claims --- */

static void tell_taken_once(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 3);
    const struct bank_answer answers[] = { { 200, about(0, AUTHORISED, "pi_a") },
                                           { 200, about(1, CAPTURED, "pi_a") } };
    bank_lay_out(bank, answers, 2);
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
    assert_int_equal(bank_requests(bank), 1);
    assert_int_equal(take(id, 1999), STATUS_OK);
    assert_int_equal(take(id, 1999), STATUS_OK);
    assert_int_equal(take(id, 1998), STATUS_ILLEGAL_TRANSITION);
    const struct payment_payment payment = standing(id);
    assert_int_equal(payment.status, PAYMENT_STATUS_CAPTURED);
    assert_int_equal(payment.captured.amount, 1999);
    assert_int_equal(bank_requests(bank), 2);
    assert_string_equal(bank_request_at(bank, 1)->path, "/v1/payment_intents/pi_a/capture");
    assert_string_not_equal(bank_request_at(bank, 0)->key, bank_request_at(bank, 1)->key);
}

static void a_card_is_authorised_once_and_taken_once(void **state)
{
    (void)state;
    stage_run(stage, tell_taken_once, NULL);
}

static void tell_declined(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 4);
    const struct bank_answer answers[] = { { 402, about(0, DECLINED, "pi_b") },
                                           { 200, about(1, CANCELED, "pi_b") } };
    bank_lay_out(bank, answers, 2);
    const struct payment_payment payment = authorise(id, STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_FAILED);
    assert_true(text_equals_string(payment.decline_code, "lost_card"));
    (void)release(id);
    wait_until(id, PAYMENT_STATUS_VOIDED);
    assert_string_equal(bank_request_at(bank, 1)->path, "/v1/payment_intents/pi_b/cancel");
    assert_true(release(id));
}

static void a_refused_card_is_closed_at_the_provider_when_it_is_let_go(void **state)
{
    (void)state;
    stage_run(stage, tell_declined, NULL);
}

/* Whatever stands between us and the answer, the same call goes out again under the same key. */
static void tell_unknown(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 5);
    const struct bank_answer answers[] = {
        { 0, "" },
        { 500, "{\"error\":{}}" },
        { 409, "{\"error\":{}}" },
        { 429, "{}" },
        { 302, "" },
        { 200, "<html>" },
        { 200, "{\"id\":" },
        { 200, about(0, AUTHORISED, "pi_c") },
    };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    (void)authorise(id, STATUS_OK);
    wait_until(id, PAYMENT_STATUS_AUTHORISED);
    wait_for_requests(ARRAY_LENGTH(answers));
    const struct bank_request *first = bank_request_at(bank, 0);
    for (size_t i = 1; i < ARRAY_LENGTH(answers); i++) {
        const struct bank_request *again = bank_request_at(bank, i);
        assert_string_equal(again->key, first->key);
        assert_string_equal(again->body, first->body);
    }
    assert_string_equal(
        stage_sql(of, "payment", "SELECT count(*) FROM payment.operation WHERE state = 'open'"),
        "0");
}

static void an_answer_that_is_none_is_asked_for_again_under_the_same_key(void **state)
{
    (void)state;
    stage_run(stage, tell_unknown, NULL);
}

static void tell_let_go_before(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 6);
    bank_lay_out(bank, (const struct bank_answer[]){ { 500, "{}" } }, 1);
    assert_true(release(id));
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_VOIDED);
    assert_int_equal(bank_requests(bank), 0);
}

static void what_was_let_go_before_it_came_is_never_asked_for(void **state)
{
    (void)state;
    stage_run(stage, tell_let_go_before, NULL);
}

/* The shopper ends the bank's page after the checkout was given up. */
static void tell_late_success(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 7);
    const struct bank_answer answers[] = {
        { 200, about(0, ACTION, "pi_d") },
        { 400, "{\"error\":{\"code\":\"payment_intent_unexpected_state\"}}" },
        { 200, about(1, CAPTURED, "pi_d") },
        { 200, "{\"id\":\"re_d\",\"object\":\"refund\",\"amount\":1999,\"currency\":\"eur\","
               "\"payment_intent\":\"pi_d\",\"status\":\"succeeded\"}" },
    };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    const struct payment_payment payment = authorise(id, STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_REQUIRES_ACTION);
    assert_true(text_equals_string(payment.next_action.redirect_url, "https://b/3"));
    assert_false(release(id));
    for (int i = 0; i < TRIES_MAX && !release(id); i++)
        stage_sleep(of, PAUSE_US);
    assert_int_equal(standing(id).refunded.amount, 1999);
    wait_for_requests(4);
    assert_string_equal(bank_request_at(bank, 3)->path, "/v1/refunds");
    assert_non_null(strstr(bank_request_at(bank, 3)->body, "amount=1999"));
}

static void what_is_captured_after_it_was_let_go_is_given_back_once(void **state)
{
    (void)state;
    stage_run(stage, tell_late_success, NULL);
}

static void tell_events(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 8);
    bank_lay_out(bank, (const struct bank_answer[]){ { 200, about(0, ACTION, "pi_e") } }, 1);
    (void)authorise(id, STATUS_OK);
    const char *object = about(1, AUTHORISED, "pi_e");
    assert_int_equal(tell_event("evt_e1", object, "wrong"), STATUS_SIGNATURE_INVALID);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_REQUIRES_ACTION);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tell_event("evt_e1", object, SECRET), STATUS_OK);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_AUTHORISED);
    assert_string_equal(count_of("event WHERE id = 'evt_e1'"), "1");
    /* An older one that comes later undoes nothing. */
    assert_int_equal(tell_event("evt_e0", about(2, ACTION, "pi_e"), SECRET), STATUS_OK);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_AUTHORISED);
}

static void an_event_is_heard_once_and_only_from_the_provider(void **state)
{
    (void)state;
    stage_run(stage, tell_events, NULL);
}

static void tell_mismatch(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 9);
    bank_lay_out(bank, (const struct bank_answer[]){ { 200, about(0, ACTION, "pi_f") } }, 1);
    (void)authorise(id, STATUS_OK);
    const char *cent = about(1, INTENT("requires_capture", ",\"amount_capturable\":1998"), "pi_f");
    assert_int_equal(tell_event("evt_f", cent, SECRET), STATUS_OK);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_REQUIRES_ACTION);
    assert_string_equal(count_of("payment WHERE has_mismatch"), "1");
}

static void a_cent_less_is_noted_and_nothing_follows(void **state)
{
    (void)state;
    stage_run(stage, tell_mismatch, NULL);
}

static void tell_strangers(struct stage *of, void *context)
{
    (void)of;
    (void)context;
    assert_int_equal(tell_event("evt_g", about(0, AUTHORISED, "pi_stranger"), SECRET), STATUS_OK);
    assert_int_equal(tell_event("evt_g", about(0, AUTHORISED, "pi_stranger"), SECRET), STATUS_OK);
    assert_int_equal(tell_event("evt_h", "{\"id\":\"cus_1\",\"object\":\"customer\"}", SECRET),
                     STATUS_OK);
    assert_string_equal(count_of("parked_event"), "1");
}

static void an_event_about_a_stranger_is_parked_and_one_about_nothing_left(void **state)
{
    (void)state;
    stage_run(stage, tell_strangers, NULL);
}

static enum status give_back(struct uuid payment_id, struct uuid refund_id, int64_t amount,
                             struct payment_refund *ret_refund)
{
    const struct payment_give_back command = { .payment_id = payment_id,
                                               .refund_id = refund_id,
                                               .amount = { amount, "EUR" } };
    return stage_ask(stage, nobody, &payment_give_back_message, &command, ret_refund);
}

static enum payment_refund_state state_of(struct uuid payment_id, struct uuid refund_id)
{
    const struct payment_get_refund query = { .payment_id = payment_id, .refund_id = refund_id };
    struct payment_refund refund;
    assert_int_equal(stage_ask(stage, nobody, &payment_get_refund_message, &query, &refund),
                     STATUS_OK);
    return refund.state;
}

static void wait_for_refund(struct uuid payment_id, struct uuid refund_id,
                            enum payment_refund_state state)
{
    for (int i = 0; i < TRIES_MAX && state_of(payment_id, refund_id) != state; i++)
        stage_sleep(stage, PAUSE_US);
    assert_int_equal(state_of(payment_id, refund_id), state);
}

#define REFUND(id, amount, status)                                                                 \
    "{\"id\":\"" id "\",\"object\":\"refund\",\"amount\":" amount ",\"currency\":\"eur\","         \
    "\"payment_intent\":\"pi_r\",\"status\":\"" status "\"}"

static void tell_refunds(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 10), first = stage_new_id(of, 10),
                      second = stage_new_id(of, 10), third = stage_new_id(of, 10);
    const struct bank_answer answers[] = {
        { 200, about(0, AUTHORISED, "pi_r") },        { 200, about(1, CAPTURED, "pi_r") },
        { 200, REFUND("re_1", "1000", "succeeded") }, { 500, "{}" },
        { 200, REFUND("re_2", "900", "pending") },
    };
    struct payment_refund refund;
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    (void)authorise(id, STATUS_OK);
    assert_int_equal(give_back(id, first, 1, &refund), STATUS_REFUND_EXCEEDS_CAPTURED);
    assert_int_equal(take(id, 1999), STATUS_OK);
    assert_int_equal(give_back(id, first, 1000, &refund), STATUS_OK);
    assert_int_equal(refund.remaining.amount, 999);
    assert_int_equal(give_back(id, first, 1000, &refund), STATUS_OK);
    assert_int_equal(give_back(id, first, 999, &refund), STATUS_REFUND_DIFFERS);
    assert_int_equal(give_back(id, second, 900, &refund), STATUS_OK);
    assert_int_equal(give_back(id, third, 100, &refund), STATUS_REFUND_EXCEEDS_CAPTURED);
    wait_for_refund(id, first, PAYMENT_REFUND_STATE_SUCCEEDED);
    wait_for_refund(id, second, PAYMENT_REFUND_STATE_PENDING);
    wait_for_requests(5);
    assert_string_equal(bank_request_at(bank, 3)->key, bank_request_at(bank, 4)->key);
    assert_int_equal(standing(id).refunded.amount, 1000);
    /* The bank sends it back: its amount is free again. */
    assert_int_equal(tell_event("evt_r", REFUND("re_2", "900", "failed"), SECRET), STATUS_OK);
    assert_int_equal(state_of(id, second), PAYMENT_REFUND_STATE_FAILED);
    assert_int_equal(give_back(id, third, 1000, &refund), STATUS_REFUND_EXCEEDS_CAPTURED);
    bank_lay_out(bank, (const struct bank_answer[]){ { 200, REFUND("re_3", "999", "succeeded") } },
                 1);
    assert_int_equal(give_back(id, third, 999, &refund), STATUS_OK);
    wait_for_refund(id, third, PAYMENT_REFUND_STATE_SUCCEEDED);
    assert_int_equal(standing(id).refunded.amount, 1999);
}

static void refunds_wait_for_each_other_and_are_never_more_than_was_captured(void **state)
{
    (void)state;
    stage_run(stage, tell_refunds, NULL);
}

static void tell_refused_refund(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 11), refund_id = stage_new_id(of, 11);
    const struct bank_answer answers[] = {
        { 200, about(0, AUTHORISED, "pi_s") },
        { 200, about(1, CAPTURED, "pi_s") },
        { 400, "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"charge_disputed\"}}" },
    };
    struct payment_refund refund;
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    (void)authorise(id, STATUS_OK);
    assert_int_equal(take(id, 1999), STATUS_OK);
    assert_int_equal(give_back(id, refund_id, 1999, &refund), STATUS_OK);
    wait_for_refund(id, refund_id, PAYMENT_REFUND_STATE_FAILED);
    assert_int_equal(standing(id).refunded.amount, 0);
    assert_int_equal(bank_requests(bank), 3);
}

static void a_refund_that_the_provider_does_not_take_frees_its_amount(void **state)
{
    (void)state;
    stage_run(stage, tell_refused_refund, NULL);
}

/* After all the others. */
static void tell_all_adds_up(struct stage *of, void *context)
{
    (void)context;
    assert_string_equal(stage_sql(of, "payment", "SELECT count(*) FROM payment.check_payments()"),
                        "0");
    (void)stage_sql(of, "payment",
                    "UPDATE payment.payment SET captured = 0 WHERE captured > 0 RETURNING 1");
    assert_string_not_equal(
        stage_sql(of, "payment", "SELECT count(*) FROM payment.check_payments()"), "0");
}

static void all_of_it_adds_up_and_what_does_not_is_seen(void **state)
{
    (void)state;
    stage_run(stage, tell_all_adds_up, NULL);
}

/* --- the stage --- */

static int open_all(void **state)
{
    static const char *const domains[] = { "payment" };
    (void)state;
    const int file = mkstemp(key_file);
    if (file < 0 || write(file, SECRET "\n", sizeof SECRET) < 0 || close(file) != 0) return -1;
    bank = bank_open();
    (void)snprintf(settings[0], 256, "--payment.provider=stripe");
    (void)snprintf(settings[1], 256, "--payment.stripe_url=http://127.0.0.1:%d", bank_port(bank));
    (void)snprintf(settings[2], 256, "--payment.stripe_key_file=%s", key_file);
    (void)snprintf(settings[3], 256, "--payment.stripe_webhook_secret_file=%s", key_file);
    (void)snprintf(settings[4], 256, "--test-mode=true");
    const char *words[] = { settings[0], settings[1], settings[2], settings[3], settings[4] };
    stage = stage_new_with(domains, 1, words, ARRAY_LENGTH(words));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    stage_destroy(&stage);
    bank_close(&bank);
    (void)unlink(key_file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_authorised_once_and_taken_once),
        cmocka_unit_test(a_refused_card_is_closed_at_the_provider_when_it_is_let_go),
        cmocka_unit_test(an_answer_that_is_none_is_asked_for_again_under_the_same_key),
        cmocka_unit_test(what_was_let_go_before_it_came_is_never_asked_for),
        cmocka_unit_test(what_is_captured_after_it_was_let_go_is_given_back_once),
        cmocka_unit_test(an_event_is_heard_once_and_only_from_the_provider),
        cmocka_unit_test(a_cent_less_is_noted_and_nothing_follows),
        cmocka_unit_test(an_event_about_a_stranger_is_parked_and_one_about_nothing_left),
        cmocka_unit_test(refunds_wait_for_each_other_and_are_never_more_than_was_captured),
        cmocka_unit_test(a_refund_that_the_provider_does_not_take_frees_its_amount),
        cmocka_unit_test(all_of_it_adds_up_and_what_does_not_is_seen),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
