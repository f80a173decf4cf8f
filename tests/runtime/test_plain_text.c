/* Claims about text that people write. */
#include "tests/support/cmocka.h"

#include "runtime/plain_text.h"

static void names_of_all_scripts_are_plain(void **state)
{
    (void)state;
    assert_true(plain_text_is_line(TEXT("Café Müller & Søn")));
    assert_true(plain_text_is_line(TEXT("東京 🍎")));
    assert_true(plain_text_is_line(TEXT("")));
    assert_true(plain_text_is_line(TEXT("<b>bold</b>")));
}

static void what_hides_or_turns_is_not(void **state)
{
    static const char *const hidden[] = {
        "a\nb",         "a\tb",         "a\x7f",         "\xc2\x85",     "\xe2\x80\x8b",
        "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xae",  "\xe2\x81\xa0", "\xe2\x81\xa6",
        "\xe2\x81\xa9", "\xef\xbb\xbf", "bad \xff utf8", "\xed\xa0\x80",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(hidden); i++)
        assert_false(plain_text_is_line(text_of(hidden[i])));
}

static void blocks_have_lines_and_joiners_but_no_controls(void **state)
{
    (void)state;
    assert_true(plain_text_is_block(TEXT("one\r\n\ttwo\n")));
    assert_true(plain_text_is_block(TEXT("\xe2\x80\x8d")));
    assert_false(plain_text_is_line(TEXT("\xe2\x80\x8d")));
    assert_false(plain_text_is_block(TEXT("\x1b[31m")));
    assert_false(plain_text_is_block(TEXT("\xe2\x80\xae")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_all_scripts_are_plain),
        cmocka_unit_test(what_hides_or_turns_is_not),
        cmocka_unit_test(blocks_have_lines_and_joiners_but_no_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
