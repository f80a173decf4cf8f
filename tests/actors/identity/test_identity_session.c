/* Claims about the life of refresh tokens: no database. */
#include "actors/identity/identity_session.h"

#include <string.h>

#include "tests/support/cmocka.h"

static const int64_t second_us = 1000000;

static const uint8_t first[IDENTITY_DIGEST_BYTES] = { 1 }, second[IDENTITY_DIGEST_BYTES] = { 2 },
                     third[IDENTITY_DIGEST_BYTES] = { 3 };

static struct identity_session new_session(void)
{
    struct identity_session session = { .expires_at_us = 100 * second_us, .version = 1 };
    memcpy(session.secret_hash, first, sizeof first);
    return session;
}

static void current_secret_is_exchanged(void **state)
{
    (void)state;
    struct identity_session session = new_session();
    assert_int_equal(
        identity_session_exchange(&session, first, second, 10 * second_us, 1000 * second_us),
        STATUS_OK);
    assert_memory_equal(session.secret_hash, second, sizeof second);
    assert_memory_equal(session.previous_hash, first, sizeof first);
    assert_int_equal(session.expires_at_us, 1010 * second_us);
    assert_int_equal(session.version, 2);
}

static void retry_after_a_lost_answer_is_good_for_ten_seconds(void **state)
{
    (void)state;
    struct identity_session session = new_session();
    assert_int_equal(
        identity_session_exchange(&session, first, second, 10 * second_us, 1000 * second_us),
        STATUS_OK);
    assert_int_equal(
        identity_session_exchange(&session, first, third, 20 * second_us, 1000 * second_us),
        STATUS_OK);
    assert_memory_equal(session.secret_hash, third, sizeof third);
    assert_int_equal(
        identity_session_exchange(&session, first, second, 20 * second_us + 1, 1000 * second_us),
        STATUS_INVALID_REFRESH_TOKEN);
    assert_memory_equal(session.secret_hash, third, sizeof third);
}

static void unknown_secret_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct identity_session session = new_session();
    const struct identity_session before = session;
    static const uint8_t zero[IDENTITY_DIGEST_BYTES];
    assert_int_equal(identity_session_exchange(&session, second, third, 10, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(identity_session_exchange(&session, zero, third, 10, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_memory_equal(&session, &before, sizeof session);
}

static void ended_session_accepts_nothing(void **state)
{
    (void)state;
    struct identity_session session = new_session();
    assert_int_equal(identity_session_exchange(&session, first, second, 100 * second_us, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
    session.is_revoked = true;
    assert_int_equal(identity_session_exchange(&session, first, second, 10, 10),
                     STATUS_INVALID_REFRESH_TOKEN);
}

static void impersonation_ends_when_it_would_have_ended(void **state)
{
    (void)state;
    struct identity_session session = new_session();
    session.impersonator_id.bytes[0] = 1;
    assert_int_equal(
        identity_session_exchange(&session, first, second, 10 * second_us, 1000 * second_us),
        STATUS_OK);
    assert_int_equal(session.expires_at_us, 100 * second_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(current_secret_is_exchanged),
        cmocka_unit_test(retry_after_a_lost_answer_is_good_for_ten_seconds),
        cmocka_unit_test(unknown_secret_is_refused_and_changes_nothing),
        cmocka_unit_test(ended_session_accepts_nothing),
        cmocka_unit_test(impersonation_ends_when_it_would_have_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
