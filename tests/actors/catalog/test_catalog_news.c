/* Claims about what search hears of: every kind of write that changes what it knows, and no other.
 */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

enum { SECOND_US = 1000000 };

static size_t news_then;

static size_t count_news(void)
{
    return direct_events(SHELF.market, catalog_product_was_changed_message.number);
}

static struct catalog_own_product make(const char *name, int64_t stock)
{
    struct catalog_create_product wish = shelf_wish(name);
    wish.has_stock = true;
    wish.stock = stock;
    const struct catalog_own_product made = shelf_make(&wish);
    news_then = count_news();
    return made;
}

/* One product was named since the last look, and this is what was said of it. */
static void assert_told(struct uuid product, bool is_visible)
{
    struct catalog_product_was_changed event;
    assert_int_equal(count_news(), news_then + 1);
    direct_last_event(SHELF.market, &catalog_product_was_changed_message, &event);
    assert_true(uuid_equals(event.product_id, product));
    assert_int_equal(event.is_visible, is_visible);
    news_then = count_news();
}

static void assert_not_told(void)
{
    assert_int_equal(count_news(), news_then);
}

static void call_as(const struct principal *who, const struct message *message, const void *body)
{
    assert_int_equal(direct_call(SHELF.market, who, message, body, NULL), STATUS_OK);
}

/* ---- vendors and staff ---- */

static void new_product_is_told(void **state)
{
    (void)state;
    news_then = count_news();
    const struct catalog_create_product wish = shelf_wish("New");
    assert_told(shelf_make(&wish).id, true);
}

static void change_of_a_name_is_told(void **state)
{
    (void)state;
    const struct uuid id = make("Old name", 10).id;
    const struct catalog_change_product command = { .product_id = id,
                                                    .has_name = true,
                                                    .name = TEXT("New name") };
    call_as(&SHELF.vendor, &catalog_change_product_message, &command);
    assert_told(id, true);
}

static void hidden_and_published_products_are_told_with_what_they_are_now(void **state)
{
    (void)state;
    const struct uuid id = make("Hidden", 10).id;
    const struct catalog_hide_product hide = { .product_id = id };
    call_as(&SHELF.vendor, &catalog_hide_product_message, &hide);
    assert_told(id, false);
    const struct catalog_publish_product publish = { .product_id = id };
    call_as(&SHELF.vendor, &catalog_publish_product_message, &publish);
    assert_told(id, true);
    const struct catalog_archive_product archive = { .product_id = id };
    call_as(&SHELF.vendor, &catalog_archive_product_message, &archive);
    assert_told(id, false);
}

static void product_that_staff_hides_is_told(void **state)
{
    (void)state;
    const struct uuid id = make("Blocked", 10).id;
    const struct catalog_block_product command = { .product_id = id,
                                                   .reason = TEXT("A complaint.") };
    call_as(&SHELF.staff, &catalog_block_product_message, &command);
    assert_told(id, false);
}

static void new_price_and_removed_variant_are_told(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Priced", 10);
    const struct money price = { 700, "EUR" };
    const struct catalog_change_variant change = { .product_id = made.id,
                                                   .variant_id = made.variants[0].id,
                                                   .prices = &price,
                                                   .prices_count = 1 };
    call_as(&SHELF.vendor, &catalog_change_variant_message, &change);
    assert_told(made.id, true);
    const struct text_pair option = { TEXT("Size"), TEXT("L") };
    const struct catalog_add_variant add = { .product_id = made.id,
                                             .options = &option,
                                             .options_count = 1,
                                             .prices = &price,
                                             .prices_count = 1 };
    call_as(&SHELF.vendor, &catalog_add_variant_message, &add);
    assert_told(made.id, true);
    const struct catalog_remove_variant gone = { .product_id = made.id,
                                                 .variant_id = made.variants[0].id };
    call_as(&SHELF.vendor, &catalog_remove_variant_message, &gone);
    assert_told(made.id, true);
}

