/* Claims about vendors' imports from the file to the products, against a scratch database. */
#include "tests/support/cmocka.h"

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

static struct text of_product(const char *handle, const char *columns)
{
    return direct_sql(SHELF.market,
                      text_format(SHELF.arena,
                                  "SELECT concat_ws(' ', %s) FROM catalog.product p"
                                  " JOIN catalog.variant w ON w.product_id = p.id"
                                  " JOIN catalog.stock k ON k.variant_id = w.id"
                                  " WHERE p.handle = '%s' ORDER BY p.vendor_id LIMIT 1",
                                  columns, handle)
                          .data);
}

static void assert_product(const char *handle, const char *columns, const char *expected)
{
    assert_true(text_equals_string(of_product(handle, columns), expected));
}

/* ---- what becomes of a file ---- */

static void a_file_becomes_products_and_again_changes_nothing(void **state)
{
    (void)state;
    const struct text file = TEXT(HEADER "stool,Stool,Home > Chairs,3.50,4,st-1,true\n"
                                         "bench,Bench,garden > BENCHES > small,9,2,be-1,false\n"
                                         "odd,Odd,Nowhere,1,1,,true\n"
                                         "worse,,Home > Chairs,x,1,,true\n");
    const struct catalog_vendor_import import = import_run(file);
    import_assert_counts(import, 2, 0, 0, 2);
    assert_int_equal(import.rows, 4);
    assert_int_equal(import.products, 4);
    assert_true(import.has_started_at && import.has_ended_at);
    import_assert_problem(import.id, 0, 4, "category", "invalid_value");
    assert_product("stool", "p.status, p.price_amount, k.on_hand, w.sku", "2 350 4 st-1");
    assert_product("bench", "p.status, p.category_path", "0 Garden > Benches > Small");
    import_assert_counts(import_run(file), 0, 0, 2, 2);
    const struct text other = TEXT(HEADER "stool,Stool,Home > Chairs,4.50,4,st-1,true\n");
    import_assert_counts(import_run(other), 0, 1, 0, 0);
    assert_product("stool", "p.status, p.price_amount", "2 450");
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT count(*) FROM catalog.import_file"), "0"));
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT count(*) FROM catalog.import_product"), "0"));
}

static void a_dry_run_says_the_same_and_changes_nothing(void **state)
{
    (void)state;
    const struct text file = TEXT(HEADER "dry,Dry,Home > Chairs,3.50,4,dr-1,true\n"
                                         "nowhere,No,Nowhere,1,1,,true\n");
    struct catalog_vendor_import import;
    assert_int_equal(import_start_as(&SHELF.vendor, file, true, &import), STATUS_OK);
    import = import_finish(import.id);
    assert_true(import.is_dry_run);
    import_assert_counts(import, 1, 0, 0, 1);
    import_assert_problem(import.id, 0, 3, "category", "invalid_value");
    assert_product("dry", "p.status", "");
    const struct catalog_vendor_import real = import_run(file);
    import_assert_counts(real, 1, 0, 0, 1);
    import_assert_problem(real.id, 0, 3, "category", "invalid_value");
    assert_product("dry", "p.status", "2");
}

static void what_the_routes_refuse_is_refused_at_its_line(void **state)
{
    (void)state;
    import_assert_counts(import_run(TEXT(HEADER "first,First,Home > Chairs,1,1,once,true\n")), 1, 0,
                         0, 0);
    const struct catalog_vendor_import import =
        import_run(TEXT("handle,name,category,price,currency,sku,image\n"
                        "second,Second,Home > Chairs,1,EUR,ONCE,\n"
                        "third,Third,Home > Chairs,1,USD,,\n"
                        "fourth,Fourth,Home > Chairs,1,EUR,,https://example.com/a.jpg\n"));
    import_assert_counts(import, 1, 0, 0, 2);
    import_assert_problem(import.id, 0, 2, "sku", "sku_taken");
    import_assert_problem(import.id, 1, 3, "price", "invalid_value"); /* of the market's */
}

