/* Claims about products that sell: their place among the popular ones may come late, and is not
 * forgotten by a node that ends before. */
#include "tests/actors/catalog/goods.h"
#include "tests/support/cmocka.h"

enum { TRIES = 3000, PAUSE_US = 10000, SALES = 8 };

static const struct uuid nobody;
static struct stage *stage_of_sales;
static struct uuid vendor, category, sold;

static struct uuid add(struct stage *stage, const char *name)
{
    struct goods goods;
    goods_describe(stage, &goods, vendor, category, name);
    return goods_import(stage, &goods).product_id;
}

/* True when the page of the most popular begins with a product and has so many. */
static bool begins_with(struct stage *stage, struct uuid product, size_t count)
{
    const struct catalog_list_products query = { .has_limit = true,
                                                 .limit = 10,
                                                 .has_q = true,
                                                 .q = TEXT("stool"),
                                                 .has_sort = true,
                                                 .sort = CATALOG_PRODUCT_SORT_POPULAR };
    struct catalog_product_page page;
    return stage_ask(stage, nobody, &catalog_list_products_message, &query, &page) == STATUS_OK &&
           page.data_count == count && uuid_equals(page.data[0].id, product);
}

static void assert_comes_first(struct stage *stage, struct uuid product, size_t count)
{
    for (int i = 0; i < TRIES && !begins_with(stage, product, count); i++)
        stage_sleep(stage, PAUSE_US);
    assert_true(begins_with(stage, product, count));
}

static void sell(struct stage *stage, struct uuid product)
{
    const struct uuid variant = goods_variant(stage, product);
    for (uint8_t i = 1; i <= SALES; i++) {
        const struct catalog_reserve_stock reserve = { .variant_id = variant,
                                                       .reservation_id = { { i } },
                                                       .quantity = 1,
                                                       .expires_at_us =
                                                           stage_now_us(stage) + 600000000 };
        const struct catalog_commit_stock commit = { .variant_id = variant,
                                                     .reservation_id = { { i } } };
        struct catalog_stock_reserved reserved;
        struct empty done;
        assert_int_equal(
            stage_ask(stage, nobody, &catalog_reserve_stock_message, &reserve, &reserved),
            STATUS_OK);
        assert_int_equal(stage_ask(stage, nobody, &catalog_commit_stock_message, &commit, &done),
                         STATUS_OK);
    }
}

static void list_and_sell(struct stage *stage, void *context)
{
    (void)context;
    vendor = goods_vendor(stage, "Maple");
    category = goods_category(stage, "Home");
    sold = add(stage, "Old stool");
    const struct uuid newer = add(stage, "Newer stool");
    assert_comes_first(stage, newer, 2);
    sell(stage, sold);
}

/* What comes after the sales is committed before they are. */
static void list_another(struct stage *stage, void *context)
{
    (void)context;
    assert_comes_first(stage, add(stage, "Newest stool"), 3);
}

static void find_sold_first(struct stage *stage, void *context)
{
    (void)context;
    assert_comes_first(stage, sold, 3);
}

static void node_that_ends_before_sales_are_indexed_indexes_them_later(void **state)
{
    (void)state;
    stage_run(stage_of_sales, list_and_sell, NULL);
    stage_run(stage_of_sales, list_another, NULL);
    stage_restart_node(stage_of_sales);
    stage_run(stage_of_sales, find_sold_first, NULL);
}

static void sales_are_indexed_after_a_while(void **state)
{
    (void)state;
    stage_run(stage_of_sales, list_and_sell, NULL);
    stage_run(stage_of_sales, list_another, NULL);
    stage_run(stage_of_sales, find_sold_first, NULL);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "vendor", "catalog", "order" };
    (void)state;
    stage_of_sales = stage_new(domains, ARRAY_LENGTH(domains));
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_sales);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(node_that_ends_before_sales_are_indexed_indexes_them_later,
                                        open_stage, close_stage),
        cmocka_unit_test_setup_teardown(sales_are_indexed_after_a_while, open_stage, close_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
