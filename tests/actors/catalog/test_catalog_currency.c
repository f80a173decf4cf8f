/* Claims about products that are sold in several currencies: their details, their rows, and the
 * currencies that a market sells in, against a scratch database. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

enum { SECOND_US = 1000000 };

static int any_currency(void **state)
{
    (void)state;
    direct_set(SHELF.market, "--market.currencies=");
    return 0;
}

static struct catalog_own_product make(const char *name)
{
    const struct catalog_create_product wish = shelf_wish(name);
    return shelf_make(&wish);
}

static enum status change_prices(const struct catalog_own_product *product,
                                 const struct money *prices, size_t count,
                                 const struct catalog_price_sale *sale)
{
    const struct catalog_change_variant command = { .product_id = product->id,
                                                    .variant_id = product->variants[0].id,
                                                    .prices = prices,
                                                    .prices_count = count,
                                                    .sales = sale,
                                                    .sales_count = sale == NULL ? 0 : 1 };
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command,
                       NULL);
}

static struct catalog_own_product make_in(const char *name, const struct money *prices,
                                          size_t count)
{
    const struct catalog_own_product made = make(name);
    assert_int_equal(change_prices(&made, prices, count, NULL), STATUS_OK);
    return made;
}

static enum status look(struct uuid product, const char *currency,
                        struct catalog_product *ret_product)
{
    const struct catalog_get_product query = { .product_id = product,
                                               .has_currency = true,
                                               .currency = text_of(currency) };
    return direct_call(SHELF.market, NULL, &catalog_get_product_message, &query, ret_product);
}

static struct catalog_product seen_in(struct uuid product, const char *currency)
{
    struct catalog_product seen;
    assert_int_equal(look(product, currency, &seen), STATUS_OK);
    return seen;
}

static bool is_in_list(struct uuid product, const char *currency, int64_t min_price)
{
    const struct catalog_list_products query = { .has_limit = true,
                                                 .limit = 100,
                                                 .has_min_price = true,
                                                 .min_price = min_price,
                                                 .has_currency = currency != NULL,
                                                 .currency = text_of(currency ? currency : "") };
    struct catalog_product_page page;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    for (size_t i = 0; i < page.data_count; i++)
        if (uuid_equals(page.data[i].id, product)) return true;
    return false;
}

static void a_detail_speaks_of_the_currency_that_was_asked_for(void **state)
{
    (void)state;
    const struct money prices[] = { { 500, "EUR" }, { 800, "JPY" }, { 1500, "KWD" } };
    const struct catalog_own_product made = make_in("Sold everywhere", prices, 3);
    assert_true(money_equals(seen_in(made.id, "EUR").price, prices[0]));
    const struct catalog_product yen = seen_in(made.id, "JPY");
    assert_true(money_equals(yen.price, prices[1]));
    assert_int_equal(yen.variants_count, 1);
    assert_true(money_equals(yen.variants[0].price, prices[1]));
    assert_int_equal(yen.variants[0].available, 10);
    assert_int_equal(yen.breadcrumbs_count, 2);
    assert_true(money_equals(seen_in(made.id, "KWD").variants[0].price, prices[2]));
}

static void what_has_no_price_in_a_currency_is_not_sold_in_it(void **state)
{
    (void)state;
    struct catalog_product seen;
    const struct catalog_own_product made = make("Euros only");
    assert_int_equal(look(made.id, "USD", &seen), STATUS_NOT_SOLD_IN_CURRENCY);
    assert_int_equal(look(made.id, "EUR", &seen), STATUS_OK);
    assert_text_equal(shelf_sql("SELECT count(*) FROM catalog.product_currency"
                                " WHERE product_id = '%s'",
                                made.id),
                      TEXT("0"));
}

static void a_currency_that_nobody_knows_is_refused(void **state)
{
    (void)state;
    struct catalog_product seen;
    const struct catalog_own_product made = make("Asked for");
    const char *const wrong[] = { "eur", "EU1", "XYZ", "   " };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_int_equal(look(made.id, wrong[i], &seen), STATUS_INVALID_PARAMETER);
        assert_string_equal(direct_last_fault(SHELF.market).pointer, "/currency");
    }
    const struct catalog_list_products query = { .has_currency = true, .currency = TEXT("usd") };
    struct catalog_product_page page;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_INVALID_PARAMETER);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/currency");
}

static void a_price_before_a_reduction_is_above_the_price(void **state)
{
    (void)state;
    const struct money both[] = { { 500, "EUR" }, { 600, "USD" } };
    const struct catalog_own_product made = make_in("Reduced", both, 2);
    struct catalog_change_variant command = { .product_id = made.id,
                                              .variant_id = made.variants[0].id,
                                              .has_compare_at_price = true,
                                              .compare_at_price = { 600, "USD" } };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/compare_at_price");
    command.compare_at_price.amount = 601;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    assert_int_equal(seen_in(made.id, "USD").compare_at_price.amount, 601);
    assert_false(seen_in(made.id, "EUR").has_compare_at_price);
}

static void a_price_that_goes_takes_its_currency_along(void **state)
{
    (void)state;
    struct catalog_product seen;
    const struct money both[] = { { 500, "EUR" }, { 600, "USD" } };
    const struct catalog_own_product made = make_in("No dollars any more", both, 2);
    assert_int_equal(look(made.id, "USD", &seen), STATUS_OK);
    assert_int_equal(change_prices(&made, both, 1, NULL), STATUS_OK);
    assert_int_equal(look(made.id, "USD", &seen), STATUS_NOT_SOLD_IN_CURRENCY);
}

static void a_hidden_product_is_hidden_in_each_currency(void **state)
{
    (void)state;
    struct catalog_product seen;
    const struct money both[] = { { 500, "EUR" }, { 600, "USD" } };
    const struct catalog_own_product made = make_in("Hidden", both, 2);
    const struct catalog_hide_product hide = { .product_id = made.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_hide_product_message, &hide, NULL),
        STATUS_OK);
    assert_int_equal(look(made.id, "USD", &seen), STATUS_NOT_FOUND);
    assert_text_equal(shelf_sql("SELECT count(*) FROM catalog.product_currency"
                                " WHERE product_id = '%s'",
                                made.id),
                      TEXT("0"));
}

static void a_sale_is_one_of_its_currency(void **state)
{
    (void)state;
    const struct money both[] = { { 500, "EUR" }, { 600, "USD" } };
    const int64_t now_us = direct_now_us(SHELF.market);
    const struct catalog_price_sale sale = { .price = { 450, "USD" },
                                             .has_starts_at = true,
                                             .starts_at_us = now_us + 10 * SECOND_US,
                                             .has_ends_at = true,
                                             .ends_at_us = now_us + 20 * SECOND_US };
    const struct catalog_own_product made = make("Dollar sale");
    assert_int_equal(change_prices(&made, both, 2, &sale), STATUS_OK);
    assert_false(seen_in(made.id, "USD").has_sale_price);
    const size_t told = direct_events(SHELF.market, catalog_product_was_changed_message.number);
    direct_advance(SHELF.market, 11 * SECOND_US);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_product_was_changed_message.number),
                     told + 1);
    assert_true(money_equals(seen_in(made.id, "USD").sale_price, sale.price));
    assert_false(seen_in(made.id, "EUR").has_sale_price);
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_product_was_changed_message.number),
                     told + 2);
    assert_false(seen_in(made.id, "USD").has_sale_price);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_product_was_changed_message.number),
                     told + 2);
}

static void rows_that_a_migration_has_begun_are_made(void **state)
{
    (void)state;
    struct catalog_product seen;
    const struct money both[] = { { 500, "EUR" }, { 600, "USD" } };
    const struct catalog_own_product made = make_in("Older", both, 2);
    (void)shelf_sql("UPDATE catalog.product_currency SET document = NULL, price_amount = 1"
                    " WHERE product_id = '%s'",
                    made.id);
    (void)shelf_sql("INSERT INTO catalog.product_currency (product_id, currency, price_amount)"
                    " VALUES ('%s', 'GBP', 1)",
                    made.id);
    assert_int_equal(direct_sweep(SHELF.market, "sales"), STATUS_OK);
    assert_int_equal(seen_in(made.id, "USD").price.amount, 600);
    assert_int_equal(look(made.id, "GBP", &seen), STATUS_NOT_SOLD_IN_CURRENCY);
}

static void the_list_in_the_markets_currency_is_that_of_the_rows(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("In euros");
    assert_true(is_in_list(made.id, "EUR", 500));
    assert_false(is_in_list(made.id, "EUR", 501));
    (void)shelf_sql("UPDATE catalog.product SET price_currency = 'USD' WHERE id = '%s'", made.id);
    assert_false(is_in_list(made.id, "EUR", 500));
    assert_true(is_in_list(made.id, NULL, 500));
}

static void a_market_sells_in_the_currencies_that_it_names(void **state)
{
    (void)state;
    struct catalog_product seen;
    const struct money prices[] = { { 500, "EUR" }, { 600, "USD" }, { 700, "GBP" } };
    const struct catalog_own_product made = make_in("Three", prices, 3);
    direct_set(SHELF.market, "--market.currencies=USD, JPY");
    assert_int_equal(look(made.id, "USD", &seen), STATUS_OK);
    assert_int_equal(look(made.id, "EUR", &seen), STATUS_OK);
    assert_int_equal(look(made.id, "JPY", &seen), STATUS_NOT_SOLD_IN_CURRENCY);
    assert_int_equal(look(made.id, "GBP", &seen), STATUS_INVALID_PARAMETER);
    assert_non_null(strstr(direct_last_fault(SHELF.market).detail.data, "EUR, USD and JPY."));
}

static void a_price_in_a_currency_that_is_not_sold_in_is_refused_unless_it_stands(void **state)
{
    (void)state;
    const struct money prices[] = { { 500, "EUR" }, { 700, "GBP" }, { 800, "CHF" } };
    const struct catalog_own_product made = make_in("Sterling", prices, 2);
    direct_set(SHELF.market, "--market.currencies=USD");
    assert_int_equal(change_prices(&made, prices, 2, NULL), STATUS_OK);
    assert_int_equal(change_prices(&made, prices, 3, NULL), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/prices");
    assert_non_null(strstr(direct_last_fault(SHELF.market).detail.data, "CHF"));
    const struct money lower[] = { { 500, "EUR" }, { 600, "usd" } };
    assert_int_equal(change_prices(&made, lower, 2, NULL), STATUS_INVALID_VALUE);
}

static void carts_lose_the_price_when_the_market_stops_selling_in_their_currency(void **state)
{
    (void)state;
    const struct money prices[] = { { 500, "EUR" }, { 700, "GBP" } };
    const struct catalog_price_sale sale = { .price = { 600, "GBP" } };
    const struct catalog_own_product made = make("Stopped");
    assert_int_equal(change_prices(&made, prices, 2, &sale), STATUS_OK);
    const struct catalog_get_offers query = { .variant_ids = &made.variants[0].id,
                                              .variant_ids_count = 1,
                                              .currency = TEXT("GBP") };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_true(offers.offers[0].has_price && offers.offers[0].has_sale_price);
    direct_set(SHELF.market, "--market.currencies=USD");
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_false(offers.offers[0].has_price || offers.offers[0].has_sale_price);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, any_currency)
    const struct CMUnitTest tests[] = {
        CLAIM(a_detail_speaks_of_the_currency_that_was_asked_for),
        CLAIM(what_has_no_price_in_a_currency_is_not_sold_in_it),
        CLAIM(a_currency_that_nobody_knows_is_refused),
        CLAIM(a_price_before_a_reduction_is_above_the_price),
        CLAIM(a_price_that_goes_takes_its_currency_along),
        CLAIM(a_hidden_product_is_hidden_in_each_currency),
        CLAIM(a_sale_is_one_of_its_currency),
        CLAIM(rows_that_a_migration_has_begun_are_made),
        CLAIM(the_list_in_the_markets_currency_is_that_of_the_rows),
        CLAIM(a_market_sells_in_the_currencies_that_it_names),
        CLAIM(a_price_in_a_currency_that_is_not_sold_in_is_refused_unless_it_stands),
        CLAIM(carts_lose_the_price_when_the_market_stops_selling_in_their_currency),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
