/* Claims about what is not ours, or our own fault: second payments that the provider has made,
 * money of the other mode, and a key that is refused. */
#include "tests/actors/payment/payment_stage.h"

/* As the provider tells of its payment that stands beside ours: by what we wrote there. */
static const char *beside(struct uuid id, const char *intent, const char *status, const char *more)
{
    static char object[512];
    char pay[ID_TEXT_MAX + 1];
    (void)id_format("pay", id, pay);
    (void)snprintf(
        object, sizeof object,
        "{\"id\":\"%s\",\"object\":\"payment_intent\",\"amount\":1999,\"currency\":\"eur\","
        "\"latest_charge\":\"ch_%s\",\"metadata\":{\"souk_payment\":\"%s\"},\"status\":"
        "\"%s\"%s}",
        intent, intent, pay, status, more);
    return object;
}

/* The call broke, nothing was found of it, and it was made again; then the first one is told of. */
static void tell_made_twice(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 17);
    const struct bank_answer answers[] = {
        { 500, "{}" },
        { 200, "{\"object\":\"list\",\"has_more\":false,\"data\":[]}" },
        { 200, about(0, AUTHORISED, "pi_ours") },
        { 200, about(1, CAPTURED, "pi_ours") },
        { 200, "{\"id\":\"re_s\",\"object\":\"refund\",\"amount\":1999,\"currency\":\"eur\","
               "\"payment_intent\":\"pi_second\",\"status\":\"succeeded\"}" },
    };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    (void)authorise(id, STATUS_OK);
    assert_int_equal(tell_event("evt_s1", beside(id, "pi_third", "canceled", ""), SECRET),
                     STATUS_OK);
    wait_until(id, PAYMENT_STATUS_AUTHORISED);
    assert_int_equal(tell_event("evt_s2", beside(id, "pi_third", "canceled", ""), SECRET),
                     STATUS_OK);
    assert_int_equal(take(id, 1999), STATUS_OK);
    wait_until(id, PAYMENT_STATUS_CAPTURED);
    assert_int_equal(tell_event("evt_s3",
                                beside(id, "pi_second", "succeeded", ",\"amount_received\":1999"),
                                SECRET),
                     STATUS_OK);
    wait_for_requests(5);
    assert_string_equal(bank_request_at(bank, 4)->path, "/v1/refunds");
    assert_non_null(strstr(bank_request_at(bank, 4)->body, "payment_intent=pi_second&amount=1999"));
    for (int i = 0; i < TRIES_MAX && strcmp(count_of("stray WHERE returned = 1999"), "1") != 0; i++)
        stage_sleep(of, PAUSE_US);
    assert_string_equal(count_of("stray WHERE returned = 1999"), "1");
    /* A dispute of it has nothing of ours beside it. */
    assert_int_equal(tell_event("evt_s4",
                                "{\"id\":\"dp_s\",\"object\":\"dispute\",\"amount\":1999,"
                                "\"currency\":\"eur\",\"charge\":\"ch_pi_second\","
                                "\"payment_intent\":\"pi_second\",\"status\":\"needs_response\"}",
                                SECRET),
                     STATUS_OK);
    assert_string_equal(count_of("event WHERE id = 'evt_s4'"), "1");
    const struct payment_payment payment = standing(id);
    assert_int_equal(payment.captured.amount, 1999);
    assert_int_equal(payment.refunded.amount, 0);
    assert_int_equal(payment.left.amount, 1999);
    assert_string_equal(count_of("check_payments()"), "0");
}

static void a_second_payment_of_the_providers_is_given_back_and_says_nothing_of_ours(void **state)
{
    (void)state;
    stage_run(stage, tell_made_twice, NULL);
}

/* The event overtakes the answer: what nobody knew to be ours is ours then, and no second one. */
static void tell_overtaken(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 20);
    const struct bank_answer answers[] = {
        { 500, "{}" },
        { 200, "{\"object\":\"list\",\"has_more\":false,\"data\":[]}" },
        { 200, about(0, ACTION, "pi_late") },
        { 200, about(1, CANCELED, "pi_late") },
    };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_int_equal(authorise(id, STATUS_OK).status, PAYMENT_STATUS_CREATED);
    assert_int_equal(tell_event("evt_o", beside(id, "pi_late", "processing", ""), SECRET),
                     STATUS_OK);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_CREATED);
    assert_string_equal(count_of("stray WHERE reference = 'pi_late'"), "1");
    for (int i = 0; i < TRIES_MAX && standing(id).status == PAYMENT_STATUS_CREATED; i++)
        stage_sleep(of, PAUSE_US);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_PROCESSING); /* that counts for more */
    assert_string_equal(count_of("stray WHERE reference = 'pi_late'"), "0");
    assert_string_equal(count_of("check_payments()"), "0");
    (void)release(id);
    wait_until(id, PAYMENT_STATUS_VOIDED);
}

static void what_is_told_of_before_its_answer_is_ours_once_it_is_answered(void **state)
{
    (void)state;
    stage_run(stage, tell_overtaken, NULL);
}

