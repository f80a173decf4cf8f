/* Claims about lists and searches in one of several currencies, through a node and PostgreSQL. */
#include <string.h>

#include "tests/actors/catalog/goods.h"
#include "tests/support/cmocka.h"

enum { TRIES = 3000, PAUSE_US = 10000 };

static const struct uuid nobody;
static struct uuid vendor, category;

/* In up to three currencies, the market's first; 0: none. */
static void add(struct stage *stage, const char *name, int64_t euros, int64_t dollars, int64_t yen)
{
    const struct money prices[] = { { euros, "EUR" }, { dollars, "USD" }, { yen, "JPY" } };
    struct goods goods;
    goods_describe(stage, &goods, vendor, category, name);
    for (size_t i = 0; i < ARRAY_LENGTH(prices); i++) {
        if (prices[i].amount == 0) continue;
        goods.variants[0].price = prices[i];
        (void)goods_import(stage, &goods);
    }
    stage_sleep(stage, 2000); /* ids of one millisecond have no order */
}

static struct catalog_list_products in(const char *currency)
{
    return (struct catalog_list_products){ .has_currency = true, .currency = text_of(currency) };
}

static const char *names_of(struct stage *stage, const struct catalog_list_products *query,
                            struct catalog_product_page *ret_page)
{
    struct text_builder names;
    const enum status status =
        stage_ask(stage, nobody, &catalog_list_products_message, query, ret_page);
    if (status != STATUS_OK) return "refused";
    text_builder_init(&names, stage_arena(stage), 4096);
    for (size_t i = 0; i < ret_page->data_count; i++) {
        if (i > 0) text_builder_add(&names, TEXT(", "));
        text_builder_add(&names, ret_page->data[i].name);
    }
    return text_string(stage_arena(stage), text_builder_view(&names));
}

/* Waits until the index has it, and asserts. */
static struct catalog_product_page
assert_lists(struct stage *stage, const struct catalog_list_products query, const char *names)
{
    struct catalog_product_page page = { 0 };
    for (int i = 0; i < TRIES && strcmp(names_of(stage, &query, &page), names) != 0; i++)
        stage_sleep(stage, PAUSE_US);
    assert_string_equal(names_of(stage, &query, &page), names);
    return page;
}

static void open_shop(struct stage *stage, void *context)
{
    (void)context;
    vendor = goods_vendor(stage, "Oak and Ash");
    category = goods_category(stage, "Home");
    add(stage, "Red chair", 1000, 1500, 0);
    add(stage, "Blue chair", 2000, 1200, 180000);
    add(stage, "Green chair", 3000, 0, 90000);
    add(stage, "Dollar chair", 0, 900, 0);
}

static void a_list_has_what_is_sold_in_its_currency(struct stage *stage, void *context)
{
    (void)context;
    struct catalog_product_page page =
        assert_lists(stage, in("USD"), "Dollar chair, Blue chair, Red chair");
    assert_true(money_equals(page.data[1].price, money_make(1200, "USD")));
    page = assert_lists(stage, in("JPY"), "Green chair, Blue chair");
    assert_true(money_equals(page.data[0].price, money_make(90000, "JPY")));
    assert_int_equal(page.total, 2);
    (void)assert_lists(stage, in("EUR"), "Green chair, Blue chair, Red chair");
    (void)assert_lists(stage, in("CHF"), "");
}

static void a_list_without_a_currency_is_as_it_was(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_product_page page =
        assert_lists(stage, (struct catalog_list_products){ 0 },
                     "Dollar chair, Green chair, Blue chair, Red chair");
    assert_true(money_equals(page.data[3].price, money_make(1000, "EUR")));
}

static void prices_are_filtered_and_sorted_in_the_currency(struct stage *stage, void *context)
{
    (void)context;
    struct catalog_list_products query = in("USD");
    query.has_sort = true;
    query.sort = CATALOG_PRODUCT_SORT_PRICE;
    (void)assert_lists(stage, query, "Dollar chair, Blue chair, Red chair");
    query.has_min_price = true;
    query.min_price = 1000;
    (void)assert_lists(stage, query, "Blue chair, Red chair");
    query.currency = TEXT("EUR");
    query.min_price = 1500;
    (void)assert_lists(stage, query, "Blue chair, Green chair");
}

