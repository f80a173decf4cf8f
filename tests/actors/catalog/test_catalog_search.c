/* Claims about the index of a node: that it is fed, follows, survives and is rebuilt, through a
 * node and PostgreSQL. What it finds, and in which order, is search_index's own. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/host/service.h"
#include "host_messages.h"
#include "tests/actors/catalog/search_node.h"
#include "tests/support/cmocka.h"

enum { TRIES = 3000, PAUSE_US = 10000, SWAPS = 8 };

static const struct uuid nobody;
static struct uuid other_vendor;

/* ---- asking ---- */

static void list_product(struct stage *stage, struct uuid seller, const char *name, bool is_listed)
{
    struct goods goods;
    goods_describe(stage, &goods, seller, search_category, name);
    goods.command.is_listed = is_listed;
    (void)goods_import(stage, &goods);
}

static void copy_vendor(struct stage *stage, struct uuid id, int64_t version, const char *name,
                        bool is_open)
{
    const struct catalog_copy_vendor command = {
        .vendor_id = id, .version = version, .name = text_of(name), .is_open = is_open
    };
    struct empty reply;
    assert_int_equal(stage_ask(stage, nobody, &catalog_copy_vendor_message, &command, &reply),
                     STATUS_OK);
}

/* ---- following ---- */

static void open_shop(struct stage *stage, void *context)
{
    search_node_open(stage, context);
    other_vendor = goods_vendor(stage, "Willow");
}

