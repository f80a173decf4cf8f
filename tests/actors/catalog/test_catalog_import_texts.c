/* Claims about files of vendors with texts in other languages, and about files while changes wait.
 */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/import_shelf.h"

#define SHELF shelf_of_all
#define HEADER "handle,name,category,price,published,sku,name:de,description:de\n"

static int open_market(void **state)
{
    if (shelf_open(state) != 0) return -1;
    direct_set(SHELF.market, "--market.languages=en,de");
    return 0;
}

static int without_approval(void **state)
{
    (void)state;
    direct_set(SHELF.market, "--market.product_approval=false");
    return 0;
}

/* One cell about the product p of that handle. */
static void assert_product(const char *handle, const char *cell, const char *expected)
{
    const struct text got =
        direct_sql(SHELF.market,
                   text_format(SHELF.arena, "SELECT %s FROM catalog.product p WHERE handle = '%s'",
                               cell, handle)
                       .data);
    assert_true(text_equals_string(got, expected));
}

#define GERMAN                                                                                     \
    "(SELECT concat_ws('|', t.name, t.description) FROM catalog.product_translation t"             \
    " WHERE t.product_id = p.id AND t.language = 'de')"

static void texts_of_a_file_are_said_kept_and_taken_away(void **state)
{
    (void)state;
    const struct text file = TEXT(HEADER "stool,Stool,Home > Chairs,1,true,,Hocker,Aus Eiche.\n");
    import_assert_counts(import_run(file), 1, 0, 0, 0);
    assert_product("stool", GERMAN, "Hocker|Aus Eiche.");
    import_assert_counts(import_run(TEXT(HEADER "stool,Stool,Home > Chairs,1,true,,Schemel,"
                                                "Aus Eiche.\n")),
                         0, 1, 0, 0);
    assert_product("stool", GERMAN, "Schemel|Aus Eiche.");
    import_assert_counts(import_run(TEXT("handle,name,category,price,published\n"
                                         "stool,Stool,Home > Chairs,2,true\n")),
                         0, 1, 0, 0);
    assert_product("stool", GERMAN, "Schemel|Aus Eiche.");
    import_assert_counts(import_run(TEXT(HEADER "stool,Stool,Home > Chairs,2,true,,Schemel,\n")), 0,
                         1, 0, 0);
    assert_product("stool", GERMAN, "Schemel");
    import_assert_counts(import_run(TEXT(HEADER "stool,Stool,Home > Chairs,2,true,,,\n")), 0, 1, 0,
                         0);
    assert_product("stool", GERMAN, "");
}

static void texts_in_no_language_of_the_market_are_refused_at_their_column(void **state)
{
    (void)state;
    const struct catalog_vendor_import import =
        import_run(TEXT("handle,name,category,price,published,name:xx\n"
                        "odd,Odd,Home > Chairs,1,true,Seltsam\n"));
    import_assert_counts(import, 0, 0, 0, 1);
    import_assert_problem(import.id, 0, 2, "name:xx", "invalid_value");
}

static void what_a_file_makes_of_a_published_product_waits_and_numbers_do_not(void **state)
{
    (void)state;
    import_assert_counts(import_run(TEXT(HEADER "sofa,Sofa,Home > Chairs,1,true,so-1,,\n")), 1, 0,
                         0, 0);
    direct_set(SHELF.market, "--market.product_approval=true");
    const struct text file =
        TEXT(HEADER "sofa,Couch,Garden > Benches > Small,2,true,so-1,Liege,\n");
    import_assert_staged(import_run(file));
    assert_product("sofa", "concat_ws('|', p.status, p.name, p.category_path, p.price_amount)",
                   "2|Sofa|Home > Chairs|200");
    assert_product("sofa", GERMAN, "");
    import_assert_counts(import_run(file), 0, 0, 1, 0);
    const struct catalog_approve_change command = { .product_id = { { 0 } } };
    struct catalog_approve_change approve = command;
    const struct catalog_list_changes query = { .has_vendor = true, .vendor = SHELF.vendor.id };
    struct catalog_change_page page;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_list_changes_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(page.data[0].fields_count, 3);
    approve.product_id = page.data[0].product_id;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_approve_change_message, &approve, NULL),
        STATUS_OK);
    assert_product("sofa", "concat_ws('|', p.status, p.name, p.category_path)",
                   "2|Couch|Garden > Benches > Small");
    assert_product("sofa", GERMAN, "Liege");
    shelf_assert_derived(approve.product_id);
}

