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
    static const char *const senders[] = { "", "12345", "Souk&Body=x", "much too long a name" };
    for (size_t i = 0; i < ARRAY_LENGTH(senders); i++) {
        sms = sms_hello;
        sms.from = text_of(senders[i]);
        assert_int_equal(sms_message_form(arena, &sms, &form), STATUS_INVALID_VALUE);
    }
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
    static const char *const good[] = { "+1234567", "+123456789012345" };
    static const char *const bad[] = { "",         "1234567",  "+123456",   "+1234567890123456",
                                       "+0234567", "+12345a7", "+1 234567", "++1234567" };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(sms_number_is_valid(text_of(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(sms_number_is_valid(text_of(bad[i])));
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
    assert_int_equal(sms_message_url(arena, TEXT("ftp://a"), TEXT("AC1"), &url),
                     STATUS_INVALID_VALUE);
    assert_int_equal(sms_message_url(arena, TEXT("https://a b"), TEXT("AC1"), &url),
                     STATUS_INVALID_VALUE);
    assert_int_equal(sms_message_url(arena, TEXT("https://a"), TEXT("AC1/../x"), &url),
                     STATUS_INVALID_VALUE);
    assert_int_equal(sms_message_url(arena, TEXT("https://a"), TEXT(""), &url),
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
        cmocka_unit_test(address_is_made_of_base_and_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
