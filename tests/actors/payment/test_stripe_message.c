/* Claims about what is written to Stripe, and what is read of it. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/payment/stripe_amount.h"
#include "actors/payment/stripe_message.h"
#include "runtime/arena.h"

static struct arena *arena;
static const struct uuid payment_id = { { 1, 2, 3 } };

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

static struct payment_provider_call call_of(enum payment_operation operation)
{
    return (struct payment_provider_call){ .payment_id = payment_id,
                                           .operation_id = { { 9 } },
                                           .operation = operation,
                                           .amount = { 1999, "EUR" },
                                           .reference = TEXT("pi_1"),
                                           .method = TEXT("pm_ok"),
                                           .return_url = TEXT("https://shop.example/back?a=b&c"),
                                           .description = TEXT("Order 7"),
                                           .has_refund_id = true,
                                           .refund_id = { { 7 } } };
}

static struct provider_request written(const struct payment_provider_call *call)
{
    struct provider_request request;
    assert_int_equal(stripe_write(call, arena, &request), STATUS_OK);
    return request;
}

static void assert_has(struct text text, const char *part)
{
    if (memmem(text.data, text.length, part, strlen(part)) == NULL)
        fail_msg("%s is not in %.*s", part, (int)text.length, text.data);
}

/* ---- written ---- */

static void an_authorisation_is_one_call_that_confirms_and_captures_nothing(void **state)
{
    (void)state;
    const struct payment_provider_call call = call_of(PAYMENT_OPERATION_AUTHORISE);
    const struct provider_request request = written(&call);
    char id[ID_TEXT_MAX + 1], metadata[64];
    (void)id_format("pay", payment_id, id);
    (void)snprintf(metadata, sizeof metadata, "metadata[souk_payment]=%s", id);
    assert_true(text_equals_string(request.path, "/v1/payment_intents"));
    assert_int_equal(request.method, TRANSFER_POST);
    assert_has(request.body, "amount=1999&currency=eur&capture_method=manual&confirm=true");
    assert_has(request.body, "payment_method=pm_ok");
    assert_has(request.body, "return_url=https%3A%2F%2Fshop.example%2Fback%3Fa%3Db%26c");
    assert_has(request.body, metadata);
}

