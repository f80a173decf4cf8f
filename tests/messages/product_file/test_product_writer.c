/* What is written is read as it was. */
#include "messages/product_file/product_writer.h"

#include "tests/messages/product_file/reader_stage.h"

static struct catalog_exported_product written;
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
    product_write_header(&file, preset);
    product_write(&file, preset, &written);
    product_write(&file, preset, &other);
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
        product_write(&file, PRESET_PLAIN, &written);
        assert_non_null(strstr(text_string(arena, text_builder_view(&file)), prices[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(our_own_file_is_read_as_it_was_written),
        CLAIM(shopifys_file_is_read_as_it_was_written_but_for_white_space),
        CLAIM(prices_are_written_with_the_digits_of_their_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
