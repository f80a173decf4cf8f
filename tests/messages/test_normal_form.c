/* Which texts are one, and which are not. */
#include "messages/normal_form.h"

#include "tests/support/cmocka.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(1024);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void composed_and_taken_apart_letters_are_one_form(void **state)
{
    (void)state;
    assert_text_equal(normal_form(arena, TEXT("Cafe\xCC\x81")), TEXT("Caf\xC3\xA9"));
    assert_text_equal(normal_form(arena, TEXT("Caf\xC3\xA9")), TEXT("Caf\xC3\xA9"));
    assert_text_equal(normal_form(arena, TEXT("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB")),
                      TEXT("\xED\x95\x9C")); /* Hangul */
    assert_text_equal(normal_form(arena, TEXT("plain")), TEXT("plain"));
    assert_text_equal(normal_form(arena, TEXT("")), TEXT(""));
}

static void letters_that_are_taken_apart_the_furthest_have_room(void **state)
{
    (void)state;
    /* U+1F82 is four characters, and composed again. */
    assert_text_equal(normal_form(arena, TEXT("\xE1\xBE\x82\xE1\xBE\x82")),
                      TEXT("\xE1\xBE\x82\xE1\xBE\x82"));
    /* U+1D160 stays taken apart: three of four bytes each. */
    assert_int_equal(normal_form(arena, TEXT("\xF0\x9D\x85\xA0")).length, 12);
}

static void what_is_no_utf8_stays_as_it_is(void **state)
{
    (void)state;
    assert_text_equal(normal_form(arena, TEXT("F\xFF")), TEXT("F\xFF"));
    assert_text_equal(normal_key(arena, TEXT("F\xFF")), TEXT("F\xFF"));
}

static void names_that_differ_in_case_or_spaces_are_one(void **state)
{
    (void)state;
    assert_true(normal_keys_are_same(arena, TEXT("M\xC3\xBCller"), TEXT("MU\xCC\x88LLER")));
    assert_true(normal_keys_are_same(arena, TEXT(" Try  Goods "), TEXT("try goods")));
    assert_true(normal_keys_are_same(arena, TEXT("Try\xC2\xA0Goods"), TEXT("Try Goods")));
    assert_true(normal_keys_are_same(arena, TEXT("\xD0\x9B\xD0\x90\xD0\x9C\xD0\x9F\xD0\x90"),
                                     TEXT("\xD0\xBB\xD0\xB0\xD0\xBC\xD0\xBF\xD0\xB0")));
}

static void names_that_differ_in_accents_or_signs_are_two(void **state)
{
    (void)state;
    assert_false(normal_keys_are_same(arena, TEXT("M\xC3\xBCller"), TEXT("Muller")));
    assert_false(normal_keys_are_same(arena, TEXT("A-1"), TEXT("A1")));
    assert_false(normal_keys_are_same(arena,
                                      TEXT("Stra\xC3\x9F"
                                           "e"),
                                      TEXT("Strasse")));
    assert_false(normal_keys_are_same(arena, TEXT("a b"), TEXT("ab")));
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(composed_and_taken_apart_letters_are_one_form),
        CLAIM(letters_that_are_taken_apart_the_furthest_have_room),
        CLAIM(what_is_no_utf8_stays_as_it_is),
        CLAIM(names_that_differ_in_case_or_spaces_are_one),
        CLAIM(names_that_differ_in_accents_or_signs_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
