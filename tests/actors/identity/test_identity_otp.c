/* Claims about one-time and recovery codes: the vectors of RFC 6238, appendix B (SHA-1, the last 6
 * digits), and of RFC 4648, section 10. No database. */
#include "actors/identity/identity_otp.h"

#include <string.h>

#include "tests/support/cmocka.h"

static const uint8_t secret[] = "12345678901234567890";
static const int64_t second_us = 1000000;

static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        uint32_t code;
    } vectors[] = {
        { 59, 287082 },       { 1111111109, 81804 },  { 1111111111, 50471 },
        { 1234567890, 5924 }, { 2000000000, 279037 }, { 20000000000, 353130 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
        assert_int_equal(
            identity_otp_code(secret, identity_otp_step(vectors[i].seconds * second_us)),
            vectors[i].code);
}

static bool matches(const char *code, int64_t seconds, int64_t last_step)
{
    int64_t step = -1;
    const bool is_match =
        identity_otp_matches(secret, text_of(code), seconds * second_us, last_step, &step);
    assert_true(is_match == (step >= 0));
    return is_match;
}

static void code_works_one_step_around_its_own(void **state)
{
    (void)state;
    assert_true(matches("081804", 1111111109, 0));
    assert_true(matches(" 081 804 ", 1111111109, 0));
    assert_true(matches("081804", 1111111109 + 30, 0));
    assert_true(matches("081804", 1111111109 - 30, 0));
    assert_false(matches("081804", 1111111109 + 61, 0));
    assert_false(matches("081804", 1111111109 - 61, 0));
}

static void no_code_works_twice(void **state)
{
    (void)state;
    const int64_t step = identity_otp_step(1111111109 * second_us);
    assert_true(matches("081804", 1111111109, step - 1));
    assert_false(matches("081804", 1111111109, step));
    assert_false(matches("081804", 1111111109, step + 1));
}

static void other_texts_are_no_codes(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",
                                         " ",
                                         "81804",
                                         "0818040",
                                         "08180a",
                                         "0818-04",
                                         "-81804",
                                         "+81804",
                                         "081804x",
                                         "\xc3\xa4",
                                         "99999999999999999999999999999999" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(matches(wrong[i], 1111111109, 0));
}

static void base32_is_that_of_the_rfc(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    static const char *const vectors[][2] = { { "", "" },
                                              { "f", "MY" },
                                              { "fo", "MZXQ" },
                                              { "foo", "MZXW6" },
                                              { "foob", "MZXW6YQ" },
                                              { "fooba", "MZXW6YTB" },
                                              { "foobar", "MZXW6YTBOI" } };
    for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
        assert_text_equal(
            identity_base32(arena, (const uint8_t *)vectors[i][0], strlen(vectors[i][0])),
            text_of(vectors[i][1]));
}

static void address_for_apps_is_escaped_and_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    assert_text_equal(identity_otp_uri(arena, TEXT("Sou k"), TEXT("a@b.c"), TEXT("MY")),
                      TEXT("otpauth://totp/Sou%20k:a%40b.c?secret=MY&issuer=Sou%20k&algorithm=SHA1"
                           "&digits=6&period=30"));
    char huge[600];
    for (size_t i = 0; i < sizeof huge; i += 2)
        memcpy(huge + i, "\xc3\xa4", 2);
    const struct text uri =
        identity_otp_uri(arena, (struct text){ huge, 600 }, (struct text){ huge, 600 },
                         TEXT("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
    assert_true(uri.length < 512);
}

static void recovery_code_is_read_however_it_is_typed(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    static const uint8_t random[IDENTITY_RECOVERY_BYTES] = { 0, 0x44, 0x32, 0x14, 0xc7 };
    char normal[IDENTITY_RECOVERY_LENGTH];
    const struct text shown = identity_recovery_code(arena, random);
    assert_text_equal(shown, TEXT("abcd-efgh-aaaa-aaaa"));
    static const char *const typed[] = { "abcd-efgh-aaaa-aaaa", "ABCDEFGHAAAAAAAA",
                                         " abcd efgh aaaa aaaa " };
    for (size_t i = 0; i < ARRAY_LENGTH(typed); i++) {
        assert_int_equal(identity_recovery_normalise(text_of(typed[i]), normal), STATUS_OK);
        assert_memory_equal(normal, "abcdefghaaaaaaaa", sizeof normal);
    }
    static const char *const wrong[] = { "", "abcd-efgh-aaaa-aaa", "abcd-efgh-aaaa-aaaaa",
                                         "abcd-efgh-aaaa-aaa1", "abcd-efgh-aaaa-aa\xc3\xa4" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(identity_recovery_normalise(text_of(wrong[i]), normal), STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(code_works_one_step_around_its_own),
        cmocka_unit_test(no_code_works_twice),
        cmocka_unit_test(other_texts_are_no_codes),
        cmocka_unit_test(base32_is_that_of_the_rfc),
        cmocka_unit_test(address_for_apps_is_escaped_and_bounded),
        cmocka_unit_test(recovery_code_is_read_however_it_is_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
