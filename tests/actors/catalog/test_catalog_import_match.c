/* Claims about which variants of a file are known already. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_import_match.h"

static const struct text red[] = { { "Colour", 6 }, { "Red", 3 } };
static const struct text blue[] = { { "Colour", 6 }, { "Blue", 4 } };
static const struct text_pair pair_red = { { "Colour", 6 }, { "Red", 3 } };
static const struct text_pair pair_blue = { { "Colour", 6 }, { "Blue", 4 } };

static void variants_are_known_by_sku_before_options_before_place(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = {
        { .sku = TEXT("a"), .position = 0, .is_active = true, .options = red, .options_count = 2 },
        { .sku = TEXT("b"), .position = 1, .is_active = true, .options = blue, .options_count = 2 },
        { .position = 2, .is_active = true },
    };
    const struct catalog_imported_variant imported[] = {
        { .has_sku = true, .sku = TEXT("b"), .options = &pair_red, .options_count = 1 },
        { .has_sku = true, .sku = TEXT("new"), .options = &pair_red, .options_count = 1 },
        { .options = &pair_blue, .options_count = 1 },
    };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, 3, imported, 3, matches);
    assert_int_equal(matches[0], 1);
    assert_int_equal(matches[1], 0);
    assert_int_equal(matches[2], 2);
}

static void another_sku_at_the_same_place_is_another_variant(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = {
        { .sku = TEXT("a"), .is_active = true, .options = red, .options_count = 2 },
    };
    const struct catalog_imported_variant imported[] = {
        { .has_sku = true, .sku = TEXT("z"), .options = &pair_blue, .options_count = 1 },
    };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, 1, imported, 1, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
}

static void a_known_variant_is_matched_once(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = {
        { .sku = TEXT("a"), .is_active = true, .options = red, .options_count = 2 },
    };
    const struct catalog_imported_variant imported[] = {
        { .has_sku = true, .sku = TEXT("a"), .options = &pair_blue, .options_count = 1 },
        { .has_sku = true, .sku = TEXT("a"), .options = &pair_red, .options_count = 1 },
    };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, 1, imported, 2, matches);
    assert_int_equal(matches[0], 0);
    assert_int_equal(matches[1], CATALOG_NO_MATCH);
}

static void a_weak_match_takes_nothing_from_a_strong_one(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = {
        { .sku = TEXT("a"), .position = 0, .is_active = true },
    };
    const struct catalog_imported_variant imported[] = {
        { .options = &pair_red, .options_count = 1 }, /* at its place */
        { .has_sku = true, .sku = TEXT("a"), .options = &pair_blue, .options_count = 1 },
    };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, 1, imported, 2, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
    assert_int_equal(matches[1], 0);
}

static void a_variant_that_was_left_out_comes_back_by_sku_or_options_only(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = {
        { .position = 0, .options = red, .options_count = 2 },
        { .sku = TEXT("b"), .position = 1 },
        { .position = 2 },
    };
    const struct catalog_imported_variant imported[] = {
        { .options = &pair_red, .options_count = 1 },
        { .has_sku = true, .sku = TEXT("b"), .options = &pair_blue, .options_count = 1 },
        { .options = &pair_blue, .options_count = 1 },
    };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, 3, imported, 3, matches);
    assert_int_equal(matches[0], 0);
    assert_int_equal(matches[1], 1);
    assert_int_equal(matches[2], CATALOG_NO_MATCH);
}

static void an_empty_sku_is_none(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = {
        { .position = 5, .is_active = true, .options = red, .options_count = 2 },
    };
    const struct catalog_imported_variant imported[] = {
        { .has_sku = true, .sku = TEXT(""), .options = &pair_blue, .options_count = 1 },
    };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, 1, imported, 1, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
}

static void options_must_be_the_same_in_name_and_value(void **state)
{
    (void)state;
    static const struct text_pair shade = { { "Shade", 5 }, { "Red", 3 } };
    const struct catalog_known_variant known[] = {
        { .position = 5, .is_active = true, .options = red, .options_count = 2 },
    };
    const struct catalog_imported_variant imported[] = {
        { .options = &shade, .options_count = 1 },
        { .options = &pair_blue, .options_count = 1 },
        { .options_count = 0 },
    };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, 1, imported, 3, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
    assert_int_equal(matches[1], CATALOG_NO_MATCH);
    assert_int_equal(matches[2], CATALOG_NO_MATCH);
}

static void nothing_known_matches_nothing(void **state)
{
    (void)state;
    const struct catalog_imported_variant imported[] = { { .options_count = 0 } };
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(NULL, 0, imported, 1, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_are_known_by_sku_before_options_before_place),
        cmocka_unit_test(another_sku_at_the_same_place_is_another_variant),
        cmocka_unit_test(a_known_variant_is_matched_once),
        cmocka_unit_test(a_weak_match_takes_nothing_from_a_strong_one),
        cmocka_unit_test(a_variant_that_was_left_out_comes_back_by_sku_or_options_only),
        cmocka_unit_test(an_empty_sku_is_none),
        cmocka_unit_test(options_must_be_the_same_in_name_and_value),
        cmocka_unit_test(nothing_known_matches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