static void a_new_variant_of_a_file_waits_and_what_is_on_sale_goes_on(void **state)
{
    (void)state;
#define OPTIONS_HEADER                                                                             \
    "handle,name,category,price,published,sku,quantity,option1_name,option1_value\n"
    import_assert_counts(
        import_run(TEXT(OPTIONS_HEADER "rug,Rug,Home > Chairs,1,true,ru-1,5,Size,S\n")), 1, 0, 0,
        0);
    direct_set(SHELF.market, "--market.product_approval=true");
    import_assert_staged(
        import_run(TEXT(OPTIONS_HEADER "rug,Rug,Home > Chairs,1,true,ru-1,6,Size,S\n"
                                       "rug,,,2,,ru-2,7,Size,L\n")));
#define ON_SALE                                                                                    \
    "(SELECT string_agg(w.sku || '=' || k.on_hand, ' ' ORDER BY w.position) FROM catalog.variant " \
    "w"                                                                                            \
    " JOIN catalog.stock k ON k.variant_id = w.id AND k.is_active WHERE w.product_id = p.id)"
    assert_product("rug", ON_SALE, "ru-1=6");
    /* A file with nothing but a new one takes nothing off the shelf. */
    import_assert_staged(
        import_run(TEXT(OPTIONS_HEADER "rug,Rug,Home > Chairs,2,true,ru-3,8,Size,XL\n")));
    assert_product("rug", ON_SALE, "ru-1=6");
    const struct catalog_list_changes query = { .has_vendor = true, .vendor = SHELF.vendor.id };
    struct catalog_change_page page;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_list_changes_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    const struct catalog_approve_change approve = { .product_id = page.data[0].product_id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_approve_change_message, &approve, NULL),
        STATUS_OK);
    assert_product("rug", ON_SALE, "ru-1=6 ru-3=8");
}

/* The bits of name, description and images. */
static void what_waits_stays_where_a_file_says_nothing_of_it(void **state)
{
    (void)state;
    const struct text images[] = { TEXT("https://example.org/waits.png") };
    const struct catalog_create_product wish = shelf_wish("Waits");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct text handle = shelf_inspect(made.id).handle;
    const struct catalog_change_product command = { .product_id = made.id,
                                                    .has_description = true,
                                                    .description = TEXT("It waits."),
                                                    .images = images,
                                                    .images_count = 1 };
    direct_set(SHELF.market, "--market.product_approval=true");
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &command, NULL),
        STATUS_OK);
    import_assert_staged(
        import_run(text_format(SHELF.arena,
                               "handle,name,category,price,published\n%.*s,Renamed,Home > "
                               "Chairs,5,true\n",
                               (int)handle.length, handle.data)));
    assert_product(text_string(SHELF.arena, handle),
                   "(SELECT fields FROM catalog.product_change c WHERE c.product_id = p.id)", "35");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, without_approval)
    const struct CMUnitTest tests[] = {
        CLAIM(texts_of_a_file_are_said_kept_and_taken_away),
        CLAIM(texts_in_no_language_of_the_market_are_refused_at_their_column),
        CLAIM(what_a_file_makes_of_a_published_product_waits_and_numbers_do_not),
        CLAIM(a_new_variant_of_a_file_waits_and_what_is_on_sale_goes_on),
        CLAIM(what_waits_stays_where_a_file_says_nothing_of_it),
    };
    return cmocka_run_group_tests(tests, open_market, shelf_close);
}
