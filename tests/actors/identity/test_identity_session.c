/* Claims about the life of refresh tokens, and their text: no database. */
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

static void credential_is_an_id_and_a_secret(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    uint8_t secret[IDENTITY_SECRET_BYTES] = { 1, 2, 3 }, read[IDENTITY_SECRET_BYTES];
    const struct uuid id = { { 1, 9, 7 } };
    struct uuid read_id;
    const struct text token = identity_write_credential(arena, "ses", id, secret);
    assert_int_equal(token.length, 30 + 1 + 43);
    assert_int_equal(identity_read_credential(token, "ses", &read_id, read), STATUS_OK);
    assert_true(uuid_equals(read_id, id));
    assert_memory_equal(read, secret, sizeof secret);
    assert_int_equal(identity_read_credential(token, "tic", &read_id, read), STATUS_MALFORMED);
}

static void other_texts_are_no_credentials(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        ".",
        "ses_01h455vb4pex5vsknk084sn02q",
        "ses_01h455vb4pex5vsknk084sn02q.abc",
        "ses_01h455vb4pex5vsknk084sn02q.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ses_01h455vb4pex5vsknk084sn02q.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ses_01h455vb4pex5vsknk084sn02q.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
        "ses_01h455vb4pex5vsknk084sn02q.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A",
        "ses_01h455vb4pex5vsknk084sn02q-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "usr_01h455vb4pex5vsknk084sn02q.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "................................................................................",
    };
    struct uuid id;
    uint8_t secret[IDENTITY_SECRET_BYTES];
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(identity_read_credential(text_of(wrong[i]), "ses", &id, secret),
                         STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(current_secret_is_exchanged),
        cmocka_unit_test(retry_after_a_lost_answer_is_good_for_ten_seconds),
        cmocka_unit_test(unknown_secret_is_refused_and_changes_nothing),
        cmocka_unit_test(ended_session_accepts_nothing),
        cmocka_unit_test(impersonation_ends_when_it_would_have_ended),
        cmocka_unit_test(credential_is_an_id_and_a_secret),
        cmocka_unit_test(other_texts_are_no_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
