/* What is taken of the cells of a product, and with what word about it. */
#include "tests/messages/product_file/reader_stage.h"

/* ---- what is taken with a word about it ---- */

static void next_is_good_but(const char *handle, uint64_t line, const char *column,
                             const char *words)
{
    next_is_good(handle);
    assert_int_equal(product->problems_count, 1);
    assert_true(product->problems[0].is_warning);
    assert_int_equal(product->problems[0].line, line);
    assert_string_equal(product->problems[0].column, column);
    assert_non_null(strstr(product->problems[0].detail, words));
}

static void a_quantity_below_nothing_is_nothing(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Variant Inventory Qty,Variant "
                               "SKU\n"
                               "a,A,V,1.00,-3,A-S\na,,,1.00,4,A-M\n",
                               NULL),
                     STATUS_OK);
    assert_int_equal(product_reader_next(reader, arena, &product), STATUS_OK);
    assert_true(product->is_bad); /* two variants without options are alike */
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Variant Inventory Qty,Option1 "
                               "Name,Option1 Value\n"
                               "a,A,V,1.00,-3,Size,S\na,,,1.00,4,,M\n",
                               NULL),
                     STATUS_OK);
    next_is_good_but("a", 2, "Variant Inventory Qty", "'-3' is less than nothing");
    assert_int_equal(product->command.variants[0].quantity, 0);
    assert_int_equal(product->command.variants[1].quantity, 4);
}

static void barcodes_are_read_and_what_is_none_is_left_out(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Variant Barcode\n"
                               "a,A,V,1,'4006381333931\nb,B,V,1,4006381333930\nc,C,V,1,\n",
                               NULL),
                     STATUS_OK);
    next_is_good("a");
    assert_text_equal(product->command.variants[0].barcode, TEXT("4006381333931"));
    next_is_good_but("b", 3, "Variant Barcode", "is no GTIN");
    assert_false(product->command.variants[0].has_barcode);
    next_is_good("c");
    assert_false(product->command.variants[0].has_barcode);
}

static void columns_of_attributes_are_read_in_the_first_row(void **state)
{
    (void)state;
    assert_int_equal(
        open_file("Handle,Title,Vendor,Variant Price,attr:colour,ATTR: weight ,Option1 "
                  "Name,Option1 Value\n"
                  "a,A,V,1,Red, 1.5 ,Size,S\na,,,1,Blue,,Size,M\nb,B,V,1,,2,,\n"
                  "c,C,V,1\n",
                  NULL),
        STATUS_OK);
    next_is_good("a");
    assert_int_equal(product->command.attributes_count, 2);
    assert_text_equal(product->command.attributes[0].name, TEXT("colour"));
    assert_text_equal(product->command.attributes[0].value, TEXT("Red"));
    assert_text_equal(product->command.attributes[1].name, TEXT("weight"));
    assert_text_equal(product->command.attributes[1].value, TEXT("1.5"));
    next_is_good("b");
    assert_int_equal(product->command.attributes[0].value.length, 0);
    next_is_good("c"); /* what is missing at the end of a row is empty */
    assert_int_equal(product->command.attributes_count, 2);
    assert_int_equal(product->command.attributes[1].value.length, 0);
}

static void columns_that_name_no_attribute_or_one_twice_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "attr:", "attr: ", "attr:a,attr: a",
                                       "attr:abcdefghijklmnopqrstuvwxyz_abcdefghijklmno" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        const struct text file =
            text_format(arena, "Handle,Title,Vendor,Variant Price,%s\na,A,V,1,x\n", bad[i]);
        assert_int_equal(open_file(file.data, NULL), STATUS_MALFORMED);
    }
}

static void columns_of_other_languages_are_read_in_the_first_row(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,NAME:de,description:de,name\n"
                               "a,A,V,1, Stuhl ,\"Aus\nEiche.\",x\nb,B,V,1,,,\n"
                               "c,C,V,1\n",
                               NULL),
                     STATUS_OK);
    next_is_good("a");
    assert_int_equal(product->command.texts_count, 2);
    assert_text_equal(product->command.texts[0].name, TEXT("name:de"));
    assert_text_equal(product->command.texts[0].value, TEXT("Stuhl"));
    assert_text_equal(product->command.texts[1].name, TEXT("description:de"));
    assert_text_equal(product->command.texts[1].value, TEXT("Aus\nEiche."));
    next_is_good("b");
    assert_int_equal(product->command.texts[0].value.length, 0);
    next_is_good("c");
    assert_int_equal(product->command.texts_count, 2);
    assert_int_equal(product->command.texts[1].value.length, 0);
}

