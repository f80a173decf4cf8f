/* Claims about the steps of vendors' imports: several products each, done once whatever comes
 * between, against a scratch database. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_import_job_store.h"
#include "tests/actors/catalog/import_shelf.h"

#define SHELF shelf_of_all
#define HEADER IMPORT_HEADER

static enum status step(struct uuid job)
{
    const struct catalog_advance_import command = { .vendor_id = SHELF.vendor.id, .job_id = job };
    struct catalog_import_advanced reply;
    return direct_call(SHELF.market, NULL, &catalog_advance_import_message, &command, &reply);
}

static enum status cancel_as(const struct principal *who, struct uuid job)
{
    const struct catalog_cancel_import command = { .job_id = job };
    return direct_call(SHELF.market, who, &catalog_cancel_import_message, &command, NULL);
}

static struct text many(int count)
{
    struct text_builder file;
    text_builder_init(&file, SHELF.arena, 1 << 20);
    text_builder_add(&file, TEXT(HEADER));
    for (int i = 0; i < count; i++)
        text_builder_add(&file,
                         text_format(SHELF.arena, "many%d,Many %d,Home > Chairs,%d,1,m-%d,true\n",
                                     i, i, i + 1, i));
    return text_builder_view(&file);
}

static void an_import_that_is_cut_short_goes_on_where_it_was(void **state)
{
    (void)state;
    const struct uuid job = import_start(many(60));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(step(job), STATUS_OK);
        direct_forget(SHELF.market); /* as a restart does */
    }
    assert_int_equal(import_look(job).created, 2 * CATALOG_IMPORT_STEP_MAX);
    import_assert_counts(import_finish(job), 60, 0, 0, 0);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT count(*) || ' ' || max(version) FROM catalog.product"
                                 " WHERE handle LIKE 'many%'"),
        "60 1"));
}

static void a_sweep_goes_on_while_an_import_gets_on(void **state)
{
    (void)state;
    const struct uuid job = import_start(many(400));
    assert_int_equal(direct_sweep(SHELF.market, "imports"), STATUS_OK);
    assert_int_equal(import_look(job).status, CATALOG_IMPORT_STATUS_DONE);
}

/* Those that are refused stand between others, and each is told at its line. */
static void a_step_refuses_single_products_and_does_the_others(void **state)
{
    (void)state;
    struct text_builder file;
    text_builder_init(&file, SHELF.arena, 1 << 20);
    text_builder_add(&file, TEXT(HEADER));
    for (int i = 0; i < 20; i++)
        text_builder_add(&file, text_format(SHELF.arena, "mix%d,Mix %d,Home > %s,1,1,x-%d,true\n",
                                            i, i, i % 5 == 2 ? "Nowhere" : "Chairs", i));
    const struct uuid job = import_start(text_builder_view(&file));
    assert_int_equal(step(job), STATUS_OK);
    assert_int_equal(step(job), STATUS_OK);
    import_assert_counts(import_look(job), 16, 0, 0, 4);
    for (int i = 0; i < 4; i++)
        import_assert_problem(job, (size_t)i, 2 + 2 + 5 * i, "category", "invalid_value");
}

/* Shopify's category is of Google's taxonomy, which this market does not have. */
static void where_there_is_no_such_category_the_type_is_taken(void **state)
{
    (void)state;
    const struct uuid job =
        import_start(TEXT("Handle,Title,Product Category,Type,Variant Price,Status\n"
                          "typed,Typed,Furniture > Seating,Home > Chairs,3,active\n"
                          "known,Known,Home > Chairs,Furniture,3,active\n"
                          "untyped,Untyped,Furniture > Seating,,3,active\n"
                          "wrong,Wrong,Furniture > Seating,Nowhere,3,active\n"));
    import_assert_counts(import_finish(job), 2, 0, 0, 2);
    import_assert_problem(job, 0, 4, "category", "invalid_value");
    import_assert_problem(job, 1, 5, "category", "invalid_value");
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT string_agg(category_path, ';') FROM catalog.product"
                                 " WHERE handle IN ('typed', 'known')"),
        "Home > Chairs;Home > Chairs"));
}

static void a_step_that_is_done_twice_counts_once(void **state)
{
    (void)state;
    const struct uuid job = import_start(many(3));
    assert_int_equal(step(job), STATUS_OK);
    direct_queue_units(SHELF.market);
    assert_int_equal(step(job), STATUS_OK);
    assert_int_equal(step(job), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    import_assert_counts(import_look(job), 0, 0, 3, 0);
}

static void a_cancel_ends_what_is_under_way_once(void **state)
{
    (void)state;
    const struct uuid job = import_start(many(30));
    assert_int_equal(step(job), STATUS_OK);
    direct_queue_units(SHELF.market);
    assert_int_equal(cancel_as(&SHELF.vendor, job), STATUS_OK);
    assert_int_equal(step(job), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    const struct catalog_vendor_import import = import_look(job);
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_CANCELLED);
    assert_int_equal(import.unchanged, 0);
    assert_int_equal(step(job), STATUS_OK);
    assert_int_equal(import_look(job).version, import.version);
}

/* Another writer has the SKU between the look and the commit: the step is refused as a whole, and
 * then done product by product. */
static void a_step_that_cannot_be_committed_is_done_product_by_product(void **state)
{
    (void)state;
    const struct uuid job =
        import_start(TEXT(HEADER "race1,Race 1,Home > Chairs,1,1,race-1,true\n"
                                 "race2,Race 2,Home > Chairs,1,1,race-2,true\n"));
    assert_int_equal(step(job), STATUS_OK);
    struct catalog_create_product wish = shelf_wish("Racer");
    wish.has_sku = true;
    wish.sku = TEXT("RACE-2");
    direct_queue_units(SHELF.market);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, &wish, NULL),
        STATUS_OK);
    assert_int_equal(step(job), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    const struct catalog_advance_import refuse = { .vendor_id = SHELF.vendor.id,
                                                   .job_id = job,
                                                   .has_place = true,
                                                   .place = 0,
                                                   .has_refusal = true,
                                                   .refusal = TEXT("sku_taken") };
    struct catalog_import_advanced reply;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_advance_import_message, &refuse, &reply),
        STATUS_OK);
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_advance_import_message, &refuse, &reply),
        STATUS_OK);
    assert_int_equal(import_look(job).refused, 1);
    import_assert_counts(import_finish(job), 0, 0, 0, 2);
    import_assert_problem(job, 1, 3, "sku", "sku_taken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_that_is_cut_short_goes_on_where_it_was),
        cmocka_unit_test(a_sweep_goes_on_while_an_import_gets_on),
        cmocka_unit_test(a_step_refuses_single_products_and_does_the_others),
        cmocka_unit_test(where_there_is_no_such_category_the_type_is_taken),
        cmocka_unit_test(a_step_that_is_done_twice_counts_once),
        cmocka_unit_test(a_cancel_ends_what_is_under_way_once),
        cmocka_unit_test(a_step_that_cannot_be_committed_is_done_product_by_product),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