static void a_column_that_is_not_there_takes_nothing_away(void **state)
{
    (void)state;
    import_assert_counts(
        import_run(TEXT(
            "handle,name,category,price,compare_at_price,sku,description,image,image_position\n"
            "full,Full,Home > Chairs,1,2,full-1,Words,https://example.com/a.jpg,1\n")),
        1, 0, 0, 0);
    static const char said[] =
        "p.price_amount, p.compare_at_amount, w.sku, p.description, p.images[1]";
    assert_product("full", said, "100 200 full-1 Words https://example.com/a.jpg");
    import_assert_counts(import_run(TEXT("handle,name,category,price\n"
                                         "full,Full,Home > Chairs,1.50\n")),
                         0, 1, 0, 0);
    assert_product("full", said, "150 200 full-1 Words https://example.com/a.jpg");
    /* Nothing is before a reduction that is less. */
    import_assert_counts(import_run(TEXT("handle,name,category,price\n"
                                         "full,Full,Home > Chairs,2\n")),
                         0, 1, 0, 0);
    assert_product("full", "p.price_amount, p.compare_at_amount, w.sku", "200 full-1");
    /* Empty fields of columns that are there do. */
    import_assert_counts(import_run(TEXT("handle,name,category,price,sku,description,image\n"
                                         "full,Full,Home > Chairs,2,,,\n")),
                         0, 1, 0, 0);
    assert_product("full", "p.price_amount, w.sku, p.description, cardinality(p.images)", "200  0");
}

static void a_price_below_its_sale_or_tiers_is_refused_as_in_the_routes(void **state)
{
    (void)state;
    import_run(TEXT("handle,name,category,price\nsold,Sold,Home > Chairs,12\n"
                    "tiered,Tiered,Home > Chairs,12\n"));
    direct_sql(SHELF.market, "UPDATE catalog.variant_price r SET sale_amount = 900, sale_from = 0,"
                             " sale_to = 9000000000000000 FROM catalog.variant w, catalog.product p"
                             " WHERE w.id = r.variant_id AND p.id = w.product_id"
                             " AND p.handle = 'sold'");
    direct_sql(SHELF.market, "UPDATE catalog.variant_price r SET tier_quantities = '{2}',"
                             " tier_amounts = '{900}' FROM catalog.variant w, catalog.product p"
                             " WHERE w.id = r.variant_id AND p.id = w.product_id"
                             " AND p.handle = 'tiered'");
    const struct catalog_vendor_import lower =
        import_run(TEXT("handle,name,category,price\nsold,Sold,Home > Chairs,8\n"
                        "tiered,Tiered,Home > Chairs,8\n"));
    import_assert_counts(lower, 0, 0, 0, 2);
    import_assert_problem(lower.id, 0, 2, "price", "invalid_value");
    import_assert_problem(lower.id, 1, 3, "price", "invalid_value");
    import_assert_counts(import_run(TEXT("handle,name,category,price\nsold,Sold,Home > Chairs,10\n"
                                         "tiered,Tiered,Home > Chairs,10\n")),
                         0, 2, 0, 0);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT string_agg(concat_ws(' ', r.amount, r.sale_amount,"
                                 " r.tier_amounts), ',' ORDER BY p.handle) FROM catalog.product p"
                                 " JOIN catalog.variant w ON w.product_id = p.id"
                                 " JOIN catalog.variant_price r ON r.variant_id = w.id"
                                 " WHERE p.handle IN ('sold', 'tiered')"),
        "1000 900,1000 {900}"));
}

static void what_a_category_requires_is_required_of_files(void **state)
{
    (void)state;
    const struct catalog_create_category stated = { .name = TEXT("Stated") };
    struct catalog_category category;
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff, &catalog_create_category_message,
                                 &stated, &category),
                     STATUS_OK);
    const struct catalog_create_category_attribute origin = { .category_id = category.id,
                                                              .key = TEXT("origin"),
                                                              .name = TEXT("Origin"),
                                                              .type = CATALOG_ATTRIBUTE_TYPE_TEXT,
                                                              .has_is_required = true,
                                                              .is_required = true };
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_create_category_attribute_message, &origin, NULL),
                     STATUS_OK);
    const struct catalog_vendor_import import =
        import_run(TEXT("handle,name,category,price,published,attr:origin\n"
                        "dumb,Dumb,Stated,1,true,\nsaying,Saying,Stated,1,true,Crete\n"
                        "draft,Draft,Stated,1,false,\n"));
    import_assert_counts(import, 2, 0, 0, 1);
    import_assert_problem(import.id, 0, 2, "attr:origin", "invalid_value");
    assert_product("saying", "p.status", "2");
}

