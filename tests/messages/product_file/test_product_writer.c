/* What is written is read as it was. */
#include "messages/product_file/product_writer.h"

#include "tests/messages/product_file/reader_stage.h"

static struct catalog_exported_product written;
static const struct product_more_columns none;
static struct catalog_imported_variant variants[3];
static struct text images[4];
static struct text_pair options[3];

static void describe(void)
{
    for (size_t i = 0; i < ARRAY_LENGTH(images); i++)
        images[i] = text_format(arena, "https://x.example/%zu,%zu.png", i, i);
    for (size_t i = 0; i < ARRAY_LENGTH(variants); i++) {
        options[i] =
            (struct text_pair){ TEXT("Size; or \"fit\""), text_format(arena, "%zu,\t\"\"", i) };
        variants[i] =
            (struct catalog_imported_variant){ .has_sku = i > 0,
                                               .sku = i > 0 ? text_format(arena, "s|%zu", i)
                                                            : TEXT(""),
                                               .has_barcode = i == 1,
                                               .barcode = i == 1 ? TEXT("4006381333931") : TEXT(""),
                                               .options = &options[i],
                                               .options_count = 1,
                                               .price = { 1234567, "EUR" },
                                               .has_compare_at_price = i == 1,
                                               .compare_at_price = { 2345678, "EUR" },
                                               .has_quantity = true,
                                               .quantity = 1000 * (int64_t)i,
                                               .has_weight_grams = i == 2,
                                               .weight_grams = 1500 };
        options[i].value = text_format(arena, "%zu,\"\"", i);
    }
    written = (struct catalog_exported_product){
        .vendor = TEXT("Oak, Ash & \"Sons\""),
        .category = TEXT("Home > Chairs"),
        .handle = TEXT("chair"),
        .name = TEXT("A \"chair\"; for one"),
        .description = TEXT("Lines\r\n\r\nof <b>text</b>,\nwith \"quotes\" and\ttabs."),
        .images = images,
        .images_count = ARRAY_LENGTH(images),
        .is_listed = true,
        .tax_class = COMMON_TAX_CLASS_REDUCED,
        .variants = variants,
        .variants_count = ARRAY_LENGTH(variants),
    };
}

/* Writes it between two others, and reads the file. */
static void write_and_read(enum product_preset preset)
{
    struct text_builder file;
    struct catalog_exported_product other = written;
    struct catalog_imported_variant only = { .price = { 100, "EUR" } };
    other.handle = TEXT("other");
    other.variants = &only;
    other.variants_count = 1;
    other.images_count = 0;
    text_builder_init(&file, arena, 1 << 20);
    product_write_header(&file, preset, &none);
    product_write(&file, preset, &none, &written);
    product_write(&file, preset, &none, &other);
    assert_int_equal(open_file(text_string(arena, text_builder_view(&file)), NULL), STATUS_OK);
    assert_int_equal(product_reader_facts(reader).preset, preset);
    next_is_good("chair");
}

static void assert_read_as_written(const struct catalog_import_product *command)
{
    assert_int_equal(product->problems_count, 0);
    assert_text_equal(product->vendor, written.vendor);
    assert_text_equal(product->category, written.category);
    assert_text_equal(command->name, written.name);
    assert_true(command->is_listed);
    assert_int_equal(command->images_count, written.images_count);
    for (size_t i = 0; i < written.images_count; i++)
        assert_text_equal(command->images[i], images[i]);
    assert_int_equal(command->variants_count, written.variants_count);
    for (size_t i = 0; i < written.variants_count; i++) {
        const struct catalog_imported_variant *variant = &command->variants[i];
        assert_int_equal(variant->has_sku, variants[i].has_sku);
        if (variant->has_sku) assert_text_equal(variant->sku, variants[i].sku);
        assert_int_equal(variant->options_count, 1);
        assert_text_equal(variant->options[0].name, options[i].name);
        assert_text_equal(variant->options[0].value, options[i].value);
        assert_int_equal(variant->has_barcode, variants[i].has_barcode);
        if (variant->has_barcode) assert_text_equal(variant->barcode, variants[i].barcode);
        assert_true(money_equals(variant->price, variants[i].price));
        assert_int_equal(variant->has_compare_at_price, variants[i].has_compare_at_price);
        assert_int_equal(variant->has_weight_grams, variants[i].has_weight_grams);
        if (variant->has_weight_grams)
            assert_int_equal(variant->weight_grams, variants[i].weight_grams);
    }
}

static void our_own_file_is_read_as_it_was_written(void **state)
{
    (void)state;
    describe();
    write_and_read(PRESET_PLAIN);
    assert_read_as_written(&product->command);
    assert_text_equal(product->command.description, written.description);
    assert_true(product->command.has_tax_class);
    assert_int_equal(product->command.tax_class, COMMON_TAX_CLASS_REDUCED);
    for (size_t i = 0; i < written.variants_count; i++)
        assert_false(product->command.variants[i].has_quantity); /* as it was */
    next_is_good("other");
    assert_int_equal(product->command.variants[0].options_count, 0);
    assert_end();
}

