/* Claims about the numbers under barcodes of variants, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static enum status change(struct uuid product, struct uuid variant, const char *barcode)
{
    const struct catalog_change_variant command = { .product_id = product,
                                                    .variant_id = variant,
                                                    .has_barcode = true,
                                                    .barcode = text_of(barcode) };
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command,
                       NULL);
}

static struct text shown(struct uuid product)
{
    struct catalog_product seen;
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    return seen.variants[0].has_barcode ? seen.variants[0].barcode : TEXT("none");
}

static void a_barcode_comes_changes_and_goes(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Scanned");
    wish.has_barcode = true;
    wish.barcode = TEXT("4006381333931");
    const struct catalog_own_product made = shelf_make(&wish);
    assert_true(text_equals_string(made.variants[0].barcode, "4006381333931"));
    assert_true(text_equals_string(shown(made.id), "4006381333931"));
    assert_int_equal(change(made.id, made.variants[0].id, "036000291452"), STATUS_OK);
    assert_true(text_equals_string(shown(made.id), "036000291452"));
    assert_int_equal(change(made.id, made.variants[0].id, ""), STATUS_OK);
    assert_true(text_equals_string(shown(made.id), "none"));
    assert_false(shelf_inspect(made.id).variants[0].has_barcode);
}

static void a_wrong_check_digit_is_refused_at_its_place(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Wrong");
    wish.has_barcode = true;
    wish.barcode = TEXT("4006381333930");
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, &wish, NULL),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/barcode");
    const struct money price = { 500, "EUR" };
    const struct catalog_new_variant variants[] = {
        { .prices = &price, .prices_count = 1 },
        { .prices = &price, .prices_count = 1, .has_barcode = true, .barcode = TEXT("12345678") },
    };
    wish = shelf_wish("Wrong");
    wish.has_price = wish.has_stock = false;
    wish.variants = variants;
    wish.variants_count = 2;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, &wish, NULL),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/variants/1/barcode");
}

static void the_table_checks_the_digit_too(void **state)
{
    (void)state;
    assert_true(text_equals_string(
        direct_sql(SHELF.market,
                   "SELECT string_agg(catalog.is_gtin(code)::text, ' ' ORDER BY place) FROM"
                   " unnest('{96385074,036000291452,4006381333931,10614141000415,4006381333930,"
                   "963850740,12345678}'::text[]) WITH ORDINALITY AS u (code, place)"),
        "true true true true false false false"));
}

static struct uuid import(const char *barcode)
{
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", SHELF.vendor.id, vendor);
    const struct catalog_imported_variant variant = { .price = { 700, "EUR" },
                                                      .has_barcode = barcode != NULL,
                                                      .barcode =
                                                          text_of(barcode == NULL ? "" : barcode) };
    const struct catalog_import_product command = {
        .identity = text_format(SHELF.arena, "%s/filed", vendor),
        .vendor_id = SHELF.vendor.id,
        .category_id = SHELF.category,
        .handle = TEXT("filed"),
        .name = TEXT("Filed"),
        .is_listed = true,
        .variants = &variant,
        .variants_count = 1,
    };
    struct catalog_product_imported reply;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_product_message, &command, &reply),
        STATUS_OK);
    return reply.product_id;
}

static void a_file_sets_a_barcode_and_one_without_leaves_it(void **state)
{
    (void)state;
    const struct uuid product = import("4006381333931");
    assert_true(text_equals_string(shown(product), "4006381333931"));
    (void)import(NULL);
    assert_true(text_equals_string(shown(product), "4006381333931"));
    (void)import("96385074");
    assert_true(text_equals_string(shown(product), "96385074"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_barcode_comes_changes_and_goes),
        cmocka_unit_test(a_wrong_check_digit_is_refused_at_its_place),
        cmocka_unit_test(the_table_checks_the_digit_too),
        cmocka_unit_test(a_file_sets_a_barcode_and_one_without_leaves_it),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
