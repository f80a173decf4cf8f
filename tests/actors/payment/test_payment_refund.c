/* Claims about money that goes back to a card. */
#include "tests/actors/payment/payment_stage.h"

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
        { 200, REFUND("re_1", "1000", "succeeded") }, { 503, "{}" },
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
    wait_for_requests(6); /* between the attempts it is looked for */
    assert_string_equal(bank_request_at(bank, 3)->key, bank_request_at(bank, 5)->key);
    assert_int_equal(standing(id).refunded.amount, 1000);
    assert_true(standing(id).has_left);
    assert_int_equal(standing(id).left.amount, 99);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refunds_wait_for_each_other_and_are_never_more_than_was_captured),
        cmocka_unit_test(a_refund_that_the_provider_does_not_take_frees_its_amount),
        cmocka_unit_test(all_of_it_adds_up_and_what_does_not_is_seen),
    };
    return cmocka_run_group_tests(tests, payment_stage_open, payment_stage_close);
}
