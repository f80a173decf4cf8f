/* Products out of rows: what belongs together, what is refused and where, and where reading goes
 * on. */
#include "tests/messages/product_file/reader_stage.h"

/* ---- categories ---- */

static void categories_are_split_and_joined(void **state)
{
    (void)state;
    struct text path;
    assert_int_equal(product_read_category(arena, TEXT("Home>  Kitchen > > Pots "), &path),
                     STATUS_OK);
    assert_text_equal(path, TEXT("Home > Kitchen > Pots"));
    assert_int_equal(product_read_category(arena, TEXT("Categories -> Men -> Shirts"), &path),
                     STATUS_OK);
    assert_text_equal(path, TEXT("Categories > Men > Shirts"));
    assert_int_equal(product_read_category(arena, TEXT("a > b\tc"), &path), STATUS_INVALID_VALUE);
    assert_int_equal(product_read_category(arena, TEXT(" > "), &path), STATUS_MISSING_FIELD);
    assert_int_equal(product_read_category(arena, TEXT("a>b>c>d>e>f>g>h>i>j>k>l>m>n>o>p"), &path),
                     STATUS_OUT_OF_RANGE);
}

/* ---- the header ---- */

static void header_is_matched_without_case_and_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(
        open_file("VARIANT PRICE,Colour of the day,title,handle\n1.00,red,Cup,cup\n", "Pottery"),
        STATUS_OK);
    next_is_good("cup");
    assert_text_equal(product->command.name, TEXT("Cup"));
    assert_text_equal(product->vendor, TEXT("Pottery"));
    assert_text_equal(product->category, TEXT("Uncategorised"));
    assert_int_equal(product->command.variants[0].price.amount, 100);
    assert_false(product->command.variants[0].has_quantity);
    assert_true(product->command.is_listed);
    assert_end();
}

static void a_file_of_nothing_is_told(void **state)
{
    (void)state;
    assert_int_equal(open_file("", NULL), STATUS_MALFORMED);
    assert_string_equal(problem.detail, "the file is empty");
}

/* ---- rows of one product ---- */

static void rows_of_one_handle_are_variants_and_pictures(void **state)
{
    (void)state;
    assert_int_equal(
        open_file("Handle,Title,Body (HTML),Vendor,Product Category,Option1 Name,Option1 Value,"
                  "Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Qty,"
                  "Variant Price,Variant Compare At Price,Image Src,Image Position\n"
                  "shirt,Shirt,<p>Soft &amp; warm</p>,Weaver,Clothes > Shirts,Size,S,Colour,Red,"
                  "S-1,200,3,10.00,12.00,https://example.org/2.png,2\n"
                  "shirt,,,,,,M,,Blue,S-2,,4,11.00,11.00,https://example.org/1.png,1\n"
                  "shirt,,,,,,,,,,,,,,https://example.org/3.png,\n"
                  "cap,Cap,,Weaver,,Title,Default Title,,,,,,5.00,,,\n",
                  NULL),
        STATUS_OK);
    next_is_good("shirt");
    assert_int_equal(product->rows_count, 3);
    const struct catalog_import_product *command = &product->command;
    assert_text_equal(command->description, TEXT("Soft & warm"));
    assert_text_equal(product->category, TEXT("Clothes > Shirts"));
    assert_int_equal(command->variants_count, 2);
    assert_int_equal(command->variants[0].options_count, 2);
    assert_text_equal(command->variants[1].options[0].name, TEXT("Size"));
    assert_text_equal(command->variants[1].options[0].value, TEXT("M"));
    assert_text_equal(command->variants[1].options[1].value, TEXT("Blue"));
    assert_true(command->variants[0].has_compare_at_price);
    assert_false(command->variants[1].has_compare_at_price);
    assert_int_equal(command->variants[0].weight_grams, 200);
    assert_false(command->variants[1].has_weight_grams);
    assert_false(command->has_tax_class);
    assert_false(command->variants[0].has_sale_price);
    assert_int_equal(command->variants[1].quantity, 4);
    assert_int_equal(command->images_count, 3);
    assert_text_equal(command->images[0], TEXT("https://example.org/1.png"));
    assert_text_equal(command->images[2], TEXT("https://example.org/3.png"));
    next_is_good("cap");
    assert_int_equal(product->command.variants[0].options_count, 0);
    assert_false(product->command.variants[0].has_sku);
    assert_end();
}