static void refused_change_is_not_told(void **state)
{
    (void)state;
    const struct uuid id = make("Refused", 10).id;
    const struct catalog_change_product command = { .product_id = id,
                                                    .has_name = true,
                                                    .name = TEXT("\x01") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &command, NULL),
        STATUS_INVALID_VALUE);
    assert_not_told();
}

/* ---- imports ---- */

static struct catalog_import_product file_row(const struct catalog_imported_variant *variant)
{
    static char identity[ID_TEXT_MAX + 20];
    const size_t length = id_format("ven", SHELF.vendor.id, identity);
    identity[length] = '/';
    identity[length + 1] = 'f';
    return (struct catalog_import_product){ .identity = { identity, length + 2 },
                                            .vendor_id = SHELF.vendor.id,
                                            .category_id = SHELF.category,
                                            .handle = TEXT("f"),
                                            .name = TEXT("From a file"),
                                            .is_listed = true,
                                            .variants = variant,
                                            .variants_count = 1 };
}

static void imported_product_is_told_once_and_an_unchanged_row_is_not(void **state)
{
    (void)state;
    const struct catalog_imported_variant variant = { .price = { 500, "EUR" }, .quantity = 3 };
    const struct catalog_import_product row = file_row(&variant);
    struct catalog_product_imported reply;
    news_then = count_news();
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_import_product_message, &row, &reply),
                     STATUS_OK);
    assert_told(reply.product_id, true);
    call_as(NULL, &catalog_import_product_message, &row);
    assert_not_told();
}

/* ---- stock ---- */

static void set_stock(const struct catalog_own_product *product, int64_t on_hand)
{
    const struct catalog_set_stock command = { .variant_id = product->variants[0].id,
                                               .on_hand = on_hand };
    call_as(&SHELF.vendor, &catalog_set_stock_message, &command);
}

static void stock_is_told_when_it_runs_out_and_when_it_is_back(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Counted", 10);
    set_stock(&made, 3);
    assert_not_told();
    set_stock(&made, 0);
    assert_told(made.id, true);
    set_stock(&made, 5);
    assert_told(made.id, true);
    set_stock(&made, 9);
    assert_not_told();
}

static void reserve(const struct catalog_own_product *product, uint8_t name, int64_t quantity)
{
    const struct catalog_reserve_stock command = { .variant_id = product->variants[0].id,
                                                   .reservation_id = { { name } },
                                                   .quantity = quantity,
                                                   .expires_at_us =
                                                       direct_now_us(SHELF.market) + SECOND_US };
    struct catalog_stock_reserved reply;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_reserve_stock_message, &command, &reply),
        STATUS_OK);
}

static void last_unit_that_is_set_aside_and_comes_back_is_told(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Reserved", 2);
    reserve(&made, 1, 1);
    assert_not_told();
    reserve(&made, 2, 1);
    assert_told(made.id, true);
    const struct catalog_release_stock release = { .variant_id = made.variants[0].id,
                                                   .reservation_id = { { 2 } } };
    call_as(NULL, &catalog_release_stock_message, &release);
    assert_told(made.id, true);
    reserve(&made, 3, 1);
    assert_told(made.id, true);
    direct_advance(SHELF.market, 2 * SECOND_US);
    const struct catalog_expire_stock expire = { .variant_id = made.variants[0].id,
                                                 .reservation_id = { { 3 } } };
    call_as(NULL, &catalog_expire_stock_message, &expire);
    assert_told(made.id, true);
}

static void restocked_units_are_told_when_there_were_none(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Restocked", 0);
    struct catalog_restock_units command = { .variant_id = made.variants[0].id,
                                             .restock_id = { { 1 } },
                                             .group_id = { { 7 } },
                                             .quantity = 1 };
    call_as(NULL, &catalog_restock_units_message, &command);
    assert_told(made.id, true);
    command.restock_id = (struct uuid){ { 2 } };
    call_as(NULL, &catalog_restock_units_message, &command);
    assert_not_told();
}