static void each_operation_has_its_path(void **state)
{
    (void)state;
    static const struct {
        enum payment_operation operation;
        const char *path;
    } paths[] = {
        { PAYMENT_OPERATION_CAPTURE, "/v1/payment_intents/pi_1/capture" },
        { PAYMENT_OPERATION_VOID, "/v1/payment_intents/pi_1/cancel" },
        { PAYMENT_OPERATION_REFUND, "/v1/refunds" },
        { PAYMENT_OPERATION_QUERY, "/v1/payment_intents/pi_1?expand%5B0%5D=latest_charge" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        const struct payment_provider_call call = call_of(paths[i].operation);
        assert_true(text_equals_string(written(&call).path, paths[i].path));
    }
}

static void the_same_call_makes_the_same_bytes(void **state)
{
    (void)state;
    const struct payment_provider_call call = call_of(PAYMENT_OPERATION_AUTHORISE);
    assert_true(text_equals(written(&call).body, written(&call).body));
}

static void an_id_that_is_none_reaches_no_path(void **state)
{
    (void)state;
    static const char *const references[] = { "", "pi_1/capture", "../balance", "pi 1", "pi_1?x" };
    for (size_t i = 0; i < ARRAY_LENGTH(references); i++) {
        struct payment_provider_call call = call_of(PAYMENT_OPERATION_CAPTURE);
        struct provider_request request;
        call.reference = text_of(references[i]);
        assert_int_equal(stripe_write(&call, arena, &request), STATUS_INVALID_VALUE);
    }
}

static void amounts_are_said_in_the_units_of_stripe(void **state)
{
    (void)state;
    static const struct {
        struct money money;
        enum status status;
        int64_t amount;
    } amounts[] = {
        { { 1999, "EUR" }, STATUS_OK, 1999 },
        { { 500, "JPY" }, STATUS_OK, 500 },
        { { 1230, "KWD" }, STATUS_OK, 1230 },
        { { 1234, "KWD" }, STATUS_INVALID_VALUE, 0 },
        { { 500, "ISK" }, STATUS_OK, 50000 },
        { { 500, "UGX" }, STATUS_OK, 50000 },
        { { 99999999, "EUR" }, STATUS_OK, 99999999 },
        { { 100000000, "EUR" }, STATUS_OUT_OF_RANGE, 0 },
        { { -1, "EUR" }, STATUS_INVALID_VALUE, 0 },
        { { 1, "ZZZ" }, STATUS_INVALID_VALUE, 0 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(amounts); i++) {
        int64_t amount = 0;
        struct money back;
        assert_int_equal(stripe_amount_of(amounts[i].money, &amount), amounts[i].status);
        if (amounts[i].status != STATUS_OK) continue;
        assert_int_equal(amount, amounts[i].amount);
        assert_int_equal(stripe_amount_read(amount, amounts[i].money.currency, &back), STATUS_OK);
        assert_true(money_equals(back, amounts[i].money));
    }
}

/* ---- answered ---- */

static struct provider_answer answer_to(int code, const char *body)
{
    const struct payment_provider_call call = call_of(PAYMENT_OPERATION_AUTHORISE);
    struct provider_answer answer;
    stripe_read(&call, code, text_of(body), arena, &answer);
    return answer;
}

#define INTENT(status, more)                                                                       \
    "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":1999,\"currency\":\"eur\","         \
    "\"metadata\":{},\"status\":\"" status "\"" more "}"

static void an_intent_is_what_its_status_says(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum payment_fact fact;
        int64_t amount;
    } intents[] = {
        { INTENT("requires_capture", ",\"amount_capturable\":1999"), PAYMENT_FACT_AUTHORISED,
          1999 },
        { INTENT("succeeded", ",\"amount_received\":1500"), PAYMENT_FACT_CAPTURED, 1500 },
        { INTENT("processing", ""), PAYMENT_FACT_PROCESSING, 0 },
        { INTENT("canceled", ",\"cancellation_reason\":\"requested_by_customer\""),
          PAYMENT_FACT_VOIDED, 0 },
        { INTENT("canceled", ",\"cancellation_reason\":\"automatic\""), PAYMENT_FACT_AUTH_EXPIRED,
          0 },
        { INTENT("requires_payment_method", ",\"last_payment_error\":{\"code\":\"card_declined\","
                                            "\"decline_code\":\"insufficient_funds\"}"),
          PAYMENT_FACT_FAILED, 0 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(intents); i++) {
        const struct provider_answer answer = answer_to(200, intents[i].body);
        assert_int_equal(answer.verdict, PROVIDER_SAID);
        assert_true(text_equals_string(answer.reference, "pi_1"));
        assert_int_equal(answer.facts_count, 1);
        assert_int_equal(answer.facts[0].fact, intents[i].fact);
        assert_int_equal(answer.facts[0].amount, intents[i].amount);
    }
    const struct provider_answer refused = answer_to(200, intents[5].body);
    assert_true(text_equals_string(refused.facts[0].code, "insufficient_funds"));
}

static void a_second_factor_says_where_to_go(void **state)
{
    (void)state;
    const struct provider_answer answer =
        answer_to(200, INTENT("requires_action",
                              ",\"next_action\":{\"type\":\"redirect_to_url\","
                              "\"redirect_to_url\":{\"url\":\"https://bank.example/3ds\"}}"));
    assert_int_equal(answer.facts[0].fact, PAYMENT_FACT_REQUIRES_ACTION);
    assert_true(text_equals_string(answer.next_url, "https://bank.example/3ds"));
}

static void a_refused_card_brings_its_intent(void **state)
{
    (void)state;
    const struct provider_answer answer = answer_to(
        402, "{\"error\":{\"type\":\"card_error\",\"code\":\"card_declined\",\"decline_code\":"
             "\"lost_card\",\"payment_intent\":" INTENT(
                 "requires_payment_method", ",\"last_payment_error\":{\"code\":\"card_declined\","
                                            "\"decline_code\":\"lost_card\"}") "}}");
    assert_int_equal(answer.verdict, PROVIDER_SAID);
    assert_int_equal(answer.facts[0].fact, PAYMENT_FACT_FAILED);
    assert_true(text_equals_string(answer.code, "lost_card"));
}

static void what_is_no_answer_is_unknown_and_what_was_not_looked_at_is_not_done(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *body;
        enum provider_verdict verdict;
    } answers[] = {
        { 500, "{\"error\":{}}", PROVIDER_BROKEN },
        { 503, "{\"error\":{}}", PROVIDER_UNKNOWN },
        { 409, "{\"error\":{\"type\":\"idempotency_error\"}}", PROVIDER_UNKNOWN },
        { 302, "", PROVIDER_UNKNOWN },
        { 0, "", PROVIDER_UNKNOWN },
        { 200, "", PROVIDER_UNKNOWN },
        { 200, "<html>", PROVIDER_UNKNOWN },
        { 200, "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amou", PROVIDER_UNKNOWN },
        { 200, "{\"id\":\"pi_1\",\"object\":\"payment_intent\"}", PROVIDER_UNKNOWN },
        { 200, INTENT("brand_new_status", ""), PROVIDER_UNKNOWN },
        { 200, INTENT("succeeded", ",\"amount_received\":\"1999\""), PROVIDER_UNKNOWN },
        { 200, INTENT("succeeded", ",\"amount_received\":-1"), PROVIDER_UNKNOWN },
        { 429, "{\"error\":{\"code\":\"rate_limit\"}}", PROVIDER_NOT_DONE },
        { 401, "{\"error\":{}}", PROVIDER_SHUT },
        { 400, "{\"error\":{\"type\":\"idempotency_error\"}}", PROVIDER_SHUT },
        { 404, "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"resource_missing\"}}",
          PROVIDER_NOT_TAKEN },
        { 400, "{\"error\":{\"code\":\"payment_intent_unexpected_state\"}}", PROVIDER_UNKNOWN },
        { 400, "not json", PROVIDER_UNKNOWN },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        const struct provider_answer answer = answer_to(answers[i].code, answers[i].body);
        if (answer.verdict != answers[i].verdict)
            fail_msg("%d %s: %d", answers[i].code, answers[i].body, (int)answer.verdict);
        if (answer.verdict != PROVIDER_SAID) assert_int_equal(answer.facts_count, 0);
    }
}

static void
what_broke_is_looked_for_since_its_payment_was_begun_and_by_what_is_written_beside_it(void **state)
{
    (void)state;
    struct payment_provider_call call = call_of(PAYMENT_OPERATION_AUTHORISE);
    struct provider_request what;
    char id[ID_TEXT_MAX + 1];
    call.has_since = true;
    call.since_us = INT64_C(1700000000) * 1000000;
    assert_int_equal(stripe_write_look(&call, TEXT("pi_9"), arena, &what), STATUS_OK);
    assert_true(text_equals_string(what.path, "/v1/payment_intents?created%5Bgte%5D=1699996400"
                                              "&limit=100&starting_after=pi_9"));
    assert_int_equal(stripe_write_search(&call, arena, &what), STATUS_OK);
    (void)id_format("pay", call.payment_id, id);
    assert_true(
        text_equals(what.path, text_format(arena,
                                           "/v1/payment_intents/search?query=metadata%%5B%%27"
                                           "souk_payment%%27%%5D%%3A%%27%s%%27&limit=100",
                                           id)));
    call.operation = PAYMENT_OPERATION_REFUND;
    assert_int_equal(stripe_write_search(&call, arena, &what), STATUS_NOT_FOUND);
}

static void a_payment_that_the_provider_does_not_know_is_a_key_of_another_account(void **state)
{
    (void)state;
    const char *gone =
        "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"resource_missing\"}}";
    static const enum payment_operation operations[] = { PAYMENT_OPERATION_CAPTURE,
                                                         PAYMENT_OPERATION_VOID,
                                                         PAYMENT_OPERATION_REFUND,
                                                         PAYMENT_OPERATION_QUERY };
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        const struct payment_provider_call call = call_of(operations[i]);
        struct provider_answer answer;
        struct text after;
        stripe_read(&call, 404, text_of(gone), arena, &answer);
        assert_int_equal(answer.verdict, PROVIDER_SHUT);
        stripe_read_look(&call, 403, TEXT("{}"), arena, &answer, &after);
        assert_int_equal(answer.verdict, PROVIDER_SHUT);
    }
}

