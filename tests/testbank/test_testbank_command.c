/* Commands: their bytes, and that the same commands make the same bank again. */
#include <string.h>

#include "tests/support/cmocka.h"
#include "tests/testbank/command.h"

enum { KEPT_MAX = 64 };

/* A bank, and what the journal would have kept of it. */
struct stage {
    struct arena *arena;
    struct bank *bank;
    struct text kept[KEPT_MAX];
    size_t kept_count;
    int64_t now_us;
};

static struct answer run(struct stage *stage, struct command *command)
{
    struct answer answer = { .code = 0 };
    command->time_us = stage->now_us += 1000;
    assert_true(stage->kept_count < KEPT_MAX);
    stage->kept[stage->kept_count++] = command_encode(stage->arena, command);
    assert_int_equal(command_execute(stage->bank, command, stage->arena, &answer), STATUS_OK);
    return answer;
}

static struct answer post(struct stage *stage, const char *path, const char *form)
{
    struct command command = {
        .kind = COMMAND_REQUEST,
        .method = TEXT("POST"),
        .path = text_of(path),
        .form = text_of(form),
        .request_id = TEXT("req_1"),
    };
    return run(stage, &command);
}

static void begin(struct stage *stage)
{
    struct command start = {
        .kind = COMMAND_START,
        .settings = { .async_us = 5000, .slow_us = 7000, .dispute_us = 500, .retry_us = 1000 },
        .seed = TEXT("01234567890123456789012345678901"),
        .public_url = TEXT("http://127.0.0.1:1"),
        .keys = { TEXT("sk_test_one") },
    };
    (void)run(stage, &start);
}

static int setup(void **state)
{
    static struct stage stage;
    memset(&stage, 0, sizeof stage);
    stage.arena = arena_new(1024 * 1024);
    stage.bank = bank_new();
    stage.now_us = INT64_C(1700000000000000);
    begin(&stage);
    *state = &stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    bank_destroy(&stage->bank);
    arena_destroy(&stage->arena);
    return 0;
}

static json_t *books(struct bank *bank, struct arena *arena, int64_t now_us)
{
    const struct command command = {
        .kind = COMMAND_REQUEST,
        .time_us = now_us,
        .method = TEXT("GET"),
        .path = TEXT("/test/books"),
    };
    struct answer answer;
    assert_int_equal(command_read(bank, &command, arena, &answer), STATUS_OK);
    json_t *json = json_loadb(answer.body.data, answer.body.length, 0, NULL);
    assert_non_null(json);
    return json;
}

static const char *text_at(struct arena *arena, const struct answer *answer, const char *name)
{
    json_t *json = json_loadb(answer->body.data, answer->body.length, 0, NULL);
    const struct text text = text_of(json_string_value(json_object_get(json, name)));
    const char *copy = text_string(arena, text);
    json_decref(json);
    return copy;
}

static void a_command_is_read_as_it_was_written(void **state)
{
    struct stage *stage = *state;
    const struct command command = {
        .kind = COMMAND_REQUEST,
        .time_us = 123456789,
        .account = 7,
        .method = TEXT("POST"),
        .path = TEXT("/v1/refunds"),
        .form = TEXT("charge=ch_1"),
        .key = TEXT("key"),
        .request_id = TEXT("req_9"),
        .answers_error = true,
    };
    const struct text bytes = command_encode(stage->arena, &command);
    struct command read;
    assert_int_equal(command_decode(bytes, &read), STATUS_OK);
    assert_int_equal(read.time_us, command.time_us);
    assert_int_equal(read.account, 7);
    assert_text_equal(read.form, command.form);
    assert_text_equal(read.key, command.key);
    assert_true(read.answers_error);
    for (size_t length = 0; length < bytes.length; length++) {
        assert_int_equal(command_decode((struct text){ bytes.data, length }, &read),
                         STATUS_MALFORMED);
    }
}

