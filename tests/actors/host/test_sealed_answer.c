/* Answers with secrets: which they are, and that nothing of them can be read while they are kept.
 */
#include <string.h>

#include "actors/host/sealed_answer.h"
#include "tests/support/cmocka.h"
#include "user_messages.h"
#include "wallet_messages.h"

static struct host host;
static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    host = (struct host){ .loop = loop_new(), .principal_key = { 42 } };
    arena = arena_new(4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    loop_destroy(&host.loop);
    return 0;
}

static void sealed_answer_opens_as_it_was(void **state)
{
    (void)state;
    struct text opened;
    const struct text sealed = sealed_answer_close(&host, arena, TEXT("a token"));
    assert_int_equal(sealed_answer_open(&host, arena, sealed, &opened), STATUS_OK);
    assert_text_equal(opened, TEXT("a token"));
}

static void sealed_answer_shows_nothing(void **state)
{
    (void)state;
    const struct text sealed = sealed_answer_close(&host, arena, TEXT("a token"));
    assert_null(memmem(sealed.data, sealed.length, "token", 5));
}

static void same_answer_is_sealed_differently_each_time(void **state)
{
    (void)state;
    const struct text first = sealed_answer_close(&host, arena, TEXT("a token"));
    const struct text second = sealed_answer_close(&host, arena, TEXT("a token"));
    assert_int_equal(first.length, second.length);
    assert_memory_not_equal(first.data, second.data, first.length);
}

static void empty_answer_can_be_sealed(void **state)
{
    (void)state;
    struct text opened;
    const struct text sealed = sealed_answer_close(&host, arena, TEXT(""));
    assert_int_equal(sealed_answer_open(&host, arena, sealed, &opened), STATUS_OK);
    assert_int_equal(opened.length, 0);
}

static void answer_that_was_kept_open_comes_back_as_it_is(void **state)
{
    (void)state;
    struct text opened;
    assert_int_equal(sealed_answer_open(&host, arena, TEXT("\x81\xa1x\x01"), &opened), STATUS_OK);
    assert_text_equal(opened, TEXT("\x81\xa1x\x01"));
    assert_int_equal(sealed_answer_open(&host, arena, TEXT(""), &opened), STATUS_OK);
    assert_int_equal(opened.length, 0);
}

static void changed_answer_is_corrupt(void **state)
{
    (void)state;
    struct text opened = TEXT("untouched");
    const struct text sealed = sealed_answer_close(&host, arena, TEXT("a token"));
    char *changed = arena_copy(arena, sealed.data, sealed.length);
    changed[sealed.length - 1] = (char)(changed[sealed.length - 1] ^ 1);
    assert_int_equal(
        sealed_answer_open(&host, arena, (struct text){ changed, sealed.length }, &opened),
        STATUS_CORRUPT);
    assert_text_equal(opened, TEXT("untouched"));
}

static void answer_of_another_market_is_corrupt(void **state)
{
    (void)state;
    struct text opened;
    const struct text sealed = sealed_answer_close(&host, arena, TEXT("a token"));
    host.principal_key[0]++;
    assert_int_equal(sealed_answer_open(&host, arena, sealed, &opened), STATUS_CORRUPT);
}

/* ---- which they are ---- */

static void tokens_are_secrets(void **state)
{
    (void)state;
    const struct user_signed_in reply = { .access_token = TEXT("a token") };
    assert_true(sealed_answer_holds_secret(user_login_message.reply, NULL));
    assert_true(sealed_answer_holds_secret(user_login_message.reply, &reply));
}

static void balances_are_none(void **state)
{
    (void)state;
    const struct wallet_granted reply = { .balance = money_make(1, "EUR") };
    assert_false(sealed_answer_holds_secret(wallet_grant_message.reply, NULL));
    assert_false(sealed_answer_holds_secret(wallet_grant_message.reply, &reply));
}

static void answer_without_fields_holds_none(void **state)
{
    (void)state;
    assert_false(sealed_answer_holds_secret(&empty_schema, NULL));
    assert_false(sealed_answer_holds_secret(NULL, NULL));
}

struct maybe {
    bool has_token;
    struct text token;
};

static const struct field maybe_fields[] = { { .name = "token",
                                               .type = FIELD_TEXT,
                                               .flags = FIELD_SECRET | FIELD_OPTIONAL,
                                               .offset = offsetof(struct maybe, token),
                                               .presence_offset =
                                                   offsetof(struct maybe, has_token) } };
static const struct schema maybe_schema = {
    .name = "test.maybe", .size = sizeof(struct maybe), .fields = maybe_fields, .fields_count = 1
};

static void secret_that_is_absent_needs_no_seal(void **state)
{
    (void)state;
    const struct maybe without = { .has_token = false }, with = { .has_token = true };
    assert_true(sealed_answer_holds_secret(&maybe_schema, NULL)); /* it could have one */
    assert_false(sealed_answer_holds_secret(&maybe_schema, &without));
    assert_true(sealed_answer_holds_secret(&maybe_schema, &with));
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(sealed_answer_opens_as_it_was),
        CLAIM(sealed_answer_shows_nothing),
        CLAIM(same_answer_is_sealed_differently_each_time),
        CLAIM(empty_answer_can_be_sealed),
        CLAIM(answer_that_was_kept_open_comes_back_as_it_is),
        CLAIM(changed_answer_is_corrupt),
        CLAIM(answer_of_another_market_is_corrupt),
        CLAIM(tokens_are_secrets),
        CLAIM(balances_are_none),
        CLAIM(answer_without_fields_holds_none),
        CLAIM(secret_that_is_absent_needs_no_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
