/* Claims about products and categories in other languages, in the database. */
#include <stdio.h>
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static struct catalog_own_product made;

static int make_product(void **state)
{
    (void)state;
    static unsigned count;
    direct_set(SHELF.market, "--market.product_approval=false");
    direct_set(SHELF.market, "--market.languages=en,de,fr");
    const struct text name = text_format(SHELF.arena, "Kettle %u", count++);
    const struct catalog_create_product wish = shelf_wish(text_string(SHELF.arena, name));
    made = shelf_make(&wish);
    return 0;
}

static enum status put_as(const struct principal *who, const char *language,
                          struct catalog_put_translation command,
                          struct catalog_product_translations *ret_reply)
{
    command.product_id = made.id;
    command.language = text_of(language);
    return direct_call(SHELF.market, who, &catalog_put_translation_message, &command, ret_reply);
}

static enum status put(const char *language, struct catalog_put_translation command)
{
    struct catalog_product_translations reply;
    return put_as(&SHELF.vendor, language, command, &reply);
}

#define NAMED(text) ((struct catalog_put_translation){ .has_name = true, .name = TEXT(text) })

static enum status take_away(const char *language)
{
    const struct catalog_remove_translation command = { .product_id = made.id,
                                                        .language = text_of(language) };
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_remove_translation_message, &command,
                       NULL);
}

static struct catalog_product look(const char *accept_language)
{
    const struct catalog_get_product query = { .product_id = made.id,
                                               .has_accept_language = true,
                                               .accept_language = text_of(accept_language) };
    struct catalog_product seen;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_product_message, &query, &seen),
                     STATUS_OK);
    return seen;
}

static void assert_named(const char *accept_language, struct text name)
{
    const struct catalog_product seen = look(accept_language);
    assert_true(text_equals(seen.name, name));
    const struct catalog_list_products query = { .has_accept_language = true,
                                                 .accept_language = text_of(accept_language),
                                                 .has_limit = true,
                                                 .limit = 1 };
    struct catalog_product_page page;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    assert_true(uuid_equals(page.data[0].id, made.id));
    assert_true(text_equals(page.data[0].name, name));
}

/* ---- what shoppers read ---- */

static struct catalog_offer offered(const char *accept_language)
{
    const struct catalog_get_offers query = { .variant_ids = &made.variants[0].id,
                                              .variant_ids_count = 1,
                                              .currency = TEXT("EUR"),
                                              .has_accept_language = accept_language != NULL,
                                              .accept_language = text_of(
                                                  accept_language != NULL ? accept_language : "") };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_int_equal(offers.offers_count, 1);
    return offers.offers[0];
}

static void a_cart_is_told_names_in_its_language_those_of_parts_too(void **state)
{
    (void)state;
    const struct catalog_own_product set = made;
    (void)make_product(NULL);
    const struct catalog_new_part part = { made.variants[0].id, 1 };
    const struct catalog_set_bundle command = {
        .product_id = set.id, .variant_id = set.variants[0].id, .parts = &part, .parts_count = 1
    };
    struct catalog_bundle bundle;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_bundle_message, &command, &bundle),
        STATUS_OK);
    const struct text part_name = made.name;
    assert_int_equal(put("de", NAMED("Kanne")), STATUS_OK);
    made = set;
    assert_true(text_equals_string(offered("de-AT").parts[0].name, "Kanne"));
    assert_true(text_equals(offered("de").name, set.name)); /* not translated */
    assert_int_equal(put("de", NAMED("Teeset")), STATUS_OK);
    assert_true(text_equals_string(offered("fr;q=0.5, de").name, "Teeset"));
    assert_true(text_equals(offered("en").name, set.name));
    assert_true(text_equals(offered("es").name, set.name));
    assert_true(text_equals(offered(NULL).name, set.name));
    assert_true(text_equals(offered(NULL).parts[0].name, part_name));
}

static void a_shopper_reads_his_language_and_field_by_field_the_first(void **state)
{
    (void)state;
    assert_int_equal(put("de", NAMED("Kessel")), STATUS_OK);
    assert_named("de", TEXT("Kessel"));
    assert_named("de-AT, en;q=0.5", TEXT("Kessel"));
    assert_named("fr", made.name);
    assert_named("en", made.name);
    assert_true(text_equals(look("de").description, made.description));
    assert_true(text_equals(look("de").slug, made.slug));
    shelf_assert_derived(made.id);
}

