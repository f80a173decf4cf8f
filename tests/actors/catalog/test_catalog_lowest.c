/* Claims about what shoppers are told of the lowest price of 30 days, against a scratch database.
 */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all
#define DAY_US (INT64_C(24) * 3600 * 1000000)

static void pass_days(int64_t days)
{
    direct_advance(SHELF.market, days * DAY_US);
}

static struct catalog_own_product make(const char *name)
{
    const struct catalog_create_product wish = shelf_wish(name);
    return shelf_make(&wish);
}

static void change(const struct catalog_own_product *product, struct catalog_change_variant command)
{
    direct_advance(SHELF.market, 1000000);
    command.product_id = product->id;
    command.variant_id = product->variants[0].id;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
}

static void set_price(const struct catalog_own_product *product, int64_t amount)
{
    const struct money price = { amount, "EUR" };
    change(product, (struct catalog_change_variant){ .prices = &price, .prices_count = 1 });
}

static void put_on_sale(const struct catalog_own_product *product, int64_t amount, int64_t in_days)
{
    const struct catalog_price_sale sale = {
        .price = { amount, "EUR" },
        .has_starts_at = in_days > 0,
        .starts_at_us = direct_now_us(SHELF.market) + in_days * DAY_US,
    };
    change(product, (struct catalog_change_variant){ .sales = &sale, .sales_count = 1 });
}

static void end_sale(const struct catalog_own_product *product)
{
    change(product,
           (struct catalog_change_variant){ .has_remove_sales = true, .remove_sales = true });
}

/* What the variant, the product and the list say; -1: nothing. All say the same. */
static int64_t told(const struct catalog_own_product *product)
{
    struct catalog_product seen;
    struct catalog_product_page page;
    const struct catalog_list_products query = { .has_limit = true, .limit = 100 };
    assert_int_equal(shelf_look(product->id, &seen), STATUS_OK);
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    const bool is_told = seen.variants[0].has_lowest_price_30_days;
    const int64_t amount = is_told ? seen.variants[0].lowest_price_30_days.amount : -1;
    assert_int_equal(seen.has_lowest_price_30_days, is_told);
    if (is_told) assert_int_equal(seen.lowest_price_30_days.amount, amount);
    for (size_t i = 0; i < page.data_count; i++) {
        if (!uuid_equals(page.data[i].id, product->id)) continue;
        assert_int_equal(page.data[i].has_lowest_price_30_days, is_told);
        if (is_told) assert_int_equal(page.data[i].lowest_price_30_days.amount, amount);
        return amount;
    }
    return -2; /* it is not listed */
}

static void a_price_that_is_raised_before_a_sale_is_told(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Raised");
    pass_days(40);
    set_price(&made, 900);
    pass_days(10);
    assert_int_equal(told(&made), -1);
    put_on_sale(&made, 600, 0);
    assert_int_equal(told(&made), 500);
    /* Whatever else changes, and as time goes by: the sale is the same. */
    const struct catalog_change_product rename = { .product_id = made.id,
                                                   .has_name = true,
                                                   .name = TEXT("Raised again") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &rename, NULL),
        STATUS_OK);
    pass_days(60);
    change(&made, (struct catalog_change_variant){ .has_weight_grams = true, .weight_grams = 7 });
    assert_int_equal(told(&made), 500);
    end_sale(&made);
    assert_int_equal(told(&made), -1);
}

static void a_sale_is_the_lowest_price_of_the_next_one(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Again and again");
    pass_days(40);
    put_on_sale(&made, 300, 0);
    assert_int_equal(told(&made), 500);
    pass_days(3);
    end_sale(&made);
    pass_days(20);
    put_on_sale(&made, 400, 0);
    assert_int_equal(told(&made), 300);
    end_sale(&made);
    pass_days(31);
    put_on_sale(&made, 400, 0);
    assert_int_equal(told(&made), 500);
}

static void a_planned_sale_is_told_with_its_lowest_price_when_it_begins(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Planned");
    pass_days(40);
    set_price(&made, 450);
    pass_days(1);
    set_price(&made, 700);
    put_on_sale(&made, 400, 20);
    assert_int_equal(told(&made), -1);
    pass_days(20);
    assert_int_equal(told(&made), 450);
}

