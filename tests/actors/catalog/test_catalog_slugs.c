/* Claims about slugs of products and categories: what they lead to, now and after a change of name;
 * and about what search engines are told. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/host/slug_book.h"
#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static enum status look_up(const char *slug, struct catalog_product *ret_product)
{
    const struct catalog_get_product_by_slug query = { .slug = text_of(slug) };
    return direct_call(SHELF.market, NULL, &catalog_get_product_by_slug_message, &query,
                       ret_product);
}

static void assert_leads_to(const char *slug, struct uuid product, const char *canonical)
{
    struct catalog_product seen;
    assert_int_equal(look_up(slug, &seen), STATUS_OK);
    assert_true(uuid_equals(seen.id, product));
    assert_true(text_equals_string(seen.slug, canonical));
}

static struct catalog_own_product make(const char *name)
{
    const struct catalog_create_product wish = shelf_wish(name);
    return shelf_make(&wish);
}

static enum status change(const struct catalog_change_product *command)
{
    direct_advance(SHELF.market, 1000000);
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, command, NULL);
}

static void rename_it(struct uuid product, const char *name)
{
    const struct catalog_change_product command = { .product_id = product,
                                                    .has_name = true,
                                                    .name = text_of(name) };
    assert_int_equal(change(&command), STATUS_OK);
}

static void two_products_of_one_name_have_different_slugs_that_stay(void **state)
{
    (void)state;
    const struct catalog_own_product first = make("Oak Stool"), second = make("Oak  stool");
    assert_true(text_equals_string(first.slug, "oak-stool"));
    char id[ID_TEXT_MAX + 1];
    const size_t length = id_format("prd", second.id, id);
    const struct text expected = text_format(SHELF.arena, "oak-stool-%s", id + length - 10);
    assert_true(text_equals(second.slug, expected));
    assert_leads_to("oak-stool", first.id, "oak-stool");
    assert_leads_to(expected.data, second.id, expected.data);
    /* The name is free again, and said again: an address does not change for that. */
    rename_it(first.id, "Ash Stool");
    rename_it(second.id, "Oak stool");
    assert_leads_to(expected.data, second.id, expected.data);
    assert_leads_to("oak-stool", first.id, "ash-stool");
}

/* As an import brings it. */
static struct uuid bring(const char *handle, bool is_dry_run)
{
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", SHELF.vendor.id, vendor);
    struct catalog_imported_variant variant = { .price = { 100, "EUR" } };
    const struct catalog_import_product command = {
        .identity = text_format(SHELF.arena, "%s/%s", vendor, handle),
        .vendor_id = SHELF.vendor.id,
        .category_id = SHELF.category,
        .handle = text_of(handle),
        .name = TEXT("Pine Stool"),
        .is_listed = true,
        .variants = &variant,
        .variants_count = 1,
        .has_is_dry_run = true,
        .is_dry_run = is_dry_run,
    };
    struct catalog_product_imported reply;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_product_message, &command, &reply),
        STATUS_OK);
    return reply.product_id;
}

static void of_two_products_of_one_name_that_are_imported_at_once_neither_is_run_again(void **state)
{
    (void)state;
    (void)bring("pine-0", true); /* only tried: it takes nothing from those that come */
    direct_queue_units(SHELF.market);
    const struct uuid first = bring("pine-1", false), second = bring("pine-2", false);
    assert_int_equal(direct_commit_units(SHELF.market), 0);
    const struct text slug = shelf_sql("SELECT slug FROM catalog.product WHERE id = '%s'", second);
    assert_leads_to("pine-stool", first, "pine-stool");
    assert_true(text_starts_with(slug, TEXT("pine-stool-")));
    assert_leads_to(slug.data, second, slug.data);
}

static void renames_back_and_forth_lead_to_the_present_slug_from_all_of_them(void **state)
{
    (void)state;
    const struct uuid product = make("Alpha").id;
    rename_it(product, "Beta");
    assert_leads_to("alpha", product, "beta");
    assert_leads_to("beta", product, "beta");
    rename_it(product, "Alpha");
    assert_leads_to("alpha", product, "alpha");
    assert_leads_to("beta", product, "alpha");
    rename_it(product, "Beta");
    assert_leads_to("alpha", product, "beta");
    assert_true(text_equals_string(shelf_sql("SELECT string_agg(slug || ' ' || is_current, ' '"
                                             " ORDER BY slug) FROM catalog.product_slug"
                                             " WHERE subject_id = '%s'",
                                             product),
                                   "alpha false beta true"));
}

static void a_former_slug_is_not_given_to_another_product(void **state)
{
    (void)state;
    const struct uuid product = make("Desk One").id;
    rename_it(product, "Desk Two");
    const struct catalog_own_product other = make("Desk One");
    assert_false(text_equals_string(other.slug, "desk-one"));
    assert_leads_to("desk-one", product, "desk-two");
}

static void a_product_keeps_its_newest_twenty_slugs(void **state)
{
    (void)state;
    const struct uuid product = make("Shelf zero").id;
    for (int i = 1; i <= 25; i++)
        rename_it(product, text_format(SHELF.arena, "Shelf no %d", i).data);
    assert_true(text_equals_string(
        shelf_sql("SELECT count(*) FROM catalog.product_slug WHERE subject_id = '%s'", product),
        "20"));
    struct catalog_product seen;
    assert_int_equal(look_up("shelf-zero", &seen), STATUS_NOT_FOUND);
    assert_int_equal(look_up("shelf-no-5", &seen), STATUS_NOT_FOUND);
    assert_leads_to("shelf-no-6", product, "shelf-no-25");
}