static void what_names_no_language_of_the_market_reads_the_first(void **state)
{
    (void)state;
    char many[100 * 9 + 1] = "";
    for (size_t i = 0; i < 100; i++)
        (void)snprintf(many + 9 * i, 10, "x%c-YYYY%c,", (char)('a' + i % 26), (char)('A' + i % 26));
    const char *const wishes[] = { "xx-YYYY", "*", "de;q=0", "", ",,;", many, "d", "den" };
    assert_int_equal(put("de", NAMED("Kessel")), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(wishes); i++)
        assert_named(wishes[i], made.name);
    assert_named("xx-YYYY, de;q=0.1", TEXT("Kessel"));
}

static void a_market_of_one_language_answers_in_it(void **state)
{
    (void)state;
    assert_int_equal(put("de", NAMED("Kessel")), STATUS_OK);
    direct_set(SHELF.market, "--market.languages=en");
    assert_named("de", made.name);
    assert_int_equal(put("de", NAMED("Kessel")), STATUS_INVALID_VALUE);
}

static void texts_for_search_engines_go_with_the_texts_that_they_are_of(void **state)
{
    (void)state;
    const struct catalog_change_product seo = { .product_id = made.id,
                                                .has_seo_title = true,
                                                .seo_title = TEXT("Kettles") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &seo, NULL),
        STATUS_OK);
    const struct catalog_put_translation plain = { .has_description = true,
                                                   .description = TEXT("Von Hand gemacht.") };
    assert_int_equal(put("de", plain), STATUS_OK);
    assert_true(text_equals_string(look("de").seo_title, "Kettles"));
    assert_true(text_equals_string(look("de").description, "Von Hand gemacht."));
    assert_int_equal(put("de", NAMED("Kessel")), STATUS_OK);
    assert_false(look("de").has_seo_title);
}

/* ---- what vendors say ---- */

static void a_translation_is_replaced_whole_and_taken_away(void **state)
{
    (void)state;
    const struct catalog_put_translation both = { .has_name = true,
                                                  .name = TEXT(" Kessel "),
                                                  .has_description = true,
                                                  .description = TEXT("Groß.") };
    assert_int_equal(put("de", both), STATUS_OK);
    assert_true(text_equals_string(look("de").description, "Groß."));
    struct catalog_product_translations reply;
    assert_int_equal(put_as(&SHELF.vendor, "de", NAMED("Topf"), &reply), STATUS_OK);
    assert_int_equal(reply.data_count, 1);
    assert_false(reply.data[0].has_description);
    assert_int_equal(put("fr", NAMED("Bouilloire")), STATUS_OK);
    assert_int_equal(take_away("de"), STATUS_OK);
    assert_int_equal(take_away("de"), STATUS_NOT_FOUND);
    assert_named("de", made.name);
    assert_named("fr", TEXT("Bouilloire"));
}

static void what_is_no_translation_is_refused(void **state)
{
    (void)state;
    const struct catalog_put_translation seo = { .has_seo_title = true, .seo_title = TEXT("a\nb") };
    assert_int_equal(put("xx", NAMED("Kessel")), STATUS_INVALID_VALUE);
    assert_int_equal(put("DE", NAMED("Kessel")), STATUS_INVALID_VALUE);
    assert_int_equal(put("en", NAMED("Kettle")), STATUS_INVALID_VALUE);
    assert_int_equal(put("de", (struct catalog_put_translation){ 0 }), STATUS_INVALID_VALUE);
    assert_int_equal(put("de", NAMED(" ")), STATUS_INVALID_VALUE);
    assert_int_equal(put("de", seo), STATUS_INVALID_VALUE);
    struct catalog_put_translation long_name = { .has_name = true };
    long_name.name = text_format(SHELF.arena, "%0256d", 1);
    assert_int_equal(put("de", long_name), STATUS_OUT_OF_RANGE);
    struct catalog_product_translations reply;
    assert_int_equal(put_as(&SHELF.stranger, "de", NAMED("Kessel"), &reply), STATUS_NOT_FOUND);
    const struct catalog_list_own_translations list = { .product_id = made.id };
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger,
                                 &catalog_list_own_translations_message, &list, &reply),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_list_own_translations_message, &list, &reply),
                     STATUS_OK);
    assert_int_equal(reply.data_count, 0);
}

static void all_translations_together_are_bounded(void **state)
{
    (void)state;
    char *words = arena_allocate(SHELF.arena, 4 * 20000 + 1);
    for (size_t i = 0; i < 20000; i++)
        memcpy(words + 4 * i, "\xf0\x9f\x90\xb1", 4);
    words[80000] = '\0';
    const struct catalog_put_translation large = { .has_description = true,
                                                   .description = text_of(words) };
    direct_set(SHELF.market, "--market.languages=en,de,fr,es");
    assert_int_equal(put("de", large), STATUS_OK);
    assert_int_equal(put("fr", large), STATUS_OK);
    assert_int_equal(put("es", large), STATUS_PRODUCT_TOO_LARGE);
}

