/* Numbers of many countries, and what decides where two readings are possible. */
#include "messages/product_file/decimal.h"

#include "messages/product_file/product_values.h"
#include "tests/support/cmocka.h"

static const struct decimal_habit unknown = { 0 };
static const struct decimal_habit points = { .has_point = true };
static const struct decimal_habit commas = { .has_comma = true };
static const struct decimal_habit both = { true, true };

static void assert_price(const char *text, struct decimal_habit habit, const char *currency,
                         int64_t amount)
{
    struct money price;
    assert_int_equal(product_read_price(text_of(text), habit, currency, &price), STATUS_OK);
    assert_int_equal(price.amount, amount);
    assert_string_equal(price.currency, currency);
}

static void assert_no_price(const char *text, struct decimal_habit habit, enum status expected)
{
    struct money price;
    assert_int_equal(product_read_price(text_of(text), habit, "EUR", &price), expected);
}

static void prices_follow_the_digits_of_the_currency(void **state)
{
    (void)state;
    assert_price("19.99", unknown, "EUR", 1999);
    assert_price("19.9", unknown, "EUR", 1990);
    assert_price("19", unknown, "EUR", 1900);
    assert_price("0.00", unknown, "EUR", 0);
    assert_price("19.9900", unknown, "EUR", 1999);
    assert_price("1500", unknown, "JPY", 1500);
    assert_price("1500.00", unknown, "JPY", 1500);
    assert_price("1.234", unknown, "KWD", 1234);
    assert_price("92233720368547758.07", unknown, "EUR", INT64_MAX);
}

static void decimal_commas_and_parted_thousands_are_read(void **state)
{
    (void)state;
    assert_price("12,50", unknown, "EUR", 1250);
    assert_price("1,000.00", unknown, "EUR", 100000);
    assert_price("1.000,00", unknown, "EUR", 100000);
    assert_price("1.234.567", unknown, "EUR", 123456700);
    assert_price("1 234,5", unknown, "EUR", 123450);
    assert_price("1\xC2\xA0"
                 "234,5",
                 unknown, "EUR", 123450);
    assert_price("1\xE2\x80\xAF"
                 "234.50",
                 unknown, "EUR", 123450);
    assert_price("1'234.50", unknown, "CHF", 123450);
    assert_price("12,50", points, "EUR", 1250);
}

static void two_readings_are_decided_by_the_habit_of_the_file_or_refused(void **state)
{
    (void)state;
    assert_no_price("1.234", unknown, STATUS_INVALID_VALUE);
    assert_no_price("1,234", both, STATUS_INVALID_VALUE);
    assert_price("1.234", commas, "EUR", 123400);
    assert_price("1,234", points, "EUR", 123400);
    assert_no_price("1.234", points, STATUS_MALFORMED);
    assert_price("1.230", points, "EUR", 123);
    assert_price("0.125", unknown, "KWD", 125);
    assert_no_price("0.125", unknown, STATUS_MALFORMED);
    assert_price("1,500", unknown, "JPY", 1500);
    struct money price;
    assert_int_equal(product_read_price(TEXT("1,000"), unknown, "JPY", &price),
                     STATUS_INVALID_VALUE);
    assert_price("1,500", commas, "KWD", 1500);
    assert_price("1,500", points, "KWD", 1500000);
}

static void whatever_else_looks_like_a_price_is_refused(void **state)
{
    (void)state;
    assert_no_price("19.9951", unknown, STATUS_MALFORMED);
    assert_no_price("19.995", points, STATUS_MALFORMED);
    assert_no_price("-1.00", unknown, STATUS_MALFORMED);
    assert_no_price("+1.00", unknown, STATUS_MALFORMED);
    assert_no_price("1.2.3", unknown, STATUS_MALFORMED);
    assert_no_price("12.34.567", unknown, STATUS_MALFORMED);
    assert_no_price("1,2,345.00", unknown, STATUS_MALFORMED);
    assert_no_price("1.000,00.0", unknown, STATUS_MALFORMED);
    assert_no_price("1.", unknown, STATUS_MALFORMED);
    assert_no_price(".5", unknown, STATUS_MALFORMED);
    assert_no_price("", unknown, STATUS_MALFORMED);
    assert_no_price("1e3", unknown, STATUS_MALFORMED);
    assert_no_price("92233720368547758.08", unknown, STATUS_OUT_OF_RANGE);
    assert_no_price("99999999999999999999999999999999999999999999999999999999999999999999", unknown,
                    STATUS_OUT_OF_RANGE);
}

