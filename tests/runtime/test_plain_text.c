/* Claims about text that people write: what others could not see, or would read wrongly, is not in
 * it. */
#include "tests/support/cmocka.h"

#include "runtime/plain_text.h"

/* One claim about one text. */
#define HOLDS(name, predicate, text)                                                               \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_true(predicate(TEXT(text)));                                                        \
    }
#define FAILS(name, predicate, text)                                                               \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_false(predicate(TEXT(text)));                                                       \
    }

/* ---- lines ---- */

HOLDS(nothing_is_a_line, plain_text_is_line, "")
HOLDS(latin_is_a_line, plain_text_is_line, "Café Müller & Søn")
HOLDS(kanji_and_emoji_are_a_line, plain_text_is_line, "東京 🍎")
HOLDS(hebrew_is_a_line, plain_text_is_line, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d")
HOLDS(hard_space_is_in_lines, plain_text_is_line, "\xc2\xa0")
HOLDS(markup_is_only_text, plain_text_is_line, "O'Neil <b> & \"co\"")
FAILS(line_end_is_not_in_a_line, plain_text_is_line, "a\nb")
FAILS(header_cannot_be_smuggled, plain_text_is_line, "a\r\nBcc: x@y.z")
FAILS(tabulator_is_not_in_a_line, plain_text_is_line, "a\tb")
FAILS(delete_is_not_in_a_line, plain_text_is_line, "a\x7f")
FAILS(nul_is_not_in_a_line, plain_text_is_line, "a\0b")
FAILS(next_line_is_not_in_a_line, plain_text_is_line, "\xc2\x85")
FAILS(space_without_width_is_not_in_a_line, plain_text_is_line, "\xe2\x80\x8b")
FAILS(mark_of_direction_is_not_in_a_line, plain_text_is_line, "\xe2\x80\x8f")
FAILS(line_separator_is_not_in_a_line, plain_text_is_line, "\xe2\x80\xa8")
FAILS(override_of_direction_is_not_in_a_line, plain_text_is_line, "\xe2\x80\xae kcab")
FAILS(word_joiner_is_not_in_a_line, plain_text_is_line, "\xe2\x81\xa0")
FAILS(isolate_of_direction_is_not_in_a_line, plain_text_is_line, "\xe2\x81\xa6")
FAILS(end_of_an_isolate_is_not_in_a_line, plain_text_is_line, "\xe2\x81\xa9")
FAILS(byte_order_mark_is_not_in_a_line, plain_text_is_line, "\xef\xbb\xbf")
FAILS(broken_utf8_is_not_a_line, plain_text_is_line, "bad \xff utf8")
FAILS(surrogate_is_not_a_line, plain_text_is_line, "\xed\xa0\x80")
FAILS(joiner_is_not_in_a_line, plain_text_is_line, "\xe2\x80\x8d")

/* ---- blocks ---- */

HOLDS(block_has_lines_and_tabulators, plain_text_is_block, "one\r\n\ttwo\n")
HOLDS(block_has_joiners, plain_text_is_block, "\xe2\x80\x8d")
FAILS(block_has_no_escapes_of_terminals, plain_text_is_block, "\x1b[31m")
FAILS(block_has_no_override_of_direction, plain_text_is_block, "\xe2\x80\xae")

/* ---- addresses ---- */

HOLDS(address_has_joiners, plain_text_is_postal, "a\xe2\x80\x8c b")
FAILS(address_has_no_line_ends, plain_text_is_postal, "a\nb")
FAILS(address_has_no_space_without_width, plain_text_is_postal, "a\xe2\x80\x8b")
FAILS(address_has_no_fillers, plain_text_is_postal, "\xe3\x85\xa4")

/* ---- names and reasons ---- */

HOLDS(nothing_is_blank, plain_text_is_blank, "")
HOLDS(spaces_are_blank, plain_text_is_blank, " ")
HOLDS(hard_space_is_blank, plain_text_is_blank, " \u00a0")
HOLDS(ideographic_space_is_blank, plain_text_is_blank, "\u3000")
HOLDS(narrow_spaces_are_blank, plain_text_is_blank, "\u2003\u202f")
HOLDS(empty_cell_of_braille_is_blank, plain_text_is_blank, "\u2800")
FAILS(letter_is_not_blank, plain_text_is_blank, " a ")
HOLDS(name_is_of_any_script, plain_text_is_name, "Žofie Ødegård 山田")
HOLDS(name_may_have_an_ideographic_space, plain_text_is_name, "a\u3000b")
FAILS(nothing_is_no_name, plain_text_is_name, "")
FAILS(blank_is_no_name, plain_text_is_name, "\u2003\u202f")
FAILS(name_has_no_soft_hyphen, plain_text_is_name, "a\u00adb")
FAILS(name_has_no_arabic_letter_mark, plain_text_is_name, "a\u061cb")
FAILS(name_has_no_mongolian_separator, plain_text_is_name, "a\u180eb")
FAILS(name_has_no_unassigned_format, plain_text_is_name, "a\u2065b")
FAILS(name_has_no_nominal_digit_shapes, plain_text_is_name, "a\u206fb")
FAILS(filler_is_no_name, plain_text_is_name, "\u3164")
FAILS(half_width_filler_is_no_name, plain_text_is_name, "\uffa0")
FAILS(name_has_no_annotation, plain_text_is_name, "a\ufff9b")
FAILS(name_has_no_tags, plain_text_is_name, "a\U000e0041")
HOLDS(reason_may_have_hyphens_and_flags, plain_text_is_reason,
      "co\u00adop\n\U0001f3f4\U000e0067\U000e007f")
FAILS(blank_lines_are_no_reason, plain_text_is_reason, "\n\t")
FAILS(nothing_is_no_reason, plain_text_is_reason, "")
FAILS(reason_has_no_marks_of_direction, plain_text_is_reason, "a\u061cb")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_a_line),
        cmocka_unit_test(latin_is_a_line),
        cmocka_unit_test(kanji_and_emoji_are_a_line),
        cmocka_unit_test(hebrew_is_a_line),
        cmocka_unit_test(hard_space_is_in_lines),
        cmocka_unit_test(markup_is_only_text),
        cmocka_unit_test(line_end_is_not_in_a_line),
        cmocka_unit_test(header_cannot_be_smuggled),
        cmocka_unit_test(tabulator_is_not_in_a_line),
        cmocka_unit_test(delete_is_not_in_a_line),
        cmocka_unit_test(nul_is_not_in_a_line),
        cmocka_unit_test(next_line_is_not_in_a_line),
        cmocka_unit_test(space_without_width_is_not_in_a_line),
        cmocka_unit_test(mark_of_direction_is_not_in_a_line),
        cmocka_unit_test(line_separator_is_not_in_a_line),
        cmocka_unit_test(override_of_direction_is_not_in_a_line),
        cmocka_unit_test(word_joiner_is_not_in_a_line),
        cmocka_unit_test(isolate_of_direction_is_not_in_a_line),
        cmocka_unit_test(end_of_an_isolate_is_not_in_a_line),
        cmocka_unit_test(byte_order_mark_is_not_in_a_line),
        cmocka_unit_test(broken_utf8_is_not_a_line),
        cmocka_unit_test(surrogate_is_not_a_line),
        cmocka_unit_test(joiner_is_not_in_a_line),
        cmocka_unit_test(block_has_lines_and_tabulators),
        cmocka_unit_test(block_has_joiners),
        cmocka_unit_test(block_has_no_escapes_of_terminals),
        cmocka_unit_test(block_has_no_override_of_direction),
        cmocka_unit_test(address_has_joiners),
        cmocka_unit_test(address_has_no_line_ends),
        cmocka_unit_test(address_has_no_space_without_width),
        cmocka_unit_test(address_has_no_fillers),
        cmocka_unit_test(nothing_is_blank),
        cmocka_unit_test(spaces_are_blank),
        cmocka_unit_test(hard_space_is_blank),
        cmocka_unit_test(ideographic_space_is_blank),
        cmocka_unit_test(narrow_spaces_are_blank),
        cmocka_unit_test(empty_cell_of_braille_is_blank),
        cmocka_unit_test(letter_is_not_blank),
        cmocka_unit_test(name_is_of_any_script),
        cmocka_unit_test(name_may_have_an_ideographic_space),
        cmocka_unit_test(nothing_is_no_name),
        cmocka_unit_test(blank_is_no_name),
        cmocka_unit_test(name_has_no_soft_hyphen),
        cmocka_unit_test(name_has_no_arabic_letter_mark),
        cmocka_unit_test(name_has_no_mongolian_separator),
        cmocka_unit_test(name_has_no_unassigned_format),
        cmocka_unit_test(name_has_no_nominal_digit_shapes),
        cmocka_unit_test(filler_is_no_name),
        cmocka_unit_test(half_width_filler_is_no_name),
        cmocka_unit_test(name_has_no_annotation),
        cmocka_unit_test(name_has_no_tags),
        cmocka_unit_test(reason_may_have_hyphens_and_flags),
        cmocka_unit_test(blank_lines_are_no_reason),
        cmocka_unit_test(nothing_is_no_reason),
        cmocka_unit_test(reason_has_no_marks_of_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
