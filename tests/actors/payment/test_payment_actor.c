/* Claims about payments, through a node, PostgreSQL and a provider on loopback. */
#include "tests/actors/payment/payment_stage.h"

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

static void tell_card_number(struct stage *of, void *context)
{
    (void)context;
    bank_lay_out(bank, (const struct bank_answer[]){ { 500, "{}" } }, 1);
    (void)authorise_by(stage_new_id(of, 5), "4242 4242 4242 4242", STATUS_INVALID_VALUE);
    assert_int_equal(bank_requests(bank), 0);
    assert_string_equal(count_of("payment WHERE method LIKE '%4242%'"), "0");
}

static void a_card_number_goes_nowhere(void **state)
{
    (void)state;
    stage_run(stage, tell_card_number, NULL);
}

/* Whatever stands between us and the answer, the same call goes out again under the same key. */
static void tell_unknown(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 5);
    const struct bank_answer answers[] = {
        { 0, "" },
        { 503, "{\"error\":{}}" },
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
    assert_true(bank_requests(bank) >= ARRAY_LENGTH(answers));
    const struct bank_request *first = bank_request_at(bank, 0);
    for (size_t i = 1; i < bank_requests(bank); i++) {
        const struct bank_request *again = bank_request_at(bank, i);
        if (strcmp(again->method, "GET") == 0) continue; /* how it stands */
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
    payment_stage_keep_secret(false);
    assert_int_equal(tell_event("evt_i", "{}", SECRET), STATUS_UNAVAILABLE);
    payment_stage_keep_secret(true);
    assert_int_equal(
        tell_event("evt_i", "{\"id\":\"pi_new\",\"object\":\"payment_intent\"}", SECRET),
        STATUS_OK);
    assert_string_equal(count_of("parked_event"), "2");
}

static void an_event_about_a_stranger_is_parked_and_one_about_nothing_left(void **state)
{
    (void)state;
    stage_run(stage, tell_strangers, NULL);
}

/* A 500 is what its key answers from then on, whether or not the work was done before it. */
static void tell_broken(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 12), other = stage_new_id(of, 12);
    char pay[ID_TEXT_MAX + 1];
    static char found[256 * 1024]; /* as long as a page of a hundred payments is */
    (void)id_format("pay", id, pay);
    (void)snprintf(
        found, sizeof found,
        "{\"object\":\"list\",\"has_more\":false,\"data\":[%*s{\"id\":\"pi_x\",\"object\":"
        "\"payment_intent\",\"metadata\":{\"souk_payment\":\"pay_1\"}},{\"id\":\"pi_t\","
        "\"object\":\"payment_intent\",\"currency\":\"eur\",\"metadata\":{\"souk_payment\":"
        "\"%s\"},\"status\":\"requires_capture\",\"amount_capturable\":1999}]}",
        250 * 1000, "", pay);
    const struct bank_answer answers[] = {
        { 500, "{}" }, { 200, found }, { 500, "{}" }, { 200, about(0, CAPTURED, "pi_t") }
    };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_AUTHORISED);
    assert_non_null(strstr(bank_request_at(bank, 1)->path, "/v1/payment_intents?created"));
    assert_int_equal(take(id, 1999), STATUS_OK);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_CAPTURED);
    wait_for_requests(4);
    const struct bank_answer none[] = {
        { 500, "{}" },
        { 200, "{\"object\":\"list\",\"has_more\":true,\"data\":[{\"id\":\"pi_9\"}]}" },
        { 200, "{\"object\":\"list\",\"has_more\":false,\"data\":[]}" },
        { 200, about(1, AUTHORISED, "pi_y") },
    };
    bank_lay_out(bank, none, ARRAY_LENGTH(none));
    /* A fault of the provider's says nothing about the card: it is asked again by another key. */
    assert_int_equal(authorise(other, STATUS_OK).status, PAYMENT_STATUS_CREATED);
    assert_non_null(strstr(bank_request_at(bank, 2)->path, "starting_after=pi_9"));
    wait_until(other, PAYMENT_STATUS_AUTHORISED);
    assert_string_not_equal(bank_request_at(bank, 3)->key, bank_request_at(bank, 0)->key);
}

static void a_call_that_broke_at_the_provider_is_looked_for_and_not_repeated(void **state)
{
    (void)state;
    stage_run(stage, tell_broken, NULL);
}

