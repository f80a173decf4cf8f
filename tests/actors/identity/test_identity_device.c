/* Claims about devices that were let in before: what strangers do is not counted against them;
 * against a scratch database. */
#include "actors/identity/identity_device.h"

#include "actors/identity/identity_proof.h"
#include "tests/actors/identity/lender.h"
#include "tests/support/cmocka.h"

static const struct uuid nobody;
static const struct text no_device;

struct attempt {
    struct identity_sign_in sign_in;
    struct identity_person person;
    struct identity_guard guard;
};

static enum status do_sign_in(struct request *request, void *context)
{
    struct attempt *a = context;
    return identity_check_sign_in(request, stage_lent, &a->sign_in, &a->person, &a->guard);
}

struct device_case {
    const char *email;
    struct uuid id;
    struct text token;
};

static enum status do_make_device(struct request *request, void *context)
{
    struct device_case *c = context;
    const struct text token = identity_device_make(request, text_of(c->email), c->id);
    c->token = text_copy(stage_arena, token);
    return STATUS_OK;
}

static struct text device_of(const char *email)
{
    struct device_case c = { .email = email };
    assert_int_equal(lender_run(nobody, do_make_device, &c), STATUS_OK);
    return c.token;
}

static enum status sign_in_from(const char *address, const char *password, struct text device)
{
    struct attempt a = {
        .sign_in = { .address = text_of(address), .password = text_of(password), .device = device }
    };
    return lender_run(nobody, do_sign_in, &a);
}

static void strangers_do_not_lock_a_device_that_was_let_in_before(void **state)
{
    (void)state;
    lender_draw(TEXT("ned@example.com"), "correct horse");
    const struct text device = device_of("ned@example.com");
    for (int guess = 0; guess < 10; guess++)
        assert_int_equal(sign_in_from("ned@example.com", "wrong horse", no_device),
                         STATUS_INVALID_CREDENTIALS);
    assert_int_equal(sign_in_from("ned@example.com", "correct horse", no_device),
                     STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(sign_in_from("Ned@Example.com", "correct horse", device), STATUS_OK);
    assert_int_equal(sign_in_from("ned@example.com", "correct horse", TEXT("dev_nonsense")),
                     STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(sign_in_from("ned@example.com", "correct horse", device_of("oz@example.com")),
                     STATUS_TOO_MANY_REQUESTS);
}

/* A device in the wrong hands guesses no more often than a stranger, and then counts as one. */
static void a_device_has_its_own_failures_and_is_then_a_stranger(void **state)
{
    (void)state;
    lender_draw(TEXT("pat@example.com"), "correct horse");
    const struct text device = device_of("pat@example.com"), other = device_of("pat@example.com");
    for (int guess = 0; guess < 10; guess++) {
        assert_int_equal(sign_in_from("pat@example.com", "wrong horse", device),
                         STATUS_INVALID_CREDENTIALS);
        assert_int_equal(lender.failure_kind, IDENTITY_GUARD_DEVICE);
    }
    for (int guess = 0; guess < 10; guess++) {
        assert_int_equal(sign_in_from("pat@example.com", "wrong horse", device),
                         STATUS_INVALID_CREDENTIALS);
        assert_int_equal(lender.failure_kind, IDENTITY_GUARD_SIGN_IN);
    }
    assert_int_equal(sign_in_from("pat@example.com", "correct horse", device),
                     STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(sign_in_from("pat@example.com", "correct horse", other), STATUS_OK);
}

static void a_device_is_told_by_its_token_alone(void **state)
{
    (void)state;
    lender_draw(TEXT("quin@example.com"), "correct horse");
    struct device_case first = { .email = "quin@example.com" };
    assert_int_equal(lender_run(nobody, do_make_device, &first), STATUS_OK);
    struct attempt a = { .sign_in = { .address = TEXT("quin@example.com"),
                                      .password = TEXT("correct horse"),
                                      .device = first.token } };
    assert_int_equal(lender_run(nobody, do_sign_in, &a), STATUS_OK);
    struct device_case again = { .email = "quin@example.com", .id = a.guard.device_id };
    assert_int_equal(lender_run(nobody, do_make_device, &again), STATUS_OK);
    assert_text_equal(again.token, first.token);
    assert_false(text_equals(device_of("quin@example.com"), first.token));
}

struct forgotten_case {
    const char *email;
    struct text device;
};

static enum status do_count_forgotten(struct request *request, void *context)
{
    const struct forgotten_case *c = context;
    return identity_count_forgotten(request, text_of(c->email), c->device);
}

static void strangers_do_not_use_up_the_messages_of_a_known_device(void **state)
{
    (void)state;
    lender_draw(TEXT("rob@example.com"), "correct horse");
    struct forgotten_case stranger = { .email = "rob@example.com" };
    struct forgotten_case owner = { .email = "rob@example.com",
                                    .device = device_of("rob@example.com") };
    for (int i = 0; i < 5; i++)
        assert_int_equal(lender_run(nobody, do_count_forgotten, &stranger), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_count_forgotten, &stranger), STATUS_TOO_MANY_REQUESTS);
    for (int i = 0; i < 5; i++)
        assert_int_equal(lender_run(nobody, do_count_forgotten, &owner), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_count_forgotten, &owner), STATUS_TOO_MANY_REQUESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_do_not_lock_a_device_that_was_let_in_before),
        cmocka_unit_test(a_device_has_its_own_failures_and_is_then_a_stranger),
        cmocka_unit_test(a_device_is_told_by_its_token_alone),
        cmocka_unit_test(strangers_do_not_use_up_the_messages_of_a_known_device),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}