static void searches_and_their_counts_are_of_the_currency(struct stage *stage, void *context)
{
    (void)context;
    const enum catalog_product_facet facets[] = { CATALOG_PRODUCT_FACET_PRICE,
                                                  CATALOG_PRODUCT_FACET_VENDOR };
    struct catalog_list_products query = in("USD");
    query.has_q = true;
    query.q = TEXT("chair");
    query.has_sort = true;
    query.sort = CATALOG_PRODUCT_SORT_MINUS_PRICE;
    query.facets = facets;
    query.facets_count = 2;
    struct catalog_product_page page =
        assert_lists(stage, query, "Red chair, Blue chair, Dollar chair");
    assert_int_equal(page.total, 3);
    assert_int_equal(page.facets.vendors[0].count, 3);
    assert_int_equal(page.facets.prices_count, 2); /* from 500, and from 1000 */
    assert_int_equal(page.facets.prices[0].count, 1);
    query.currency = TEXT("EUR");
    page = assert_lists(stage, query, "Green chair, Blue chair, Red chair");
    assert_int_equal(page.facets.vendors[0].count, 3);
}

static void a_price_that_is_new_in_a_currency_is_found(struct stage *stage, void *context)
{
    (void)context;
    add(stage, "Red chair", 1000, 1500, 50000);
    (void)assert_lists(stage, in("JPY"), "Green chair, Blue chair, Red chair");
}

/* The size that is sold in francs is sold out, the other one is not. */
static void what_is_sold_out_in_a_currency_is_not_in_stock_in_it(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_imported_price francs = { .price = { 900, "CHF" } };
    const enum catalog_product_facet facets[] = { CATALOG_PRODUCT_FACET_STOCK };
    struct goods goods;
    goods_describe(stage, &goods, vendor, category, "Sofa");
    goods.options[0] = (struct text_pair){ TEXT("Size"), TEXT("S") };
    goods.options[1] = (struct text_pair){ TEXT("Size"), TEXT("M") };
    for (size_t i = 0; i < 2; i++) {
        goods.variants[i] = (struct catalog_imported_variant){ .options = &goods.options[i],
                                                               .options_count = 1,
                                                               .price = { 500, "EUR" },
                                                               .has_quantity = true,
                                                               .quantity = i == 0 ? 0 : 10 };
    }
    goods.variants[0].other_prices = &francs;
    goods.variants[0].other_prices_count = 1;
    goods.command.variants_count = 2;
    (void)goods_import(stage, &goods);
    struct catalog_list_products query = in("CHF");
    query.facets = facets;
    query.facets_count = 1;
    struct catalog_product_page page = assert_lists(stage, query, "Sofa");
    assert_false(page.data[0].in_stock);
    assert_int_equal(page.data[0].availability, CATALOG_AVAILABILITY_OUT_OF_STOCK);
    assert_int_equal(page.facets.in_stock, 0);
    query.has_in_stock = query.in_stock = true;
    (void)assert_lists(stage, query, "");
    query.in_stock = false;
    (void)assert_lists(stage, query, "Sofa");
    query = in("EUR");
    query.has_in_stock = query.in_stock = true;
    page = assert_lists(stage, query, "Sofa, Green chair, Blue chair, Red chair");
    assert_true(page.data[0].in_stock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(open_shop),
        STORY(a_list_has_what_is_sold_in_its_currency),
        STORY(a_list_without_a_currency_is_as_it_was),
        STORY(prices_are_filtered_and_sorted_in_the_currency),
        STORY(searches_and_their_counts_are_of_the_currency),
        STORY(a_price_that_is_new_in_a_currency_is_found),
        STORY(what_is_sold_out_in_a_currency_is_not_in_stock_in_it),
    };
    return cmocka_run_group_tests(tests, goods_open, goods_close);
}