static void tell_never_taken(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 16);
    const char *no_such_card = "{\"error\":{\"type\":\"invalid_request_error\",\"code\":"
                               "\"resource_missing\",\"param\":\"payment_method\"}}";
    bank_lay_out(bank, (const struct bank_answer[]){ { 400, no_such_card } }, 1);
    assert_int_equal(authorise_by(id, "pm_none", STATUS_OK).status, PAYMENT_STATUS_FAILED);
    assert_true(release(id));
    assert_string_equal(count_of("payment WHERE method = 'pm_none' AND due_at IS NOT NULL"), "0");
    assert_string_equal(count_of("operation WHERE operation = 'void' AND state = 'not_taken'"),
                        "0");
}

static void what_the_provider_never_took_is_not_voided(void **state)
{
    (void)state;
    stage_run(stage, tell_never_taken, NULL);
}

static enum status cancel(struct uuid id)
{
    const struct payment_cancel_payment command = { .payment_id = id };
    struct payment_released released;
    return stage_ask(stage, nobody, &payment_cancel_payment_message, &command, &released);
}

static void tell_canceled(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 13);
    const struct bank_answer answers[] = { { 200, about(0, ACTION, "pi_n") },
                                           { 200, about(1, CANCELED, "pi_n") } };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_REQUIRES_ACTION);
    assert_false(standing(id).is_let_go);
    assert_int_equal(cancel(id), STATUS_OK);
    assert_int_equal(cancel(id), STATUS_OK);
    /* The bank's page is done with after all, and that is heard of before the void. */
    assert_int_equal(tell_event("evt_n", about(2, AUTHORISED, "pi_n"), SECRET), STATUS_OK);
    assert_true(standing(id).is_let_go);
    wait_until(id, PAYMENT_STATUS_VOIDED);
    assert_string_equal(bank_request_at(bank, 1)->path, "/v1/payment_intents/pi_n/cancel");
}

static void a_shopper_who_has_left_the_bank_takes_the_payment_back(void **state)
{
    (void)state;
    stage_run(stage, tell_canceled, NULL);
}

static void tell_too_late(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 14);
    const struct bank_answer answers[] = { { 200, about(0, AUTHORISED, "pi_o") },
                                           { 200, about(1, CAPTURED, "pi_o") } };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    (void)authorise(id, STATUS_OK);
    assert_int_equal(cancel(id), STATUS_ILLEGAL_TRANSITION);
    assert_false(standing(id).is_let_go);
    assert_int_equal(take(id, 1999), STATUS_OK);
    assert_int_equal(cancel(id), STATUS_ILLEGAL_TRANSITION);
    const struct uuid before = stage_new_id(of, 15);
    assert_int_equal(cancel(before), STATUS_OK);
    const struct payment_payment never = authorise(before, STATUS_OK);
    assert_int_equal(never.status, PAYMENT_STATUS_VOIDED);
    assert_true(never.is_let_go);
    assert_int_equal(bank_requests(bank), 2);
}

static void what_is_authorised_is_not_canceled_and_what_is_canceled_not_authorised(void **state)
{
    (void)state;
    stage_run(stage, tell_too_late, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_authorised_once_and_taken_once),
        cmocka_unit_test(a_refused_card_is_closed_at_the_provider_when_it_is_let_go),
        cmocka_unit_test(a_card_number_goes_nowhere),
        cmocka_unit_test(an_answer_that_is_none_is_asked_for_again_under_the_same_key),
        cmocka_unit_test(what_was_let_go_before_it_came_is_never_asked_for),
        cmocka_unit_test(what_is_captured_after_it_was_let_go_is_given_back_once),
        cmocka_unit_test(an_event_is_heard_once_and_only_from_the_provider),
        cmocka_unit_test(a_cent_less_is_noted_and_nothing_follows),
        cmocka_unit_test(an_event_about_a_stranger_is_parked_and_one_about_nothing_left),
        cmocka_unit_test(a_call_that_broke_at_the_provider_is_looked_for_and_not_repeated),
        cmocka_unit_test(what_the_provider_never_took_is_not_voided),
        cmocka_unit_test(a_shopper_who_has_left_the_bank_takes_the_payment_back),
        cmocka_unit_test(what_is_authorised_is_not_canceled_and_what_is_canceled_not_authorised),
    };
    return cmocka_run_group_tests(tests, payment_stage_open, payment_stage_close);
}
