/* Claims about names as parts of addresses. */
#include "runtime/slug.h"
#include "tests/support/cmocka.h"

#define GIVES(name, from, max, to)                                                                 \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        CLEANUP(arena_destroy) struct arena *arena = arena_new(256);                               \
        assert_text_equal(slug_of_text(arena, TEXT(from), max), TEXT(to));                         \
    }

GIVES(words_are_joined_by_dashes, "Red Chair, XL", 80, "red-chair-xl")
GIVES(digits_stay, "Lamp 42", 80, "lamp-42")
GIVES(dashes_do_not_follow_each_other, "a - -- b", 80, "a-b")
GIVES(no_dash_stands_at_an_end, " -a- ", 80, "a")
GIVES(accents_are_lost, "Café noir", 80, "cafe-noir")
GIVES(either_normal_form_gives_the_same, "Cafe\xcc\x81 noir", 80, "cafe-noir")
GIVES(latin_letters_are_spelt_in_ascii, "Käsebrett groß, Æbleskiver Øl Łódź", 80,
      "kasebrett-gross-aebleskiver-ol-lodz")
GIVES(other_scripts_keep_their_letters, "日本語 テーブルランプ", 80, "日本語-テーブルランプ")
GIVES(letters_with_parts_stay_whole, "Настольный Йод", 80, "настольный-йод")
GIVES(vowel_signs_stay, "हिन्दी", 80, "हिन्दी")
GIVES(wide_letters_are_the_usual_ones, "ＡＢＣ １２", 80, "abc-12")
GIVES(signs_only_are_their_numbers, "★ ☆", 80, "2605-20-2606")
GIVES(nothing_gives_nothing, "", 80, "")
GIVES(slug_is_cut, "abcdefgh", 7, "abcdefg")
GIVES(slug_is_not_cut_behind_a_dash, "abcdef ghi", 7, "abcdef")
GIVES(slug_is_cut_between_characters, "日本語", 8, "日本")
GIVES(one_sign_that_becomes_a_sentence_fits, "\xef\xb7\xba", 7, "صلى")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_joined_by_dashes),
        cmocka_unit_test(digits_stay),
        cmocka_unit_test(dashes_do_not_follow_each_other),
        cmocka_unit_test(no_dash_stands_at_an_end),
        cmocka_unit_test(accents_are_lost),
        cmocka_unit_test(either_normal_form_gives_the_same),
        cmocka_unit_test(latin_letters_are_spelt_in_ascii),
        cmocka_unit_test(other_scripts_keep_their_letters),
        cmocka_unit_test(letters_with_parts_stay_whole),
        cmocka_unit_test(vowel_signs_stay),
        cmocka_unit_test(wide_letters_are_the_usual_ones),
        cmocka_unit_test(signs_only_are_their_numbers),
        cmocka_unit_test(nothing_gives_nothing),
        cmocka_unit_test(slug_is_cut),
        cmocka_unit_test(slug_is_not_cut_behind_a_dash),
        cmocka_unit_test(slug_is_cut_between_characters),
        cmocka_unit_test(one_sign_that_becomes_a_sentence_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
