/* Headers of known shops, words for yes and no, and what somebody says of a column. */
#include "messages/product_file/product_columns.h"

#include "messages/product_file/truth.h"
#include "tests/messages/product_file/memory_source.h"
#include "tests/support/cmocka.h"

static struct arena *arena;
static struct product_columns columns;
static struct file_problem problem;
static struct memory_source memory;
static struct csv_reader *reader;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    csv_reader_destroy(&reader);
    arena_destroy(&arena);
    return 0;
}

static enum status read_header(const char *header, enum product_preset preset, const char *mapping)
{
    struct file_form form;
    struct csv_row row;
    struct product_mapping map;
    memory = (struct memory_source){ .file = text_of(header), .step = 4096 };
    const struct byte_source source = { .context = &memory, .read = memory_source_read };
    csv_reader_destroy(&reader);
    assert_int_equal(file_form_recognise(&source, ENCODING_UNSAID, &form), STATUS_OK);
    reader = csv_reader_new(&source, &form);
    assert_int_equal(csv_reader_next(reader, &row), STATUS_OK);
    if (mapping != NULL) assert_int_equal(product_mapping_read(text_of(mapping), &map), STATUS_OK);
    return product_columns_read(&columns, arena, &row, preset, "EUR", &map, mapping != NULL,
                                &problem);
}

static void assert_recognised(const char *header, enum product_preset preset)
{
    assert_int_equal(read_header(header, PRESET_BY_HEADER, NULL), STATUS_OK);
    assert_string_equal(product_preset_name(columns.preset), product_preset_name(preset));
}

static void assert_column(enum product_field field, size_t position)
{
    assert_int_equal(columns.positions[field], position);
}

static void shopify_is_known_by_its_header_of_today_and_by_the_one_before(void **state)
{
    (void)state;
    assert_recognised("Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on "
                      "online store,Status,SKU,Barcode,Option1 name,Option1 value,Price,"
                      "Compare-at price,Inventory quantity,Weight value (grams),"
                      "Product image URL,Image position,Image alt text\n",
                      PRESET_SHOPIFY);
    assert_column(PRODUCT_NAME, 0);
    assert_column(PRODUCT_HANDLE, 1);
    assert_column(PRODUCT_DESCRIPTION_HTML, 2);
    assert_column(PRODUCT_PUBLISHED, 7);
    assert_column(PRODUCT_PRICE, 13);
    assert_column(PRODUCT_QUANTITY, 15);
    assert_column(PRODUCT_IMAGE, 17);
    assert_recognised("HANDLE,Title,Body (HTML),Vendor,Type,Published,Variant SKU,Variant Grams,"
                      "Variant Inventory Qty,VARIANT PRICE,Image Src\n",
                      PRESET_SHOPIFY);
    assert_column(PRODUCT_HANDLE, 0);
    assert_column(PRODUCT_PRICE, 9);
}

static void other_shops_and_our_own_files_are_known_by_their_headers(void **state)
{
    (void)state;
    assert_recognised("ID,Type,SKU,Name,Published,Description,Stock,Weight (kg),Sale price,"
                      "Regular price,Categories,Images,Parent,Attribute 1 name,Attribute 1 "
                      "value(s)\n",
                      PRESET_WOOCOMMERCE);
    assert_int_equal(columns.weight_unit, WEIGHT_KILOGRAMS);
    assert_column(PRODUCT_PRICE, 9);
    assert_recognised("Product Id,Product Handle,Product Title,Product Description,Product Status,"
                      "Variant SKU,Variant Price USD,Variant Price EUR,Variant Option 1 Name,"
                      "Variant Option 1 Value,Product Image 1 Url,Product Image 2 Url\n",
                      PRESET_MEDUSA);
    assert_column(PRODUCT_PRICE, 7);
    assert_column(PRODUCT_DESCRIPTION, 3);
    assert_int_equal(columns.images_count, 2);
    assert_int_equal(columns.images[1], 11);
    assert_recognised("product_id,sku,name,slug,status,vendor_name,description,price,currency,"
                      "weight,weight_unit,inventory_count,image1_src,image2_src,option1_name,"
                      "option1_value,category1\n",
                      PRESET_SPREE);
    assert_column(PRODUCT_HANDLE, 3);
    assert_recognised("handle,name,description,vendor,category,published,sku,price,quantity\n",
                      PRESET_PLAIN);
}

static void a_column_that_is_missing_or_twice_is_told_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(read_header("Handle,Title\n", PRESET_BY_HEADER, NULL), STATUS_MALFORMED);
    assert_string_equal(problem.column, "Price");
    assert_non_null(strstr(problem.detail, "with a map"));
    assert_null(strstr(problem.detail, "--")); /* who hands a file in has no command line */
    assert_non_null(strstr(problem.detail, "shopify"));
    assert_int_equal(read_header("Handle,Title,Variant Price,title\n", PRESET_BY_HEADER, NULL),
                     STATUS_MALFORMED);
    assert_string_equal(problem.column, "title");
    assert_int_equal(problem.line, 1);
}

