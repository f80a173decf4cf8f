/* Claims about addresses, user names and the life of refresh tokens: no database, no host. */
#include "actors/user/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const int64_t second_us = 1000000;

static void assert_email(const char *sent, const char *normal)
{
    struct user_email email;
    assert_int_equal(user_normalise_email(text_of(sent), &email), STATUS_OK);
    assert_true(text_equals_string(user_email_text(&email), normal));
}

static void email_is_trimmed_and_lowered(void **state)
{
    (void)state;
    assert_email("ada@example.com", "ada@example.com");
    assert_email(" \tAda.L@Example.COM \n", "ada.l@example.com");
    assert_email("a@b.c", "a@b.c");
    assert_email("z\xc3\x96@b.c", "z\xc3\x96@b.c");
}

static void email_without_its_parts_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",           "   ",           "ada",      "@example.com",
                                         "ada@",       "ada@localhost", "ada@.com", "ada@example.",
                                         "ada@a..b",   "a@b@c.d",       "a da@b.c", "ada@b\x01.c",
                                         "ada@b.c\x7f" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct user_email email = { .length = 99 };
        assert_int_equal(user_normalise_email(text_of(wrong[i]), &email), STATUS_INVALID_VALUE);
        assert_int_equal(email.length, 99);
    }
}

static void email_has_limits(void **state)
{
    (void)state;
    char long_local[80], long_whole[300];
    struct user_email email;
    memset(long_local, 'a', sizeof(long_local));
    memcpy(long_local + 64, "@b.c", 5);
    assert_int_equal(user_normalise_email(text_of(long_local), &email), STATUS_OK);
    memset(long_local, 'a', sizeof(long_local));
    memcpy(long_local + 65, "@b.c", 5);
    assert_int_equal(user_normalise_email(text_of(long_local), &email), STATUS_INVALID_VALUE);
    memset(long_whole, 'a', sizeof(long_whole));
    memcpy(long_whole, "a@b.", 4);
    assert_int_equal(user_normalise_email((struct text){ long_whole, 254 }, &email), STATUS_OK);
    assert_int_equal(user_normalise_email((struct text){ long_whole, 255 }, &email),
                     STATUS_INVALID_VALUE);
}

static void user_name_is_compared_in_lower_case(void **state)
{
    (void)state;
    struct user_name name;
    assert_int_equal(user_normalise_name(TEXT("Ada_L.0-9"), &name), STATUS_OK);
    assert_true(text_equals_string(user_name_text(&name), "ada_l.0-9"));
}

static void user_name_of_other_characters_or_length_is_refused(void **state)
{
    (void)state;
    struct user_name name;
    static const char *const wrong[] = {
        "", "ab", "a b", "ada!", "ad\xc3\xa4", "a@b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(user_normalise_name(text_of(wrong[i]), &name), STATUS_INVALID_VALUE);
}

static const uint8_t first[USER_DIGEST_BYTES] = { 1 }, second[USER_DIGEST_BYTES] = { 2 },
                     third[USER_DIGEST_BYTES] = { 3 };

static struct user_session new_session(void)
{
    struct user_session session = { .expires_at_us = 100 * second_us, .version = 1 };
    memcpy(session.secret_hash, first, sizeof(first));
    return session;
}

static void current_secret_is_exchanged(void **state)
{
    (void)state;
    struct user_session session = new_session();
    assert_int_equal(user_session_rotate(&session, first, second, 10 * second_us, 1000 * second_us),
                     STATUS_OK);
    assert_memory_equal(session.secret_hash, second, sizeof(second));
    assert_memory_equal(session.previous_hash, first, sizeof(first));
    assert_int_equal(session.expires_at_us, 1010 * second_us);
    assert_int_equal(session.version, 2);
}

static void retry_after_a_lost_answer_is_good_for_ten_seconds(void **state)
{
    (void)state;
    struct user_session session = new_session();
    assert_int_equal(user_session_rotate(&session, first, second, 10 * second_us, 1000 * second_us),
                     STATUS_OK);
    assert_int_equal(user_session_rotate(&session, first, third, 20 * second_us, 1000 * second_us),
                     STATUS_OK);
    assert_memory_equal(session.secret_hash, third, sizeof(third));
    assert_int_equal(
        user_session_rotate(&session, first, second, 20 * second_us + 1, 1000 * second_us),
        STATUS_INVALID_REFRESH_TOKEN);
    assert_memory_equal(session.secret_hash, third, sizeof(third));
}

static void unknown_secret_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct user_session session = new_session();
    const struct user_session before = session;
    static const uint8_t zero[USER_DIGEST_BYTES];
    assert_int_equal(user_session_rotate(&session, second, third, 10, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(user_session_rotate(&session, zero, third, 10, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_memory_equal(&session, &before, sizeof(session));
}

static void ended_session_accepts_nothing(void **state)
{
    (void)state;
    struct user_session session = new_session();
    assert_int_equal(user_session_rotate(&session, first, second, 100 * second_us, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
    session.is_revoked = true;
    assert_int_equal(user_session_rotate(&session, first, second, 10, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
}

static void refresh_token_is_split_at_its_dot(void **state)
{
    (void)state;
    struct uuid id;
    struct text secret;
    assert_int_equal(
        user_split_refresh_token(TEXT("ses_01h455vb4pex5vsknk084sn02q.abc"), &id, &secret),
        STATUS_OK);
    assert_true(text_equals_string(secret, "abc"));
    assert_int_equal(user_split_refresh_token(TEXT("ses_01h455vb4pex5vsknk084sn02q"), &id, &secret),
                     STATUS_MALFORMED);
    assert_int_equal(
        user_split_refresh_token(TEXT("usr_01h455vb4pex5vsknk084sn02q.abc"), &id, &secret),
        STATUS_MALFORMED);
    assert_int_equal(user_split_refresh_token(TEXT("."), &id, &secret), STATUS_MALFORMED);
    assert_int_equal(user_split_refresh_token(TEXT(""), &id, &secret), STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(email_is_trimmed_and_lowered),
        cmocka_unit_test(email_without_its_parts_is_refused),
        cmocka_unit_test(email_has_limits),
        cmocka_unit_test(user_name_is_compared_in_lower_case),
        cmocka_unit_test(user_name_of_other_characters_or_length_is_refused),
        cmocka_unit_test(current_secret_is_exchanged),
        cmocka_unit_test(retry_after_a_lost_answer_is_good_for_ten_seconds),
        cmocka_unit_test(unknown_secret_is_refused_and_changes_nothing),
        cmocka_unit_test(ended_session_accepts_nothing),
        cmocka_unit_test(refresh_token_is_split_at_its_dot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
