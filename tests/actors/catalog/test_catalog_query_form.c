/* Claims about searches as text. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_query_form.h"

static void assert_form(struct arena *arena, const char *query, const char *form)
{
    const struct text made = catalog_query_form(arena, text_of(query));
    if (!text_equals_string(made, form)) fail_msg("%s: %.*s", query, (int)made.length, made.data);
}

static void case_accents_and_blanks_make_no_other_search(void **state)
{
    assert_form(*state, "Café", "cafe");
    assert_form(*state, "Cafe\xcc\x81", "cafe"); /* the accent as a character of its own */
    assert_form(*state, "  Red \t  Chair ", "red chair");
    assert_form(*state, "STRASSE", "strasse");
    assert_form(*state, "straße", "strasse");
    assert_form(*state, "ＵＳＢ", "usb"); /* of full width */
}

static void nothing_readable_is_no_search(void **state)
{
    assert_form(*state, "", "");
    assert_form(*state, "  \t ", "");
    assert_form(*state, "\xcc\x81", "");
    const struct text broken = { "\xff\xfe", 2 };
    assert_int_equal(catalog_query_form(*state, broken).length, 0);
}

static void attributes_are_read_as_written(void **state)
{
    const struct search_attribute *attributes;
    size_t count;
    assert_int_equal(
        catalog_query_read_attributes(
            *state, TEXT("Size:M, Size:L,Colour:Light\\, blue,Ratio:4\\:3"), &attributes, &count),
        STATUS_OK);
    assert_int_equal(count, 4);
    assert_true(text_equals_string(attributes[1].name, "Size"));
    assert_true(text_equals_string(attributes[1].value, "L"));
    assert_true(text_equals_string(attributes[2].value, "Light, blue"));
    assert_true(text_equals_string(attributes[3].value, "4:3"));
}

static void a_value_may_have_a_colon(void **state)
{
    const struct search_attribute *attributes;
    size_t count;
    assert_int_equal(catalog_query_read_attributes(*state, TEXT("Ratio:4:3"), &attributes, &count),
                     STATUS_OK);
    assert_int_equal(count, 1);
    assert_true(text_equals_string(attributes[0].value, "4:3"));
}

static void what_is_no_list_of_attributes_is_refused(void **state)
{
    static const char *const texts[] = {
        "",       "Size",      "Size:",    ":M", "Size:M,", ",",
        "Size: ", "Size:M,,x", "Size:M\\", "\\", "a\\:b",   "a:b,c"
    };
    const struct search_attribute *attributes;
    size_t count;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (catalog_query_read_attributes(*state, text_of(texts[i]), &attributes, &count) ==
            STATUS_OK)
            fail_msg("taken: %s", texts[i]);
    }
}

static void more_attributes_than_a_search_has_are_refused(void **state)
{
    struct text_builder text;
    const struct search_attribute *attributes;
    size_t count;
    text_builder_init(&text, *state, 1000);
    for (size_t i = 0; i < SEARCH_FILTER_ATTRIBUTES_MAX; i++)
        text_builder_add(&text, i == 0 ? TEXT("a:b") : TEXT(",a:b"));
    assert_int_equal(
        catalog_query_read_attributes(*state, text_builder_view(&text), &attributes, &count),
        STATUS_OK);
    text_builder_add(&text, TEXT(",a:b"));
    assert_int_equal(
        catalog_query_read_attributes(*state, text_builder_view(&text), &attributes, &count),
        STATUS_INVALID_PARAMETER);
}

static void what_may_name_somebody_is_not_kept(void **state)
{
    (void)state;
    assert_true(catalog_query_is_nobodys(TEXT("green tea 250 g")));
    assert_false(catalog_query_is_nobodys(TEXT("")));
    assert_false(catalog_query_is_nobodys(TEXT("anna@example.com")));
    assert_false(catalog_query_is_nobodys(TEXT("+49 170 1234567")));
}

static int make_arena(void **state)
{
    *state = arena_new(4096);
    return 0;
}

static int drop_arena(void **state)
{
    struct arena *arena = *state;
    arena_destroy(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_accents_and_blanks_make_no_other_search),
        cmocka_unit_test(nothing_readable_is_no_search),
        cmocka_unit_test(attributes_are_read_as_written),
        cmocka_unit_test(a_value_may_have_a_colon),
        cmocka_unit_test(what_is_no_list_of_attributes_is_refused),
        cmocka_unit_test(more_attributes_than_a_search_has_are_refused),
        cmocka_unit_test(what_may_name_somebody_is_not_kept),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