static void a_price_in_another_currency_is_beside_one_in_the_markets(void **state)
{
    (void)state;
    import_assert_counts(import_run(TEXT(HEADER "euros,Euros,Home > Chairs,1,1,,true\n")), 1, 0, 0,
                         0);
    const struct catalog_start_import command = {
        .file = TEXT(HEADER "euros,Euros,Home > Chairs,2,1,,true\n"
                            "dollars,Dollars,Home > Chairs,2,1,,true\n"),
        .has_currency = true,
        .currency = TEXT("USD")
    };
    struct catalog_vendor_import import;
    direct_advance(SHELF.market, 1000000);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_start_import_message, &command, &import),
        STATUS_OK);
    import = import_finish(import.id);
    import_assert_counts(import, 0, 1, 0, 1);
    import_assert_problem(import.id, 0, 3, "price", "invalid_value");
    assert_product("euros", "p.price_amount, p.price_currency", "100 EUR");
    const struct catalog_start_import none = { .file = TEXT(HEADER),
                                               .has_currency = true,
                                               .currency = TEXT("EUX") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_start_import_message, &none, NULL),
        STATUS_INVALID_VALUE);
}

static void handles_of_another_vendor_name_nothing_of_his(void **state)
{
    (void)state;
    struct catalog_vendor_import theirs;
    assert_int_equal(import_start_as(&SHELF.stranger,
                                     TEXT(HEADER "shared,Theirs,Home > Chairs,1,1,sh-1,true\n"),
                                     false, &theirs),
                     STATUS_OK);
    assert_int_equal(direct_sweep(SHELF.market, "imports"), STATUS_OK);
    import_assert_counts(import_run(TEXT("handle,name,vendor,category,price,quantity,sku\n"
                                         "shared,Mine,Elm,Home > Chairs,2,1,sh-1\n")),
                         1, 0, 0, 0);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT string_agg(name || ' ' || version, ',' ORDER BY name)"
                                 " FROM catalog.product WHERE handle = 'shared'"),
        "Mine 1,Theirs 1"));
    const struct catalog_get_import query = { .job_id = theirs.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_get_import_message, &query, NULL),
        STATUS_NOT_FOUND);
    assert_int_equal(cancel_as(&SHELF.vendor, theirs.id), STATUS_NOT_FOUND);
    const struct catalog_list_import_problems problems = { .job_id = theirs.id };
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_import_problems_message,
                                 &problems, NULL),
                     STATUS_NOT_FOUND);
}

static void files_that_are_none_end_as_failed(void **state)
{
    (void)state;
    const struct catalog_vendor_import import = import_run(TEXT("who,knows\n1,2\n"));
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_FAILED);
    assert_true(text_equals_string(import.failure, "malformed"));
    assert_int_equal(import_problems_of(import.id).data_count, 1);
    const struct catalog_vendor_import empty = import_run(TEXT(" "));
    assert_int_equal(empty.status, CATALOG_IMPORT_STATUS_FAILED);
    import_assert_counts(import_run(TEXT(HEADER)), 0, 0, 0, 0);
}

static void approval_holds_for_files(void **state)
{
    (void)state;
    direct_set(SHELF.market, "--market.product_approval=true");
    import_assert_counts(import_run(TEXT(HEADER "asked,Asked,Home > Chairs,1,1,,true\n")), 1, 0, 0,
                         0);
    assert_product("asked", "p.status", "1");
    direct_set(SHELF.market, "--market.product_approval=false");
    import_assert_counts(import_run(TEXT(HEADER "shown,Shown,Home > Chairs,1,1,,true\n")), 1, 0, 0,
                         0);
    assert_product("shown", "p.status", "2");
    direct_set(SHELF.market, "--market.product_approval=true");
    import_assert_counts(import_run(TEXT(HEADER "shown,Shown,Home > Chairs,2,1,,true\n")), 0, 1, 0,
                         0);
    const struct text renamed = TEXT(HEADER "shown,Renamed,Home > Chairs,3,1,,true\n");
    const struct catalog_vendor_import tried = import_try(renamed), done = import_run(renamed);
    import_assert_staged(tried);
    import_assert_staged(done);
    assert_product("shown",
                   "p.status, p.price_amount, p.name, (SELECT fields FROM catalog.product_change)",
                   "2 300 Shown 1");
    direct_set(SHELF.market, "--market.product_approval=false");
}

