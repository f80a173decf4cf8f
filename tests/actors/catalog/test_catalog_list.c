/* Claims about lists, through a node and PostgreSQL. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/goods.h"

static const struct uuid nobody;

struct shop {
    struct uuid vendor, other_vendor, home, chairs, garden;
};
static struct shop shop;

static void add(struct stage *stage, struct uuid vendor, struct uuid category, const char *name,
                int64_t price, int64_t quantity)
{
    struct goods goods;
    goods_describe(stage, &goods, vendor, category, name);
    goods.variants[0].price.amount = price;
    goods.variants[0].quantity = quantity;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_CREATED);
    stage_sleep(stage, 2000); /* ids of one millisecond have no order */
}

static void open_shop(struct stage *stage, void *context)
{
    (void)context;
    shop.vendor = goods_vendor(stage, "Oak and Ash");
    shop.other_vendor = goods_vendor(stage, "Willow");
    shop.home = goods_category(stage, "Home");
    shop.chairs = goods_category(stage, "Home > Chairs");
    shop.garden = goods_category(stage, "Garden");
    add(stage, shop.vendor, shop.chairs, "Red chair", 100, 1);
    add(stage, shop.vendor, shop.chairs, "Blue chair", 200, 0);
    add(stage, shop.other_vendor, shop.chairs, "Green chair", 300, 1);
    add(stage, shop.other_vendor, shop.home, "Lamp", 400, 1);
    add(stage, shop.vendor, shop.garden, "Spade", 500, 1);
}

/* The names of a page, joined. */
static const char *names_of(struct stage *stage, const struct catalog_list_products *query,
                            struct catalog_product_page *ret_page)
{
    struct text_builder names;
    assert_int_equal(stage_ask(stage, nobody, &catalog_list_products_message, query, ret_page),
                     STATUS_OK);
    text_builder_init(&names, stage_arena(stage), 4096);
    for (size_t i = 0; i < ret_page->data_count; i++) {
        if (i > 0) text_builder_add(&names, TEXT(", "));
        text_builder_add(&names, ret_page->data[i].name);
    }
    return text_string(stage_arena(stage), text_builder_view(&names));
}

static void assert_lists(struct stage *stage, const struct catalog_list_products query,
                         const char *names)
{
    struct catalog_product_page page;
    assert_string_equal(names_of(stage, &query, &page), names);
    assert_false(page.has_more);
}

static void everything_is_listed_newest_first(struct stage *stage, void *context)
{
    (void)context;
    assert_lists(stage, (struct catalog_list_products){ 0 },
                 "Spade, Lamp, Green chair, Blue chair, Red chair");
}

static void a_category_lists_what_is_below_it(struct stage *stage, void *context)
{
    (void)context;
    assert_lists(stage,
                 (struct catalog_list_products){ .has_category = true, .category = shop.home },
                 "Lamp, Green chair, Blue chair, Red chair");
    assert_lists(stage,
                 (struct catalog_list_products){ .has_category = true, .category = shop.chairs },
                 "Green chair, Blue chair, Red chair");
    assert_lists(
        stage,
        (struct catalog_list_products){ .has_category = true, .category = stage_new_id(stage, 1) },
        "");
}

static void a_vendor_lists_its_own(struct stage *stage, void *context)
{
    (void)context;
    assert_lists(stage, (struct catalog_list_products){ .has_vendor = true, .vendor = shop.vendor },
                 "Spade, Blue chair, Red chair");
    assert_lists(stage,
                 (struct catalog_list_products){ .has_vendor = true,
                                                 .vendor = shop.vendor,
                                                 .has_category = true,
                                                 .category = shop.home },
                 "Blue chair, Red chair");
}

static void price_and_stock_narrow_a_list(struct stage *stage, void *context)
{
    (void)context;
    assert_lists(
        stage,
        (struct catalog_list_products){
            .has_min_price = true, .min_price = 200, .has_max_price = true, .max_price = 400 },
        "Lamp, Green chair, Blue chair");
    assert_lists(
        stage,
        (struct catalog_list_products){
            .has_category = true, .category = shop.home, .has_in_stock = true, .in_stock = false },
        "Blue chair");
    assert_lists(stage,
                 (struct catalog_list_products){ .has_category = true,
                                                 .category = shop.chairs,
                                                 .has_in_stock = true,
                                                 .in_stock = true,
                                                 .has_max_price = true,
                                                 .max_price = 250 },
                 "Red chair");
    assert_lists(stage,
                 (struct catalog_list_products){
                     .has_min_price = true, .min_price = 2, .has_max_price = true, .max_price = 1 },
                 "");
}

static void pages_follow_each_other_without_gaps(struct stage *stage, void *context)
{
    (void)context;
    struct catalog_product_page page;
    struct catalog_list_products query = {
        .has_category = true, .category = shop.home, .has_limit = true, .limit = 3
    };
    assert_string_equal(names_of(stage, &query, &page), "Lamp, Green chair, Blue chair");
    assert_true(page.has_more);
    assert_true(page.has_next);
    query.has_after = true;
    query.after = page.next;
    assert_string_equal(names_of(stage, &query, &page), "Red chair");
    assert_false(page.has_more);
    assert_false(page.has_next);
}

static void what_makes_no_sense_is_refused(struct stage *stage, void *context)
{
    (void)context;
    struct catalog_product_page page;
    const struct catalog_list_products unsought = { .has_sort = true,
                                                    .sort = CATALOG_PRODUCT_SORT_RELEVANCE };
    assert_int_equal(stage_ask(stage, nobody, &catalog_list_products_message, &unsought, &page),
                     STATUS_INVALID_PARAMETER);
    const struct catalog_list_products lost = { .has_after = true, .after = TEXT("AAAA") };
    assert_int_equal(stage_ask(stage, nobody, &catalog_list_products_message, &lost, &page),
                     STATUS_INVALID_PARAMETER);
}

/* The last story: it changes a vendor. */
static void a_closed_vendor_is_hidden_unless_the_word_is_old(struct stage *stage, void *context)
{
    (void)context;
    struct catalog_copy_vendor copy = {
        .vendor_id = shop.vendor, .version = 2, .name = TEXT("Maple"), .is_open = true
    };
    struct empty reply;
    assert_int_equal(stage_ask(stage, nobody, &catalog_copy_vendor_message, &copy, &reply),
                     STATUS_OK);
    assert_lists(stage, (struct catalog_list_products){ .has_vendor = true, .vendor = shop.vendor },
                 "Spade, Blue chair, Red chair");
    copy.version = 1;
    copy.is_open = false;
    assert_int_equal(stage_ask(stage, nobody, &catalog_copy_vendor_message, &copy, &reply),
                     STATUS_OK);
    assert_lists(stage,
                 (struct catalog_list_products){ .has_category = true, .category = shop.chairs },
                 "Green chair, Blue chair, Red chair");
    copy.version = 3;
    assert_int_equal(stage_ask(stage, nobody, &catalog_copy_vendor_message, &copy, &reply),
                     STATUS_OK);
    assert_lists(stage,
                 (struct catalog_list_products){ .has_category = true, .category = shop.chairs },
                 "Green chair");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(open_shop),
        STORY(everything_is_listed_newest_first),
        STORY(a_category_lists_what_is_below_it),
        STORY(a_vendor_lists_its_own),
        STORY(price_and_stock_narrow_a_list),
        STORY(pages_follow_each_other_without_gaps),
        STORY(what_makes_no_sense_is_refused),
        STORY(a_closed_vendor_is_hidden_unless_the_word_is_old),
    };
    return cmocka_run_group_tests(tests, goods_open, goods_close);
}
