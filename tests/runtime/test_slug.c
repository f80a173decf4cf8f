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
GIVES(letters_beyond_ascii_are_dashes, "Caf\xc3\xa9 noir", 80, "caf-noir")
GIVES(nothing_is_left_of_another_script, "\xe6\x9d\xb1\xe4\xba\xac", 80, "")
GIVES(slug_is_cut, "abcdef", 3, "abc")
GIVES(slug_is_not_cut_behind_a_dash, "ab cdef", 3, "ab")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_joined_by_dashes),
        cmocka_unit_test(digits_stay),
        cmocka_unit_test(dashes_do_not_follow_each_other),
        cmocka_unit_test(no_dash_stands_at_an_end),
        cmocka_unit_test(letters_beyond_ascii_are_dashes),
        cmocka_unit_test(nothing_is_left_of_another_script),
        cmocka_unit_test(slug_is_cut),
        cmocka_unit_test(slug_is_not_cut_behind_a_dash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