static void a_charset_that_is_said_is_taken_and_an_unknown_one_refused(void **state)
{
    (void)state;
    /* As UTF-8 it would be another name. */
    struct catalog_start_import command = {
        .file = TEXT(HEADER "sign,K\xC3\xA4se,Home > Chairs,1,1,,true\n"),
        .has_content_type = true,
        .content_type = TEXT("text/csv; header=present; Charset=\"Windows-1252\""),
    };
    struct catalog_vendor_import import;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_start_import_message, &command, &import),
        STATUS_OK);
    import_assert_counts(import_finish(import.id), 1, 0, 0, 0);
    assert_product("sign", "p.name", "K\xC3\x83\xC2\xA4se");
    command.content_type = TEXT("text/csv; charset=koi8-r");
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_start_import_message, &command, &import),
        STATUS_UNSUPPORTED_MEDIA_TYPE);
    direct_advance(SHELF.market, 1000000);
    command.content_type = TEXT("text/csv");
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_start_import_message, &command, &import),
        STATUS_OK);
    import_assert_counts(import_finish(import.id), 0, 1, 0, 0);
    assert_product("sign", "p.name", "K\xC3\xA4se");
}

static void what_is_deleted_meanwhile_stays_so(void **state)
{
    (void)state;
    const struct text file = TEXT(HEADER "gone,Gone,Home > Chairs,1,1,,true\n");
    import_assert_counts(import_run(file), 1, 0, 0, 0);
    const struct uuid job = import_start(TEXT(HEADER "gone,Gone,Home > Chairs,2,1,,true\n"));
    assert_int_equal(step(job), STATUS_OK);
    const struct catalog_list_own_products list = { .has_q = true, .q = TEXT("Gone") };
    struct catalog_own_page page;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_list_own_products_message, &list, &page),
        STATUS_OK);
    const struct catalog_archive_product archive = { .product_id = page.data[0].id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_archive_product_message, &archive, NULL),
        STATUS_OK);
    import_assert_counts(import_finish(job), 0, 0, 0, 1);
    import_assert_problem(job, 0, 2, "", "illegal_transition");
    assert_product("gone", "p.status, p.price_amount", "5 100");
}

static void a_vendor_that_is_suspended_meanwhile_ends_its_import(void **state)
{
    (void)state;
    const struct uuid job = import_start(TEXT(HEADER "late,Late,Home > Chairs,1,1,,true\n"));
    assert_int_equal(step(job), STATUS_OK);
    SHELF.standing = VENDOR_VENDOR_STATUS_SUSPENDED;
    const struct catalog_vendor_import import = import_finish(job);
    SHELF.standing = VENDOR_VENDOR_STATUS_APPROVED;
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_FAILED);
    assert_true(text_equals_string(import.failure, "vendor_unavailable"));
    assert_product("late", "p.status", "");
}

static void a_vendor_that_waits_for_approval_makes_drafts_only(void **state)
{
    (void)state;
    SHELF.standing = VENDOR_VENDOR_STATUS_APPLIED;
    const struct catalog_vendor_import import = import_run(
        TEXT(HEADER "early,Early,Home > Chairs,1,1,,true\nquiet,Quiet,Home > Chairs,1,1,,no\n"));
    SHELF.standing = VENDOR_VENDOR_STATUS_APPROVED;
    import_assert_counts(import, 1, 0, 0, 1);
    import_assert_problem(import.id, 0, 2, "is_listed", "vendor_unavailable");
    assert_product("quiet", "p.status", "0");
}