static void one_handle_of_two_vendors_is_two_products(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "jam,Jam,North,1.00\njam,Jam,South,2.00\n", NULL), STATUS_OK);
    next_is_good("jam");
    assert_text_equal(product->vendor, TEXT("North"));
    next_is_good("jam");
    assert_text_equal(product->vendor, TEXT("South"));
    assert_end();
}

static void only_active_and_published_products_are_listed(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Published,Status,Type\n"
                               "a,A,V,1,TRUE,Active,Tea\nb,B,V,1,false,active,Tea\n"
                               "c,C,V,1,true,draft,Tea\nd,D,V,1,,,Tea\n",
                               NULL),
                     STATUS_OK);
    next_is_good("a");
    assert_true(product->command.is_listed);
    assert_text_equal(product->category, TEXT("Tea"));
    next_is_good("b");
    assert_false(product->command.is_listed);
    next_is_good("c");
    assert_false(product->command.is_listed);
    next_is_good("d");
    assert_true(product->command.is_listed);
}

static void bad_values_are_told_with_line_and_column_and_the_rest_is_read(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Variant Inventory Qty\n"
                               "a,A,V,cheap,1\n"
                               "b,B,V,1.00,few\n"
                               "c,C,,1.00,1\n"
                               "d,,V,1.00,1\n"
                               ",E,V,1.00,1\n"
                               "f\xC3\xA9\xC3\xA9,F\xFF,V,1.00,1\n"
                               "g,G,V,1.00,1,2\n"
                               "h,H,V,,1\n"
                               "i,I\"I,V,1.00,1\n"
                               "good,Good,V,1.00\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(2, "Variant Price", "'cheap' is not a price");
    next_is_bad(3, "Variant Inventory Qty", "'few' is not a number");
    next_is_bad(4, "Vendor", "is missing");
    next_is_bad(5, "Title", "is missing");
    next_is_bad(6, "Handle", "is missing");
    next_is_bad(7, "Title", "UTF-8");
    next_is_bad(8, "", "6 fields, the header 5");
    next_is_bad(9, "Variant Price", "is missing");
    next_is_bad(10, "", "unquoted field");
    next_is_good("good");
    assert_true(product->command.variants[0].has_quantity);
    assert_int_equal(product->command.variants[0].quantity, 0);
    assert_end();
}

static void bad_values_of_a_variant_are_told_with_their_column(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Variant Compare At Price,"
                               "Variant Grams,Image Src,Image Position\n"
                               "a,A,V,1.00,dear,1,,\n"
                               "b,B,V,1.00,,heavy,,\n"
                               "c,C,V,1.00,,1,https://x.example/1.png,first\n"
                               "d,D,V,1.00,2.00,454.0,https://x.example/1.png,1\n"
                               "e,E,V,10000000000.01,,,,\n"
                               "f,F,V,10000000000.00,,,,\n"
                               "g,G,V,1.00,,,javascript:alert(1),\n"
                               "h,H,V,1.00,,,http://x.example/1.png,\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(2, "Variant Compare At Price", "'dear' is not a price");
    next_is_bad(3, "Variant Grams", "'heavy' is not a number");
    next_is_bad(4, "Image Position", "'first' is not a number");
    next_is_good("d");
    next_is_bad(6, "Variant Price", "more than a price may be");
    next_is_good("f");
    next_is_bad(8, "Image Src", "https://");
    next_is_bad(9, "Image Src", "https://");
}

static void columns_of_our_own_say_sales_and_tax_classes(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Variant Sale Price,Tax Class,"
                               "Option1 Name,Option1 Value\n"
                               "a,A,V,1.00,0.99,Reduced,Size,S\n"
                               "a,,,1.00,,,,M\n"
                               "b,B,V,1.00,1.00,,,\n"
                               "c,C,V,1.00,-1,,,\n"
                               "d,D,V,1.00,,luxury,,\n"
                               "e,E,V,1.00,,delivery,,\n"
                               "f,F,V,1.00,,,,\n",
                               NULL),
                     STATUS_OK);
    next_is_good("a");
    assert_true(product->command.has_tax_class);
    assert_int_equal(product->command.tax_class, COMMON_TAX_CLASS_REDUCED);
    assert_int_equal(product->command.variants[0].sale_price.amount, 99);
    assert_true(product->command.variants[1].has_sale_price); /* none: it ends what was there */
    assert_int_equal(product->command.variants[1].sale_price.amount, 0);
    next_is_bad(4, "Variant Sale Price", "'1.00' is not below the price");
    next_is_bad(5, "Variant Sale Price", "'-1' is not a price");
    next_is_bad(6, "Tax Class", "'luxury' is not standard");
    next_is_bad(7, "Tax Class", "'delivery' is not standard");
    next_is_good("f");
    assert_false(product->command.has_tax_class);
}