static void shopifys_file_is_read_as_it_was_written_but_for_white_space(void **state)
{
    (void)state;
    describe();
    write_and_read(PRESET_SHOPIFY);
    assert_read_as_written(&product->command);
    assert_text_equal(product->command.description,
                      TEXT("Lines\nof <b>text</b>,\nwith \"quotes\" and tabs."));
    for (size_t i = 0; i < written.variants_count; i++)
        assert_int_equal(product->command.variants[i].quantity, variants[i].quantity);
    next_is_good("other");
    assert_int_equal(product->command.variants[0].options_count, 0);
    assert_end();
}

static void prices_are_written_with_the_digits_of_their_currency(void **state)
{
    (void)state;
    static const char *const currencies[] = { "JPY", "EUR", "KWD" };
    static const char *const prices[] = { ",1005,", ",10.05,", ",1.005," };
    describe();
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++) {
        struct text_builder file;
        text_builder_init(&file, arena, 1 << 16);
        written.variants_count = 1;
        variants[0].price = money_make(1005, currencies[i]);
        product_write(&file, PRESET_PLAIN, &none, &written);
        assert_non_null(strstr(text_string(arena, text_builder_view(&file)), prices[i]));
    }
}

/* ---- generated products ---- */

static uint64_t chance_state = 2026;

static int64_t below(int64_t bound)
{
    chance_state = chance_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (int64_t)((chance_state >> 33) % (uint64_t)bound);
}

static const struct text keys[] = { { "colour", 6 }, { "care", 4 } };
static const struct text currencies[] = { { "JPY", 3 }, { "KWD", 3 } };
static const struct text languages[] = { { "name:de", 7 } };
static const struct product_more_columns more = { keys, 2, currencies, 2, languages, 1 };

static void generate(struct catalog_imported_price others[3][2], struct text_pair attributes[2])
{
    static const char *const values[] = { "Red, \"deep\"", "=1+1", "Gr\xc3\xbcn" };
    describe();
    written.attributes = attributes;
    written.attributes_count = 0;
    for (size_t i = 0; i < 2; i++)
        if (below(2) == 0)
            attributes[written.attributes_count++] =
                (struct text_pair){ keys[i], text_of(values[below(3)]) };
    written.variants_count = 1 + (size_t)below(3);
    written.images_count = (size_t)below(4);
    for (size_t i = 0; i < written.variants_count; i++) {
        struct catalog_imported_variant *variant = &variants[i];
        variant->price.amount = 2 + below(1000000000000 - 2);
        variant->compare_at_price.amount = variant->price.amount + 1;
        variant->has_sale_price = below(2) == 0;
        variant->sale_price = money_make(1 + below(variant->price.amount - 1), "EUR");
        variant->has_sale_from = variant->has_sale_price && below(2) == 0;
        variant->sale_from_us = 1 + below(1000000000);
        variant->has_sale_to = variant->has_sale_price && below(2) == 0;
        variant->sale_to_us = 1000000001 + below(INT64_C(9000000000000000));
        variant->other_prices = others[i];
        for (size_t k = 0; k < 2; k++)
            if (below(3) > 0)
                others[i][variant->other_prices_count++].price =
                    money_make(below(1000000000001), currencies[k].data);
    }
}

static void assert_same_prices(const struct catalog_imported_variant *read,
                               const struct catalog_imported_variant *wrote)
{
    size_t taken = 0;
    assert_true(money_equals(read->price, wrote->price));
    assert_int_equal(read->sale_price.amount, wrote->has_sale_price ? wrote->sale_price.amount : 0);
    assert_int_equal(read->has_sale_from, wrote->has_sale_from);
    if (read->has_sale_from) assert_int_equal(read->sale_from_us, wrote->sale_from_us);
    assert_int_equal(read->has_sale_to, wrote->has_sale_to);
    if (read->has_sale_to) assert_int_equal(read->sale_to_us, wrote->sale_to_us);
    assert_int_equal(read->other_prices_count, 2);
    for (size_t i = 0; i < 2; i++) {
        if (read->other_prices[i].is_none) continue;
        assert_true(taken < wrote->other_prices_count);
        assert_true(money_equals(read->other_prices[i].price, wrote->other_prices[taken++].price));
    }
    assert_int_equal(taken, wrote->other_prices_count);
}

static void whatever_is_written_is_read_as_it_was(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct catalog_imported_price others[3][2] = { 0 };
        struct text_pair attributes[2];
        struct text_builder file;
        generate(others, attributes);
        text_builder_init(&file, arena, 1 << 20);
        product_write_header(&file, PRESET_PLAIN, &more);
        product_write(&file, PRESET_PLAIN, &more, &written);
        assert_int_equal(open_file(text_string(arena, text_builder_view(&file)), NULL), STATUS_OK);
        next_is_good("chair");
        assert_read_as_written(&product->command);
        for (size_t i = 0; i < written.variants_count; i++)
            assert_same_prices(&product->command.variants[i], &variants[i]);
        size_t said = 0;
        for (size_t i = 0; i < product->command.attributes_count; i++) {
            if (product->command.attributes[i].value.length == 0) continue;
            assert_text_equal(product->command.attributes[i].value, attributes[said++].value);
        }
        assert_int_equal(said, written.attributes_count);
        assert_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(our_own_file_is_read_as_it_was_written),
        CLAIM(shopifys_file_is_read_as_it_was_written_but_for_white_space),
        CLAIM(whatever_is_written_is_read_as_it_was),
        CLAIM(prices_are_written_with_the_digits_of_their_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
