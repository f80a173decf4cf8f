/* Claims about e-mail addresses, and about which new passwords are taken. */
#include "actors/identity/identity_email.h"

#include <string.h>

#include "actors/identity/identity_password.h"
#include "tests/support/cmocka.h"

static void assert_email(const char *sent, const char *normal)
{
    struct identity_email email;
    assert_int_equal(identity_email_normalise(text_of(sent), &email), STATUS_OK);
    assert_true(text_equals_string(identity_email_text(&email), normal));
}

static void email_is_trimmed_and_lowered(void **state)
{
    (void)state;
    assert_email("ada@example.com", "ada@example.com");
    assert_email(" \tAda.L@Example.COM \n", "ada.l@example.com");
    assert_email("a@b.c", "a@b.c");
    assert_email("o'neil+shop/1@b.c", "o'neil+shop/1@b.c");
    assert_email("!#$%&'*+-/=?^_`{|}~@xn--bcher-kva.example",
                 "!#$%&'*+-/=?^_`{|}~@xn--bcher-kva.example");
}

static void email_without_its_parts_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",
                                         "   ",
                                         "ada",
                                         "@example.com",
                                         "ada@",
                                         "ada@localhost",
                                         "ada@.com",
                                         "ada@example.",
                                         "ada@a..b",
                                         "a@b@c.d",
                                         "a da@b.c",
                                         "ada@b\x01.c",
                                         "ada@b.c\x7f",
                                         "z\xc3\x96@b.c",
                                         "\320\260da@b.c",
                                         "ada\xe2\x80\x8b@b.c",
                                         "<ada@b.c>",
                                         "\"ada\"@b.c",
                                         "ada@[::1].c",
                                         "eve@x.c,ada@b.c",
                                         ".ada@b.c",
                                         "ada.@b.c",
                                         "a..da@b.c",
                                         "ada@-b.c",
                                         "ada@b-.c",
                                         "ada@b_c.d",
                                         "ada@b.c%0d%0a",
                                         "ada@b!c.d" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct identity_email email = { .length = 99 };
        assert_int_equal(identity_email_normalise(text_of(wrong[i]), &email), STATUS_INVALID_VALUE);
        assert_int_equal(email.length, 99);
    }
}

static void email_has_limits(void **state)
{
    (void)state;
    char long_local[80], long_whole[300];
    struct identity_email email;
    memset(long_local, 'a', sizeof long_local);
    memcpy(long_local + 64, "@b.c", 5);
    assert_int_equal(identity_email_normalise(text_of(long_local), &email), STATUS_OK);
    memset(long_local, 'a', sizeof long_local);
    memcpy(long_local + 65, "@b.c", 5);
    assert_int_equal(identity_email_normalise(text_of(long_local), &email), STATUS_INVALID_VALUE);
    memset(long_whole, 'a', sizeof long_whole);
    memcpy(long_whole, "a@", 2);
    for (size_t i = 62; i < sizeof long_whole; i += 60)
        long_whole[i] = '.';
    assert_int_equal(identity_email_normalise((struct text){ long_whole, 254 }, &email), STATUS_OK);
    assert_int_equal(identity_email_normalise((struct text){ long_whole, 255 }, &email),
                     STATUS_INVALID_VALUE);
    char long_label[80];
    memset(long_label, 'a', sizeof long_label);
    memcpy(long_label, "a@b.", 4);
    assert_int_equal(identity_email_normalise((struct text){ long_label, 4 + 63 }, &email),
                     STATUS_OK);
    assert_int_equal(identity_email_normalise((struct text){ long_label, 4 + 64 }, &email),
                     STATUS_INVALID_VALUE);
}

static enum status judge(const char *password)
{
    const struct text context[] = { TEXT("Countess"), TEXT("ada.lovelace@example.com"), TEXT("") };
    return identity_password_judge(text_of(password), 8, context, ARRAY_LENGTH(context));
}

static void password_is_as_long_as_is_asked(void **state)
{
    (void)state;
    assert_int_equal(judge("vn3k!x_"), STATUS_OUT_OF_RANGE);
    assert_int_equal(judge("vn3k!x_9"), STATUS_OK);
    assert_int_equal(judge("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"), STATUS_OUT_OF_RANGE);
    assert_int_equal(judge("vn3k!x_9\xff"), STATUS_OUT_OF_RANGE);
    assert_int_equal(judge(""), STATUS_OUT_OF_RANGE);
}

static void what_everybody_chooses_is_refused(void **state)
{
    (void)state;
    static const char *const common[] = {
        "password",     "PassWord",   "password1!",
        "Password2024", "12345678",   "87654321",
        "qwertyuiop",   "1q2w3e4r",   "iloveyou",
        "sunshine99",   "!Dragon!!2", "aaaaaaaa",
        "abcabcabc",    "abcdefgh",   "10101010",
        "countess",     "COUNTESS42", "ADA.lovelace@example.com",
        "passw0rd",     "zzxxccvv",
    };
    for (size_t i = 0; i + 1 < ARRAY_LENGTH(common); i++)
        assert_int_equal(judge(common[i]), STATUS_PASSWORD_TOO_COMMON);
    assert_int_equal(judge(common[ARRAY_LENGTH(common) - 1]), STATUS_OK);
}

static void nothing_else_is_asked_of_a_password(void **state)
{
    (void)state;
    static const char *const fine[] = { "correct horse", "battery staple", "vnkxqrjt", "82746193",
                                        "dragon834756",  "xpasswordx",     "        x" };
    for (size_t i = 0; i < ARRAY_LENGTH(fine); i++)
        assert_int_equal(judge(fine[i]), STATUS_OK);
}

/* A list that is out of order hides its words from the search. */
static void each_listed_word_is_found(void **state)
{
    (void)state;
    static const char *const words[] = { "00000000",      "147258369",  "zaq12wsx",
                                         "yxcvbnm12",     "motdepasse", "liverpool",
                                         "administrator", "zxcvbnm123", "5201314x1" };
    for (size_t i = 0; i + 1 < ARRAY_LENGTH(words); i++)
        assert_int_equal(judge(words[i]), STATUS_PASSWORD_TOO_COMMON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(email_is_trimmed_and_lowered),
        cmocka_unit_test(email_without_its_parts_is_refused),
        cmocka_unit_test(email_has_limits),
        cmocka_unit_test(password_is_as_long_as_is_asked),
        cmocka_unit_test(what_everybody_chooses_is_refused),
        cmocka_unit_test(nothing_else_is_asked_of_a_password),
        cmocka_unit_test(each_listed_word_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
