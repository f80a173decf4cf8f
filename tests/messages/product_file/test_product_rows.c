/* What rows say of currencies and of selling ahead, and what is told of columns that nobody knows.
 */
#include "tests/messages/product_file/reader_stage.h"

static void a_row_may_name_another_currency_than_the_files(void **state)
{
    (void)state;
    assert_int_equal(
        open_file("handle,name,category,price,currency,sale_price,price:EUR,price:JPY\n"
                  "a,A,Home,1.500,KWD,1.25,10,900\n"
                  "b,B,Home,,usd,,10,\n"
                  "c,C,Home,,USD,,,\n"
                  "d,D,Home,1,USX,,,\n"
                  "e,E,Home,10,EUR,,11,\n"
                  "f,F,Home,15.5,JPY,,,\n",
                  "Weaver"),
        STATUS_OK);
    next_is_good("a");
    const struct catalog_imported_variant *variant = product->command.variants;
    assert_true(money_equals(variant->price, money_make(1500, "KWD")));
    assert_true(money_equals(variant->sale_price, money_make(1250, "KWD")));
    assert_int_equal(variant->other_prices_count, 2);
    assert_true(money_equals(variant->other_prices[0].price, money_make(1000, "EUR")));
    next_is_good("b"); /* it is sold, and not in dollars */
    variant = product->command.variants;
    assert_true(variant->is_without_price);
    assert_string_equal(variant->price.currency, "USD");
    assert_false(variant->has_sale_price);
    next_is_bad(4, "price", "is missing");
    next_is_bad(5, "currency", "'USX' is no currency");
    next_is_bad(6, "price:EUR", "is in the currency of the row");
    next_is_bad(7, "price", "'15.5' is not a price, such as 1999");
    assert_end();
}

static void columns_that_nobody_knows_are_told_once(void **state)
{
    (void)state;
    assert_int_equal(open_file("handle,name,category,price,colour,b,c,d,e,f,g,,attr:x,name:de\n"
                               "a,A,Home,1,,,,,,,,,,\n",
                               "Weaver"),
                     STATUS_OK);
    assert_string_equal(product_reader_facts(reader).ignored,
                        "'colour', 'b', 'c', 'd', 'e' and 2 more");
    assert_int_equal(open_file("handle,name,category,price\na,A,Home,1\n", "Weaver"), STATUS_OK);
    assert_null(product_reader_facts(reader).ignored);
}

/* Shopify has dozens of columns that say nothing here; prices of markets stand behind them. */
static void prices_that_are_ignored_are_told_before_other_columns(void **state)
{
    (void)state;
    assert_int_equal(open_file("Handle,Title,Variant Price,a,b,c,d,e,Price / International,"
                               "Compare-at price / International\nmug,Mug,1,,,,,,2,3\n",
                               "Weaver"),
                     STATUS_OK);
    assert_string_equal(product_reader_facts(reader).ignored,
                        "'Price / International', 'Compare-at price / International', 'a', 'b', "
                        "'c' and 2 more");
}

static void a_variant_sold_ahead_has_a_limit_and_a_pre_order_a_day(void **state)
{
    (void)state;
    assert_int_equal(open_file("handle,name,category,price,sells_ahead,ahead_limit,available_on\n"
                               "a,A,Home,1,continue,0,\n"
                               "b,B,Home,1,deny,0,\n"
                               "c,C,Home,1,preorder,7,\n"
                               "d,D,Home,1,preorder,7,soon\n"
                               "e,E,Home,1,preorder,7,2027-01-02\n"
                               "f,F,Home,1,continue,7,2027-01-02\n",
                               "Weaver"),
                     STATUS_OK);
    next_is_bad(2, "ahead_limit", "is not a number of 1 to 1000000");
    next_is_good("b");
    assert_false(product->command.variants[0].sells_ahead);
    next_is_bad(4, "available_on", "is missing");
    next_is_bad(5, "available_on", "is no time");
    next_is_good("e");
    assert_true(product->command.variants[0].has_available_on);
    assert_int_equal(product->command.variants[0].available_on_us, 1798848000000000);
    next_is_good("f"); /* a back-order has no day */
    assert_false(product->command.variants[0].has_available_on);
    assert_end();
}

static void a_weight_may_have_its_unit_behind_it(void **state)
{
    (void)state;
    assert_int_equal(open_file("handle,name,category,price,weight_grams,weight_unit\n"
                               "a,A,Home,1,1.5 kg,\n"
                               "b,B,Home,1,2.5g,\n"
                               "c,C,Home,1,1 lb,LB\n"
                               "d,D,Home,1,1.5 kg,g\n"
                               "e,E,Home,1,1.5 stones,\n"
                               "f,F,Home,1,heavy,\n"
                               "g,G,Home,1,1.250 kg,\n",
                               "Weaver"),
                     STATUS_OK);
    static const int64_t grams[] = { 1500, 3, 454 };
    static const char *const handles[] = { "a", "b", "c" };
    for (size_t i = 0; i < ARRAY_LENGTH(grams); i++) {
        next_is_good(handles[i]);
        assert_int_equal(product->command.variants[0].weight_grams, grams[i]);
    }
    next_is_bad(5, "weight_grams", "another unit than the column of units");
    next_is_bad(6, "weight_grams", "no unit; write g, kg, lb or oz");
    next_is_bad(7, "weight_grams", "is not a number, such as 12");
    assert_int_equal(product->problems_count, 1);
    next_is_good("g"); /* by the habit of the file, which units do not hide */
    assert_int_equal(product->command.variants[0].weight_grams, 1250);
    assert_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_row_may_name_another_currency_than_the_files),
        CLAIM(columns_that_nobody_knows_are_told_once),
        CLAIM(prices_that_are_ignored_are_told_before_other_columns),
        CLAIM(a_weight_may_have_its_unit_behind_it),
        CLAIM(a_variant_sold_ahead_has_a_limit_and_a_pre_order_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
