/* Short messages as forms. */
#include <string.h>

#include "actors/notification/sms_message.h"
#include "tests/support/cmocka.h"

static const struct sms_message sms_hello = {
    .to = { "+4915112345678", 14 },
    .from = { "+15005550006", 12 },
    .body = { "Hello", 5 },
};

static void message_becomes_a_form(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct sms_message sms = sms_hello;
    sms.body = TEXT("50% off & more: caf\xc3\xa9\n+1=2");
    struct text form;
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_OK);
    assert_text_equal(form, TEXT("To=%2B4915112345678&From=%2B15005550006&Body="
                                 "50%25+off+%26+more%3A+caf%C3%A9%0A%2B1%3D2"));
    sms.from = TEXT("Souk Shop");
    sms.body = TEXT("a&To=%2B1");
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_OK);
    assert_text_equal(form, TEXT("To=%2B4915112345678&From=Souk+Shop&Body=a%26To%3D%252B1"));
    arena_destroy(&arena);
}

static void body_is_cut_at_the_end_of_a_character(void **state)
{
    (void)state;
    struct arena *arena = arena_new(8192);
    struct sms_message sms = sms_hello;
    char body[4 * (SMS_CHARACTERS_MAX + 1)];
    for (size_t i = 0; i < sizeof body; i += 4)
        memcpy(body + i, "\xf0\x9f\x98\x80", 4);
    sms.body = (struct text){ body, sizeof body };
    struct text form, exact;
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_OK);
    sms.body.length -= 4;
    assert_int_equal(sms_message_form(arena, &sms, &exact), STATUS_OK);
    assert_text_equal(form, exact);
    assert_true(form.length > (size_t)SMS_CHARACTERS_MAX * 12);
    assert_memory_equal(form.data + form.length - 12, "%F0%9F%98%80", 12);
    arena_destroy(&arena);
}

static void unfit_messages_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct text form;
    struct sms_message sms = sms_hello;
    sms.to = TEXT("+49 151");
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_INVALID_VALUE);
    sms = sms_hello;
    sms.body = TEXT("");
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_INVALID_VALUE);
    sms.body = TEXT("\xc3");
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_INVALID_VALUE);
    sms = sms_hello;
    sms.from = TEXT("Souk&Body=x");
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_INVALID_VALUE);
    sms = sms_hello;
    char *large = arena_allocate(arena, SMS_BODY_MAX + 1);
    memset(large, 'x', SMS_BODY_MAX + 1);
    sms.body = (struct text){ large, SMS_BODY_MAX + 1 };
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_OUT_OF_RANGE);
    arena_destroy(&arena);
}

static void numbers_are_e164(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        bool is_valid;
    } cases[] = {
        { "+1234567", true },
        { "+123456789012345", true }, /* shortest and longest */
        { "+123456", false },
        { "+1234567890123456", false },
        { "", false },
        { "+", false },
        { "1234567", false },
        { "+0234567", false },
        { "+12345a7", false },
        { "+1 234567", false },
        { "++1234567", false },
        { "+1234567 ", false },
        { "+1234567\r\nX: 1", false },
        { "+123456\xd9\xa7", false }, /* a digit of another script */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (sms_number_is_valid(text_of(cases[i].number)) != cases[i].is_valid)
            fail_msg("'%s'", cases[i].number);
    }
}

static void senders_are_numbers_or_short_names(void **state)
{
    (void)state;
    static const struct {
        const char *sender;
        bool is_valid;
    } cases[] = {
        { "+1234567", true },
        { "S", true },
        { "Souk Market", true },
        { "1st Souk", true },
        { "Souk Markets", false }, /* 12 bytes */
        { "", false },
        { "12345", false },
        { "   ", false },
        { "Souk&Body=x", false },
        { "Souk-1", false },
        { "S\xc3\xb6uk", false },
        { "Souk\r\n", false },
        { "+49 151", false },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (sms_sender_is_valid(text_of(cases[i].sender)) != cases[i].is_valid)
            fail_msg("'%s'", cases[i].sender);
    }
}

/* Each byte of such a body takes three in the form; the room of a form is made for that. */
static void the_longest_form_there_is_fits(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64 * 1024);
    struct sms_message sms = { .to = TEXT("+123456789012345"), .from = TEXT("+123456789012345") };
    char *body = arena_allocate(arena, SMS_BODY_MAX);
    for (size_t i = 0; i < SMS_BODY_MAX; i += 4)
        memcpy(body + i, "\xf4\x8f\xbf\xbf", 4); /* the last character of Unicode */
    sms.body = (struct text){ body, SMS_BODY_MAX };
    struct text form;
    assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_OK);
    const size_t head_length = strlen("To=%2B123456789012345&From=%2B123456789012345&Body=");
    assert_int_equal(form.length, head_length + (size_t)SMS_CHARACTERS_MAX * 12);
    arena_destroy(&arena);
}

static void address_is_made_of_base_and_account(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct text url;
    const struct text expected =
        TEXT("https://api.twilio.com/2010-04-01/Accounts/AC123/Messages.json");
    assert_int_equal(sms_message_url(arena, TEXT("https://api.twilio.com"), TEXT("AC123"), &url),
                     STATUS_OK);
    assert_text_equal(url, expected);
    assert_int_equal(sms_message_url(arena, TEXT("https://api.twilio.com/"), TEXT("AC123"), &url),
                     STATUS_OK);
    assert_text_equal(url, expected);
    assert_int_equal(sms_message_url(arena, TEXT("http://127.0.0.1:1//"), TEXT("1"), &url),
                     STATUS_OK);
    assert_text_equal(url, TEXT("http://127.0.0.1:1/2010-04-01/Accounts/1/Messages.json"));
    arena_destroy(&arena);
}

static void an_address_that_is_none_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *base, *account;
    } cases[] = {
        { "", "AC1" },
        { "ftp://a", "AC1" },
        { "//a", "AC1" },
        { "HTTPS://a", "AC1" },
        { "https://a b", "AC1" },
        { "https://a\r\nX: 1", "AC1" },
        { "https://\xc3\xa4", "AC1" },
        { "https://a", "" },
        { "https://a", "AC1/../x" },
        { "https://a", "AC%31" },
        { "https://a", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX" },
    };
    struct arena *arena = arena_new(1024);
    struct text url = TEXT("untouched");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (sms_message_url(arena, text_of(cases[i].base), text_of(cases[i].account), &url) !=
            STATUS_INVALID_VALUE)
            fail_msg("'%s' and '%s'", cases[i].base, cases[i].account);
    }
    assert_text_equal(url, TEXT("untouched"));
    char base[SMS_BASE_MAX + 1];
    memset(base, 'a', sizeof base);
    memcpy(base, "https://", 8);
    assert_int_equal(sms_message_url(arena, (struct text){ base, SMS_BASE_MAX }, TEXT("AC1"), &url),
                     STATUS_OK);
    assert_int_equal(
        sms_message_url(arena, (struct text){ base, SMS_BASE_MAX + 1 }, TEXT("AC1"), &url),
        STATUS_INVALID_VALUE);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_becomes_a_form),
        cmocka_unit_test(body_is_cut_at_the_end_of_a_character),
        cmocka_unit_test(unfit_messages_are_refused),
        cmocka_unit_test(numbers_are_e164),
        cmocka_unit_test(senders_are_numbers_or_short_names),
        cmocka_unit_test(the_longest_form_there_is_fits),
        cmocka_unit_test(address_is_made_of_base_and_account),
        cmocka_unit_test(an_address_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