/* ---- told ---- */

static enum status event_of(const char *object, struct provider_event *ret_event)
{
    const struct text body =
        text_format(arena,
                    "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"x.y\",\"created\":"
                    "1700000000,\"livemode\":false,\"data\":{\"object\":%s}}",
                    object);
    return stripe_read_event(body, arena, ret_event);
}

static void events_about_refunds_and_disputes_name_them(void **state)
{
    (void)state;
    struct provider_event event;
    assert_int_equal(
        event_of("{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":700,\"currency\":\"eur\","
                 "\"payment_intent\":\"pi_1\",\"status\":\"pending\"}",
                 &event),
        STATUS_OK);
    assert_true(event.is_known);
    assert_int_equal(event.says.facts[0].fact, PAYMENT_FACT_REFUND_PENDING);
    assert_true(text_equals_string(event.says.facts[0].ref, "re_1"));
    assert_true(text_equals_string(event.says.facts[0].source, "evt_1"));
    assert_int_equal(event.says.facts[0].at_us, INT64_C(1700000000) * 1000000);
    assert_int_equal(
        event_of("{\"id\":\"dp_1\",\"object\":\"dispute\",\"amount\":700,\"currency\":\"eur\","
                 "\"payment_intent\":{\"id\":\"pi_2\"},\"charge\":\"ch_1\",\"status\":\"lost\"}",
                 &event),
        STATUS_OK);
    assert_int_equal(event.says.facts[0].fact, PAYMENT_FACT_DISPUTE_LOST);
    assert_true(text_equals_string(event.says.reference, "pi_2"));
    assert_true(text_equals_string(event.says.charge, "ch_1"));
}