static void columns_that_name_no_language_or_one_twice_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "name:de,Name:DE",
                                       "name:abcdefghijklmnopqrstuvwxyzabcdefghi" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        const struct text file =
            text_format(arena, "Handle,Title,Vendor,Variant Price,%s\na,A,V,1,x\n", bad[i]);
        assert_int_equal(open_file(file.data, NULL), STATUS_MALFORMED);
    }
}

static void pictures_behind_the_twentieth_are_left_out(void **state)
{
    (void)state;
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 16);
    text_builder_add(&file, TEXT("Handle,Title,Vendor,Variant Price,Image Src,Image Position\n"));
    for (int i = 22; i > 0; i--) {
        const struct text row =
            text_format(arena, "a,%s,%s,%s,https://x.example/%d.png,%d\n", i == 22 ? "A" : "",
                        i == 22 ? "V" : "", i == 22 ? "1.00" : "", i, i);
        text_builder_add(&file, row);
    }
    assert_int_equal(open_file(text_string(arena, text_builder_view(&file)), NULL), STATUS_OK);
    next_is_good_but("a", 2, "Image Src", "2 behind them are left out");
    assert_int_equal(product->command.images_count, 20);
    assert_text_equal(product->command.images[0], TEXT("https://x.example/1.png"));
    assert_text_equal(product->command.images[19], TEXT("https://x.example/20.png"));
}

/* ---- words ---- */

static void words_for_yes_are_read_and_others_refused(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Published,Status\n"
                               "a,A,V,1,WAHR, active \nb,B,V,1,maybe,\nc,C,V,1,,gone\n"
                               "d,D,V,1,,unlisted\n",
                               NULL),
                     STATUS_OK);
    next_is_good("a");
    assert_true(product->command.is_listed);
    next_is_bad(3, "Published", "'maybe' is no yes or no");
    next_is_bad(4, "Status", "'gone' is no status");
    next_is_good("d");
    assert_false(product->command.is_listed);
}

static void lengths_are_counted_in_characters(void **state)
{
    (void)state;
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 16);
    text_builder_add(&file, TEXT(HEADER));
    for (int count = 255; count <= 256; count++) {
        text_builder_add(&file, count == 255 ? TEXT("good,") : TEXT("long,"));
        for (int i = 0; i < count; i++)
            text_builder_add(&file, TEXT("\xE6\x97\xA5"));
        text_builder_add(&file, TEXT(",V,1.00\n"));
    }
    assert_int_equal(open_file(text_string(arena, text_builder_view(&file)), NULL), STATUS_OK);
    next_is_good("good");
    next_is_bad(3, "Title", "256 characters are more than 255");
}

static void texts_are_composed(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "cafe\xCC\x81,Cafe\xCC\x81,V,1.00\n"
                                      "caf\xC3\xA9,,,\n",
                               NULL),
                     STATUS_OK);
    next_is_good("caf\xC3\xA9");
    assert_text_equal(product->command.name, TEXT("Caf\xC3\xA9"));
    assert_int_equal(product->rows_count, 2);
}

static void names_that_hide_something_are_refused(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "a,A\xE2\x80\x8B"
                                      "b,V,1.00\nb,B,V\xE2\x80\xAE,1.00\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(2, "Title", "is no name");
    next_is_bad(3, "Vendor", "is no name");
}

/* ---- limits ---- */

static void assert_same_limits(const struct schema *of_files, const struct schema *of_people,
                               const char *name, const char *name_of_people)
{
    const struct field *file = schema_field(of_files, name);
    const struct field *people = schema_field(of_people, name_of_people);
    assert_int_equal(file->type, people->type);
    assert_int_equal(file->max, people->max);
    assert_int_equal(file->text_max, people->text_max);
}

