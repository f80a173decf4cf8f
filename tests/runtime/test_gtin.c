/* Claims about numbers under barcodes. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "runtime/gtin.h"

static void numbers_of_each_length_are_checked_by_their_last_digit(void **state)
{
    (void)state;
    /* The examples of GS1's, and of products. */
    static const char *const good[] = { "96385074",       "036000291452",  "4006381333931",
                                        "10614141000415", "0000096385074", "0036000291452" };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_true(gtin_is_good(text_of(good[i])));
        char wrong[GTIN_MAX + 1] = { 0 };
        const size_t length = text_of(good[i]).length;
        for (size_t place = 0; place < length; place++) {
            memcpy(wrong, good[i], length);
            wrong[place] = (char)('0' + (wrong[place] - '0' + 1) % 10);
            assert_false(gtin_is_good(text_of(wrong)));
        }
    }
}

static void other_lengths_and_anything_but_digits_are_no_number(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "0",
                                       "0000000",
                                       "00000000",
                                       "0000000000000",
                                       "000000000",
                                       "0000000000",
                                       "00000000000",
                                       "000000000000000",
                                       "400638133393X",
                                       "4006381 33931",
                                       "-4006381333931",
                                       "4.00638133393",
                                       "\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(gtin_is_good(text_of(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_each_length_are_checked_by_their_last_digit),
        cmocka_unit_test(other_lengths_and_anything_but_digits_are_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
