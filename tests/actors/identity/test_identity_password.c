/* Claims about which new passwords are taken. */
#include "actors/identity/identity_password.h"

#include "tests/support/cmocka.h"

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
        "password",     "PassWord",     "password1!",
        "Password2024", "12345678",     "87654321",
        "qwertyuiop",   "1q2w3e4r",     "iloveyou",
        "sunshine99",   "!Dragon!!2",   "aaaaaaaa",
        "abcabcabc",    "abcdefgh",     "10101010",
        "countess",     "COUNTESS42",   "ADA.lovelace@example.com",
        "passw0rd",     "ada.lovelace", "Ada.Lovelace1815",
        "zzxxccvv",
    };
    for (size_t i = 0; i + 1 < ARRAY_LENGTH(common); i++)
        assert_int_equal(judge(common[i]), STATUS_PASSWORD_TOO_COMMON);
    assert_int_equal(judge(common[ARRAY_LENGTH(common) - 1]), STATUS_OK);
}

static void nothing_else_is_asked_of_a_password(void **state)
{
    (void)state;
    static const char *const fine[] = { "correct horse", "battery staple", "vnkxqrjt",
                                        "82746193",      "dragon834756",   "xpasswordx",
                                        "        x",     "example.com",    "lovelace",
                                        "ada.lovelac" };
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
        cmocka_unit_test(password_is_as_long_as_is_asked),
        cmocka_unit_test(what_everybody_chooses_is_refused),
        cmocka_unit_test(nothing_else_is_asked_of_a_password),
        cmocka_unit_test(each_listed_word_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
