/* Claims about card numbers in texts. The numbers are those that schemes publish for tests. */
#include "tests/support/cmocka.h"

#include <stdio.h>

#include "messages/card_number.h"

static void numbers_of_every_scheme_are_seen_however_they_are_typed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "4242424242424242",
        "4242 4242 4242 4242",
        "my card is 5555-5555-5555-4444, thanks",
        "3782 822463 10005",
        "30569309025904",
        "6011.1111.1111.1117",
        "3530111333300000",
        "x4000056655665556y",
        "2223003122003222",
        "4222222222222",
        "4242424242424242 12/29 123",
        "Nr.:4242424242424242",
        "4242  4242  4242  4242",
        "4242/4242_4242,4242",
        ("4242\xc2\xa0"
         "4242\xe2\x80\x91"
         "4242 - 4242"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_true(text_has_card_number(text_of(texts[i])));
}

static void other_digits_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "4242424242424241",              /* check digit */
        "+49 30 1234567",                /* a telephone */
        "1234567890123456",              /* no scheme's */
        "42424242424243",                /* 14 digits with a wrong check digit */
        "DE89 3704 0044 0532 0130 00",   /* an account of a bank: 22 digits */
        "9780201379624",                 /* a book */
        "Order 1701234567890, 2 pieces", /* a time in milliseconds */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        if (text_has_card_number(text_of(texts[i]))) fail_msg("%s", texts[i]);
}

static void digits_before_it_hide_no_number(void **state)
{
    (void)state;
    static char text[4096];
    for (size_t before = 0; before < 200; before++) {
        size_t length = 0;
        for (size_t i = 0; i < before; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "0 ");
        (void)snprintf(text + length, sizeof text - length, "4242 4242 4242 4242 1");
        assert_true(text_has_card_number(text_of(text)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_scheme_are_seen_however_they_are_typed),
        cmocka_unit_test(other_digits_are_none),
        cmocka_unit_test(digits_before_it_hide_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