static void an_event_about_something_else_is_known_for_that(void **state)
{
    (void)state;
    struct provider_event event;
    assert_int_equal(event_of("{\"id\":\"cus_1\",\"object\":\"customer\"}", &event), STATUS_OK);
    assert_false(event.is_known);
}

static void whose_payment_it_is_is_read_where_we_wrote_it(void **state)
{
    (void)state;
    struct provider_event event;
    char id[ID_TEXT_MAX + 1];
    (void)id_format("pay", payment_id, id);
    const struct text object =
        text_format(arena,
                    "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"currency\":\"eur\","
                    "\"metadata\":{\"souk_payment\":\"%s\"},\"status\":\"processing\"}",
                    id);
    assert_int_equal(event_of(object.data, &event), STATUS_OK);
    assert_true(uuid_equals(event.says.payment_id, payment_id));
}

static void what_is_newer_than_we_are_is_taken_for_a_person(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "{\"id\":\"pi_1\",\"object\":\"payment_intent\"}",
        "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"currency\":\"usdc\",\"status\":"
        "\"succeeded\"}",
        "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"currency\":\"eur\",\"status\":"
        "\"succeeded\"}",
        "{\"id\":\"ch_1\",\"object\":\"charge\",\"currency\":\"xyz\"}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
        struct provider_event event;
        assert_int_equal(event_of(objects[i], &event), STATUS_OK);
        assert_false(event.is_known);
        assert_true(event.is_strange);
        assert_int_equal(event.says.facts_count, 0);
    }
}

static void half_an_event_is_malformed(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "[]",
        "{}",
        "{\"id\":\"evt_1\",\"object\":\"event\"}",
        "{\"id\":\"\",\"object\":\"event\",\"type\":\"x\",\"created\":1,\"data\":{\"object\":{}}}",
        "{\"id\":\"e\",\"object\":\"event\",\"type\":\"x\",\"created\":-9,\"data\":{}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        struct provider_event event;
        assert_int_equal(stripe_read_event(text_of(bodies[i]), arena, &event), STATUS_MALFORMED);
    }
}

#define CLAIM(claim) cmocka_unit_test_setup_teardown(claim, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(an_authorisation_is_one_call_that_confirms_and_captures_nothing),
        CLAIM(each_operation_has_its_path),
        CLAIM(the_same_call_makes_the_same_bytes),
        CLAIM(an_id_that_is_none_reaches_no_path),
        CLAIM(amounts_are_said_in_the_units_of_stripe),
        CLAIM(an_intent_is_what_its_status_says),
        CLAIM(a_second_factor_says_where_to_go),
        CLAIM(a_refused_card_brings_its_intent),
        CLAIM(what_is_no_answer_is_unknown_and_what_was_not_looked_at_is_not_done),
        CLAIM(events_about_refunds_and_disputes_name_them),
        CLAIM(an_event_about_something_else_is_known_for_that),
        CLAIM(whose_payment_it_is_is_read_where_we_wrote_it),
        CLAIM(what_is_newer_than_we_are_is_taken_for_a_person),
        CLAIM(half_an_event_is_malformed),
        CLAIM(
            what_broke_is_looked_for_since_its_payment_was_begun_and_by_what_is_written_beside_it),
        CLAIM(a_payment_that_the_provider_does_not_know_is_a_key_of_another_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
