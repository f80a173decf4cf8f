/* Claims about files that vendors are given, against a scratch database. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/import_shelf.h"

#define SHELF shelf_of_all

static struct catalog_exported_file export(const struct catalog_export_own_products *query)
{
    struct catalog_exported_file file;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_products_message,
                                 query, &file),
                     STATUS_OK);
    return file;
}

static void an_export_that_is_handed_in_again_changes_nothing(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("=SUM(A1), \"quoted\"");
    wish.description = TEXT("Two\nlines; one, more.");
    wish.has_sku = true;
    wish.sku = TEXT("+49");
    (void)shelf_make(&wish);
    wish = shelf_wish("Draft");
    wish.has_status = true;
    wish.status = CATALOG_WANTED_STATUS_DRAFT;
    (void)shelf_make(&wish);
    const char *const state_of_all =
        "SELECT md5(string_agg(p.id::text || p.version || k.version, ',' ORDER BY k.variant_id))"
        " FROM catalog.product p JOIN catalog.stock k ON k.product_id = p.id"
        " WHERE p.status <> 5";
    const struct text before = direct_sql(SHELF.market, state_of_all);
    const struct catalog_export_own_products query = { .has_format = false };
    const struct catalog_exported_file file = export(&query);
    assert_false(file.has_more);
    const struct catalog_vendor_import import = import_run(file.file);
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_DONE);
    assert_true(import.unchanged >= 2);
    assert_int_equal(import.created + import.changed + import.refused, 0);
    assert_true(text_equals(direct_sql(SHELF.market, state_of_all), before));
}

static void an_export_has_other_columns_and_currencies(void **state)
{
    (void)state;
    const struct catalog_export_own_products shopify = { .has_format = true,
                                                         .format = CATALOG_EXPORT_FORMAT_SHOPIFY };
    assert_true(text_starts_with(export(&shopify).file, TEXT("Title,")));
    const struct catalog_export_own_products none = { .has_currency = true,
                                                      .currency = TEXT("JPY") };
    const struct text file = export(&none).file;
    assert_null(memchr(file.data, '\n', file.length - 1)); /* the header alone */
    const struct catalog_export_own_products wrong = { .has_currency = true,
                                                       .currency = TEXT("EUX") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_products_message,
                                 &wrong, NULL),
                     STATUS_INVALID_PARAMETER);
    const struct catalog_export_own_products after = { .has_after = true, .after = TEXT("?") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_products_message,
                                 &after, NULL),
                     STATUS_INVALID_PARAMETER);
}

static void problems_are_a_file_for_those_who_take_one(void **state)
{
    (void)state;
    const struct uuid job =
        import_run(
            TEXT("handle,name,category,\"=cmd|x\",price\nbad,Bad,Nowhere,1,1\nworse,,Home,1,x\n"))
            .id;
    struct catalog_list_import_problems query = { .job_id = job,
                                                  .has_accept = true,
                                                  .accept = TEXT("text/csv") };
    struct catalog_import_problems problems;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_import_problems_message,
                                 &query, &problems),
                     STATUS_OK);
    assert_true(problems.has_file);
    assert_true(text_starts_with(problems.file, TEXT("line,column,kind,code,detail\r\n2,category,"
                                                     "error,invalid_value,")));
    query.accept = TEXT("application/json, text/csv");
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_import_problems_message,
                                 &query, &problems),
                     STATUS_OK);
    assert_false(problems.has_file);
    assert_true(problems.data_count >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_export_that_is_handed_in_again_changes_nothing),
        cmocka_unit_test(an_export_has_other_columns_and_currencies),
        cmocka_unit_test(problems_are_a_file_for_those_who_take_one),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
