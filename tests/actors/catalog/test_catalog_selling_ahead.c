/* Claims about variants that are sold ahead: routes, rows, what shoppers and carts are told. */
#include "tests/actors/catalog/import_shelf.h"
#include "tests/support/cmocka.h"

#define SHELF shelf_of_all
#define DAY_US (86400LL * 1000000)

static struct catalog_own_product made;
static struct uuid variant;

/* A product with one variant, of which there are 2. */
static int stock_up(void **state)
{
    (void)state;
    static unsigned count;
    struct catalog_create_product wish =
        shelf_wish(text_format(SHELF.arena, "Ahead %u", ++count).data);
    wish.stock = 2;
    made = shelf_make(&wish);
    variant = made.variants[0].id;
    return 0;
}

static int stock_is_sound(void **state)
{
    (void)state;
    return direct_sql_as_role(SHELF.market, "SELECT invariant FROM catalog.check_stock()").length ==
                   0
               ? 0
               : -1;
}

static enum status set_policy(const struct principal *who, struct catalog_set_stock_policy command,
                              struct catalog_stock_level *ret_level)
{
    command.variant_id = variant;
    return direct_call(SHELF.market, who, &catalog_set_stock_policy_message, &command, ret_level);
}

static struct catalog_stock_level allow(enum catalog_stock_policy policy, int64_t limit,
                                        int64_t available_on_us)
{
    struct catalog_stock_level level;
    const struct catalog_set_stock_policy command = {
        .policy = policy,
        .has_limit = limit != 0,
        .limit = limit,
        .has_available_on = available_on_us != 0,
        .available_on_us = available_on_us,
    };
    assert_int_equal(set_policy(&SHELF.vendor, command, &level), STATUS_OK);
    return level;
}

static enum status reserve(uint8_t name, int64_t quantity)
{
    const struct catalog_reserve_stock command = {
        .variant_id = variant,
        .reservation_id = { { name, 1 } },
        .quantity = quantity,
        .expires_at_us = direct_now_us(SHELF.market) + 600000000,
    };
    struct catalog_stock_reserved reply;
    return direct_call(SHELF.market, NULL, &catalog_reserve_stock_message, &command, &reply);
}

static void sell(uint8_t name, int64_t quantity)
{
    const struct catalog_commit_stock command = { .variant_id = variant,
                                                  .reservation_id = { { name, 1 } } };
    struct empty reply;
    assert_int_equal(reserve(name, quantity), STATUS_OK);
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_commit_stock_message, &command, &reply),
        STATUS_OK);
}

static struct catalog_stock_level look(void)
{
    const struct catalog_get_stock query = { .variant_id = variant };
    struct catalog_stock_level level;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_get_stock_message, &query, &level),
        STATUS_OK);
    return level;
}

static struct catalog_offer offer(void)
{
    const struct catalog_get_offers query = { .variant_ids = &variant,
                                              .variant_ids_count = 1,
                                              .currency = TEXT("EUR") };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_int_equal(offers.offers_count, 1);
    return offers.offers[0];
}

static struct catalog_product_summary listed(void)
{
    const struct catalog_list_products query = {
        .has_in_stock = true, .in_stock = true, .has_limit = true, .limit = 100
    };
    struct catalog_product_page page;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    for (size_t i = 0; i < page.data_count; i++)
        if (uuid_equals(page.data[i].id, made.id)) return page.data[i];
    return (struct catalog_product_summary){ .availability = CATALOG_AVAILABILITY_OUT_OF_STOCK };
}

static void assert_availability(enum catalog_availability wanted, int64_t available)
{
    struct catalog_product product;
    assert_int_equal(shelf_look(made.id, &product), STATUS_OK);
    assert_int_equal(product.availability, wanted);
    assert_int_equal(product.variants[0].availability, wanted);
    assert_int_equal(product.variants[0].available, available);
    assert_int_equal(product.in_stock, available > 0);
    assert_int_equal(listed().availability, wanted);
    assert_int_equal(offer().available, available);
}

static void back_orders_are_sold_up_to_the_limit_and_told(void **state)
{
    (void)state;
    assert_availability(CATALOG_AVAILABILITY_IN_STOCK, 2);
    const struct catalog_stock_level level = allow(CATALOG_STOCK_POLICY_BACKORDER, 3, 0);
    assert_int_equal(level.available, 5);
    assert_availability(CATALOG_AVAILABILITY_IN_STOCK, 5);
    assert_int_equal(offer().ready, 2);
    sell(1, 4);
    assert_availability(CATALOG_AVAILABILITY_BACKORDER, 1);
    assert_true(offer().has_ready);
    assert_int_equal(offer().ready, 0);
    assert_int_equal(reserve(2, 2), STATUS_INSUFFICIENT_STOCK);
    sell(3, 1);
    assert_availability(CATALOG_AVAILABILITY_OUT_OF_STOCK, 0);
    assert_int_equal(look().owed, 3);
    assert_int_equal(look().on_hand, 0);
    assert_int_equal(shelf_inspect(made.id).variants[0].owed, 3);
}

