/* Claims about the text of feeds. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/catalog_feed.h"
#include "runtime/arena.h"

static const struct catalog_feed feed = { "https://shop.example", "Shop & Co", "EUR", 1000 };

static struct catalog_item_price price = { .price = { 1234, "EUR" }, .prior = CATALOG_ITEM_NONE };
static struct catalog_item_variant variants[2];
static struct text_pair sizes[2] = { { { "Size", 4 }, { "L", 1 } }, { { "Size", 4 }, { "M", 1 } } };

static struct catalog_item chair(void)
{
    for (size_t i = 0; i < 2; i++)
        variants[i] = (struct catalog_item_variant){ .id = { .bytes = { [15] = (uint8_t)i } },
                                                     .options = &sizes[i],
                                                     .options_count = 1,
                                                     .prices = &price,
                                                     .prices_count = 1,
                                                     .weight_grams = CATALOG_ITEM_NONE,
                                                     .on_hand = 3,
                                                     .held = i == 0 ? 3 : 0 };
    return (struct catalog_item){
        .name = TEXT("Chair"), .slug = TEXT("chair"), .variants = variants, .variants_count = 2
    };
}

static const char *written(struct arena *arena, const struct catalog_item *item)
{
    struct text_builder file;
    struct catalog_feed_stock stock[2];
    for (size_t i = 0; i < 2; i++)
        stock[i] = catalog_feed_stock_of(&item->variants[i], feed.now_us);
    text_builder_init(&file, arena, 1 << 20);
    catalog_feed_item(&file, arena, &feed, item, stock, TEXT("Oak"));
    return text_string(arena, text_builder_view(&file));
}

static void variants_are_items_of_one_group(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct catalog_item item = chair();
    const char *text = written(arena, &item);
    assert_non_null(strstr(text, "<g:title>Chair - L</g:title>"));
    assert_non_null(strstr(text, "<g:title>Chair - M</g:title>"));
    assert_non_null(strstr(text, "<g:item_group_id>prd_"));
    assert_non_null(strstr(text, "<g:size>L</g:size>"));
    assert_non_null(strstr(text, "<g:availability>out_of_stock</g:availability>"));
    assert_non_null(strstr(text, "<g:availability>in_stock</g:availability>"));
    assert_null(strstr(text, "shipping_weight"));
}

static void what_is_sold_ahead_is_not_out_of_stock(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct catalog_item item = chair();
    variants[0].ahead = (struct catalog_ahead){ .policy = CATALOG_STOCK_POLICY_BACKORDER,
                                                .limit = 1 };
    variants[1].ahead = (struct catalog_ahead){ .policy = CATALOG_STOCK_POLICY_PREORDER,
                                                .limit = 1,
                                                .available_on_us = 86400000000 };
    const char *text = written(arena, &item);
    assert_null(strstr(text, "out_of_stock"));
    assert_non_null(strstr(text, "<g:availability>backorder</g:availability>\n<g:price>"));
    assert_non_null(strstr(text, "<g:availability>preorder</g:availability>\n"
                                 "<g:availability_date>1970-01-02T00:00:00"));
    variants[1].held = 4; /* and no more can be ordered */
    text = written(arena, &item);
    assert_non_null(strstr(text, "<g:availability>out_of_stock</g:availability>\n<g:price>"));
    assert_null(strstr(text, "availability_date"));
}

static void what_costs_nothing_is_left_out(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    static const struct catalog_item_price gift = { .price = { 0, "EUR" },
                                                    .prior = CATALOG_ITEM_NONE };
    const struct catalog_item item = chair();
    variants[0].prices = &gift;
    const char *text = written(arena, &item);
    assert_null(strstr(text, "Chair - L"));
    assert_non_null(strstr(text, "Chair - M"));
}

static void a_number_of_zeros_is_none(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct catalog_item item = chair();
    variants[0].barcode = TEXT("00000000000000");
    variants[1].barcode = TEXT("04006381333931");
    const char *text = written(arena, &item);
    assert_null(strstr(text, "<g:gtin>00000000000000<"));
    assert_non_null(strstr(text, "<g:identifier_exists>no<"));
    assert_non_null(strstr(text, "<g:gtin>04006381333931<"));
}

static void what_xml_does_not_allow_is_left_out(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    struct catalog_item item = chair();
    item.description = TEXT("a\x01\x0b"
                            "b\xef\xbf\xbf"
                            "c\t<&>\n\xf0\x9f\x92\xba");
    const char *text = written(arena, &item);
    assert_non_null(strstr(text, "<g:description>abc\t&lt;&amp;&gt;\n\xf0\x9f\x92\xba<"));
}

static void texts_are_cut_between_characters(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    struct catalog_item item = chair();
    struct text_builder name;
    text_builder_init(&name, arena, 4096);
    for (int i = 0; i < 200; i++)
        text_builder_add(&name, TEXT("\xc3\xbc"));
    item.name = text_builder_view(&name);
    const char *title = strstr(written(arena, &item), "<g:title>");
    const char *end = strstr(title, "</g:title>");
    assert_int_equal(end - title, (long)strlen("<g:title>") + 150 * 2);
}

static void a_sale_is_told_while_it_can_be_had(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct catalog_item item = chair();
    price.sale = (struct catalog_sale){ .amount = 1000, .to_us = CATALOG_SALE_FOR_GOOD };
    assert_non_null(strstr(written(arena, &item), "<g:sale_price>10.00 EUR</g:sale_price>"));
    assert_null(strstr(written(arena, &item), "effective_date"));
    price.sale.from_us = 1001;
    assert_null(strstr(written(arena, &item), "sale_price"));
    price.sale.to_us = 2000;
    assert_non_null(strstr(written(arena, &item), "effective_date"));
    price.sale = (struct catalog_sale){ .amount = 1000, .from_us = 1, .to_us = 1000 };
    assert_null(strstr(written(arena, &item), "sale_price"));
    price.sale = (struct catalog_sale){ 0 };
}

static void a_head_and_a_tail_make_it_whole(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    struct text_builder file;
    text_builder_init(&file, arena, 4096);
    catalog_feed_head(&file, &feed);
    catalog_feed_tail(&file);
    const char *text = text_string(arena, text_builder_view(&file));
    assert_non_null(strstr(text, "<title>Shop &amp; Co</title>"));
    assert_non_null(strstr(text, "<link>https://shop.example</link>"));
    assert_non_null(strstr(text, "</channel>\n</rss>\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_are_items_of_one_group),
        cmocka_unit_test(what_is_sold_ahead_is_not_out_of_stock),
        cmocka_unit_test(what_costs_nothing_is_left_out),
        cmocka_unit_test(a_number_of_zeros_is_none),
        cmocka_unit_test(what_xml_does_not_allow_is_left_out),
        cmocka_unit_test(texts_are_cut_between_characters),
        cmocka_unit_test(a_sale_is_told_while_it_can_be_had),
        cmocka_unit_test(a_head_and_a_tail_make_it_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