static void a_file_may_say_what_the_api_may_say_and_no_more(void **state)
{
    (void)state;
    static const char *const of_product[] = { "name", "description", "images" };
    static const char *const of_variant[] = { "sku", "options", "compare_at_price",
                                              "weight_grams" };
    for (size_t i = 0; i < ARRAY_LENGTH(of_product); i++)
        assert_same_limits(&catalog_import_product_schema, &catalog_create_product_schema,
                           of_product[i], of_product[i]);
    assert_int_equal(schema_field(&catalog_import_product_schema, "images")->list_max,
                     schema_field(&catalog_create_product_schema, "images")->list_max);
    for (size_t i = 0; i < ARRAY_LENGTH(of_variant); i++)
        assert_same_limits(&catalog_imported_variant_schema, &catalog_new_variant_schema,
                           of_variant[i], of_variant[i]);
    assert_same_limits(&catalog_imported_variant_schema, &catalog_new_variant_schema, "price",
                       "prices");
    assert_same_limits(&catalog_imported_variant_schema, &catalog_price_sale_schema, "sale_price",
                       "price");
    assert_same_limits(&catalog_imported_variant_schema, &catalog_new_variant_schema, "quantity",
                       "stock");
}

/* ---- other shops ---- */

static void woocommerce_writes_variations_behind_their_product(void **state)
{
    (void)state;
    assert_int_equal(
        open_file("ID,Type,SKU,Name,Published,Description,Stock,Weight (kg),Regular price,"
                  "Categories,Images,Parent,Attribute 1 name,Attribute 1 value(s)\n"
                  "1,variable,HOOD,Hoodie,1,<p>Warm</p>,,,,\"Clothes > Tops, Sale\","
                  "\"https://x.example/1.png, https://x.example/2.png\",,Size,\"S, M\"\n"
                  "2,variation,HOOD-S,Hoodie - S,1,,3,0.5,40,,,HOOD,Size,S\n"
                  "3,variation,HOOD-M,Hoodie - M,1,,4,0.6,41,,,HOOD,Size,M\n"
                  "4,\"simple, virtual\",,Voucher,-1,,,,10,,,,Colour,Red\n",
                  "Weaver"),
        STATUS_OK);
    next_is_good("HOOD");
    assert_text_equal(product->category, TEXT("Clothes > Tops"));
    assert_int_equal(product->command.images_count, 2);
    assert_int_equal(product->command.variants_count, 2);
    assert_text_equal(product->command.variants[1].sku, TEXT("HOOD-M"));
    assert_int_equal(product->command.variants[0].weight_grams, 500);
    assert_text_equal(product->command.variants[0].options[0].value, TEXT("S"));
    next_is_good("id:4");
    assert_false(product->command.is_listed);
    assert_int_equal(product->command.variants[0].options_count, 0);
    assert_end();
}

#define DAY(number) (INT64_C(number) * 86400 * 1000000)

static void a_sale_has_the_dates_that_the_file_says(void **state)
{
    (void)state;
    assert_int_equal(open_file("ID,Type,SKU,Name,Regular price,Sale price,"
                               "Date sale price starts,Date sale price ends\n"
                               "1,simple,NOW,Now,10,8,,\n"
                               "2,simple,SOON,Soon,10,8,1970-01-03,1970-01-04\n"
                               "3,simple,HOURS,Hours,10,8,1970-01-02 00:00:01,1970-01-02T06:00:00"
                               "+02:00\n"
                               "4,simple,NONE,None,10,,2027-02-01,\n",
                               "Weaver"),
                     STATUS_OK);
    next_is_good("NOW");
    assert_int_equal(product->command.variants[0].sale_price.amount, 800);
    assert_false(product->command.variants[0].has_sale_from);
    next_is_good("SOON");
    assert_int_equal(product->command.variants[0].sale_from_us, DAY(2));
    assert_int_equal(product->command.variants[0].sale_to_us, DAY(4)); /* the last day is in it */
    next_is_good("HOURS");
    assert_int_equal(product->command.variants[0].sale_from_us, DAY(1) + 1000000);
    assert_int_equal(product->command.variants[0].sale_to_us, DAY(1) + INT64_C(4) * 3600000000);
    next_is_good("NONE");
    assert_int_equal(product->command.variants[0].sale_price.amount, 0);
    assert_false(product->command.variants[0].has_sale_from);
    assert_int_equal(product->problems_count, 0);
    assert_end();
}