static void receipts_fill_what_is_owed_and_are_movements(void **state)
{
    (void)state;
    const struct catalog_receive_stock command = { .variant_id = variant, .quantity = 5 };
    struct catalog_stock_level level;
    (void)allow(CATALOG_STOCK_POLICY_BACKORDER, 3, 0);
    sell(11, 4);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_receive_stock_message, &command, &level),
        STATUS_OK);
    assert_int_equal(level.owed, 0);
    assert_int_equal(level.on_hand, 3);
    assert_true(text_equals_string(
        shelf_sql("SELECT string_agg(kind || ' ' || delta, ', ' ORDER BY version)"
                  " FROM catalog.stock_movement WHERE variant_id = '%s'",
                  variant),
        "0 2, 2 -4, 5 5"));
    const struct catalog_receive_stock much = { .variant_id = variant, .quantity = 1000000000 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_receive_stock_message, &much, &level),
        STATUS_OUT_OF_RANGE);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.stranger, &catalog_receive_stock_message, &command, NULL),
        STATUS_NOT_FOUND);
}

static void a_preorder_ends_by_the_clock_and_search_hears_of_it(void **state)
{
    (void)state;
    const int64_t day = direct_now_us(SHELF.market) + 10 * DAY_US;
    (void)allow(CATALOG_STOCK_POLICY_PREORDER, 3, day);
    assert_availability(CATALOG_AVAILABILITY_PREORDER, 5);
    assert_int_equal(listed().available_on_us, day);
    assert_int_equal(offer().available_on_us, day);
    assert_int_equal(offer().ready, 0);
    sell(21, 4);
    assert_availability(CATALOG_AVAILABILITY_PREORDER, 1);
    direct_advance(SHELF.market, 10 * DAY_US);
    assert_availability(CATALOG_AVAILABILITY_OUT_OF_STOCK, 0);
    assert_int_equal(reserve(22, 1), STATUS_INSUFFICIENT_STOCK);
    const size_t told = direct_events(SHELF.market, catalog_product_was_changed_message.number);
    assert_int_equal(direct_sweep(SHELF.market, "preorders"), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_product_was_changed_message.number),
                     told + 1);
    assert_int_equal(direct_sweep(SHELF.market, "preorders"), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_product_was_changed_message.number),
                     told + 1);
    assert_int_equal(look().policy, CATALOG_STOCK_POLICY_DENY);
    assert_int_equal(look().owed, 2);
}

static void a_policy_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    const int64_t now = direct_now_us(SHELF.market);
    const struct catalog_set_stock_policy wrong[] = {
        { .policy = CATALOG_STOCK_POLICY_BACKORDER },
        { .policy = CATALOG_STOCK_POLICY_DENY, .has_limit = true, .limit = 1 },
        { .policy = CATALOG_STOCK_POLICY_PREORDER, .has_limit = true, .limit = 1 },
        { .policy = CATALOG_STOCK_POLICY_PREORDER,
          .has_limit = true,
          .limit = 1,
          .has_available_on = true,
          .available_on_us = now - DAY_US },
        { .policy = CATALOG_STOCK_POLICY_PREORDER,
          .has_limit = true,
          .limit = 1,
          .has_available_on = true,
          .available_on_us = now + 3650 * DAY_US },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(set_policy(&SHELF.vendor, wrong[i], NULL), STATUS_INVALID_VALUE);
    const int64_t stale = 99;
    const struct catalog_set_stock_policy good = { .policy = CATALOG_STOCK_POLICY_BACKORDER,
                                                   .has_limit = true,
                                                   .limit = 1,
                                                   .versions = &stale,
                                                   .versions_count = 1 };
    assert_int_equal(set_policy(&SHELF.vendor, good, NULL), STATUS_PRECONDITION_FAILED);
    assert_int_equal(set_policy(&SHELF.stranger, good, NULL), STATUS_NOT_FOUND);
    assert_int_equal(look().policy, CATALOG_STOCK_POLICY_DENY);
}