static void tell_unnamed(struct stage *of, void *context)
{
    (void)context;
    const struct uuid id = stage_new_id(of, 18);
    char pay[ID_TEXT_MAX + 1], charge[256];
    bank_lay_out(bank, (const struct bank_answer[]){ { 200, about(0, AUTHORISED, "pi_u") } }, 1);
    (void)authorise(id, STATUS_OK);
    (void)id_format("pay", id, pay);
    (void)snprintf(
        charge, sizeof charge,
        "{\"id\":\"ch_u\",\"object\":\"charge\",\"status\":\"succeeded\",\"captured\":true,"
        "\"amount_captured\":1999,\"currency\":\"eur\",\"metadata\":{\"souk_payment\":"
        "\"%s\"}}",
        pay);
    assert_int_equal(tell_event("evt_u", charge, SECRET), STATUS_OK);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_AUTHORISED);
    assert_string_equal(count_of("parked_event WHERE id = 'evt_u'"), "1");
}

static void a_charge_without_a_payment_of_the_providers_is_a_strangers(void **state)
{
    (void)state;
    stage_run(stage, tell_unnamed, NULL);
}

/* The secret of the other mode's endpoint was taken: nothing that it signs counts here. */
static void tell_modes(struct stage *of, void *context)
{
    (void)context;
    static const char *const keys[] = { "sk_live_souk", "rk_live_souk", "sk_test_souk",
                                        "rk_test_souk" };
    const struct uuid id = stage_new_id(of, 10);
    bank_lay_out(bank, (const struct bank_answer[]){ { 200, about(0, ACTION, "pi_m") } }, 1);
    (void)authorise(id, STATUS_OK);
    const char *object = about(1, AUTHORISED, "pi_m");
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        char event[16];
        const bool is_live = i >= 2; /* the wrong one */
        (void)snprintf(event, sizeof event, "evt_mode%zu", i);
        payment_stage_set_secret(keys[i]);
        assert_int_equal(tell_event_of(is_live, event, object, keys[i]), STATUS_OK);
        assert_int_equal(standing(id).status, PAYMENT_STATUS_REQUIRES_ACTION);
    }
    assert_string_equal(count_of("parked_event WHERE type = 'test-mode payment_intent.x'"), "2");
    assert_string_equal(count_of("parked_event WHERE type = 'live-mode payment_intent.x'"), "2");
    payment_stage_set_secret("sk_live_souk");
    assert_int_equal(tell_event_of(true, "evt_mode", object, "sk_live_souk"), STATUS_OK);
    assert_int_equal(standing(id).status, PAYMENT_STATUS_AUTHORISED);
    payment_stage_keep_secret(true);
}

static void
an_event_of_played_money_counts_by_a_test_key_only_and_of_real_by_a_live_one(void **state)
{
    (void)state;
    stage_run(stage, tell_modes, NULL);
}

static bool staff_hears_that_it_is_shut(void)
{
    const struct queue_list_stuck query = { .limit = 20 };
    struct common_stuck_items reply;
    bool is_told = false;
    assert_int_equal(stage_ask(stage, nobody, &payment_list_stuck_message, &query, &reply),
                     STATUS_OK);
    for (size_t i = 0; i < reply.items_count; i++)
        is_told |= reply.items[i].cause == COMMON_STUCK_CAUSE_PROVIDER_SHUT;
    return is_told;
}

/* Our key is refused: nobody has asked anything of the card. */
static void tell_shut(struct stage *of, void *context)
{
    (void)context;
    const struct uuid refused = stage_new_id(of, 19), held = stage_new_id(of, 19);
    bank_lay_out(bank, (const struct bank_answer[]){ { 401, "{\"error\":{}}" } }, 1);
    const struct payment_payment payment = authorise(refused, STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_FAILED);
    assert_true(payment.is_unavailable);
    assert_false(payment.has_decline_code);
    assert_true(release(refused));
    assert_true(staff_hears_that_it_is_shut());
    const struct bank_answer answers[] = {
        { 200, about(0, AUTHORISED, "pi_v") },
        { 403, "{\"error\":{}}" },
        { 200, about(1, CAPTURED, "pi_v") },
    };
    bank_lay_out(bank, answers, ARRAY_LENGTH(answers));
    assert_false(authorise(held, STATUS_OK).is_unavailable);
    assert_false(staff_hears_that_it_is_shut());
    assert_int_equal(take(held, 1999), STATUS_OK);
    wait_for_requests(2);
    assert_int_equal(standing(held).status, PAYMENT_STATUS_AUTHORISED);
    assert_true(staff_hears_that_it_is_shut());
    wait_until(held, PAYMENT_STATUS_CAPTURED);
    assert_string_equal(count_of("operation WHERE operation = 'capture' AND state = 'shut'"), "1");
}

static void a_key_that_is_refused_declines_no_card_and_what_is_due_is_tried_again(void **state)
{
    (void)state;
    stage_run(stage, tell_shut, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_payment_of_the_providers_is_given_back_and_says_nothing_of_ours),
        cmocka_unit_test(what_is_told_of_before_its_answer_is_ours_once_it_is_answered),
        cmocka_unit_test(a_charge_without_a_payment_of_the_providers_is_a_strangers),
        cmocka_unit_test(
            an_event_of_played_money_counts_by_a_test_key_only_and_of_real_by_a_live_one),
        cmocka_unit_test(a_key_that_is_refused_declines_no_card_and_what_is_due_is_tried_again),
    };
    return cmocka_run_group_tests(tests, payment_stage_open, payment_stage_close);
}