static void options_need_names_and_different_ones(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Option1 Name,Option1 Value,"
                               "Option2 Name,Option2 Value\n"
                               "a,A,V,1.00,,Red,,\n"
                               "b,B,V,1.00,Size,L,Size,M\n"
                               "c,C,V,1.00,Size,L,Colour,Red\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(2, "Option1 Value", "'Red' is the value of an option without name");
    next_is_bad(3, "Option2 Value", "two options of one name");
    next_is_good("c");
    assert_int_equal(product->command.variants[0].options_count, 2);
}

static void a_category_that_is_too_deep_is_refused(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Type,Variant Price\n"
                               "a,A,V,a>b>c>d>e>f>g>h>i>j>k>l>m>n>o>p,1.00\n"
                               "b,B,V,a>b>c>d>e>f>g>h>i>j>k>l>m>n>o,1.00\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(2, "Type", "1 to 15 names");
    next_is_good("b");
}

static void a_product_of_too_many_rows_is_refused_once(void **state)
{
    (void)state;
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 16);
    text_builder_add(&file, TEXT(HEADER));
    for (int i = 0; i <= PRODUCT_ROWS_MAX + 5; i++)
        text_builder_add(&file, i == 0 ? TEXT("many,Many,V,1.00\n") : TEXT("many,,,\n"));
    text_builder_add(&file, TEXT("next,Next,V,1.00\n"));
    assert_int_equal(open_file(text_string(arena, text_builder_view(&file)), NULL), STATUS_OK);
    next_is_bad(1002, "", "more than 1000 rows");
    assert_int_equal(product->problems_count, 1);
    next_is_good("next");
}

static void a_header_that_breaks_the_rules_is_told(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Ti\"tle,Vendor,Variant Price\na,A,V,1.00\n", NULL),
                     STATUS_MALFORMED);
    assert_int_equal(problem.line, 1);
    assert_non_null(strstr(problem.detail, "unquoted field"));
}

static void bad_row_makes_its_whole_product_bad(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Option1 Name,Option1 Value\n"
                               "a,A,V,1.00,Size,S\na,,,oops,,M\na,,,2.00,,L\nb,B,V,1.00,,\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(3, "Variant Price", "'oops'");
    assert_int_equal(product->problems_count, 1);
    assert_int_equal(product->rows_count, 3);
    next_is_good("b");
}

static void long_texts_and_too_many_variants_are_refused(void **state)
{
    (void)state;
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 20);
    text_builder_add(&file, TEXT(HEADER));
    for (int i = 0; i <= PRODUCT_VARIANTS_MAX; i++)
        text_builder_add(&file, i == 0 ? TEXT("many,Many,V,1.00\n") : TEXT("many,,,1.00\n"));
    text_builder_add(&file, TEXT("long,"));
    for (int i = 0; i < 256; i++)
        text_builder_add_byte(&file, 'x');
    text_builder_add(&file, TEXT(",V,1.00\n"));
    assert_int_equal(open_file(text_string(arena, text_builder_view(&file)), NULL), STATUS_OK);
    next_is_bad(102, "Handle", "more than 100 variants");
    next_is_bad(103, "Title", "256 characters are more than 255");
}

static void complaint_shows_a_value_cut_and_without_control_characters(void **state)
{
    (void)state;
    assert_string_equal(product_quote(arena, TEXT("a\x1B[2Jb\xFF")), "'a?[2Jb?'");
    const char *quoted = product_quote(
        arena, TEXT("0123456789012345678901234567890123456789012345678901234567890123456789"));
    assert_true(strlen(quoted) < 60);
    assert_non_null(strstr(quoted, "...'"));
}

/* ---- what stands twice ---- */

static void rows_of_a_product_that_stand_apart_are_refused_wherever_they_stand(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "a,A,V,1.00\nb,B,V,1.00\na,A,v,2.00\nc,C,V,1.00\n", NULL),
                     STATUS_OK);
    next_is_bad(2, "Handle", "on lines 2 and 4");
    next_is_good("b");
    next_is_bad(4, "Handle", "on lines 2 and 4");
    next_is_good("c");
}