static void a_policy_that_ends_keeps_what_is_owed(void **state)
{
    (void)state;
    (void)allow(CATALOG_STOCK_POLICY_BACKORDER, 9, 0);
    sell(31, 7);
    const struct catalog_stock_level level = allow(CATALOG_STOCK_POLICY_DENY, 0, 0);
    assert_int_equal(level.owed, 5);
    assert_int_equal(level.available, 0);
    direct_forget(SHELF.market);
    assert_int_equal(reserve(32, 1), STATUS_INSUFFICIENT_STOCK);
    assert_availability(CATALOG_AVAILABILITY_OUT_OF_STOCK, 0);
}

static int64_t units_owed(void)
{
    const struct catalog_find_owed query = { .variant_ids = &variant, .variant_ids_count = 1 };
    struct catalog_owed_goods goods;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_find_owed_message, &query, &goods),
                     STATUS_OK);
    assert_int_equal(goods.data_count, 1);
    return goods.data[0].units;
}

/* An order is there before its reservation is committed. */
static void orders_are_told_of_what_is_set_aside_too(void **state)
{
    (void)state;
    (void)allow(CATALOG_STOCK_POLICY_BACKORDER, 9, 0);
    sell(41, 3);
    assert_int_equal(units_owed(), 1);
    assert_int_equal(reserve(42, 4), STATUS_OK);
    assert_int_equal(units_owed(), 5);
}

/* All that would keep what is owed from coming in. */
static void assert_leaving(enum status expected, const struct catalog_new_part *part)
{
    const struct catalog_set_bundle bundle = {
        .product_id = made.id, .variant_id = variant, .parts = part, .parts_count = 1
    };
    const struct catalog_remove_variant removal = { .product_id = made.id, .variant_id = variant };
    const struct catalog_archive_product archive = { .product_id = made.id };
    struct catalog_bundle reply;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_bundle_message, &bundle, &reply),
        expected);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_remove_variant_message, &removal, NULL),
        expected);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_archive_product_message, &archive, NULL),
        expected);
}

static void goods_that_are_owed_stay_until_they_have_come_in(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Part of what is owed");
    const struct catalog_new_part part = { shelf_make(&wish).variants[0].id, 1 };
    const struct money price = { 700, "EUR" };
    const struct text_pair option = { TEXT("Size"), TEXT("L") };
    const struct catalog_add_variant add = { .product_id = made.id,
                                             .options = &option,
                                             .options_count = 1,
                                             .prices = &price,
                                             .prices_count = 1 };
    const struct catalog_receive_stock receipt = { .variant_id = variant, .quantity = 1 };
    struct catalog_own_product product;
    struct catalog_stock_level level;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &add, &product),
        STATUS_OK);
    (void)allow(CATALOG_STOCK_POLICY_BACKORDER, 9, 0);
    sell(43, 3);
    assert_leaving(STATUS_UNITS_OWED, &part);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_receive_stock_message, &receipt, &level),
        STATUS_OK);
    assert_leaving(STATUS_OK, &part);
}

static void staff_sees_what_is_owed_and_books_what_came_in_for_any_vendor(void **state)
{
    (void)state;
    (void)allow(CATALOG_STOCK_POLICY_BACKORDER, 9, 0);
    sell(44, 5);
    const struct catalog_inspect_stock query = { .variant_id = variant };
    struct catalog_stock_level level;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_inspect_stock_message, &query, &level),
        STATUS_OK);
    assert_int_equal(level.owed, 3);
    struct catalog_book_stock_receipt receipt = { .variant_id = variant,
                                                  .quantity = level.owed,
                                                  .reason = TEXT("They are in the hall.") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff, &catalog_book_stock_receipt_message,
                                 &receipt, &level),
                     STATUS_OK);
    assert_int_equal(level.owed, 0);
    assert_int_equal(level.on_hand, 0);
    receipt.reason = TEXT("\t");
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff, &catalog_book_stock_receipt_message,
                                 &receipt, &level),
                     STATUS_INVALID_VALUE);
    const struct catalog_correct_stock count = { .variant_id = variant,
                                                 .on_hand = 7,
                                                 .reason = TEXT("Counted.") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_correct_stock_message, &count, &level),
        STATUS_OK);
    const struct catalog_inspect_stock_movements list = { .variant_id = variant };
    struct catalog_stock_movements movements;
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_inspect_stock_movements_message, &list, &movements),
                     STATUS_OK);
    assert_int_equal(movements.data_count, 4);
    assert_int_equal(movements.data[0].kind, CATALOG_MOVEMENT_KIND_SET);
    assert_int_equal(movements.data[0].delta, 7);
    assert_int_equal(movements.data[1].kind, CATALOG_MOVEMENT_KIND_RECEIPT);
    assert_int_equal(movements.data[1].delta, 3);
    const struct catalog_archive_product archive = { .product_id = made.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_archive_product_message, &archive, NULL),
        STATUS_OK);
}

