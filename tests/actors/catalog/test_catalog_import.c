/* Claims about imports, through a node and PostgreSQL. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/goods.h"

static const struct uuid nobody;

static struct catalog_product product_of(struct stage *stage, struct uuid id)
{
    const struct catalog_get_product query = { .product_id = id };
    struct catalog_product product;
    assert_int_equal(stage_ask(stage, nobody, &catalog_get_product_message, &query, &product),
                     STATUS_OK);
    return product;
}

static void a_category_is_made_with_those_above_it(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid leaf = goods_category(stage, "Garden > Tools > Spades");
    assert_true(uuid_equals(goods_category(stage, " Garden  > Tools > Spades"), leaf));
    assert_string_equal(
        goods_sql(stage,
                  "SELECT array_length(ancestors, 1) || ' ' || depth FROM catalog.category"
                  " WHERE id = '%s'",
                  leaf),
        "3 2");
    assert_string_equal(stage_sql(stage, "catalog",
                                  "SELECT count(*) FROM catalog.category c JOIN catalog.category p"
                                  " ON p.id = c.parent_id AND c.ancestors[1] = p.ancestors[1]"
                                  " WHERE c.path LIKE 'Garden%'"),
                        "2");
    struct catalog_category_tree tree;
    const struct catalog_list_categories query = { 0 };
    assert_int_equal(stage_ask(stage, nobody, &catalog_list_categories_message, &query, &tree),
                     STATUS_OK);
    for (size_t i = 0; i < tree.data_count; i++) {
        if (!tree.data[i].has_parent_id) continue;
        bool is_seen = false;
        for (size_t k = 0; k < i; k++)
            is_seen = is_seen || uuid_equals(tree.data[k].id, tree.data[i].parent_id);
        assert_true(is_seen);
    }
}

static void a_path_without_a_name_is_refused(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_import_category command = { .path = TEXT("Garden > ") };
    struct catalog_category_imported reply;
    assert_int_equal(stage_ask(stage, nobody, &catalog_import_category_message, &command, &reply),
                     STATUS_INVALID_VALUE);
}

static void a_product_stands_as_the_file_says(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid vendor = goods_vendor(stage, "Oak & Ash");
    const struct text images[] = { TEXT("https://example.com/1.jpg"),
                                   TEXT("https://example.com/2.jpg") };
    struct goods goods;
    goods_describe(stage, &goods, vendor, goods_category(stage, "Home > Chairs"), "Chair");
    goods.command.images = images;
    goods.command.images_count = 2;
    goods.command.variants_count = 3;
    goods.options[0] = (struct text_pair){ TEXT("Colour"), TEXT("Red") };
    goods.options[1] = (struct text_pair){ TEXT("Size"), TEXT("XL") };
    goods.variants[0] = (struct catalog_imported_variant){ .has_sku = true,
                                                           .sku = TEXT("c-1"),
                                                           .options = goods.options,
                                                           .options_count = 2,
                                                           .price = { 900, "EUR" },
                                                           .has_quantity = true,
                                                           .quantity = 3 };
    goods.variants[1] = (struct catalog_imported_variant){ .price = { 700, "EUR" },
                                                           .has_compare_at_price = true,
                                                           .compare_at_price = { 800, "EUR" },
                                                           .has_quantity = true,
                                                           .quantity = 0 };
    goods.variants[2] = (struct catalog_imported_variant){ .has_sku = true,
                                                           .sku = TEXT("c-3"),
                                                           .options = goods.options,
                                                           .options_count = 1,
                                                           .price = { 950, "EUR" },
                                                           .has_quantity = true,
                                                           .quantity = 9,
                                                           .has_weight_grams = true,
                                                           .weight_grams = 1200 };
    const struct catalog_product_imported made = goods_import(stage, &goods);
    assert_int_equal(made.outcome, CATALOG_IMPORT_OUTCOME_CREATED);
    const struct catalog_product product = product_of(stage, made.product_id);
    assert_true(text_equals_string(product.vendor.name, "Oak & Ash"));
    assert_true(text_equals_string(product.category.path, "Home > Chairs"));
    assert_int_equal(product.price.amount, 700);
    assert_int_equal(product.compare_at_price.amount, 800);
    assert_true(product.in_stock);
    assert_int_equal(product.images_count, 2);
    assert_int_equal(product.variants_count, 3);
    assert_int_equal(product.variants[0].options_count, 2);
    assert_true(text_equals_string(product.variants[0].options[1].value, "XL"));
    assert_false(product.variants[1].has_sku);
    assert_int_equal(product.variants[1].options_count, 0);
    assert_true(text_equals_string(product.variants[2].options[0].value, "Red"));
    assert_int_equal(product.variants[2].available, 9);
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UNCHANGED);
}

static void variants_keep_their_ids_and_vanish_when_left_out(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"),
                   goods_category(stage, "Home > Chairs"), "Stool");
    goods.command.variants_count = 2;
    goods.options[0] = (struct text_pair){ TEXT("Size"), TEXT("S") };
    goods.options[1] = (struct text_pair){ TEXT("Size"), TEXT("M") };
    goods.variants[0] = (struct catalog_imported_variant){ .has_sku = true,
                                                           .sku = TEXT("s-1"),
                                                           .options = &goods.options[0],
                                                           .options_count = 1,
                                                           .price = { 100, "EUR" },
                                                           .has_quantity = true,
                                                           .quantity = 1 };
    goods.variants[1] = (struct catalog_imported_variant){ .has_sku = true,
                                                           .sku = TEXT("s-2"),
                                                           .options = &goods.options[1],
                                                           .options_count = 1,
                                                           .price = { 200, "EUR" },
                                                           .has_quantity = true,
                                                           .quantity = 2 };
    const struct uuid id = goods_import(stage, &goods).product_id;
    const struct catalog_product before = product_of(stage, id);
    goods.variants[0] = goods.variants[1];
    goods.command.variants_count = 1;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    const struct catalog_product after = product_of(stage, id);
    assert_int_equal(after.variants_count, 1);
    assert_true(uuid_equals(after.variants[0].id, before.variants[1].id));
    assert_int_equal(after.price.amount, 200);

    const struct uuid both[] = { before.variants[0].id, before.variants[1].id,
                                 stage_new_id(stage, 1) };
    const struct catalog_get_offers query = { .variant_ids = both,
                                              .variant_ids_count = 3,
                                              .currency = TEXT("EUR") };
    struct catalog_offers offers;
    assert_int_equal(stage_ask(stage, nobody, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_int_equal(offers.offers_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const bool is_gone = uuid_equals(offers.offers[i].variant_id, both[0]);
        assert_int_equal(offers.offers[i].is_listed, !is_gone);
        assert_int_equal(offers.offers[i].available, is_gone ? 0 : 2);
        assert_true(offers.offers[i].is_vendor_open);
        assert_true(offers.offers[i].has_price);
    }
}

static void a_file_that_says_nothing_of_the_stock_leaves_it_as_it_is(struct stage *stage,
                                                                     void *context)
{
    (void)context;
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"),
                   goods_category(stage, "Home > Chairs"), "Counted");
    const struct uuid id = goods_import(stage, &goods).product_id;
    goods.variants[0].has_quantity = false;
    goods.variants[0].price.amount = 501;
    goods.command.variants_count = 2;
    goods.options[0] = (struct text_pair){ TEXT("Size"), TEXT("XL") };
    goods.variants[1] = (struct catalog_imported_variant){ .options = goods.options,
                                                           .options_count = 1,
                                                           .price = { 700, "EUR" } };
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    const struct catalog_product product = product_of(stage, id);
    assert_int_equal(product.variants[0].available, 10);
    assert_int_equal(product.variants[1].available, 0);
    goods.variants[0].has_quantity = true;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UNCHANGED);
    assert_int_equal(product_of(stage, id).variants[0].available, 10);
}

static void an_unknown_category_is_not_found(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    struct catalog_product_imported reply;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"), stage_new_id(stage, 5),
                   "Nowhere");
    assert_int_equal(
        stage_ask(stage, nobody, &catalog_import_product_message, &goods.command, &reply),
        STATUS_NOT_FOUND);
}

static void a_product_without_variants_or_with_a_false_identity_is_refused(struct stage *stage,
                                                                           void *context)
{
    (void)context;
    struct goods goods;
    struct catalog_product_imported reply;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"), goods_category(stage, "Home"),
                   "None");
    goods.command.variants_count = 0;
    assert_int_equal(
        stage_ask(stage, nobody, &catalog_import_product_message, &goods.command, &reply),
        STATUS_INVALID_VALUE);
    goods.command.variants_count = 1;
    goods.command.handle = TEXT("other");
    assert_int_equal(
        stage_ask(stage, nobody, &catalog_import_product_message, &goods.command, &reply),
        STATUS_INVALID_VALUE);
}

static void a_price_before_a_reduction_has_the_currency_of_the_price(struct stage *stage,
                                                                     void *context)
{
    (void)context;
    struct goods goods;
    struct catalog_product_imported reply;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"), goods_category(stage, "Home"),
                   "Reduced");
    goods.variants[0].has_compare_at_price = true;
    goods.variants[0].compare_at_price = (struct money){ 600, "USD" };
    assert_int_equal(
        stage_ask(stage, nobody, &catalog_import_product_message, &goods.command, &reply),
        STATUS_INVALID_VALUE);
}

static void a_category_is_not_made_without_its_parent(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_make_category command = { .path = TEXT("Nowhere > Near") };
    struct catalog_category_imported reply;
    assert_int_equal(stage_ask(stage, nobody, &catalog_make_category_message, &command, &reply),
                     STATUS_INVALID_VALUE);
    assert_string_equal(stage_sql(stage, "catalog",
                                  "SELECT count(*) FROM catalog.category"
                                  " WHERE path LIKE 'Nowhere%'"),
                        "0");
}

static void a_moved_or_hidden_product_leaves_its_listings(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"),
                   goods_category(stage, "Home > Lamps"), "Lamp");
    const struct uuid id = goods_import(stage, &goods).product_id;
    const char *const paths =
        "SELECT string_agg(c.path, ', ' ORDER BY c.path) FROM catalog.listing l"
        " JOIN catalog.category c ON c.id = l.category_id WHERE l.product_id = '%s'";
    assert_string_equal(goods_sql(stage, paths, id), "Home, Home > Lamps");
    goods.command.category_id = goods_category(stage, "Garden > Lights");
    (void)goods_import(stage, &goods);
    assert_string_equal(goods_sql(stage, paths, id), "Garden, Garden > Lights");
    goods.command.is_listed = false;
    (void)goods_import(stage, &goods);
    assert_string_equal(goods_sql(stage, paths, id), "");
    const struct catalog_get_product query = { .product_id = id };
    struct catalog_product product;
    assert_int_equal(stage_ask(stage, nobody, &catalog_get_product_message, &query, &product),
                     STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_category_is_made_with_those_above_it),
        STORY(a_path_without_a_name_is_refused),
        STORY(a_product_stands_as_the_file_says),
        STORY(variants_keep_their_ids_and_vanish_when_left_out),
        STORY(a_file_that_says_nothing_of_the_stock_leaves_it_as_it_is),
        STORY(an_unknown_category_is_not_found),
        STORY(a_product_without_variants_or_with_a_false_identity_is_refused),
        STORY(a_price_before_a_reduction_has_the_currency_of_the_price),
        STORY(a_category_is_not_made_without_its_parent),
        STORY(a_moved_or_hidden_product_leaves_its_listings),
    };
    return cmocka_run_group_tests(tests, goods_open, goods_close);
}
