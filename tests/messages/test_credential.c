/* Claims about the text form of secrets that are handed out. */
#include "messages/credential.h"

#include "tests/support/cmocka.h"

static void credential_is_an_id_and_a_secret(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    uint8_t secret[CREDENTIAL_SECRET_BYTES] = { 1, 2, 3 }, read[CREDENTIAL_SECRET_BYTES];
    const struct uuid id = { { 1, 9, 7 } };
    struct uuid read_id;
    const struct text token = credential_write(arena, "ses", id, secret);
    assert_int_equal(token.length, 30 + 1 + 43);
    assert_int_equal(credential_read(token, "ses", &read_id, read), STATUS_OK);
    assert_true(uuid_equals(read_id, id));
    assert_memory_equal(read, secret, sizeof secret);
    assert_int_equal(credential_read(token, "tic", &read_id, read), STATUS_MALFORMED);
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
    uint8_t secret[CREDENTIAL_SECRET_BYTES];
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(credential_read(text_of(wrong[i]), "ses", &id, secret), STATUS_MALFORMED);
}

static void a_text_that_ends_early_or_goes_on_is_no_credential(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    const uint8_t secret[CREDENTIAL_SECRET_BYTES] = { 1 };
    uint8_t read[CREDENTIAL_SECRET_BYTES];
    struct uuid id = { { 1 } };
    const struct text whole = credential_write(arena, "ses", id, secret);
    for (size_t length = 0; length < whole.length; length++)
        assert_int_equal(credential_read((struct text){ whole.data, length }, "ses", &id, read),
                         STATUS_MALFORMED);
    const struct text longer = text_format(arena, "%.*sA", (int)whole.length, whole.data);
    assert_int_equal(credential_read(longer, "ses", &id, read), STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credential_is_an_id_and_a_secret),
        cmocka_unit_test(other_texts_are_no_credentials),
        cmocka_unit_test(a_text_that_ends_early_or_goes_on_is_no_credential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
