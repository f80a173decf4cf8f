/* Claims about business numbers: their forms, whom they free from tax, and prices without it. */
#include "actors/order/business_number.h"
#include "tests/support/cmocka.h"

#include <string.h>

static void assert_form(const char *country, const char *typed, const char *normal)
{
    struct business_number number;
    assert_int_equal(business_number_normalise(text_of(country), text_of(typed), &number),
                     STATUS_OK);
    assert_string_equal(number.text, normal);
    assert_int_equal(number.length, strlen(normal));
}

static void assert_no_number(const char *country, const char *typed)
{
    struct business_number number;
    assert_int_equal(business_number_normalise(text_of(country), text_of(typed), &number),
                     STATUS_INVALID_VALUE);
}

static void numbers_are_brought_into_the_form_of_their_country(void **state)
{
    (void)state;
    assert_form("DE", "DE123456789", "DE123456789");
    assert_form("DE", " de 123.456-789", "DE123456789");
    assert_form("DE", "123456789", "DE123456789");
    assert_form("AT", "ATU12345678", "ATU12345678");
    assert_form("GR", "EL123456789", "EL123456789");
    assert_form("NL", "NL123456789B01", "NL123456789B01");
    assert_form("IE", "1234567WA", "IE1234567WA");
    assert_form("FR", "FR XX 123456789", "FRXX123456789");
    assert_form("CH", "CHE-123.456.789", "CHE123456789");
    assert_form("JP", "T1234567890123", "T1234567890123");
}

static void what_has_another_form_is_refused(void **state)
{
    (void)state;
    assert_no_number("DE", "DE12345678");
    assert_no_number("DE", "DE1234567890");
    assert_no_number("DE", "ATU12345678");
    assert_no_number("GR", "GR123456789");
    assert_no_number("DE", "DE12345678\xc3\xa4");
    assert_no_number("JP", "123");
    assert_no_number("JP", "123456789012345678901");
    assert_no_number("JP", "12/34");
    assert_no_number("JP", "");
}

static void businesses_are_exempt_where_all_rates_say_so(void **state)
{
    (void)state;
    struct price_rate rates[2] = { { .ppm = 190000, .exempts_businesses = true },
                                   { .ppm = 70000, .exempts_businesses = true } };
    assert_true(business_is_exempt(TEXT("DE"), rates, 2));
    assert_false(business_is_exempt(TEXT(""), rates, 2));
    assert_false(business_is_exempt(TEXT("DE"), rates, 0));
    rates[1].exempts_businesses = false;
    assert_false(business_is_exempt(TEXT("DE"), rates, 2));
}

static void a_net_price_loses_what_the_rates_of_its_class_contain(void **state)
{
    (void)state;
    const struct price_rate rates[] = { { .tax_class = 1, .ppm = 190000 },
                                        { .tax_class = 2, .ppm = 50000 },
                                        { .tax_class = 2, .ppm = 50000 } };
    int64_t divisor, net, remainder;
    assert_int_equal(business_net_amount(2499, rates, 3, 1, &divisor, &net, &remainder), STATUS_OK);
    assert_int_equal(net, 2100);
    assert_int_equal(divisor, 1190000);
    assert_int_equal(net * divisor + remainder, INT64_C(2499) * PRICE_PPM);
    assert_int_equal(business_net_amount(1100, rates, 3, 2, &divisor, &net, &remainder), STATUS_OK);
    assert_int_equal(net, 1000);
    assert_int_equal(business_net_amount(1100, rates, 3, 3, &divisor, &net, &remainder), STATUS_OK);
    assert_int_equal(net, 1100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_brought_into_the_form_of_their_country),
        cmocka_unit_test(what_has_another_form_is_refused),
        cmocka_unit_test(businesses_are_exempt_where_all_rates_say_so),
        cmocka_unit_test(a_net_price_loses_what_the_rates_of_its_class_contain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