static void rows_that_only_add_and_stand_apart_make_the_whole_product_bad(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "a,A,V,1.00\nb,B,V,1.00\na,,,2.00\n", NULL), STATUS_OK);
    next_is_bad(2, "Handle", "on lines 2 and 4");
    next_is_good("b");
    next_is_bad(4, "Title", "is missing");
    assert_int_equal(open_file(HEADER "a,,,2.00\nb,B,V,1.00\na,A,V,1.00\n", NULL), STATUS_OK);
    next_is_bad(2, "Title", "is missing");
    next_is_good("b");
    next_is_bad(4, "Handle", "on lines 2 and 4");
}

#define SKU_HEADER "Handle,Title,Vendor,Variant Price,Variant SKU,Option1 Name,Option1 Value\n"

static void an_sku_that_stands_twice_is_refused_in_both_places(void **state)
{
    (void)state;
    assert_int_equal(open_file(SKU_HEADER "a,A,V,1.00,X-1,,\nb,B,V,1.00,X-2,Size,S\n"
                                          "b,,,1.00,x-1,,M\nc,C,W,1.00,X-1,,\nd,D,V,1.00,,,\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(2, "Variant SKU", "'X-1' stands on lines 2 and 4");
    next_is_bad(4, "Variant SKU", "'x-1' stands on lines 2 and 4");
    next_is_good("c"); /* another vendor's */
    next_is_good("d");
    assert_int_equal(open_file(SKU_HEADER "a,A,V,1.00,X,Size,S\na,,,1.00,X,,M\n", NULL), STATUS_OK);
    next_is_bad(2, "Variant SKU", "on lines 2 and 3");
}

static void variants_with_the_same_options_are_refused(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Vendor,Variant Price,Option1 Name,Option1 Value,"
                               "Option2 Name,Option2 Value\n"
                               "a,A,V,1.00,Size,S,Colour,Red\n"
                               "a,,,1.00,Colour,RED,Size,s\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(3, "Option1 Value", "that of line 2");
}

/* ---- open quotes ---- */

static void an_open_quote_costs_its_own_product_and_no_other(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "a,A,V,1.00\nb,\"B,V,1.00\nc,C,V,1.00\nd,D,V,1.00\n", NULL),
                     STATUS_OK);
    next_is_good("a");
    next_is_bad(3, "", "the 2 lines behind it");
    assert_text_equal(product->command.handle, TEXT("b"));
    next_is_good("c");
    next_is_good("d");
    assert_end();
}

static void an_open_quote_that_a_later_row_closes_costs_no_other_product(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "a,\"A,V,1.00\nb,B,V,1.00\nc,C,\",V\",1.00\n"
                                      "d,D,V,1.00\n",
                               NULL),
                     STATUS_OK);
    next_is_bad(2, "", "a quote is opened");
    next_is_good("b");
    next_is_good("c");
    next_is_good("d");
}

static void lines_in_a_name_are_an_open_quote_and_lines_in_a_description_are_not(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Body (HTML),Vendor,Variant Price\n"
                               "a,A,\"one\ntwo\",V,1.00\n"
                               "b,\"B,,V,1.00\nc,C\",,V,1.00\n"
                               "d,D,,V,1.00\n",
                               NULL),
                     STATUS_OK);
    next_is_good("a");
    assert_text_equal(product->command.description, TEXT("one two"));
    next_is_bad(4, "", "a quote is opened");
    next_is_bad(5, "", "unquoted field");
    next_is_good("d");
}

/* ---- the file ---- */

static void refusals_of_the_market_are_told_at_the_line_of_the_variant(void **state)
{
    (void)state;
    assert_int_equal(open_file(SKU_HEADER "a,A,V,1.00,X,Size,S\na,,,1.00,Y,,M\n", NULL), STATUS_OK);
    next_is_good("a");
    assert_int_equal(file_product_line_of(product, TEXT("/variants/1/sku")), 3);
    assert_int_equal(file_product_line_of(product, TEXT("/variants/2/sku")), 2);
    assert_int_equal(file_product_line_of(product, TEXT("/variants/x")), 2);
    assert_int_equal(file_product_line_of(product, TEXT("/name")), 2);
}