static void where_changes_wait_for_approval_translations_do(void **state)
{
    (void)state;
    direct_set(SHELF.market, "--market.product_approval=true");
    struct catalog_product_translations reply;
    assert_int_equal(put_as(&SHELF.vendor, "de", NAMED("Kessel"), &reply), STATUS_OK);
    assert_true(reply.has_open_change);
    assert_int_equal(reply.data_count, 0);
    assert_named("de", made.name);
    const struct catalog_inspect_change query = { .product_id = made.id };
    struct catalog_product_change change;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_inspect_change_message, &query, &change),
        STATUS_OK);
    assert_int_equal(change.fields[0].field, CATALOG_CONTENT_FIELD_TRANSLATIONS);
    assert_true(text_equals_string(change.fields[0].items[0].name, "de: name"));
    assert_true(text_equals_string(change.fields[0].items[0].after, "Kessel"));
    const struct catalog_approve_change approve = { .product_id = made.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_approve_change_message, &approve, NULL),
        STATUS_OK);
    assert_named("de", TEXT("Kessel"));
}

/* ---- categories ---- */

static enum status name_category(const char *language, const char *name)
{
    const struct catalog_put_category_translation command = { .category_id = SHELF.category,
                                                              .language = text_of(language),
                                                              .name = text_of(name) };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_put_category_translation_message,
                       &command, NULL);
}

static void categories_are_called_by_their_names_everywhere(void **state)
{
    (void)state;
    assert_int_equal(name_category("de", "Stühle"), STATUS_OK);
    assert_true(text_equals_string(look("de").category.path, "Home > Stühle"));
    assert_true(text_equals_string(look("de").breadcrumbs[1].name, "Stühle"));
    assert_true(text_equals_string(look("en").category.path, "Home > Chairs"));
    const struct catalog_list_categories tree = { .has_accept_language = true,
                                                  .accept_language = TEXT("de") };
    struct catalog_category_tree seen;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_list_categories_message, &tree, &seen), STATUS_OK);
    size_t found = 0;
    for (size_t i = 0; i < seen.data_count; i++)
        if (uuid_equals(seen.data[i].id, SHELF.category) &&
            text_equals_string(seen.data[i].path, "Home > Stühle"))
            found++;
    assert_int_equal(found, 1);
    const struct catalog_get_category query = { .category_id = SHELF.category,
                                                .has_accept_language = true,
                                                .accept_language = TEXT("de") };
    struct catalog_category_detail detail;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_get_category_message, &query, &detail), STATUS_OK);
    assert_true(text_equals_string(detail.name, "Stühle"));
    assert_true(text_equals_string(detail.path, "Home > Stühle"));
    const struct catalog_remove_category_translation gone = { .category_id = SHELF.category,
                                                              .language = TEXT("de") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_remove_category_translation_message, &gone, NULL),
                     STATUS_OK);
    assert_true(text_equals_string(look("de").category.path, "Home > Chairs"));
}

static void a_category_is_not_called_like_two_levels(void **state)
{
    (void)state;
    assert_int_equal(name_category("de", "A > B"), STATUS_INVALID_VALUE);
    assert_int_equal(name_category("de", " "), STATUS_INVALID_VALUE);
    assert_int_equal(name_category("en", "Chairs"), STATUS_INVALID_VALUE);
    assert_int_equal(name_category("xx", "Chairs"), STATUS_INVALID_VALUE);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, make_product)
    const struct CMUnitTest tests[] = {
        CLAIM(a_cart_is_told_names_in_its_language_those_of_parts_too),
        CLAIM(a_shopper_reads_his_language_and_field_by_field_the_first),
        CLAIM(what_names_no_language_of_the_market_reads_the_first),
        CLAIM(a_market_of_one_language_answers_in_it),
        CLAIM(texts_for_search_engines_go_with_the_texts_that_they_are_of),
        CLAIM(a_translation_is_replaced_whole_and_taken_away),
        CLAIM(what_is_no_translation_is_refused),
        CLAIM(all_translations_together_are_bounded),
        CLAIM(where_changes_wait_for_approval_translations_do),
        CLAIM(categories_are_called_by_their_names_everywhere),
        CLAIM(a_category_is_not_called_like_two_levels),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
