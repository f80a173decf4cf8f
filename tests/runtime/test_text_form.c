/* Claims about texts that must have a form: addresses of the web, telephones, countries. */
#include "runtime/text_form.h"
#include "tests/support/cmocka.h"

static void addresses_of_the_web_are_https_with_a_host(void **state)
{
    (void)state;
    static const char *const good[] = { "https://example.com",
                                        "https://cdn.example/a@b/l.png?x=1#y",
                                        "https://192.0.2.1:8443/" };
    static const char *const bad[] = { "",
                                       "https://",
                                       "http://example.com",
                                       "https:///path",
                                       "https://:443",
                                       "https://user@example.com",
                                       "https://example.com/a b",
                                       "https://example.com/\"",
                                       "https://example.com/\n",
                                       "https://ex\xc3\xa4mple.com",
                                       "javascript:alert(1)" };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(text_is_https_url(text_of(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(text_is_https_url(text_of(bad[i])));
}

static void clear_text_is_secure_on_this_machine_only(void **state)
{
    (void)state;
    static const char *const good[] = { "https://id.example/a?b=c", "http://127.0.0.1",
                                        "http://127.0.0.1:80/a", "http://[::1]:80/",
                                        "http://localhost?a" };
    static const char *const bad[] = { "",
                                       "http://id.example/",
                                       "http://127.0.0.1.example/",
                                       "http://localhost.example/",
                                       "http://localhost:80@id.example/",
                                       "http://localhost/a b",
                                       "https://somebody@id.example/",
                                       "ftp://localhost/" };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(text_is_secure_url(text_of(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(text_is_secure_url(text_of(bad[i])));
}

static void telephones_are_those_of_e164(void **state)
{
    (void)state;
    static const char *const good[] = { "+49301234", "+123456789012345" };
    static const char *const bad[] = {
        "",           "+",           "+4930123",     "+1234567890123456",
        "4930123456", "+0930123456", "+49 30 12345", "+4930123x56"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(text_is_telephone(text_of(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(text_is_telephone(text_of(bad[i])));
}

static void countries_have_two_capitals(void **state)
{
    (void)state;
    assert_true(text_is_country(TEXT("DE")));
    assert_false(text_is_country(TEXT("de")));
    assert_false(text_is_country(TEXT("XX")));
    assert_false(text_is_country(TEXT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_the_web_are_https_with_a_host),
        cmocka_unit_test(clear_text_is_secure_on_this_machine_only),
        cmocka_unit_test(telephones_are_those_of_e164),
        cmocka_unit_test(countries_have_two_capitals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
