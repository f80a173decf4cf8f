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

static void names_of_erased_accounts_are_nobodys_to_take(void **state)
{
    (void)state;
    struct user_name name;
    assert_int_equal(user_normalise_name(TEXT("Erased-01h455vb4pex5vsknk084sn02q"), &name),
                     STATUS_INVALID_VALUE);
    assert_int_equal(user_normalise_name(TEXT("erased"), &name), STATUS_OK);
}

static bool is_reserved(const char *text)
{
    struct user_name name;
    assert_int_equal(user_normalise_name(text_of(text), &name), STATUS_OK);
    return user_name_is_reserved(&name, TEXT("Souk & Co."));
}

static void names_that_speak_for_the_market_are_nobodys(void **state)
{
    (void)state;
    static const char *const reserved[] = { "admin",    "Admin",   "a.d.m.i.n", "adm1n",    "r00t",
                                            "no-reply", "souk-co", "S0ukCo",    "-support-" };
    static const char *const free_names[] = { "adminton", "rooty", "souk", "soukcow", "shopper" };
    for (size_t i = 0; i < ARRAY_LENGTH(reserved); i++)
        assert_true(is_reserved(reserved[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(free_names); i++)
        assert_false(is_reserved(free_names[i]));
}

static void names_of_look_alike_letters_are_refused(void **state)
{
    (void)state;
    struct user_name name;
    static const char *const wrong[] = { "\320\260da1",     "ada\xe2\x80\x8b", "ada\xe2\x80\xae",
                                         "ada\xef\xbb\xbf", "\357\275\201da",  "ada\x7f" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(user_normalise_name(text_of(wrong[i]), &name), STATUS_INVALID_VALUE);
}

static void suggested_names_are_names(void **state)
{
    (void)state;
    static const char *const wishes[][2] = {
        { "Ada Lovelace", "ada.lovelace" },
        { "  Ada . L ", "ada.l" },
        { "ada@corp.example", "ada" },
        { "Ad\xc3\xa4 M\xc3\xbcller", "ad.mller" },
        { "", "shopper" },
        { "\xe9\x9b\xaa", "shopper" },
        { "a", "shopper" },
        { "....", "shopper" },
        { "erased-1", "shopper" },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wishes); i++) {
        struct user_name name;
        user_suggest_name(text_of(wishes[i][0]), &name);
        assert_text_equal(user_name_text(&name), text_of(wishes[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_speak_for_the_market_are_nobodys),
        cmocka_unit_test(user_name_is_compared_in_lower_case),
        cmocka_unit_test(user_name_of_other_characters_or_length_is_refused),
        cmocka_unit_test(names_of_erased_accounts_are_nobodys_to_take),
        cmocka_unit_test(names_of_look_alike_letters_are_refused),
        cmocka_unit_test(suggested_names_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
