/* Claims about texts that must have a form: addresses of the web, telephones, countries. */
#include "runtime/text_form.h"
#include "tests/support/cmocka.h"

/* One claim about one text. */
#define HOLDS(name, predicate, text)                                                               \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_true(predicate(TEXT(text)));                                                        \
    }
#define FAILS(name, predicate, text)                                                               \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_false(predicate(TEXT(text)));                                                       \
    }

/* ---- addresses of the web ---- */

HOLDS(https_and_a_host_is_an_address, text_is_https_url, "https://example.com")
HOLDS(at_sign_behind_the_host_is_fine, text_is_https_url, "https://cdn.example/a@b/l.png?x=1#y")
HOLDS(host_may_be_a_number_with_a_port, text_is_https_url, "https://192.0.2.1:8443/")
FAILS(nothing_is_no_address, text_is_https_url, "")
FAILS(address_needs_a_host, text_is_https_url, "https://")
FAILS(address_in_clear_text_is_none, text_is_https_url, "http://example.com")
FAILS(path_is_no_host, text_is_https_url, "https:///path")
FAILS(port_is_no_host, text_is_https_url, "https://:443")
FAILS(address_has_no_user, text_is_https_url, "https://user@example.com")
FAILS(address_has_no_spaces, text_is_https_url, "https://example.com/a b")
FAILS(address_has_no_quotes, text_is_https_url, "https://example.com/\"")
FAILS(address_has_no_line_ends, text_is_https_url, "https://example.com/\n")
FAILS(address_is_ascii, text_is_https_url, "https://ex\xc3\xa4mple.com")
FAILS(script_is_no_address, text_is_https_url, "javascript:alert(1)")

HOLDS(https_is_secure_everywhere, text_is_secure_url, "https://id.example/a?b=c")
HOLDS(clear_text_is_secure_on_127_0_0_1, text_is_secure_url, "http://127.0.0.1")
HOLDS(clear_text_may_have_a_port, text_is_secure_url, "http://127.0.0.1:80/a")
HOLDS(clear_text_is_secure_on_ipv6_loopback, text_is_secure_url, "http://[::1]:80/")
HOLDS(clear_text_is_secure_on_localhost, text_is_secure_url, "http://localhost?a")
FAILS(nothing_is_not_secure, text_is_secure_url, "")
FAILS(clear_text_is_not_secure_elsewhere, text_is_secure_url, "http://id.example/")
FAILS(name_that_begins_like_loopback_is_elsewhere, text_is_secure_url, "http://127.0.0.1.example/")
FAILS(name_that_begins_like_localhost_is_elsewhere, text_is_secure_url, "http://localhost.example/")
FAILS(user_that_looks_like_localhost_is_elsewhere, text_is_secure_url,
      "http://localhost:80@id.example/")
FAILS(local_address_has_no_spaces, text_is_secure_url, "http://localhost/a b")
FAILS(secure_address_has_no_user, text_is_secure_url, "https://somebody@id.example/")
FAILS(other_schemes_are_not_secure, text_is_secure_url, "ftp://localhost/")

/* ---- telephones ---- */

HOLDS(telephone_has_eight_digits_at_least, text_is_telephone, "+49301234")
HOLDS(telephone_has_fifteen_digits_at_most, text_is_telephone, "+123456789012345")
FAILS(nothing_is_no_telephone, text_is_telephone, "")
FAILS(plus_alone_is_no_telephone, text_is_telephone, "+")
FAILS(seven_digits_are_no_telephone, text_is_telephone, "+4930123")
FAILS(sixteen_digits_are_no_telephone, text_is_telephone, "+1234567890123456")
FAILS(telephone_begins_with_plus, text_is_telephone, "4930123456")
FAILS(no_country_begins_with_zero, text_is_telephone, "+0930123456")
FAILS(telephone_has_no_spaces, text_is_telephone, "+49 30 12345")
FAILS(telephone_has_no_letters, text_is_telephone, "+4930123x56")

/* ---- countries ---- */

HOLDS(first_country_is_known, text_is_country, "AD")
HOLDS(country_in_the_middle_is_known, text_is_country, "DE")
HOLDS(last_country_is_known, text_is_country, "ZW")
FAILS(country_in_small_letters_is_none, text_is_country, "de")
FAILS(code_that_was_never_given_is_none, text_is_country, "XX")
FAILS(code_across_two_countries_is_none, text_is_country, "DA")
FAILS(nothing_is_no_country, text_is_country, "")
FAILS(three_letters_are_no_country, text_is_country, "DEU")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(https_and_a_host_is_an_address),
        cmocka_unit_test(at_sign_behind_the_host_is_fine),
        cmocka_unit_test(host_may_be_a_number_with_a_port),
        cmocka_unit_test(nothing_is_no_address),
        cmocka_unit_test(address_needs_a_host),
        cmocka_unit_test(address_in_clear_text_is_none),
        cmocka_unit_test(path_is_no_host),
        cmocka_unit_test(port_is_no_host),
        cmocka_unit_test(address_has_no_user),
        cmocka_unit_test(address_has_no_spaces),
        cmocka_unit_test(address_has_no_quotes),
        cmocka_unit_test(address_has_no_line_ends),
        cmocka_unit_test(address_is_ascii),
        cmocka_unit_test(script_is_no_address),
        cmocka_unit_test(https_is_secure_everywhere),
        cmocka_unit_test(clear_text_is_secure_on_127_0_0_1),
        cmocka_unit_test(clear_text_may_have_a_port),
        cmocka_unit_test(clear_text_is_secure_on_ipv6_loopback),
        cmocka_unit_test(clear_text_is_secure_on_localhost),
        cmocka_unit_test(nothing_is_not_secure),
        cmocka_unit_test(clear_text_is_not_secure_elsewhere),
        cmocka_unit_test(name_that_begins_like_loopback_is_elsewhere),
        cmocka_unit_test(name_that_begins_like_localhost_is_elsewhere),
        cmocka_unit_test(user_that_looks_like_localhost_is_elsewhere),
        cmocka_unit_test(local_address_has_no_spaces),
        cmocka_unit_test(secure_address_has_no_user),
        cmocka_unit_test(other_schemes_are_not_secure),
        cmocka_unit_test(telephone_has_eight_digits_at_least),
        cmocka_unit_test(telephone_has_fifteen_digits_at_most),
        cmocka_unit_test(nothing_is_no_telephone),
        cmocka_unit_test(plus_alone_is_no_telephone),
        cmocka_unit_test(seven_digits_are_no_telephone),
        cmocka_unit_test(sixteen_digits_are_no_telephone),
        cmocka_unit_test(telephone_begins_with_plus),
        cmocka_unit_test(no_country_begins_with_zero),
        cmocka_unit_test(telephone_has_no_spaces),
        cmocka_unit_test(telephone_has_no_letters),
        cmocka_unit_test(first_country_is_known),
        cmocka_unit_test(country_in_the_middle_is_known),
        cmocka_unit_test(last_country_is_known),
        cmocka_unit_test(country_in_small_letters_is_none),
        cmocka_unit_test(code_that_was_never_given_is_none),
        cmocka_unit_test(code_across_two_countries_is_none),
        cmocka_unit_test(nothing_is_no_country),
        cmocka_unit_test(three_letters_are_no_country),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