static void a_sale_without_sense_is_refused(void **state)
{
    (void)state;
    assert_int_equal(open_file("handle,name,category,price,sale_price,sale_starts,sale_ends\n"
                               "a,A,Home,10,8,tomorrow,\n"
                               "b,B,Home,10,8,2027-02-02,2027-02-01\n"
                               "c,C,Home,10,8,2027-13-01,\n"
                               "d,D,Home,10,10,,\n",
                               "Weaver"),
                     STATUS_OK);
    next_is_bad(2, "sale_starts", "is no time");
    next_is_bad(3, "sale_ends", "is not after the sale begins");
    next_is_bad(4, "sale_starts", "is no time");
    next_is_bad(5, "sale_price", "is not below the price");
    assert_end();
}

static void prices_in_other_currencies_have_columns_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(open_file("handle,name,category,price,price:JPY, PRICE:KWD \n"
                               "a,A,Home,10,1500,4.125\n"
                               "b,B,Home,10,,1\n"
                               "c,C,Home,10\n",
                               "Weaver"),
                     STATUS_OK);
    next_is_good("a");
    const struct catalog_imported_variant *variant = &product->command.variants[0];
    assert_int_equal(variant->other_prices_count, 2);
    assert_true(money_equals(variant->other_prices[0].price, money_make(1500, "JPY")));
    assert_true(money_equals(variant->other_prices[1].price, money_make(4125, "KWD")));
    next_is_good("b");
    assert_true(product->command.variants[0].other_prices[0].is_none);
    next_is_good("c"); /* cells that are missing at the end of a row are empty */
    assert_int_equal(product->command.variants[0].other_prices_count, 2);
    assert_true(product->command.variants[0].other_prices[1].is_none);
    assert_end();
}

static void wrong_prices_in_other_currencies_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "price:",    "price:XYZ",           "price:usd",
                                       "price:EUR", "price:USD,price:USD", "price:DOLLAR" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        const struct text header =
            text_format(arena, "handle,name,category,price,%s\na,A,Home,1,1,1\n", bad[i]);
        assert_int_equal(open_file(header.data, "Weaver"), STATUS_MALFORMED);
    }
    assert_int_equal(open_file("handle,name,category,price,price:JPY\n"
                               "a,A,Home,10,1.5\n"
                               "b,B,Home,10,-1\n"
                               "c,C,Home,10,99999999999999999999\n"
                               "d,D,Home,10,1000000000001\n",
                               "Weaver"),
                     STATUS_OK);
    for (uint64_t line = 2; line <= 4; line++)
        next_is_bad(line, "price:JPY", "is not a price");
    next_is_bad(5, "price:JPY", "is more than a price may be");
    assert_end();
}

static void medusas_prices_in_other_currencies_are_read(void **state)
{
    (void)state;
    assert_int_equal(open_file("Product Handle,Product Title,Variant Price EUR,Variant Price USD,"
                               "Variant Price Europe [EUR]\n"
                               "a,A,10,12.5,11\n",
                               "Weaver"),
                     STATUS_OK);
    next_is_good("a");
    assert_int_equal(product->command.variants[0].price.amount, 1000);
    assert_int_equal(product->command.variants[0].other_prices_count, 1);
    assert_true(
        money_equals(product->command.variants[0].other_prices[0].price, money_make(1250, "USD")));
    assert_end();
}

static void a_product_without_anything_to_buy_is_refused(void **state)
{
    (void)state;
    assert_int_equal(open_file("ID,Type,SKU,Name,Regular price,Parent,Attribute 1 name,"
                               "Attribute 1 value(s)\n"
                               "1,variable,H,Hood,,,Size,\"S, M\"\n"
                               "2,simple,C,Cup,4,,,\n",
                               "Weaver"),
                     STATUS_OK);
    next_is_bad(2, "", "has no variant");
    next_is_good("C");
    assert_end();
}

static void a_variation_may_name_its_parent_by_number_though_that_has_an_sku(void **state)
{
    (void)state;
    assert_int_equal(open_file("ID,Type,SKU,Name,Regular price,Parent,Attribute 1 name,"
                               "Attribute 1 value(s)\n"
                               "2,variable,H,Hood,,,Size,\"S, M\"\n"
                               "3,variation,H-S,Hood - S,5,id:2,Size,S\n"
                               "4,variation,H-M,Hood - M,6,H,Size,M\n"
                               "5,simple,C,Cup,4,,,\n",
                               "Weaver"),
                     STATUS_OK);
    next_is_good("H");
    assert_int_equal(product->command.variants_count, 2);
    next_is_good("C");
    assert_end();
}