static void new_product_is_found_by_name_and_vendor(struct stage *stage, void *context)
{
    (void)context;
    struct catalog_product_page page;
    const struct uuid id = search_node_add(stage, search_vendor, "Rosewood chair");
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
    assert_int_equal(search_node_ask(stage, search_by_word("ash"), &page), STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_true(uuid_equals(page.data[0].id, id));
    assert_true(text_equals_string(page.data[0].vendor.name, "Oak and Ash"));
    assert_true(text_equals_string(page.data[0].category.path, "Home > Chairs"));
    assert_int_equal(page.data[0].price.amount, 500);
    assert_true(page.data[0].in_stock);
    assert_true(page.has_total);
    assert_int_equal(page.total, 1);
}

static void product_that_is_hidden_goes_and_comes_back(struct stage *stage, void *context)
{
    (void)context;
    list_product(stage, search_vendor, "Rosewood chair", false);
    search_node_comes_to(stage, search_by_word("rosewood"), 0);
    list_product(stage, search_vendor, "Rosewood chair", true);
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
}

static void suggestions_follow_too(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_suggest query = { .q = TEXT("rosew") };
    struct catalog_suggestions found;
    assert_int_equal(stage_ask(stage, nobody, &catalog_suggest_message, &query, &found), STATUS_OK);
    assert_int_equal(found.data_count, 1);
    assert_int_equal(found.data[0].kind, CATALOG_SUGGESTION_KIND_PRODUCT);
    assert_true(text_equals_string(found.data[0].text, "Rosewood chair"));
    list_product(stage, search_vendor, "Rosewood chair", false);
    search_node_comes_to(stage, search_by_word("rosewood"), 0);
    assert_int_equal(stage_ask(stage, nobody, &catalog_suggest_message, &query, &found), STATUS_OK);
    assert_int_equal(found.data_count, 0);
    list_product(stage, search_vendor, "Rosewood chair", true);
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
}

static void closed_vendor_goes_with_all_its_products_and_comes_back(struct stage *stage,
                                                                    void *context)
{
    (void)context;
    (void)search_node_add(stage, other_vendor, "Basket");
    (void)search_node_add(stage, other_vendor, "Bench");
    search_node_comes_to(stage, search_by_word("willow"), 2);
    copy_vendor(stage, other_vendor, 10, "Willow", false);
    search_node_comes_to(stage, search_by_word("willow"), 0);
    copy_vendor(stage, other_vendor, 11, "Willow", true);
    search_node_comes_to(stage, search_by_word("willow"), 2);
    copy_vendor(stage, other_vendor, 12, "Maple", true);
    search_node_comes_to(stage, search_by_word("maple"), 2);
}

/* As when more products wait to be indexed than there is room to note. */
static void hidden_things_are_left_out_while_no_events_are_heard(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_suggest product = { .q = TEXT("quill") }, vendor = { .q = TEXT("linde") };
    const struct uuid closing = goods_vendor(stage, "Linden");
    struct catalog_suggestions found;
    list_product(stage, search_vendor, "Quillwork chair", true);
    (void)search_node_add(stage, closing, "Stool");
    search_node_comes_to(stage, search_by_word("quillwork"), 1);
    search_node_comes_to(stage, search_by_word("linden"), 1);
    search_node_set_fault(stage, "catalog.search.read.before", 1000000);
    list_product(stage, search_vendor, "Quillwork chair", false);
    copy_vendor(stage, closing, 10, "Linden", false);
    search_node_comes_to(stage, search_by_word("quillwork"), 0);
    search_node_comes_to(stage, search_by_word("linden"), 0);
    assert_int_equal(stage_ask(stage, nobody, &catalog_suggest_message, &product, &found),
                     STATUS_OK);
    assert_int_equal(found.data_count, 0);
    assert_int_equal(stage_ask(stage, nobody, &catalog_suggest_message, &vendor, &found),
                     STATUS_OK);
    assert_int_equal(found.data_count, 0);
    search_node_set_fault(stage, "catalog.search.read.before", 0);
    list_product(stage, search_vendor, "Quillwork chair", true);
    search_node_comes_to(stage, search_by_word("quillwork"), 1);
    list_product(stage, search_vendor, "Quillwork chair", false);
    search_node_comes_to(stage, search_by_word("quillwork"), 0);
}

static void stock_that_runs_out_moves_a_product_between_the_filters(struct stage *stage,
                                                                    void *context)
{
    (void)context;
    struct catalog_list_products in_stock = search_by_word("basket");
    struct goods goods;
    in_stock.has_in_stock = in_stock.in_stock = true;
    search_node_comes_to(stage, in_stock, 1);
    goods_describe(stage, &goods, other_vendor, search_category, "Basket");
    goods.variants[0].quantity = 0;
    (void)goods_import(stage, &goods);
    search_node_comes_to(stage, in_stock, 0);
    in_stock.in_stock = false;
    search_node_comes_to(stage, in_stock, 1);
}

static void barcode_is_found_with_and_without_the_zero_of_an_ean(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    goods_describe(stage, &goods, search_vendor, search_category, "Scanned");
    goods.variants[0].has_barcode = true;
    goods.variants[0].barcode = TEXT("036000291452");
    (void)goods_import(stage, &goods);
    search_node_comes_to(stage, search_by_word("036000291452"), 1);
    assert_int_equal(search_node_count(stage, search_by_word("0036000291452")), 1);
}

static int count_with(struct stage *stage, const char *attributes)
{
    return search_node_count(stage,
                             (struct catalog_list_products){ .has_attributes = true,
                                                             .attributes = text_of(attributes) });
}

static void attributes_are_met_in_one_variant_that_is_sold(struct stage *stage, void *context)
{
    (void)context;
    static const struct text_pair options[][2] = {
        { { TEXT("Size"), TEXT("M") }, { TEXT("Colour"), TEXT("Blue") } },
        { { TEXT("Size"), TEXT("L") }, { TEXT("Colour"), TEXT("Red") } },
        { { TEXT("Size"), TEXT("M") }, { TEXT("Colour"), TEXT("Red") } },
    };
    struct goods goods;
    goods_describe(stage, &goods, search_vendor, search_category, "Cushion");
    goods.command.variants_count = ARRAY_LENGTH(options);
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        goods.variants[i] = (struct catalog_imported_variant){ .price = { 500, "EUR" },
                                                               .has_quantity = true,
                                                               .quantity = 1,
                                                               .options = options[i],
                                                               .options_count = 2 };
    (void)goods_import(stage, &goods);
    search_node_comes_to(stage, search_by_word("cushion"), 1);
    assert_int_equal(count_with(stage, "Size:M,Colour:Red"), 1);
    goods.command.variants_count--; /* the one that is both */
    (void)goods_import(stage, &goods);
    for (int i = 0; i < 1000 && count_with(stage, "Size:M,Colour:Red") != 0; i++)
        stage_sleep(stage, 10000);
    assert_int_equal(count_with(stage, "Size:M,Colour:Red"), 0);
    assert_int_equal(count_with(stage, "Size:M,Colour:Blue"), 1);
    assert_int_equal(count_with(stage, "Size:M,Size:L,Colour:Red"), 1);
    list_product(stage, search_vendor, "Cushion", false);
    search_node_comes_to(stage, search_by_word("cushion"), 0);
}

static void greatest_price_of_nothing_finds_what_is_free(struct stage *stage, void *context)
{
    (void)context;
    struct catalog_list_products query = search_by_word("sample");
    struct goods goods;
    query.has_max_price = true;
    goods_describe(stage, &goods, search_vendor, search_category, "Costly sample");
    (void)goods_import(stage, &goods);
    goods_describe(stage, &goods, search_vendor, search_category, "Free sample");
    goods.variants[0].price.amount = 0;
    (void)goods_import(stage, &goods);
    search_node_comes_to(stage, search_by_word("sample"), 2);
    assert_int_equal(search_node_count(stage, query), 1);
    query.max_price = 500;
    assert_int_equal(search_node_count(stage, query), 2);
    list_product(stage, search_vendor, "Costly sample", false);
    list_product(stage, search_vendor, "Free sample", false);
    search_node_comes_to(stage, search_by_word("sample"), 0);
}

/* An event without fields, of shard 9. */
#define PUBLISH(number)                                                                            \
    "WITH f AS (UPDATE host.shard_fence SET next_seq = next_seq + 1 "                              \
    "WHERE shard = 9 RETURNING next_seq - 1 AS seq) INSERT INTO host.outbox "                      \
    "(shard, seq, msg_id, number, key, body, at) SELECT 9, f.seq, gen_random_uuid(), " number      \
    ", gen_random_uuid(), '\\x80', 1 FROM f"

static void facets_count_what_was_asked_for(struct stage *stage, void *context)
{
    (void)context;
    static const enum catalog_product_facet wanted[] = { CATALOG_PRODUCT_FACET_VENDOR,
                                                         CATALOG_PRODUCT_FACET_STOCK };
    const struct catalog_list_products query = { .facets = wanted, .facets_count = 2 };
    struct catalog_product_page page;
    assert_int_equal(search_node_ask(stage, query, &page), STATUS_OK);
    assert_int_equal(page.data_count, 3);
    assert_true(page.has_facets);
    assert_true(page.is_total_exact);
    assert_int_equal(page.facets.vendors_count, 2);
    assert_true(text_equals_string(page.facets.vendors[0].name, "Maple"));
    assert_int_equal(page.facets.vendors[0].count, 2);
    assert_int_equal(page.facets.in_stock, 2);
    assert_int_equal(page.facets.categories_count, 0);
    assert_false(page.facets.has_on_sale);
}

static void staff_words_reach_the_index(struct stage *stage, void *context)
{
    (void)context;
    (void)stage_sql(stage, "catalog",
                    "INSERT INTO catalog.search_synonym (id, words, created_at, updated_at) "
                    "VALUES (gen_random_uuid(), '{basket,hamper}', 0, 0)");
    (void)search_node_add(stage, search_vendor,
                          "Stool"); /* so that there is an event; the rules are read by one */
    search_node_comes_to(stage, search_by_word("stool"), 1);
    (void)stage_sql(stage, "catalog", PUBLISH("3232"));
    search_node_comes_to(stage, search_by_word("hamper"), 1);
}

/* ---- failures ---- */

static void feeding_goes_on_after_a_failure_at_each_step(struct stage *stage, void *context)
{
    (void)context;
    static const char *const points[] = {
        "catalog.search.read.before", "catalog.search.read.after",    "catalog.search.put.before",
        "catalog.search.put.after",   "catalog.search.commit.before", "catalog.search.commit.after"
    };
    static const char *const names[] = { "Aspen", "Birch", "Cedar", "Durian", "Ebony", "Fir" };
    for (size_t i = 0; i < ARRAY_LENGTH(points); i++) {
        search_node_set_fault(stage, points[i], 2);
        (void)search_node_add(stage, search_vendor, names[i]);
        search_node_comes_to(stage, search_by_word(names[i]), 1);
        list_product(stage, search_vendor, names[i], false);
        search_node_comes_to(stage, search_by_word(names[i]), 0);
    }
}

static void wish_for_rebuild(struct stage *stage)
{
    (void)stage_sql(stage, "catalog", PUBLISH("3233"));
}

static void old_index_answers_until_the_new_one_takes_its_place(struct stage *stage, void *context)
{
    (void)context;
    const ino_t before = search_node_folder_number(stage);
    wish_for_rebuild(stage);
    for (int i = 0; i < TRIES && search_node_folder_number(stage) == before; i++) {
        assert_int_equal(search_node_count(stage, search_by_word("rosewood")), 1);
        stage_sleep(stage, PAUSE_US);
    }
    assert_int_not_equal(search_node_folder_number(stage), before);
    assert_int_equal(search_node_count(stage, search_by_word("rosewood")), 1);
    list_product(stage, search_vendor, "Rosewood chair", false);
    search_node_comes_to(stage, search_by_word("rosewood"), 0);
    list_product(stage, search_vendor, "Rosewood chair", true);
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
}

static void wait_for_another_index(struct stage *stage, ino_t before)
{
    for (int i = 0; i < TRIES && search_node_folder_number(stage) == before; i++)
        stage_sleep(stage, PAUSE_US);
    assert_int_not_equal(search_node_folder_number(stage), before);
}

/* The other index may hear of both before the present one has written either. */
static void product_that_goes_and_comes_while_another_is_built_is_found(struct stage *stage,
                                                                        void *context)
{
    (void)context;
    search_node_set_fault(stage, "catalog.search.swap.before",
                          1); /* so that the first is built twice */
    for (int round = 0; round < SWAPS; round++) {
        const ino_t before = search_node_folder_number(stage);
        list_product(stage, search_vendor, "Rosewood chair", false);
        wish_for_rebuild(stage);
        list_product(stage, search_vendor, "Rosewood chair", true);
        wait_for_another_index(stage, before);
        search_node_comes_to(stage, search_by_word("rosewood"), 1);
    }
}

static void index_that_is_deleted_while_it_is_used_is_built_anew(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_list_products list = { .has_limit = true, .limit = 1 };
    struct catalog_product_page page;
    const ino_t before = search_node_folder_number(stage);
    search_node_empty(search_node_folder(stage));
    for (int i = 0; i < TRIES && search_node_folder_number(stage) == before; i++) {
        assert_int_equal(stage_ask(stage, nobody, &catalog_list_products_message, &list, &page),
                         STATUS_OK);
        stage_sleep(stage, PAUSE_US);
    }
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
}

static void gap_in_the_events_is_answered_by_a_new_index(struct stage *stage, void *context)
{
    (void)context;
    const ino_t before = search_node_folder_number(stage);
    (void)stage_sql(stage, "catalog",
                    "UPDATE host.shard_fence SET next_seq = next_seq + 5 WHERE shard = 9");
    (void)stage_sql(stage, "catalog", PUBLISH("3232"));
    wait_for_another_index(stage, before);
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
}

static void node_says_how_far_its_index_is(struct stage *stage, void *context)
{
    (void)context;
    assert_string_equal(stage_sql(stage, "catalog",
                                  "SELECT count(*) FROM host.reader WHERE name = 'search/node-1'"),
                        "1");
}

int main(void)
{
    const struct CMUnitTest follows[] = {
        STORY(open_shop),
        STORY(new_product_is_found_by_name_and_vendor),
        STORY(product_that_is_hidden_goes_and_comes_back),
        STORY(suggestions_follow_too),
        STORY(closed_vendor_goes_with_all_its_products_and_comes_back),
        STORY(hidden_things_are_left_out_while_no_events_are_heard),
        STORY(stock_that_runs_out_moves_a_product_between_the_filters),
        STORY(facets_count_what_was_asked_for),
        STORY(staff_words_reach_the_index),
        STORY(barcode_is_found_with_and_without_the_zero_of_an_ean),
        STORY(attributes_are_met_in_one_variant_that_is_sold),
        STORY(greatest_price_of_nothing_finds_what_is_free),
        STORY(feeding_goes_on_after_a_failure_at_each_step),
        STORY(old_index_answers_until_the_new_one_takes_its_place),
        STORY(product_that_goes_and_comes_while_another_is_built_is_found),
        STORY(index_that_is_deleted_while_it_is_used_is_built_anew),
        STORY(gap_in_the_events_is_answered_by_a_new_index),
        STORY(node_says_how_far_its_index_is),
    };
    return cmocka_run_group_tests(follows, goods_open, goods_close);
}
