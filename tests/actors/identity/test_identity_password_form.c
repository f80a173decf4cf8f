/* Claims about the form of passwords that is hashed: which typings are the same, and what has none.
 */
#include "actors/identity/identity_password_form.h"

#include "tests/support/cmocka.h"

static struct arena *arena;

static struct text form_of(const char *password)
{
    struct text form;
    assert_int_equal(identity_password_form(arena, text_of(password), &form), STATUS_OK);
    return form;
}

static void the_same_words_of_another_keyboard_are_the_same_password(void **state)
{
    (void)state;
    /* An e with its accent, and an e followed by an accent. */
    assert_text_equal(form_of("caf\xc3\xa9 au lait"), form_of("cafe\xcc\x81 au lait"));
    assert_text_equal(form_of("cafe\xcc\x81"), TEXT("caf\xc3\xa9"));
    /* Hangul in syllables and in letters; the sign of the angstrom and the letter. */
    assert_text_equal(form_of("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), TEXT("\xed\x95\x9c"));
    assert_text_equal(form_of("\xe2\x84\xab"), TEXT("\xc3\x85"));
}

static void spaces_of_all_scripts_are_one(void **state)
{
    (void)state;
    assert_text_equal(form_of("a\xc2\xa0"
                              "b\xe3\x80\x80"
                              "c\xe2\x80\x83"),
                      TEXT("a b c "));
}

static void nothing_else_is_changed(void **state)
{
    (void)state;
    static const char *const same[] = { "", " Correct  Horse ", "\xef\xbc\xa1\xef\xac\x81",
                                        "pa\xe2\x80\x8dss", "\xf0\x9f\x94\x91\xf0\x9f\x94\x91" };
    for (size_t i = 0; i < ARRAY_LENGTH(same); i++)
        assert_text_equal(form_of(same[i]), text_of(same[i]));
}

static void controls_and_what_is_no_text_have_no_form(void **state)
{
    (void)state;
    static const char *const none[] = { "a\tb",
                                        "a\nb",
                                        "a\x7f"
                                        "b",
                                        "a\xc2\x85"
                                        "b",
                                        "\xff\xfe",
                                        "\xc3",
                                        "\xed\xa0\x80" };
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++) {
        struct text form;
        assert_int_equal(identity_password_form(arena, text_of(none[i]), &form),
                         STATUS_INVALID_VALUE);
        assert_text_equal(form, text_of(none[i])); /* hashes of before are still compared with */
    }
}

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_words_of_another_keyboard_are_the_same_password),
        cmocka_unit_test(spaces_of_all_scripts_are_one),
        cmocka_unit_test(nothing_else_is_changed),
        cmocka_unit_test(controls_and_what_is_no_text_have_no_form),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