/* Charges, captures, refunds, disputes, things that happen by themselves. */
static void live(struct stage *stage)
{
    (void)post(stage, "/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    (void)post(stage, "/v1/payment_intents",
               "amount=1999&currency=eur&payment_method=pm_ok&confirm=true");
    struct answer held = post(
        stage, "/v1/payment_intents",
        "amount=500&currency=eur&payment_method=pm_dispute&confirm=true&capture_method=manual");
    const char *intent = text_at(stage->arena, &held, "id");
    (void)post(stage, text_format(stage->arena, "/v1/payment_intents/%s/capture", intent).data,
               "amount_to_capture=300");
    (void)post(stage, "/v1/refunds",
               text_format(stage->arena, "payment_intent=%s&amount=100", intent).data);
    (void)post(stage, "/v1/payment_intents",
               "amount=700&currency=jpy&payment_method=pm_async&confirm=true");
    (void)post(stage, "/v1/payment_intents",
               "amount=1&currency=eur&payment_method=pm_decline&confirm=true");
    struct command ended = { .kind = COMMAND_DELIVERED, .delivery = 0, .code = 500 };
    (void)run(stage, &ended);
    (void)post(stage, "/test/clock/advance", "seconds=3600");
    stage->now_us += 3600 * SECONDS_US;
    struct command tick = { .kind = COMMAND_TICK };
    (void)run(stage, &tick);
}

static void the_same_commands_make_the_same_bank(void **state)
{
    struct stage *stage = *state;
    live(stage);
    json_t *first = books(stage->bank, stage->arena, stage->now_us);
    assert_int_equal(json_array_size(json_object_get(first, "charges")), 4);
    assert_int_equal(json_array_size(json_object_get(first, "disputes")), 1);
    struct bank *again = bank_new();
    for (size_t i = 0; i < stage->kept_count; i++) {
        struct command command;
        struct answer answer;
        assert_int_equal(command_decode(stage->kept[i], &command), STATUS_OK);
        assert_int_equal(command_execute(again, &command, stage->arena, &answer), STATUS_OK);
    }
    json_t *second = books(again, stage->arena, stage->now_us);
    assert_true(json_equal(first, second));
    assert_int_equal(again->ids_made, stage->bank->ids_made);
    assert_int_equal(again->due_deliveries.count, stage->bank->due_deliveries.count);
    assert_int_equal(again->dues_count, stage->bank->dues_count);
    assert_int_equal(again->offset_us, 3600 * SECONDS_US);
    json_decref(first);
    json_decref(second);
    bank_destroy(&again);
}

static void what_is_refused_changes_nothing(void **state)
{
    struct stage *stage = *state;
    const uint64_t made = stage->bank->ids_made;
    const char *const wrong[] = {
        "currency=eur",
        "amount=1",
        "amount=0&currency=eur",
        "amount=-5&currency=eur",
        "amount=1.5&currency=eur",
        "amount=100000000&currency=eur",
        "amount=1&currency=euro",
        "amount=1234&currency=kwd",
        "amount=1&currency=eur&confirm=yes",
        "amount=1&currency=eur&confirm=true",
        "amount=1&currency=eur&payment_method=pm_none",
        "amount=1&currency=eur&customer=cus_none",
        "amount=1&currency=eur&payment_method_types[]=sepa_debit",
        "amount=1&currency=eur&confirm=true&payment_method=pm_ok&return_url=javascript:1",
        "amount=1&currency=eur&confirm=true&payment_method=pm_ok&expand[]=nonsense",
        "amount=1&currency=eur&confirm=true&payment_method=pm_ok&expand[]=",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_int_equal(post(stage, "/v1/payment_intents", wrong[i]).code, 400);
        assert_int_equal(stage->bank->ids_made, made);
    }
}

