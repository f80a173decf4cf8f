/* Claims about who is who in files, and about imports that meet or only look, through a node and
 * PostgreSQL. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/goods.h"

static const struct uuid nobody;

/* ---- who is who ---- */

static void categories_that_differ_in_case_or_normal_form_are_one(struct stage *stage,
                                                                  void *context)
{
    (void)context;
    const struct uuid top = goods_category(stage, "K\xC3\xBC"
                                                  "che");
    assert_true(uuid_equals(goods_category(stage, "KU\xCC\x88"
                                                  "CHE"),
                            top));
    const struct uuid leaf = goods_category(stage, "k\xC3\xBC"
                                                   "che > T\xC3\xB6pfe");
    assert_string_equal(goods_sql(stage, "SELECT path FROM catalog.category WHERE id = '%s'", leaf),
                        "K\xC3\xBC"
                        "che > T\xC3\xB6pfe");
    assert_true(uuid_equals(goods_category(stage, "K\xC3\x9C"
                                                  "CHE > T\xC3\x96PFE"),
                            leaf));
    assert_false(uuid_equals(goods_category(stage, "Kuche"), top));
}

static void import_is_refused(struct stage *stage, const struct goods *goods, enum status expected)
{
    struct catalog_product_imported reply;
    assert_int_equal(
        stage_ask(stage, nobody, &catalog_import_product_message, &goods->command, &reply),
        expected);
}

static void an_sku_that_another_product_of_the_vendor_has_is_refused(struct stage *stage,
                                                                     void *context)
{
    (void)context;
    const struct uuid vendor = goods_vendor(stage, "Oak & Ash");
    const struct uuid category = goods_category(stage, "Home > Chairs");
    struct goods first, second, other;
    goods_describe(stage, &first, vendor, category, "Numbered");
    first.variants[0].has_sku = true;
    first.variants[0].sku = TEXT("Caf\xC3\xA9-1");
    (void)goods_import(stage, &first);
    goods_describe(stage, &second, vendor, category, "Numbered-2");
    second.variants[0].has_sku = true;
    second.variants[0].sku = TEXT("CAFE\xCC\x81-1");
    import_is_refused(stage, &second, STATUS_SKU_TAKEN);
    goods_describe(stage, &other, goods_vendor(stage, "Elm"), category, "Numbered");
    other.variants[0] = second.variants[0];
    (void)goods_import(stage, &other);
}

static void variants_that_are_alike_are_refused(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"),
                   goods_category(stage, "Home > Chairs"), "Alike");
    goods.command.variants_count = 2;
    goods.options[0] = (struct text_pair){ TEXT("Size"), TEXT("S") };
    goods.options[1] = (struct text_pair){ TEXT("SIZE"), TEXT("s") };
    for (size_t i = 0; i < 2; i++) {
        goods.variants[i].price = (struct money){ 100, "EUR" };
        goods.variants[i].options = &goods.options[i];
        goods.variants[i].options_count = 1;
    }
    import_is_refused(stage, &goods, STATUS_VARIANT_EXISTS);
    goods.options[1].value = TEXT("M");
    for (size_t i = 0; i < 2; i++) {
        goods.variants[i].has_sku = true;
        goods.variants[i].sku = i == 0 ? TEXT("x") : TEXT("X");
    }
    import_is_refused(stage, &goods, STATUS_SKU_TAKEN);
}

static void what_the_api_refuses_is_refused_of_a_file(struct stage *stage, void *context)
{
    (void)context;
    const struct text images[] = { TEXT("javascript:alert(1)") };
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"), goods_category(stage, "Home"),
                   "Refused");
    goods.command.images = images;
    goods.command.images_count = 1;
    import_is_refused(stage, &goods, STATUS_INVALID_VALUE);
    goods.command.images_count = 0;
    goods.command.name = TEXT("Hid\xE2\x80\x8B"
                              "den");
    import_is_refused(stage, &goods, STATUS_INVALID_VALUE);
    goods.command.name = TEXT("Refused");
    goods.variants[0].price.amount = 1000000000001;
    import_is_refused(stage, &goods, STATUS_OUT_OF_RANGE);
    goods.variants[0].price.amount = 1000000000000;
    (void)goods_import(stage, &goods);
}

/* Three sizes without SKU. */
static void describe_sizes(struct stage *stage, struct goods *goods, const char *name)
{
    static const char *const sizes[] = { "S", "M", "L" };
    goods_describe(stage, goods, goods_vendor(stage, "Oak & Ash"), goods_category(stage, "Home"),
                   name);
    goods->command.variants_count = 3;
    for (size_t i = 0; i < 3; i++) {
        goods->options[i] = (struct text_pair){ TEXT("Size"), text_of(sizes[i]) };
        goods->variants[i] = (struct catalog_imported_variant){
            .options = &goods->options[i],
            .options_count = 1,
            .price = { 100 * (int64_t)(i + 1), "EUR" },
            .has_quantity = true,
            .quantity = (int64_t)i + 1,
        };
    }
}