static void slugs_of_signs_and_of_long_names_lead_to_their_products(void **state)
{
    (void)state;
    const struct catalog_own_product first = make("\U0001f600\U0001f600"),
                                     second = make("\U0001f600\U0001f600");
    assert_true(text_equals_string(first.slug, "1f600-1f600"));
    assert_false(text_equals(first.slug, second.slug));
    assert_leads_to("1f600-1f600", first.id, "1f600-1f600");
    char name[256] = { 0 };
    memset(name, 'x', 255);
    const struct catalog_own_product third = make(name), fourth = make(name);
    assert_int_equal(third.slug.length, 255);
    assert_int_equal(fourth.slug.length, 255);
    assert_leads_to(text_string(SHELF.arena, fourth.slug), fourth.id,
                    text_string(SHELF.arena, fourth.slug));
}

static void a_slug_is_found_however_it_is_typed_and_nothing_else_is(void **state)
{
    (void)state;
    const struct uuid product = make("Gr\xc3\xbc\x6e Table").id;
    struct catalog_product seen;
    assert_leads_to("Grun-TABLE", product, "grun-table");
    assert_int_equal(look_up("grun", &seen), STATUS_NOT_FOUND);
    assert_int_equal(look_up("grun-tabl%", &seen), STATUS_NOT_FOUND);
    assert_int_equal(look_up("' OR 1=1", &seen), STATUS_NOT_FOUND);
    const struct catalog_hide_product hide = { .product_id = product };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_hide_product_message, &hide, NULL),
        STATUS_OK);
    assert_int_equal(look_up("grun-table", &seen), STATUS_NOT_FOUND);
}

static void names_that_others_have_squatted_still_have_an_address(void **state)
{
    (void)state;
    const struct uuid victim = make("Quiet").id;
    char id[ID_TEXT_MAX + 1];
    const size_t length = id_format("prd", victim, id);
    (void)make("Loud");
    (void)make(text_format(SHELF.arena, "Loud %s", id + length - 10).data);
    rename_it(victim, "Loud");
    const struct text expected = text_format(SHELF.arena, "loud-%s", id + 4);
    assert_leads_to(expected.data, victim, expected.data);
}

static void categories_of_one_name_have_addresses_of_their_own(void **state)
{
    (void)state;
    struct catalog_category root, child;
    struct catalog_category_detail detail;
    struct catalog_create_category command = { .name = TEXT("Lamps") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_create_category_message, &command, &root),
        STATUS_OK);
    command.has_parent_id = true;
    command.parent_id = root.id;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_create_category_message, &command, &child),
        STATUS_OK);
    assert_true(text_equals_string(root.slug, "lamps"));
    assert_false(text_equals(root.slug, child.slug));
    const struct catalog_get_category_by_slug query = { .slug = child.slug };
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_get_category_by_slug_message, &query, &detail),
        STATUS_OK);
    assert_true(uuid_equals(detail.id, child.id));
    assert_int_equal(detail.breadcrumbs_count, 2);
    assert_true(uuid_equals(detail.breadcrumbs[0].id, root.id));
    assert_true(text_equals_string(detail.breadcrumbs[0].slug, "lamps"));
    assert_true(text_equals_string(detail.breadcrumbs[1].name, "Lamps"));
    const struct catalog_get_category by_id = { .category_id = { { 7 } } };
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_category_message, &by_id, NULL),
                     STATUS_NOT_FOUND);
}

static void search_engines_are_told_what_the_vendor_says(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Told");
    wish.has_seo_title = true;
    wish.seo_title = TEXT(" Stools told of ");
    const struct uuid product = shelf_make(&wish).id;
    struct catalog_product seen;
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_true(text_equals_string(seen.seo_title, "Stools told of"));
    assert_false(seen.has_seo_description);
    struct catalog_change_product command = { .product_id = product,
                                              .has_seo_title = true,
                                              .seo_title = TEXT(""),
                                              .has_seo_description = true,
                                              .seo_description = TEXT("One line.") };
    assert_int_equal(change(&command), STATUS_OK);
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_false(seen.has_seo_title);
    assert_true(text_equals_string(seen.seo_description, "One line."));
    command.seo_description = TEXT("Two\nlines.");
    assert_int_equal(change(&command), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/seo_description");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_products_of_one_name_have_different_slugs_that_stay),
        cmocka_unit_test(
            of_two_products_of_one_name_that_are_imported_at_once_neither_is_run_again),
        cmocka_unit_test(renames_back_and_forth_lead_to_the_present_slug_from_all_of_them),
        cmocka_unit_test(a_former_slug_is_not_given_to_another_product),
        cmocka_unit_test(a_product_keeps_its_newest_twenty_slugs),
        cmocka_unit_test(slugs_of_signs_and_of_long_names_lead_to_their_products),
        cmocka_unit_test(a_slug_is_found_however_it_is_typed_and_nothing_else_is),
        cmocka_unit_test(names_that_others_have_squatted_still_have_an_address),
        cmocka_unit_test(categories_of_one_name_have_addresses_of_their_own),
        cmocka_unit_test(search_engines_are_told_what_the_vendor_says),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