static void a_card_that_was_detached_is_never_used_again(void **state)
{
    struct stage *stage = *state;
    const struct answer ann = post(stage, "/v1/customers", "name=Ann");
    const char *customer = text_at(stage->arena, &ann, "id");
    const struct text form = text_format(stage->arena, "customer=%s", customer);
    const struct answer card = post(stage, "/v1/payment_methods/pm_ok/attach", form.data);
    const char *method = text_at(stage->arena, &card, "id");
    const struct text both = text_format(
        stage->arena, "amount=5&currency=eur&customer=%s&payment_method=%s", customer, method);
    const struct answer intent = post(stage, "/v1/payment_intents", both.data);
    const char *id = text_at(stage->arena, &intent, "id");
    const struct answer setup =
        post(stage, "/v1/setup_intents",
             text_format(stage->arena, "customer=%s&payment_method=%s", customer, method).data);
    const char *setup_id = text_at(stage->arena, &setup, "id");
    assert_int_equal(
        post(stage, text_format(stage->arena, "/v1/payment_methods/%s/detach", method).data, "")
            .code,
        200);
    assert_int_equal(
        post(stage, text_format(stage->arena, "/v1/payment_intents/%s/confirm", id).data, "").code,
        400);
    assert_int_equal(
        post(stage, text_format(stage->arena, "/v1/setup_intents/%s/confirm", setup_id).data, "")
            .code,
        400);
    assert_int_equal(post(stage, "/v1/payment_intents", both.data).code, 400);
}

static void money_of_the_books_is_the_sum_of_its_movements(void **state)
{
    struct stage *stage = *state;
    live(stage);
    json_t *json = books(stage->bank, stage->arena, stage->now_us);
    /* 1999 less its fee of 55; 300 less 30; 100 given back; 200 disputed, which costs 1500. */
    const json_int_t eur =
        json_integer_value(json_object_get(json_object_get(json, "balances"), "eur"));
    assert_int_equal(eur, 1999 - 55 + 300 - 30 - 100 - 200 - 1500);
    json_decref(json);
}

static void an_authorisation_ends_after_a_week(void **state)
{
    struct stage *stage = *state;
    (void)post(stage, "/v1/payment_intents",
               "amount=500&currency=eur&payment_method=pm_ok&confirm=true&capture_method=manual");
    const struct intent *intent = stage->bank->objects[OBJECT_INTENT].items[0];
    assert_int_equal(intent->payment.state, PAYMENT_WANTS_CAPTURE);
    stage->now_us += AUTHORISATION_LIFE_US - 2000;
    struct command tick = { .kind = COMMAND_TICK };
    (void)run(stage, &tick);
    assert_int_equal(intent->payment.state, PAYMENT_WANTS_CAPTURE);
    stage->now_us += 2000;
    (void)run(stage, &tick);
    assert_int_equal(intent->payment.state, PAYMENT_CANCELED);
    assert_string_equal(intent->cancellation_reason, "automatic");
}

static void a_failed_delivery_waits_twice_as_long_each_time(void **state)
{
    struct stage *stage = *state;
    (void)post(stage, "/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    (void)post(stage, "/v1/customers", "name=Ann");
    struct command tick = { .kind = COMMAND_TICK };
    struct command ended = { .kind = COMMAND_DELIVERED, .delivery = 0, .code = 0 };
    int64_t wait_us = 1000;
    for (int i = 1; i < DELIVERY_ATTEMPTS_MAX; i++, wait_us *= 2) {
        (void)run(stage, &tick);
        assert_int_equal(stage->bank->due_deliveries.count, 1);
        (void)run(stage, &ended);
        assert_int_equal(stage->bank->due_deliveries.count, 0);
        assert_int_equal(bank_next_due_us(stage->bank), stage->bank->now_us + wait_us);
        stage->now_us = stage->bank->now_us + wait_us;
    }
    (void)run(stage, &tick);
    (void)run(stage, &ended);
    const struct delivery *delivery = stage->bank->deliveries.items[0];
    assert_true(delivery->is_given_up);
    assert_int_equal(bank_next_due_us(stage->bank), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_command_is_read_as_it_was_written, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_commands_make_the_same_bank, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_refused_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_card_that_was_detached_is_never_used_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(money_of_the_books_is_the_sum_of_its_movements, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_authorisation_ends_after_a_week, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_delivery_waits_twice_as_long_each_time, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
