/* Claims about user names: no database, no host. */
#include "actors/user/user.h"

#include "tests/support/cmocka.h"

static void user_name_is_compared_in_lower_case(void **state)
{
    (void)state;
    struct user_name name;
    assert_int_equal(user_normalise_name(TEXT("Ada_L.0-9"), &name), STATUS_OK);
    assert_true(text_equals_string(user_name_text(&name), "ada_l.0-9"));
}

static void user_name_of_other_characters_or_length_is_refused(void **state)
{
    (void)state;
    struct user_name name;
    static const char *const wrong[] = {
        "", "ab", "a b", "ada!", "ad\xc3\xa4", "a@b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(user_normalise_name(text_of(wrong[i]), &name), STATUS_INVALID_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_name_is_compared_in_lower_case),
        cmocka_unit_test(user_name_of_other_characters_or_length_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
