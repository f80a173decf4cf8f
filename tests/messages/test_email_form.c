/* Claims about the normal form of e-mail addresses. */
#include "messages/email_form.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void assert_email(const char *sent, const char *normal)
{
    struct email email;
    assert_int_equal(email_normalise(text_of(sent), &email), STATUS_OK);
    assert_true(text_equals_string(email_text(&email), normal));
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
        struct email email = { .length = 99 };
        assert_int_equal(email_normalise(text_of(wrong[i]), &email), STATUS_INVALID_VALUE);
        assert_int_equal(email.length, 99);
    }
}

static void email_has_limits(void **state)
{
    (void)state;
    char long_local[80], long_whole[300];
    struct email email;
    memset(long_local, 'a', sizeof long_local);
    memcpy(long_local + 64, "@b.c", 5);
    assert_int_equal(email_normalise(text_of(long_local), &email), STATUS_OK);
    memset(long_local, 'a', sizeof long_local);
    memcpy(long_local + 65, "@b.c", 5);
    assert_int_equal(email_normalise(text_of(long_local), &email), STATUS_INVALID_VALUE);
    memset(long_whole, 'a', sizeof long_whole);
    memcpy(long_whole, "a@", 2);
    for (size_t i = 62; i < sizeof long_whole; i += 60)
        long_whole[i] = '.';
    assert_int_equal(email_normalise((struct text){ long_whole, 254 }, &email), STATUS_OK);
    assert_int_equal(email_normalise((struct text){ long_whole, 255 }, &email),
                     STATUS_INVALID_VALUE);
    char long_label[80];
    memset(long_label, 'a', sizeof long_label);
    memcpy(long_label, "a@b.", 4);
    assert_int_equal(email_normalise((struct text){ long_label, 4 + 63 }, &email), STATUS_OK);
    assert_int_equal(email_normalise((struct text){ long_label, 4 + 64 }, &email),
                     STATUS_INVALID_VALUE);
}

int main(int count, char **arguments)
{
    if (count > 1) cmocka_set_test_filter(arguments[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(email_is_trimmed_and_lowered),
        cmocka_unit_test(email_without_its_parts_is_refused),
        cmocka_unit_test(email_has_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
