/* Claims about sales in lists and details of products, and about the clock, against a scratch
 * database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

enum { SECOND_US = 1000000 };

static int64_t in_seconds(int64_t seconds)
{
    return direct_now_us(SHELF.market) + seconds * SECOND_US;
}

/* On sale from so many seconds on, for so many; for good if `length` is 0. */
static void put_on_sale(const struct catalog_own_product *product, size_t variant, int64_t amount,
                        int64_t from, int64_t length)
{
    const struct catalog_price_sale sale = { .price = { amount, "EUR" },
                                             .has_starts_at = true,
                                             .starts_at_us = in_seconds(from),
                                             .has_ends_at = length > 0,
                                             .ends_at_us = in_seconds(from + length) };
    const struct catalog_change_variant command = { .product_id = product->id,
                                                    .variant_id = product->variants[variant].id,
                                                    .sales = &sale,
                                                    .sales_count = 1 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
}

static struct catalog_own_product make(const char *name)
{
    const struct catalog_create_product wish = shelf_wish(name);
    return shelf_make(&wish);
}

static struct catalog_product look(const struct catalog_own_product *product)
{
    struct catalog_product seen;
    assert_int_equal(shelf_look(product->id, &seen), STATUS_OK);
    return seen;
}

/* The product as the list of that kind has it; a list without it has no id. */
static struct catalog_product_summary listed(const struct catalog_own_product *product,
                                             struct catalog_list_products query)
{
    struct catalog_product_page page;
    query.has_limit = true;
    query.limit = 100;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    for (size_t i = 0; i < page.data_count; i++) {
        if (uuid_equals(page.data[i].id, product->id)) return page.data[i];
    }
    return (struct catalog_product_summary){ .price.amount = -1 };
}

static bool is_listed_between(const struct catalog_own_product *product, int64_t min, int64_t max)
{
    const struct catalog_list_products in_category = { .has_category = true,
                                                       .category = SHELF.category,
                                                       .has_min_price = true,
                                                       .min_price = min,
                                                       .has_max_price = true,
                                                       .max_price = max };
    struct catalog_list_products all = in_category;
    all.has_category = false;
    const bool is_found = listed(product, in_category).price.amount >= 0;
    assert_int_equal(listed(product, all).price.amount >= 0, is_found);
    return is_found;
}

static void a_sale_that_would_be_over_already_is_refused(void **state)
{
    (void)state;
    const struct catalog_own_product product = make("Too late");
    const struct catalog_price_sale over = { .price = { 400, "EUR" },
                                             .has_ends_at = true,
                                             .ends_at_us = in_seconds(0) };
    const struct catalog_change_variant command = { .product_id = product.id,
                                                    .variant_id = product.variants[0].id,
                                                    .sales = &over,
                                                    .sales_count = 1 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/sales/0");
}

static void a_sale_is_seen_while_it_runs(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Timed");
    put_on_sale(&made, 0, 400, 10, 10);
    assert_false(look(&made).has_sale_price);
    assert_false(look(&made).variants[0].has_sale_price);
    assert_false(listed(&made, (struct catalog_list_products){ 0 }).has_sale_price);
    direct_advance(SHELF.market, 10 * SECOND_US);
    const struct catalog_product seen = look(&made);
    assert_int_equal(seen.price.amount, 500);
    assert_int_equal(seen.sale_price.amount, 400);
    assert_int_equal(seen.variants[0].sale_price.amount, 400);
    assert_true(seen.variants[0].has_sale_to);
    const struct catalog_product_summary row = listed(&made, (struct catalog_list_products){ 0 });
    assert_int_equal(row.price.amount, 500);
    assert_int_equal(row.sale_price.amount, 400);
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_false(look(&made).has_sale_price);
    assert_false(listed(&made, (struct catalog_list_products){ 0 }).has_sale_price);
}

static void prices_are_filtered_as_they_are_today(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Filtered");
    put_on_sale(&made, 0, 400, 10, 10);
    shelf_assert_derived(made.id);
    assert_true(is_listed_between(&made, 500, 500));
    assert_false(is_listed_between(&made, 400, 400));
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_false(is_listed_between(&made, 500, 500));
    assert_true(is_listed_between(&made, 400, 400));
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_true(is_listed_between(&made, 500, 500));
    assert_false(is_listed_between(&made, 400, 400));
}

static void the_next_sale_follows_when_one_has_ended(void **state)
{
    (void)state;
    const struct money price = { 900, "EUR" };
    const struct text_pair option = { TEXT("Size"), TEXT("L") };
    struct catalog_own_product made = make("Turns");
    const struct catalog_add_variant more = { .product_id = made.id,
                                              .options = &option,
                                              .options_count = 1,
                                              .prices = &price,
                                              .prices_count = 1 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &more, &made),
        STATUS_OK);
    put_on_sale(&made, 0, 400, 10, 10);
    put_on_sale(&made, 1, 300, 30, 10);
    const int64_t version = shelf_inspect(made.id).version;
    direct_advance(SHELF.market, 20 * SECOND_US);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    shelf_assert_derived(made.id);
    assert_false(listed(&made, (struct catalog_list_products){ 0 }).has_sale_price);
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_int_equal(listed(&made, (struct catalog_list_products){ 0 }).sale_price.amount, 300);
    assert_int_equal(look(&made).sale_price.amount, 300);
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    shelf_assert_derived(made.id);
    assert_text_equal(shelf_sql("SELECT num_nulls(sale_amount, sale_from, sale_to) FROM"
                                " catalog.product WHERE id = '%s'",
                                made.id),
                      TEXT("3"));
    assert_int_equal(shelf_inspect(made.id).version, version);
    assert_true(is_listed_between(&made, 500, 500));
}

static void a_sale_without_an_end_is_left_alone_by_the_clock(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("For good");
    put_on_sale(&made, 0, 1, 0, 0);
    direct_advance(SHELF.market, INT64_C(10000) * SECOND_US);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_int_equal(look(&made).sale_price.amount, 1);
    assert_false(look(&made).variants[0].has_sale_to);
    assert_int_equal(listed(&made, (struct catalog_list_products){ 0 }).sale_price.amount, 1);
}

static void shoppers_read_tiers_and_quantities(void **state)
{
    (void)state;
    const struct catalog_price_tier tier = { 3, { 450, "EUR" } };
    const struct catalog_own_product made = make("Tiered");
    const struct catalog_change_variant command = { .product_id = made.id,
                                                    .variant_id = made.variants[0].id,
                                                    .tiers = &tier,
                                                    .tiers_count = 1,
                                                    .has_quantity_min = true,
                                                    .quantity_min = 3 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    const struct catalog_product seen = look(&made);
    assert_int_equal(seen.variants[0].tiers[0].from_quantity, 3);
    assert_int_equal(seen.variants[0].tiers[0].unit_price.amount, 450);
    assert_int_equal(seen.variants[0].quantity_min, 3);
    assert_false(seen.has_sale_price);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_that_would_be_over_already_is_refused),
        cmocka_unit_test(a_sale_is_seen_while_it_runs),
        cmocka_unit_test(prices_are_filtered_as_they_are_today),
        cmocka_unit_test(the_next_sale_follows_when_one_has_ended),
        cmocka_unit_test(a_sale_without_an_end_is_left_alone_by_the_clock),
        cmocka_unit_test(shoppers_read_tiers_and_quantities),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
