/* Claims about what products say: in which fields two differ, and what an edit makes of a change.
 */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_content.h"

#define BIT(field) (1U << CATALOG_CONTENT_FIELD_##field)

static const struct text_pair red = { { "Colour", 6 }, { "red", 3 } };
static const struct text_pair blue = { { "Colour", 6 }, { "blue", 4 } };
static const struct catalog_content_options in_red[] = {
    { .variant_id = { { 1 } }, .options = &red, .options_count = 1 }
};
static const struct catalog_content_options in_blue[] = {
    { .variant_id = { { 1 } }, .options = &blue, .options_count = 1 }
};

static const struct catalog_content_barcode unnumbered = { .variant_id = { { 1 } } };
static const struct catalog_content_barcode numbered = { .variant_id = { { 1 } },
                                                         .barcode = { "036000291452", 12 } };
static const struct catalog_new_part cup = { .variant_id = { { 7 } }, .quantity = 2 };
static const struct catalog_content_parts of_nothing = { .variant_id = { { 1 } } };
static const struct catalog_content_parts of_cups = { .variant_id = { { 1 } },
                                                      .parts = &cup,
                                                      .parts_count = 1 };

static struct catalog_product_content plain(void)
{
    return (struct catalog_product_content){ .name = TEXT("Chair"),
                                             .description = TEXT("Of oak."),
                                             .category = { .id = { { 1 } }, .path = TEXT("Home") },
                                             .options = in_red,
                                             .options_count = 1,
                                             .barcodes = &unnumbered,
                                             .barcodes_count = 1,
                                             .bundles = &of_nothing,
                                             .bundles_count = 1 };
}

static void each_field_that_differs_is_named_and_no_other(void **state)
{
    (void)state;
    const struct text link = TEXT("https://x.example/1");
    const struct catalog_content_picture picture = { .id = { { 1 } } };
    const struct catalog_product_attribute attribute = { .key = TEXT("wood"),
                                                         .value = TEXT("oak") };
    const struct catalog_product_translation german = { .language = TEXT("de"),
                                                        .has_name = true,
                                                        .name = TEXT("Hocker") };
    const struct catalog_new_variant wish = { .options = &blue, .options_count = 1 };
    struct catalog_product_content all = { .name = TEXT("Stool"),
                                           .description = TEXT("Of ash."),
                                           .seo_title = TEXT("Stools"),
                                           .seo_description = TEXT("Stools of ash."),
                                           .category = { .id = { { 2 } } },
                                           .images = &link,
                                           .images_count = 1,
                                           .pictures = &picture,
                                           .pictures_count = 1,
                                           .attributes = &attribute,
                                           .attributes_count = 1,
                                           .tax_class = COMMON_TAX_CLASS_REDUCED,
                                           .is_digital = true,
                                           .options = in_blue,
                                           .options_count = 1,
                                           .new_variants = &wish,
                                           .new_variants_count = 1,
                                           .translations = &german,
                                           .translations_count = 1,
                                           .barcodes = &numbered,
                                           .barcodes_count = 1,
                                           .bundles = &of_cups,
                                           .bundles_count = 1 };
    const struct catalog_product_content base = plain();
    assert_int_equal(catalog_content_difference(&base, &base), 0);
    assert_int_equal(catalog_content_difference(&base, &all),
                     (1U << CATALOG_CONTENT_FIELD_COUNT) - 1);
    for (unsigned field = 0; field < CATALOG_CONTENT_FIELD_COUNT; field++) {
        struct catalog_product_content one = base;
        catalog_content_copy(&all, 1U << field, &one);
        assert_int_equal(catalog_content_difference(&base, &one), 1U << field);
    }
}

static void a_variant_that_only_one_has_is_no_difference(void **state)
{
    (void)state;
    const struct catalog_product_content base = plain();
    struct catalog_product_content without = base;
    /* As contents have it that were kept before barcodes and parts were judged. */
    without.options_count = without.barcodes_count = without.bundles_count = 0;
    assert_int_equal(catalog_content_difference(&base, &without), 0);
    assert_int_equal(catalog_content_difference(&without, &base), 0);
}