static void counts_are_whole_and_bounded_and_never_below_nothing(void **state)
{
    (void)state;
    int64_t count = -1;
    bool is_negative = true;
    assert_int_equal(product_read_count(TEXT("454.0"), unknown, 1000, &count, &is_negative),
                     STATUS_OK);
    assert_int_equal(count, 454);
    assert_false(is_negative);
    assert_int_equal(product_read_count(TEXT("1000"), unknown, 1000, &count, &is_negative),
                     STATUS_OK);
    assert_int_equal(product_read_count(TEXT("1001"), unknown, 1000, &count, &is_negative),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(product_read_count(TEXT("-3"), unknown, 1000, &count, &is_negative),
                     STATUS_OK);
    assert_int_equal(count, 0);
    assert_true(is_negative);
    assert_int_equal(product_read_count(TEXT("1.5"), unknown, 1000, &count, &is_negative),
                     STATUS_MALFORMED);
    assert_int_equal(product_read_count(TEXT("1,000"), unknown, 9999, &count, &is_negative),
                     STATUS_INVALID_VALUE);
    assert_int_equal(product_read_count(TEXT("1,000"), points, 9999, &count, &is_negative),
                     STATUS_OK);
    assert_int_equal(count, 1000);
}

static void assert_weight(const char *text, enum weight_unit unit, int64_t expected)
{
    int64_t grams;
    assert_int_equal(product_read_weight(text_of(text), unknown, unit, 10000000, &grams),
                     STATUS_OK);
    assert_int_equal(grams, expected);
}

static void weights_of_every_unit_are_whole_grams(void **state)
{
    (void)state;
    assert_weight("454.0", WEIGHT_GRAMS, 454);
    assert_weight("0.4", WEIGHT_GRAMS, 0);
    assert_weight("0.5", WEIGHT_GRAMS, 1);
    assert_weight("1.250", WEIGHT_KILOGRAMS, 1250);
    assert_weight("1", WEIGHT_POUNDS, 454);
    assert_weight("10", WEIGHT_OUNCES, 283);
    int64_t grams;
    assert_int_equal(
        product_read_weight(TEXT("10001"), unknown, WEIGHT_KILOGRAMS, 10000000, &grams),
        STATUS_OUT_OF_RANGE);
}

static void numbers_of_one_reading_tell_the_habit(void **state)
{
    (void)state;
    struct decimal_habit habit = { 0 };
    decimal_habit_note(&habit, TEXT("1.234"));
    decimal_habit_note(&habit, TEXT("12"));
    decimal_habit_note(&habit, TEXT("cheap"));
    assert_false(habit.has_point || habit.has_comma);
    decimal_habit_note(&habit, TEXT("1.234.567"));
    assert_true(habit.has_comma);
    assert_false(habit.has_point);
    decimal_habit_note(&habit, TEXT("3.5"));
    assert_true(habit.has_point);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_follow_the_digits_of_the_currency),
        cmocka_unit_test(decimal_commas_and_parted_thousands_are_read),
        cmocka_unit_test(two_readings_are_decided_by_the_habit_of_the_file_or_refused),
        cmocka_unit_test(whatever_else_looks_like_a_price_is_refused),
        cmocka_unit_test(counts_are_whole_and_bounded_and_never_below_nothing),
        cmocka_unit_test(weights_of_every_unit_are_whole_grams),
        cmocka_unit_test(numbers_of_one_reading_tell_the_habit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
