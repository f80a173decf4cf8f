/* Claims about card numbers in texts. The numbers are those that schemes publish for tests. */
#include "tests/support/cmocka.h"

#include <stdio.h>

#include "messages/card_number.h"

/* A digit as a picture of a key. */
#define KEY(digit) #digit "\xef\xb8\x8f\xe2\x83\xa3"

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
        "4242    4242    4242    4242",
        KEY(4) KEY(2) KEY(4) KEY(2) KEY(4) KEY(2) KEY(4) KEY(2) KEY(4) KEY(2) KEY(4) KEY(2) KEY(4)
            KEY(2) KEY(4) KEY(2),
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

static void digits_of_every_script_are_digits(void **state)
{
    (void)state;
    static const uint32_t zeros[] = { 0x0660, 0x06f0, 0x0966,  0x09e6,  0x0e50,  0x0f20,
                                      0x1040, 0xff10, 0x104a0, 0x1d7ce, 0x1d7f6, 0x1fbf0 };
    static const char number[] = "4242424242424242", wrong[] = "4242424242424241";
    for (size_t z = 0; z < ARRAY_LENGTH(zeros); z++) {
        char text[2 * sizeof number * TEXT_CHARACTER_BYTES_MAX];
        size_t length = 0, other = 0;
        for (size_t i = 0; i < sizeof number - 1; i++)
            length += text_put_character(text + length, zeros[z] + (uint32_t)(number[i] - '0'));
        assert_true(text_has_card_number((struct text){ text, length }));
        for (size_t i = 0; i < sizeof wrong - 1; i++)
            other += text_put_character(text + other, zeros[z] + (uint32_t)(wrong[i] - '0'));
        assert_false(text_has_card_number((struct text){ text, other }));
    }
    /* One number in two scripts, with a wide space between; and bytes that are no characters. */
    assert_true(text_has_card_number(
        TEXT("4242\xe3\x80\x80\xef\xbc\x94\xef\xbc\x92\xef\xbc\x94\xef\xbc\x92 4242 4242")));
    assert_true(text_has_card_number(TEXT("4242\xff"
                                          "424242424242")));
    assert_false(text_has_card_number(TEXT("\xef\xbc")));
}

/* Both would be refused in any other text: each fits a scheme and its check digit. */
static void a_telephone_is_taken_for_a_card_only_where_it_is_no_telephone(void **state)
{
    (void)state;
    static const char *const cards[] = {
        "4242424242424242",
        "+4242 4242-4242.4242",
        "5555555555554444",
        "378282246310005",
        "30569309025904",
        "3530111333300000",
        "6011111111111117",
        ("\xef\xbc\x94"
         "242424242424242"),
    };
    static const char *const phones[] = {
        "4222222222222",    /* 13 digits of Visa, as mobiles of Germany have */
        "+49 1512 3456787", /* such a mobile, whose last digit fits */
        "+49 30 123456",
        "+1 (202) 555-0143",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cards); i++)
        if (!phone_has_card_number(text_of(cards[i]))) fail_msg("%s", cards[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(phones); i++)
        if (phone_has_card_number(text_of(phones[i]))) fail_msg("%s", phones[i]);
    assert_true(text_has_card_number(text_of(phones[0])));
    assert_true(text_has_card_number(text_of(phones[1])));
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
        cmocka_unit_test(digits_of_every_script_are_digits),
        cmocka_unit_test(a_telephone_is_taken_for_a_card_only_where_it_is_no_telephone),
        cmocka_unit_test(digits_before_it_hide_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