static void an_edit_amends_what_waits_and_notices_what_was_changed_otherwise(void **state)
{
    (void)state;
    struct catalog_content_pair open = { .before = plain(), .after = plain() };
    open.after.name = TEXT("Armchair");
    /* Somebody else has given it another name since, and the vendor now edits the description. */
    struct catalog_product_content live = plain(), laid, wanted;
    live.name = TEXT("Seat");
    laid = live;
    laid.name = open.after.name;
    wanted = laid;
    wanted.description = TEXT("Of elm.");
    const struct catalog_content_pair pair = catalog_content_amend(&open, &live, &laid, &wanted);
    assert_int_equal(catalog_content_difference(&pair.before, &pair.after),
                     BIT(NAME) | BIT(DESCRIPTION));
    assert_true(text_equals_string(pair.before.name, "Chair"));
    assert_int_equal(catalog_content_outdated(&pair, &live), BIT(NAME));
    /* A new name of his own takes the other's into account. */
    wanted.name = TEXT("Throne");
    const struct catalog_content_pair again = catalog_content_amend(&open, &live, &laid, &wanted);
    assert_true(text_equals_string(again.before.name, "Seat"));
    assert_int_equal(catalog_content_outdated(&again, &live), 0);
}

static void what_is_put_back_to_what_shoppers_see_waits_no_more(void **state)
{
    (void)state;
    struct catalog_content_pair open = { .before = plain(), .after = plain() };
    open.after.name = TEXT("Armchair");
    const struct catalog_product_content live = plain();
    const struct catalog_content_pair pair =
        catalog_content_amend(&open, &live, &open.after, &live);
    assert_int_equal(catalog_content_difference(&pair.before, &pair.after), 0);
}

static void what_the_product_says_by_now_already_is_not_outdated(void **state)
{
    (void)state;
    struct catalog_content_pair open = { .before = plain(), .after = plain() };
    open.after.name = TEXT("Armchair");
    assert_int_equal(catalog_content_outdated(&open, &open.after), 0);
    assert_int_equal(catalog_content_outdated(&open, &open.before), 0);
}

static void the_difference_is_told_field_by_field(void **state)
{
    struct catalog_content_pair change = { .before = plain(), .after = plain() };
    const struct text old_links[] = { TEXT("https://x.example/1"), TEXT("https://x.example/2") };
    const struct text new_links[] = { TEXT("https://x.example/2"), TEXT("https://x.example/3") };
    change.after.name = TEXT("Armchair");
    change.before.images = old_links;
    change.after.images = new_links;
    change.before.images_count = change.after.images_count = 2;
    change.after.options = in_blue;
    struct catalog_product_content live = change.before;
    live.name = TEXT("Seat");
    size_t count;
    const struct catalog_changed_field *fields =
        catalog_content_describe(*state, &change, &live, &count);
    assert_int_equal(count, 3);
    assert_true(text_equals_string(fields[0].before, "Chair"));
    assert_true(text_equals_string(fields[0].after, "Armchair"));
    assert_true(fields[0].is_outdated && text_equals_string(fields[0].now, "Seat"));
    assert_int_equal(fields[1].field, CATALOG_CONTENT_FIELD_IMAGES);
    assert_int_equal(fields[1].items_count, 3);
    assert_false(fields[1].items[0].has_after);
    assert_true(text_equals_string(fields[1].items[1].before, "2"));
    assert_true(text_equals_string(fields[1].items[1].after, "1"));
    assert_false(fields[1].items[2].has_before);
    assert_int_equal(fields[2].items_count, 1);
    assert_true(text_equals_string(fields[2].items[0].before, "red"));
    assert_true(text_equals_string(fields[2].items[0].after, "blue"));
    assert_false(fields[2].is_outdated);
}

static int open_arena(void **state)
{
    struct arena *arena = arena_new(65536);
    *state = arena;
    return 0;
}

static int close_arena(void **state)
{
    struct arena *arena = *state;
    arena_destroy(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_that_differs_is_named_and_no_other),
        cmocka_unit_test(a_variant_that_only_one_has_is_no_difference),
        cmocka_unit_test(an_edit_amends_what_waits_and_notices_what_was_changed_otherwise),
        cmocka_unit_test(what_is_put_back_to_what_shoppers_see_waits_no_more),
        cmocka_unit_test(what_the_product_says_by_now_already_is_not_outdated),
        cmocka_unit_test(the_difference_is_told_field_by_field),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