static void what_is_new_and_on_sale_at_once_has_no_lowest_price(void **state)
{
    (void)state;
    const struct money price = { 500, "EUR" };
    const struct catalog_price_sale sale = { .price = { 400, "EUR" } };
    const struct catalog_new_variant variant = {
        .prices = &price, .prices_count = 1, .sales = &sale, .sales_count = 1
    };
    struct catalog_create_product wish = shelf_wish("New on sale");
    wish.has_price = wish.has_stock = false;
    wish.variants = &variant;
    wish.variants_count = 1;
    const struct catalog_own_product made = shelf_make(&wish);
    assert_int_equal(told(&made), -1);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_true(seen.has_sale_price);
}

static void a_file_leaves_a_history_too(void **state)
{
    (void)state;
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", SHELF.vendor.id, vendor);
    struct catalog_imported_variant variant = { .price = { 800, "EUR" } };
    const struct catalog_import_product command = {
        .identity = text_format(SHELF.arena, "%s/history", vendor),
        .vendor_id = SHELF.vendor.id,
        .category_id = SHELF.category,
        .handle = TEXT("history"),
        .name = TEXT("History"),
        .is_listed = true,
        .variants = &variant,
        .variants_count = 1,
    };
    const int64_t amounts[] = { 800, 650, 900 };
    struct catalog_product_imported reply;
    for (size_t i = 0; i < ARRAY_LENGTH(amounts); i++) {
        pass_days(10);
        variant.price.amount = amounts[i];
        assert_int_equal(
            direct_call(SHELF.market, NULL, &catalog_import_product_message, &command, &reply),
            STATUS_OK);
    }
    pass_days(1);
    variant.has_sale_price = true;
    variant.sale_price = (struct money){ 700, "EUR" };
    for (int i = 0; i < 2; i++) { /* the same file again changes nothing */
        assert_int_equal(
            direct_call(SHELF.market, NULL, &catalog_import_product_message, &command, &reply),
            STATUS_OK);
        struct catalog_product seen;
        assert_int_equal(shelf_look(reply.product_id, &seen), STATUS_OK);
        assert_int_equal(seen.lowest_price_30_days.amount, 650);
        pass_days(1);
    }
}

static void each_currency_has_a_history_of_its_own(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Two currencies");
    const struct money both[] = { { 500, "EUR" }, { 300, "USD" } }, euro = { 600, "EUR" };
    pass_days(40);
    change(&made, (struct catalog_change_variant){ .prices = both, .prices_count = 2 });
    pass_days(5);
    change(&made, (struct catalog_change_variant){ .prices = &euro, .prices_count = 1 });
    pass_days(5);
    put_on_sale(&made, 550, 0);
    assert_int_equal(told(&made), 500);
    assert_true(text_equals_string(shelf_sql("SELECT string_agg(p.currency || p.amount, ' ' ORDER"
                                             " BY p.until, p.currency) FROM catalog.price_past p"
                                             " JOIN catalog.variant w ON w.id = p.variant_id"
                                             " WHERE w.product_id = '%s'",
                                             made.id),
                                   "EUR500 USD300 EUR600"));
}

static void prices_that_are_over_for_30_days_are_forgotten(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Forgotten");
    pass_days(1);
    set_price(&made, 510);
    pass_days(20);
    set_price(&made, 520);
    static const char *const left = "SELECT count(*) FROM catalog.price_past p JOIN catalog.variant"
                                    " w ON w.id = p.variant_id WHERE w.product_id = '%s'";
    assert_true(text_equals_string(shelf_sql(left, made.id), "2"));
    pass_days(15);
    assert_int_equal(direct_sweep(SHELF.market, "old_prices"), STATUS_OK);
    assert_true(text_equals_string(shelf_sql(left, made.id), "1"));
    put_on_sale(&made, 505, 0);
    assert_int_equal(told(&made), 510);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_price_that_is_raised_before_a_sale_is_told),
        cmocka_unit_test(a_sale_is_the_lowest_price_of_the_next_one),
        cmocka_unit_test(a_planned_sale_is_told_with_its_lowest_price_when_it_begins),
        cmocka_unit_test(what_is_new_and_on_sale_at_once_has_no_lowest_price),
        cmocka_unit_test(a_file_leaves_a_history_too),
        cmocka_unit_test(each_currency_has_a_history_of_its_own),
        cmocka_unit_test(prices_that_are_over_for_30_days_are_forgotten),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