static void all_columns_that_are_missing_are_told_at_once(void **state)
{
    (void)state;
    assert_int_equal(read_header("handle,colour\n", PRESET_PLAIN, NULL), STATUS_MALFORMED);
    assert_string_equal(problem.column, "name, price");
    assert_non_null(strstr(problem.detail, "which ones are the name, price"));
    assert_int_equal(read_header("colour\n", PRESET_SHOPIFY, NULL), STATUS_MALFORMED);
    assert_string_equal(problem.column, "URL handle, Title, Price");
}

static void a_preset_that_is_named_is_taken(void **state)
{
    (void)state;
    assert_int_equal(product_preset_named(TEXT("Shopify")), PRESET_SHOPIFY);
    assert_int_equal(product_preset_named(TEXT("oscommerce")), PRESETS);
    assert_int_equal(read_header("handle,name,price\n", PRESET_SHOPIFY, NULL), STATUS_MALFORMED);
    assert_int_equal(read_header("handle,name,price\n", PRESET_PLAIN, NULL), STATUS_OK);
}

static void what_somebody_says_of_a_column_goes_before_the_preset(void **state)
{
    (void)state;
    assert_int_equal(read_header("handle,name,price,Brutto\n", PRESET_BY_HEADER, "brutto=price"),
                     STATUS_OK);
    assert_column(PRODUCT_PRICE, 3);
    assert_int_equal(read_header("handle,Artikel,price\n", PRESET_BY_HEADER, "Artikel = name"),
                     STATUS_OK);
    assert_column(PRODUCT_NAME, 1);
    assert_int_equal(read_header("handle,name,price\n", PRESET_BY_HEADER, "Netto=price"),
                     STATUS_MALFORMED);
    assert_string_equal(problem.column, "Netto");
    struct product_mapping map;
    assert_int_equal(product_mapping_read(TEXT("a=colour"), &map), STATUS_MALFORMED);
    assert_int_equal(product_mapping_read(TEXT("=price"), &map), STATUS_MALFORMED);
    assert_int_equal(product_mapping_read(TEXT("a"), &map), STATUS_MALFORMED);
    assert_int_equal(product_mapping_read(TEXT("a=b=price"), &map), STATUS_OK);
    assert_text_equal(map.column, TEXT("a=b"));
}

static void a_column_behind_four_thousand_is_no_column(void **state)
{
    (void)state;
    struct text_builder header;
    text_builder_init(&header, arena, 1 << 16);
    for (int i = 0; i < CSV_COLUMNS_MAX - 3; i++)
        text_builder_add(&header, TEXT("x,"));
    text_builder_add(&header, TEXT("handle,name,price,sku\n"));
    assert_int_equal(
        read_header(text_string(arena, text_builder_view(&header)), PRESET_BY_HEADER, NULL),
        STATUS_OK);
    assert_column(PRODUCT_PRICE, CSV_COLUMNS_MAX - 1);
    assert_false(product_columns_have(&columns, PRODUCT_SKU));
}

/* ---- words ---- */

static bool truth_of(const char *word)
{
    bool truth;
    assert_int_equal(truth_read(arena, text_of(word), &truth), STATUS_OK);
    return truth;
}

static void yes_and_no_are_read_in_many_languages(void **state)
{
    (void)state;
    static const char *const yes[] = { "TRUE",
                                       "1",
                                       "yes",
                                       "Wahr",
                                       "VRAI",
                                       "ja",
                                       "oui",
                                       "verdadero",
                                       "S\xC3\x8D",
                                       "x",
                                       "\xE6\x98\xAF",
                                       "PRAVDA",
                                       "\xD0\x94\xD0\xB0" };
    static const char *const no[] = { "false", "0",  "NO",         "Falsch", "faux",
                                      "nein",  "-1", "N\xC3\x83O", "nee",    "\xE5\x90\xA6" };
    for (size_t i = 0; i < ARRAY_LENGTH(yes); i++)
        assert_true(truth_of(yes[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(no); i++)
        assert_false(truth_of(no[i]));
}

static void a_word_that_nobody_knows_is_neither(void **state)
{
    (void)state;
    bool truth;
    assert_int_equal(truth_read(arena, TEXT("maybe"), &truth), STATUS_MALFORMED);
    assert_int_equal(truth_read(arena, TEXT(""), &truth), STATUS_MALFORMED);
    assert_int_equal(truth_read_standing(arena, TEXT("yes"), &truth), STATUS_MALFORMED);
    assert_int_equal(truth_read_standing(arena, TEXT("Archived"), &truth), STATUS_OK);
    assert_false(truth);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_arena, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(shopify_is_known_by_its_header_of_today_and_by_the_one_before),
        CLAIM(other_shops_and_our_own_files_are_known_by_their_headers),
        CLAIM(a_column_that_is_missing_or_twice_is_told_by_its_name),
        CLAIM(all_columns_that_are_missing_are_told_at_once),
        CLAIM(a_preset_that_is_named_is_taken),
        CLAIM(what_somebody_says_of_a_column_goes_before_the_preset),
        CLAIM(a_column_behind_four_thousand_is_no_column),
        CLAIM(yes_and_no_are_read_in_many_languages),
        CLAIM(a_word_that_nobody_knows_is_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