/* The row is the last judge: beyond what it allows, no statement gets. */
static void no_row_owes_more_than_it_may(void **state)
{
    (void)state;
    (void)allow(CATALOG_STOCK_POLICY_BACKORDER, 2, 0);
    const char *const wrong[] = {
        "SET held = 5 ",   "SET on_hand = -3, received = sold - 3 ",
        "SET policy = 0 ", "SET ahead_limit = 0 ",
        "SET policy = 2 ", "SET owed_max = 1 ",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        const struct text found = shelf_sql(
            text_format(SHELF.arena,
                        "DO $do$ BEGIN UPDATE catalog.stock %s WHERE variant_id = '%%s'; "
                        "RAISE EXCEPTION 'taken'; EXCEPTION WHEN check_violation THEN NULL; "
                        "END $do$",
                        wrong[i])
                .data,
            variant);
        assert_int_equal(found.length, 0);
    }
}

static void a_files_pre_order_has_a_day_in_the_future(void **state)
{
    (void)state;
    const struct uuid job =
        import_run(TEXT("handle,name,category,price,sku,sells_ahead,ahead_limit,available_on\n"
                        "past,Past,Home,5.00,PAST-1,preorder,7,2020-01-01\n"
                        "far-off,Far off,Home,5.00,FAROFF-1,preorder,7,2090-01-01\n"))
            .id;
    import_assert_problem(job, 0, 2, "available_on", "invalid_value");
    import_assert_problem(job, 1, 3, "available_on", "invalid_value");
    assert_true(
        text_equals_string(direct_sql(SHELF.market, "SELECT count(*)::text FROM catalog.variant"
                                                    " WHERE sku IN ('PAST-1', 'FAROFF-1')"),
                           "0"));
}

static void files_say_it_and_get_it_back(void **state)
{
    (void)state;
    const struct uuid job =
        import_run(TEXT("handle,name,category,price,quantity,sku,sells_ahead,ahead_limit\n"
                        "far,Far,Home,5.00,1,FAR-1,continue,7\n"
                        "wide,Wide,Home,5.00,1,WIDE-1,yes,\n"
                        "near,Near,Home,5.00,1,NEAR-1,deny,\n"
                        "odd,Odd,Home,5.00,1,ODD-1,perhaps,\n"))
            .id;
    import_assert_problem(job, 0, 5, "sells_ahead", "invalid_value");
    assert_true(text_equals_string(
        direct_sql(SHELF.market,
                   "SELECT string_agg(w.sku || ' ' || k.policy || ' ' || k.ahead_limit, ', '"
                   " ORDER BY w.sku) FROM catalog.stock k JOIN catalog.variant w ON w.id ="
                   " k.variant_id WHERE w.sku IN ('FAR-1', 'WIDE-1', 'NEAR-1')"),
        "FAR-1 1 7, NEAR-1 0 0, WIDE-1 1 1000000"));
    const struct catalog_vendor_import again =
        import_run(TEXT("handle,name,category,price,quantity,sku,sells_ahead,ahead_limit\n"
                        "far,Far,Home,5.00,1,FAR-1,deny,\n"));
    import_assert_counts(again, 0, 1, 0, 0);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT k.policy::text FROM catalog.stock k JOIN catalog.variant w"
                                 " ON w.id = k.variant_id WHERE w.sku = 'FAR-1'"),
        "0"));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, stock_up, stock_is_sound)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(back_orders_are_sold_up_to_the_limit_and_told),
        CLAIM(receipts_fill_what_is_owed_and_are_movements),
        CLAIM(a_preorder_ends_by_the_clock_and_search_hears_of_it),
        CLAIM(a_policy_that_does_not_fit_is_refused),
        CLAIM(a_policy_that_ends_keeps_what_is_owed),
        CLAIM(orders_are_told_of_what_is_set_aside_too),
        CLAIM(goods_that_are_owed_stay_until_they_have_come_in),
        CLAIM(staff_sees_what_is_owed_and_books_what_came_in_for_any_vendor),
        CLAIM(no_row_owes_more_than_it_may),
        CLAIM(files_say_it_and_get_it_back),
        CLAIM(a_files_pre_order_has_a_day_in_the_future),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