static void medusa_repeats_the_product_in_each_row(void **state)
{
    (void)state;
    assert_int_equal(
        open_file("Product Handle;Product Title;Product Description;Product Status;Variant SKU;"
                  "Variant Price EUR;Variant Option 1 Name;Variant Option 1 Value;Product Image 1 "
                  "Url;Product Image 2 Url\n"
                  "cup;Cup;<b>;published;C-S;10;Size;S;https://x.example/1.png;\n"
                  "cup;Cup;<b>;published;C-M;12;Size;M;https://x.example/1.png;"
                  "https://x.example/2.png\n",
                  "Weaver"),
        STATUS_OK);
    next_is_good("cup");
    assert_text_equal(product->command.description, TEXT("<b>"));
    assert_int_equal(product->command.variants_count, 2);
    assert_int_equal(product->command.images_count, 2);
    assert_end();
}

static void spree_names_currencies_and_units(void **state)
{
    (void)state;
    assert_int_equal(open_file("slug,sku,name,status,vendor_name,description,price,currency,weight,"
                               "weight_unit,inventory_count,category1\n"
                               "cup,C1,Cup,active,Potter,x,9.5,EUR,2,lb,7,Home -> Cups\n"
                               "mug,C2,Mug,draft,Potter,x,9.5,USD,2,,7,\n",
                               NULL),
                     STATUS_OK);
    next_is_good("cup");
    assert_int_equal(product->command.variants[0].weight_grams, 907);
    assert_text_equal(product->category, TEXT("Home > Cups"));
    assert_int_equal(product_reader_next(reader, arena, &product), STATUS_OK);
    assert_true(money_equals(product->command.variants[0].price, money_make(950, "USD")));
}

static void numbers_are_read_by_the_habit_of_the_file(void **state)
{
    (void)state;
    assert_int_equal(open_file("handle;name;vendor;price;quantity;quantity_was\n"
                               "a;A;V;1.234;1.000;\nb;B;V;12,50;3;3\nc;C;V;1;4;3\n",
                               NULL),
                     STATUS_OK);
    next_is_good("a");
    assert_int_equal(product->command.variants[0].price.amount, 123400);
    assert_int_equal(product->command.variants[0].quantity, 1000);
    next_is_good("b");
    assert_int_equal(product->command.variants[0].price.amount, 1250);
    assert_false(product->command.variants[0].has_quantity); /* as it was */
    next_is_good("c");
    assert_true(product->command.variants[0].has_quantity);
    assert_int_equal(open_file("handle;name;vendor;price\na;A;V;1.234\n", NULL), STATUS_OK);
    next_is_bad(2, "price", "in two ways");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_quantity_below_nothing_is_nothing),
        CLAIM(columns_of_other_languages_are_read_in_the_first_row),
        CLAIM(columns_that_name_no_language_or_one_twice_are_refused),
        CLAIM(pictures_behind_the_twentieth_are_left_out),
        CLAIM(barcodes_are_read_and_what_is_none_is_left_out),
        CLAIM(columns_of_attributes_are_read_in_the_first_row),
        CLAIM(columns_that_name_no_attribute_or_one_twice_are_refused),
        CLAIM(words_for_yes_are_read_and_others_refused),
        CLAIM(lengths_are_counted_in_characters),
        CLAIM(texts_are_composed),
        CLAIM(names_that_hide_something_are_refused),
        CLAIM(a_file_may_say_what_the_api_may_say_and_no_more),
        CLAIM(woocommerce_writes_variations_behind_their_product),
        CLAIM(a_sale_has_the_dates_that_the_file_says),
        CLAIM(a_sale_without_sense_is_refused),
        CLAIM(prices_in_other_currencies_have_columns_of_their_own),
        CLAIM(wrong_prices_in_other_currencies_are_refused),
        CLAIM(medusas_prices_in_other_currencies_are_read),
        CLAIM(a_product_without_anything_to_buy_is_refused),
        CLAIM(a_variation_may_name_its_parent_by_number_though_that_has_an_sku),
        CLAIM(medusa_repeats_the_product_in_each_row),
        CLAIM(spree_names_currencies_and_units),
        CLAIM(numbers_are_read_by_the_habit_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