static void a_member_without_the_right_to_stock_hands_nothing_in(void **state)
{
    (void)state;
    struct principal member = SHELF.vendor;
    member.rights &= ~(UINT64_C(1) << VENDOR_PERMISSION_MANAGE_STOCK);
    struct catalog_vendor_import import;
    assert_int_equal(import_start_as(&member, TEXT(HEADER), false, &import), STATUS_FORBIDDEN);
}

/* ---- the queue ---- */

static void one_import_of_a_vendor_runs_and_five_wait(void **state)
{
    (void)state;
    struct uuid jobs[6];
    for (size_t i = 0; i < 6; i++)
        jobs[i] = import_start(TEXT(HEADER "queue,Queue,Home > Chairs,1,1,,true\n"));
    struct catalog_vendor_import import;
    assert_int_equal(import_start_as(&SHELF.vendor, TEXT(HEADER), false, &import),
                     STATUS_TOO_MANY_IMPORTS);
    assert_int_equal(step(jobs[0]), STATUS_OK);
    assert_int_equal(import_look(jobs[0]).status, CATALOG_IMPORT_STATUS_RUNNING);
    assert_int_equal(step(jobs[1]), STATUS_OK);
    assert_int_equal(import_look(jobs[1]).status, CATALOG_IMPORT_STATUS_QUEUED);
    assert_int_equal(cancel_as(&SHELF.vendor, jobs[5]), STATUS_OK);
    assert_int_equal(import_look(jobs[5]).status, CATALOG_IMPORT_STATUS_CANCELLED);
    import_assert_counts(import_finish(jobs[4]), 0, 0, 1, 0);
    import_assert_counts(import_look(jobs[0]), 1, 0, 0, 0);
    assert_int_equal(cancel_as(&SHELF.vendor, jobs[0]), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(cancel_as(&SHELF.vendor, jobs[5]), STATUS_ILLEGAL_TRANSITION);
    const struct catalog_list_imports query = { .has_limit = true, .limit = 2 };
    struct catalog_import_jobs page;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_list_imports_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 2);
    assert_true(page.has_more);
    assert_true(uuid_equals(page.data[0].id, jobs[5]));
    const struct catalog_list_imports next = {
        .has_limit = true, .limit = 2, .has_after = true, .after = page.next
    };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_list_imports_message, &next, &page),
        STATUS_OK);
    assert_true(uuid_equals(page.data[0].id, jobs[3]));
}

static void old_imports_are_forgotten(void **state)
{
    (void)state;
    const struct uuid job = import_start(TEXT(HEADER "old,,,,,,\n"));
    (void)import_finish(job);
    direct_advance(SHELF.market, INT64_C(31) * 86400 * 1000000);
    assert_int_equal(direct_sweep(SHELF.market, "old_imports"), STATUS_OK);
    const struct catalog_get_import query = { .job_id = job };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_get_import_message, &query, NULL),
        STATUS_NOT_FOUND);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT count(*) FROM catalog.import_problem"), "0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_becomes_products_and_again_changes_nothing),
        cmocka_unit_test(a_dry_run_says_the_same_and_changes_nothing),
        cmocka_unit_test(what_the_routes_refuse_is_refused_at_its_line),
        cmocka_unit_test(a_column_that_is_not_there_takes_nothing_away),
        cmocka_unit_test(a_price_below_its_sale_or_tiers_is_refused_as_in_the_routes),
        cmocka_unit_test(what_a_category_requires_is_required_of_files),
        cmocka_unit_test(a_price_in_another_currency_is_beside_one_in_the_markets),
        cmocka_unit_test(handles_of_another_vendor_name_nothing_of_his),
        cmocka_unit_test(files_that_are_none_end_as_failed),
        cmocka_unit_test(approval_holds_for_files),
        cmocka_unit_test(a_charset_that_is_said_is_taken_and_an_unknown_one_refused),
        cmocka_unit_test(what_is_deleted_meanwhile_stays_so),
        cmocka_unit_test(a_vendor_that_is_suspended_meanwhile_ends_its_import),
        cmocka_unit_test(a_vendor_that_waits_for_approval_makes_drafts_only),
        cmocka_unit_test(a_member_without_the_right_to_stock_hands_nothing_in),
        cmocka_unit_test(one_import_of_a_vendor_runs_and_five_wait),
        cmocka_unit_test(old_imports_are_forgotten),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
