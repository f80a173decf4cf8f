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
    assert_true(plain_text_is_postal(TEXT("a\xe2\x80\x8c b")));
    assert_false(plain_text_is_postal(TEXT("a\nb")));
    assert_false(plain_text_is_postal(TEXT("a\xe2\x80\x8b")));
    assert_false(plain_text_is_postal(TEXT("\xe3\x85\xa4")));
    assert_false(plain_text_is_block(TEXT("\x1b[31m")));
    assert_false(plain_text_is_block(TEXT("\xe2\x80\xae")));
}

static void letters_of_every_script_are_plain(void **state)
{
    (void)state;
    static const char *const plain[] = { "",
                                         "Gr\xc3\xbc\xc3\x9f 1",
                                         "\xe6\x9d\xb1\xe4\xba\xac",
                                         "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
                                         "\xf0\x9f\x8f\xa0",
                                         "\xc2\xa0",
                                         "O'Neil <b> & \"co\"" };
    for (size_t i = 0; i < ARRAY_LENGTH(plain); i++)
        assert_true(plain_text_is_line(text_of(plain[i])));
}

static void what_only_machines_see_is_not_plain(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "a\nb",         "a\r\nBcc: x@y.z",   "\t",           "\x7f", "\xc2\x85",
        "\xe2\x80\xa8", "\xe2\x80\xae kcab", "\xe2\x81\xa6", "\xff"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(plain_text_is_line(text_of(wrong[i])));
    assert_false(plain_text_is_line((struct text){ "a\0b", 3 }));
}

static void what_cannot_be_read_is_no_name_and_no_reason(void **state)
{
    (void)state;
    static const char *const blank[] = { "", " ", " \u00a0", "\u3000", "\u2003\u202f", "\u2800" };
    for (size_t i = 0; i < ARRAY_LENGTH(blank); i++) {
        assert_true(plain_text_is_blank(text_of(blank[i])));
        assert_false(plain_text_is_name(text_of(blank[i])));
        assert_false(plain_text_is_reason(text_of(blank[i])));
    }
    static const char *const hidden[] = { "a\u00adb", "a\u061cb", "a\u180eb",
                                          "a\u2065b", "a\u206fb", "\u3164",
                                          "\uffa0",   "a\ufff9b", "a\U000e0041" };
    for (size_t i = 0; i < ARRAY_LENGTH(hidden); i++)
        assert_false(plain_text_is_name(text_of(hidden[i])));
    assert_true(plain_text_is_name(TEXT("Žofie Ødegård 山田")));
    assert_true(plain_text_is_name(TEXT("a\u3000b")));
    assert_true(plain_text_is_reason(TEXT("co\u00adop\n\U0001f3f4\U000e0067\U000e007f")));
    assert_false(plain_text_is_reason(TEXT("\n\t")));
    assert_false(plain_text_is_reason(TEXT("a\u061cb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_all_scripts_are_plain),
        cmocka_unit_test(letters_of_every_script_are_plain),
        cmocka_unit_test(what_cannot_be_read_is_no_name_and_no_reason),
        cmocka_unit_test(what_only_machines_see_is_not_plain),
        cmocka_unit_test(what_hides_or_turns_is_not),
        cmocka_unit_test(blocks_have_lines_and_joiners_but_no_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