static const char *variants_of(struct stage *stage, struct uuid product)
{
    return goods_sql(stage,
                     "SELECT string_agg(w.id || ' ' || w.options[2] || ' ' || p.amount || ' ' ||"
                     " k.on_hand, ', ' ORDER BY w.options[2]) FROM catalog.variant w"
                     " JOIN catalog.variant_price p ON p.variant_id = w.id"
                     " JOIN catalog.stock k ON k.variant_id = w.id AND k.is_active"
                     " WHERE w.product_id = '%s'",
                     product);
}

static void rows_in_another_order_and_renamed_options_move_no_id(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    describe_sizes(stage, &goods, "Sizes");
    const struct uuid id = goods_import(stage, &goods).product_id;
    const char *before = variants_of(stage, id);
    const struct catalog_imported_variant first = goods.variants[0];
    goods.variants[0] = goods.variants[2];
    goods.variants[2] = first;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    assert_string_equal(variants_of(stage, id), before);
    for (size_t i = 0; i < 3; i++)
        goods.options[i].name = TEXT("Gr\xC3\xB6\xC3\x9F"
                                     "e");
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    assert_string_equal(variants_of(stage, id), before);
}

/* ---- two imports, and none ---- */

static void
a_product_that_another_import_has_written_meanwhile_is_not_written_again(struct stage *stage,
                                                                         void *context)
{
    (void)context;
    struct goods goods;
    struct catalog_import_opened opened;
    const struct catalog_open_import open = { 0 };
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"), goods_category(stage, "Home"),
                   "Contested");
    assert_int_equal(stage_ask(stage, nobody, &catalog_open_import_message, &open, &opened),
                     STATUS_OK);
    goods.command.has_run_id = goods.command.has_run_started_at = true;
    goods.command.run_id = stage_new_id(stage, 1);
    goods.command.run_started_at_us = opened.started_at_us;
    (void)goods_import(stage, &goods);
    goods.variants[0].price.amount = 600;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    goods.command.run_id = stage_new_id(stage, 2);
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UNCHANGED);
    goods.variants[0].price.amount = 700;
    import_is_refused(stage, &goods, STATUS_IMPORTED_MEANWHILE);
    /* One that began afterwards. */
    assert_int_equal(stage_ask(stage, nobody, &catalog_open_import_message, &open, &opened),
                     STATUS_OK);
    goods.command.run_started_at_us = opened.started_at_us + 1;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
}

static void a_dry_run_says_what_would_be_and_writes_nothing(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Oak & Ash"), goods_category(stage, "Home"),
                   "Dry");
    goods.command.has_is_dry_run = goods.command.is_dry_run = true;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_CREATED);
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_CREATED);
    goods.command.is_dry_run = false;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_CREATED);
    goods.command.is_dry_run = true;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UNCHANGED);
    goods.variants[0].price.amount = 501;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    goods.command.category_id = stage_new_id(stage, 7); /* of one that would be made */
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    goods.command.is_dry_run = false;
    goods.command.category_id = goods_category(stage, "Home");
    goods.variants[0].price.amount = 500;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UNCHANGED);
    const struct catalog_import_category command = { .path = TEXT("Dry > Docks"),
                                                     .has_is_dry_run = true,
                                                     .is_dry_run = true };
    struct catalog_category_imported reply;
    assert_int_equal(stage_ask(stage, nobody, &catalog_import_category_message, &command, &reply),
                     STATUS_OK);
    assert_true(reply.is_created);
    assert_string_equal(
        stage_sql(stage, "catalog", "SELECT count(*) FROM catalog.category WHERE path LIKE 'Dry%'"),
        "0");
}

static void a_file_that_says_what_is_so_already_changes_nothing(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    describe_sizes(stage, &goods, "Said");
    goods.command.description = TEXT("Lines\nof text.");
    goods.variants[1].has_weight_grams = true;
    goods.variants[1].weight_grams = 70;
    const struct uuid id = goods_import(stage, &goods).product_id;
    const char *const row = "SELECT version || ' ' || encode(content_digest, 'hex')"
                            " FROM catalog.product WHERE id = '%s'";
    const char *before = goods_sql(stage, row, id);
    /* The same in other words: another digest. */
    goods.variants[1].has_weight_grams = false;
    goods.command.has_tax_class = true;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UNCHANGED);
    assert_string_equal(goods_sql(stage, row, id), before);
    goods.variants[2].quantity++;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    goods.command.description = TEXT("Lines\nof texts.");
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(categories_that_differ_in_case_or_normal_form_are_one),
        STORY(an_sku_that_another_product_of_the_vendor_has_is_refused),
        STORY(variants_that_are_alike_are_refused),
        STORY(what_the_api_refuses_is_refused_of_a_file),
        STORY(rows_in_another_order_and_renamed_options_move_no_id),
        STORY(a_product_that_another_import_has_written_meanwhile_is_not_written_again),
        STORY(a_dry_run_says_what_would_be_and_writes_nothing),
        STORY(a_file_that_says_what_is_so_already_changes_nothing),
    };
    return cmocka_run_group_tests(tests, goods_open, goods_close);
}