static void a_file_that_changes_while_it_is_read_is_not_read_to_its_end(void **state)
{
    (void)state;
    assert_int_equal(open_file(HEADER "a,A,V,1.00\nb,B,V,1.00\n", NULL), STATUS_OK);
    memory.is_changed = true;
    next_is_good("a");
    assert_int_equal(product_reader_next(reader, arena, &product), STATUS_CONFLICT);
}

static void what_is_known_of_a_file_is_told_before_it_is_read(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle;Title;Vendor;Variant Price\na;A;V;1\na;;;\nb;B;V;1\n", NULL),
                     STATUS_OK);
    const struct product_file_facts facts = product_reader_facts(reader);
    assert_int_equal(facts.products, 2);
    assert_int_equal(facts.rows, 3);
    assert_int_equal(facts.preset, PRESET_SHOPIFY);
    assert_string_equal(file_form_name(&facts.form), "UTF-8, separated by semicolons");
}

static void a_field_that_is_too_long_is_its_own_fault(void **state)
{
    (void)state;
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 20);
    text_builder_add(&file, TEXT("Handle,Title,Vendor,Variant Price,Notes\na,A,V,1.00,"));
    for (int i = 0; i < 20000; i++)
        text_builder_add(&file, TEXT("xxxxxxxxxx"));
    text_builder_add(&file, TEXT("\nb,"));
    for (int i = 0; i < 20000; i++)
        text_builder_add(&file, TEXT("xxxxxxxxxx"));
    text_builder_add(&file, TEXT(",V,1.00\nc,C,V,1.00\n"));
    assert_int_equal(open_file(text_string(arena, text_builder_view(&file)), NULL), STATUS_OK);
    next_is_good("a");
    next_is_bad(3, "Title", "longer than 131072 bytes");
    next_is_good("c");
}

/* ---- resuming ---- */

static void reading_resumes_behind_a_product(void **state)
{
    (void)state;
    static const char file[] = HEADER "a,A,V,1.00\na,,,\n\"b\",\"B\n\",V,1.00\nc,C,V,oops\n";
    assert_int_equal(open_file(file, NULL), STATUS_OK);
    next_is_good("a");
    const uint64_t offset = product->end_offset, line = product->end_line;
    assert_int_equal(line, 4);
    assert_int_equal(open_file(file, NULL), STATUS_OK);
    product_reader_resume(reader, offset, line);
    next_is_good("b");
    next_is_bad(6, "Variant Price", "'oops'");
    assert_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(categories_are_split_and_joined),
        CLAIM(header_is_matched_without_case_and_in_any_order),
        CLAIM(a_file_of_nothing_is_told),
        CLAIM(rows_of_one_handle_are_variants_and_pictures),
        CLAIM(one_handle_of_two_vendors_is_two_products),
        CLAIM(only_active_and_published_products_are_listed),
        CLAIM(bad_values_are_told_with_line_and_column_and_the_rest_is_read),
        CLAIM(bad_values_of_a_variant_are_told_with_their_column),
        CLAIM(columns_of_our_own_say_sales_and_tax_classes),
        CLAIM(options_need_names_and_different_ones),
        CLAIM(a_category_that_is_too_deep_is_refused),
        CLAIM(a_product_of_too_many_rows_is_refused_once),
        CLAIM(a_header_that_breaks_the_rules_is_told),
        CLAIM(bad_row_makes_its_whole_product_bad),
        CLAIM(long_texts_and_too_many_variants_are_refused),
        CLAIM(complaint_shows_a_value_cut_and_without_control_characters),
        CLAIM(rows_of_a_product_that_stand_apart_are_refused_wherever_they_stand),
        CLAIM(rows_that_only_add_and_stand_apart_make_the_whole_product_bad),
        CLAIM(an_sku_that_stands_twice_is_refused_in_both_places),
        CLAIM(variants_with_the_same_options_are_refused),
        CLAIM(an_open_quote_costs_its_own_product_and_no_other),
        CLAIM(an_open_quote_that_a_later_row_closes_costs_no_other_product),
        CLAIM(lines_in_a_name_are_an_open_quote_and_lines_in_a_description_are_not),
        CLAIM(refusals_of_the_market_are_told_at_the_line_of_the_variant),
        CLAIM(a_file_that_changes_while_it_is_read_is_not_read_to_its_end),
        CLAIM(what_is_known_of_a_file_is_told_before_it_is_read),
        CLAIM(a_field_that_is_too_long_is_its_own_fault),
        CLAIM(reading_resumes_behind_a_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
