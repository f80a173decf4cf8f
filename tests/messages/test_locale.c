/* Claims about the languages that people are written to in, and which one somebody asks for. */
#include "tests/support/cmocka.h"

#include "messages/locale.h"

static void assert_speaks(const char *expected, struct text spoken)
{
    char text[16] = "";
    assert_true(spoken.length < sizeof text);
    for (size_t i = 0; i < spoken.length; i++)
        text[i] = spoken.data[i];
    assert_string_equal(text, expected);
}

static void assert_preferred(const char *accept_language, const char *expected)
{
    assert_speaks(expected, locale_of_accept_language(text_of(accept_language)));
}

static void a_language_of_a_market_is_chosen_by_the_same_rules(void **state)
{
    (void)state;
    const struct text languages = TEXT("fr, de,it");
    size_t number;
    assert_speaks("de", locale_choose(languages, TEXT("en, de-CH;q=0.5, it;q=0.4")));
    assert_speaks("fr", locale_choose(languages, TEXT("de;q=0, *")));
    assert_speaks("fr", locale_choose(languages, (struct text){ 0 }));
    assert_speaks("it", locale_choose(languages, locale_choose(languages, TEXT("IT"))));
    assert_true(locale_is_among(languages, TEXT("de"), &number));
    assert_int_equal(number, 1);
    assert_false(locale_is_among(languages, TEXT("en"), &number));
    assert_false(locale_is_among(languages, TEXT("DE"), &number));
}

static void only_whole_names_are_known(void **state)
{
    (void)state;
    assert_true(locale_is_known(TEXT("en")));
    assert_true(locale_is_known(TEXT("de")));
    assert_false(locale_is_known(TEXT("")));
    assert_false(locale_is_known(TEXT("e")));
    assert_false(locale_is_known(TEXT("DE")));
    assert_false(locale_is_known(TEXT("de-AT")));
    assert_false(locale_is_known(TEXT("fr")));
    assert_false(locale_is_known(TEXT("../en")));
}

static void the_default_is_known(void **state)
{
    (void)state;
    assert_true(locale_is_known(locale_default()));
    assert_speaks("en", locale_default());
}

static void a_tag_asks_for_its_language_by_whole_subtags(void **state)
{
    (void)state;
    assert_speaks("de", locale_of_tag(TEXT("de")));
    assert_speaks("de", locale_of_tag(TEXT("DE-at")));
    assert_speaks("en", locale_of_tag(TEXT("den")));
    assert_speaks("en", locale_of_tag(TEXT("d")));
    assert_speaks("en", locale_of_tag(TEXT("fr-CH")));
    assert_speaks("en", locale_of_tag((struct text){ 0 }));
}

static void the_language_of_the_highest_weight_is_spoken(void **state)
{
    (void)state;
    assert_preferred("de", "de");
    assert_preferred("fr, de;q=0.5", "de");
    assert_preferred("en;q=0.4, de;q=0.5", "de");
    assert_preferred("de;q=0.4, en;q=0.5", "en");
    assert_preferred("en-GB,en;q=0.9,de;q=0.8", "en");
}

static void of_equal_weights_the_first_counts(void **state)
{
    (void)state;
    assert_preferred("de, en", "de");
    assert_preferred("en, de", "en");
    assert_preferred("de;q=0.5, en;q=0.5", "de");
}

static void a_language_of_weight_zero_is_not_spoken(void **state)
{
    (void)state;
    assert_preferred("de;q=0", "en");
    assert_preferred("de;q=0.000", "en");
    assert_preferred("de;q=0.001", "de");
}

static void what_is_not_known_or_cannot_be_read_is_passed_over(void **state)
{
    (void)state;
    assert_preferred("", "en");
    assert_preferred("*", "en");
    assert_preferred("de;q=x", "en");
    assert_preferred("de;q=9.99999", "en");
    assert_preferred("de;v=1", "en");
    assert_preferred(",;,;q=1,de ;q=1.000", "de");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_language_of_a_market_is_chosen_by_the_same_rules),
        cmocka_unit_test(only_whole_names_are_known),
        cmocka_unit_test(the_default_is_known),
        cmocka_unit_test(a_tag_asks_for_its_language_by_whole_subtags),
        cmocka_unit_test(the_language_of_the_highest_weight_is_spoken),
        cmocka_unit_test(of_equal_weights_the_first_counts),
        cmocka_unit_test(a_language_of_weight_zero_is_not_spoken),
        cmocka_unit_test(what_is_not_known_or_cannot_be_read_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