/* It changes its place among the popular ones; availability it does not change. */
static void sale_is_told_when_it_counts(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Sold", 100);
    size_t told = 0;
    for (uint8_t i = 1; i <= 40; i++) {
        const struct catalog_commit_stock commit = { .variant_id = made.variants[0].id,
                                                     .reservation_id = { { i } } };
        reserve(&made, i, 1);
        news_then = count_news();
        call_as(NULL, &catalog_commit_stock_message, &commit);
        told += count_news() - news_then;
    }
    assert_int_equal(told, 5); /* the 8th, 12th, 16th, 24th and 32nd */
    struct catalog_product_was_changed event;
    direct_last_event(SHELF.market, &catalog_product_was_changed_message, &event);
    assert_true(event.has_is_only_sales && event.is_only_sales);
}

/* ---- the clock ---- */

static void sale_is_told_when_it_begins_and_when_it_ends(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("On sale later", 10);
    const struct catalog_price_sale sale = { .price = { 400, "EUR" },
                                             .has_starts_at = true,
                                             .starts_at_us =
                                                 direct_now_us(SHELF.market) + 10 * SECOND_US,
                                             .has_ends_at = true,
                                             .ends_at_us =
                                                 direct_now_us(SHELF.market) + 20 * SECOND_US };
    const struct catalog_change_variant change = {
        .product_id = made.id, .variant_id = made.variants[0].id, .sales = &sale, .sales_count = 1
    };
    call_as(&SHELF.vendor, &catalog_change_variant_message, &change);
    assert_told(made.id, true);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_not_told();
    direct_advance(SHELF.market, 11 * SECOND_US);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_told(made.id, true);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_not_told();
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_told(made.id, true);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_not_told();
}

/* A node of the version before writes a sale and does not say that search was told of it. */
static void sale_that_another_version_wrote_is_told_when_it_begins(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Of another version", 10);
    (void)shelf_sql("WITH u AS (UPDATE catalog.product SET sale_amount = 100, sale_from = 0,"
                    " sale_to = 9000000000000000 WHERE id = '%s' RETURNING 1) SELECT 1 FROM u",
                    made.id);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_told(made.id, true);
}

/* ---- vendors ---- */

static void what_is_heard_of_a_vendor_is_told(void **state)
{
    (void)state;
    struct catalog_vendor_copy_was_changed event;
    const struct catalog_copy_vendor command = {
        .vendor_id = SHELF.stranger.id, .version = 2, .name = TEXT("Elm & Son"), .is_open = false
    };
    news_then = count_news();
    call_as(NULL, &catalog_copy_vendor_message, &command);
    direct_last_event(SHELF.market, &catalog_vendor_copy_was_changed_message, &event);
    assert_true(uuid_equals(event.vendor_id, SHELF.stranger.id));
    assert_not_told(); /* its products are not named one by one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_product_is_told),
        cmocka_unit_test(change_of_a_name_is_told),
        cmocka_unit_test(hidden_and_published_products_are_told_with_what_they_are_now),
        cmocka_unit_test(product_that_staff_hides_is_told),
        cmocka_unit_test(new_price_and_removed_variant_are_told),
        cmocka_unit_test(refused_change_is_not_told),
        cmocka_unit_test(imported_product_is_told_once_and_an_unchanged_row_is_not),
        cmocka_unit_test(stock_is_told_when_it_runs_out_and_when_it_is_back),
        cmocka_unit_test(last_unit_that_is_set_aside_and_comes_back_is_told),
        cmocka_unit_test(restocked_units_are_told_when_there_were_none),
        cmocka_unit_test(sale_is_told_when_it_counts),
        cmocka_unit_test(sale_is_told_when_it_begins_and_when_it_ends),
        cmocka_unit_test(sale_that_another_version_wrote_is_told_when_it_begins),
        cmocka_unit_test(what_is_heard_of_a_vendor_is_told),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
