/* Claims about values of attributes. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_attribute.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(65536);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* The value as it is kept; "refused" if it is none. */
static struct text read_as(enum catalog_attribute_type type, const char *value)
{
    static const struct text choices[] = { { "Red", 3 }, { "Sky blue", 8 } };
    const struct catalog_category_attribute attribute = {
        .type = type,
        .choices = choices,
        .choices_count = type == CATALOG_ATTRIBUTE_TYPE_CHOICE ? 2 : 0,
    };
    struct text kept = TEXT("refused");
    (void)catalog_attribute_read(arena, &attribute, text_of(value), &kept);
    return kept;
}

static void assert_number(const char *value, const char *kept)
{
    assert_true(text_equals_string(read_as(CATALOG_ATTRIBUTE_TYPE_NUMBER, value), kept));
}

static void numbers_are_kept_in_their_shortest_form(void **state)
{
    (void)state;
    assert_number("1", "1");
    assert_number("01.50", "1.5");
    assert_number(" 2.000000 ", "2");
    assert_number("-0", "0");
    assert_number("-0.0", "0");
    assert_number("-0.5", "-0.5");
    assert_number("000", "0");
    assert_number("999999999999.999999", "999999999999.999999");
}

static void what_only_programs_take_for_a_number_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "-",        ".",     "1.",    ".5",  "1,5",
        "1e9",       "0x10",     "NaN",   "nan",   "inf", "-Infinity",
        "+1",        "--1",      "1 000", "1.5.2", "ten", "1000000000000",
        "0.0000001", "\xd9\xa1", "1 kg"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_number(bad[i], "refused");
}

static void choices_are_kept_as_they_are_written(void **state)
{
    (void)state;
    const enum catalog_attribute_type type = CATALOG_ATTRIBUTE_TYPE_CHOICE;
    assert_true(text_equals_string(read_as(type, "red"), "Red"));
    assert_true(text_equals_string(read_as(type, " SKY  BLUE "), "Sky blue"));
    assert_true(text_equals_string(read_as(type, "green"), "refused"));
    assert_true(text_equals_string(read_as(type, ""), "refused"));
}

static void booleans_are_true_or_false(void **state)
{
    (void)state;
    const enum catalog_attribute_type type = CATALOG_ATTRIBUTE_TYPE_BOOLEAN;
    assert_true(text_equals_string(read_as(type, "true"), "true"));
    assert_true(text_equals_string(read_as(type, "false"), "false"));
    assert_true(text_equals_string(read_as(type, "1"), "refused"));
    assert_true(text_equals_string(read_as(type, "yes"), "refused"));
}

static void texts_are_one_line_that_people_see(void **state)
{
    (void)state;
    const enum catalog_attribute_type type = CATALOG_ATTRIBUTE_TYPE_TEXT;
    assert_true(text_equals_string(read_as(type, " Solid oak "), "Solid oak"));
    assert_true(text_equals_string(read_as(type, "two\nlines"), "refused"));
    assert_true(text_equals_string(read_as(type, "\xe2\x80\x8b"), "refused"));
}

static void keys_are_plain_words(void **state)
{
    (void)state;
    static const char *const good[] = { "a", "colour", "weight_kg2",
                                        "abcdefghijklmnopqrstuvwxyz_abcdefghijklm" };
    static const char *const bad[] = { "",
                                       "Colour",
                                       "1st",
                                       "_a",
                                       "a b",
                                       "a-b",
                                       "a.b",
                                       "a/b",
                                       "a~b",
                                       "f\xc3\xa4rbe",
                                       "abcdefghijklmnopqrstuvwxyz_abcdefghijklmn",
                                       "a'",
                                       "\xf0\x9f\x98\x80",
                                       "a\n" };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(catalog_attribute_key_is_good(text_of(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(catalog_attribute_key_is_good(text_of(bad[i])));
}

static void choices_belong_to_a_choice_and_differ(void **state)
{
    (void)state;
    const struct text choices[] = { TEXT("Red"), TEXT("Blue"), TEXT("red") };
    const struct text empty[] = { TEXT("Red"), TEXT("") };
    const enum catalog_attribute_type choice = CATALOG_ATTRIBUTE_TYPE_CHOICE;
    size_t index;
    assert_null(catalog_attribute_choices_fault(arena, choice, choices, 2, &index));
    assert_non_null(catalog_attribute_choices_fault(arena, choice, choices, 3, &index));
    assert_int_equal(index, 2);
    assert_non_null(catalog_attribute_choices_fault(arena, choice, choices, 0, &index));
    assert_non_null(catalog_attribute_choices_fault(arena, choice, empty, 2, &index));
    assert_int_equal(index, 1);
    assert_non_null(
        catalog_attribute_choices_fault(arena, CATALOG_ATTRIBUTE_TYPE_NUMBER, choices, 1, &index));
    assert_null(
        catalog_attribute_choices_fault(arena, CATALOG_ATTRIBUTE_TYPE_TEXT, NULL, 0, &index));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_kept_in_their_shortest_form),
        cmocka_unit_test(what_only_programs_take_for_a_number_is_none),
        cmocka_unit_test(choices_are_kept_as_they_are_written),
        cmocka_unit_test(booleans_are_true_or_false),
        cmocka_unit_test(texts_are_one_line_that_people_see),
        cmocka_unit_test(keys_are_plain_words),
        cmocka_unit_test(choices_belong_to_a_choice_and_differ),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
