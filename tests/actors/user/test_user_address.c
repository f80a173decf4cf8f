/* Claims about countries and about what the text of an address may hold: no database, no host. */
#include "actors/user/user_address.h"

#include "runtime/text_form.h"
#include "tests/support/cmocka.h"

static void countries_are_those_of_iso_3166_in_capitals(void **state)
{
    (void)state;
    static const char *const known[] = { "AD", "DE", "GB", "US", "JP", "AX", "SS", "ZW" };
    static const char *const unknown[] = { "", "D", "DEU", "de", "XX", "UK", "EU", "ZZ", "EA" };
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
        assert_true(text_is_country(text_of(known[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++)
        assert_false(text_is_country(text_of(unknown[i])));
}

static void there_are_249_countries(void **state)
{
    (void)state;
    size_t count = 0;
    for (char first = 'A'; first <= 'Z'; first++) {
        for (char second = 'A'; second <= 'Z'; second++) {
            const char code[2] = { first, second };
            count += text_is_country((struct text){ code, 2 }) ? 1 : 0;
        }
    }
    assert_int_equal(count, 249);
}

static struct user_address new_address(void)
{
    return (struct user_address){ .name = TEXT(" Ada L. "),
                                  .line1 = TEXT("1 Main Street"),
                                  .has_line2 = true,
                                  .line2 = TEXT("  "),
                                  .city = TEXT("London"),
                                  .country = TEXT("GB"),
                                  .has_phone = true,
                                  .phone = TEXT("+44 (0)20-7946.0000/1") };
}

/* The pointer of what is refused, which is always explained. */
static const char *normalise(struct user_address *address)
{
    const char *why = NULL;
    const char *pointer = user_address_normalise(address, &why);
    if (pointer != NULL) assert_non_null(why);
    return pointer;
}

static void fields_are_trimmed_and_empty_ones_dropped(void **state)
{
    (void)state;
    struct user_address address = new_address();
    assert_null(normalise(&address));
    assert_true(text_equals_string(address.name, "Ada L."));
    assert_false(address.has_line2);
    assert_true(address.has_phone);
}

static void addresses_are_spelt_as_their_script_wants(void **state)
{
    (void)state;
    struct user_address address = new_address();
    address.line1 =
        TEXT("\xd9\x86\xdb\x8c\xe2\x80\x8c\xd8\xa7\xd9\x88\xd8\xb1 12"); /* with a ZWNJ */
    assert_null(normalise(&address));
    address.line1 = TEXT("\xe3\x80\x80"); /* an ideographic space */
    assert_string_equal(normalise(&address), "/line1");
    address.line1 = TEXT("\xe2\x80\xae 12");
    assert_string_equal(normalise(&address), "/line1");
}

static void field_at_fault_is_named(void **state)
{
    (void)state;
    struct user_address address = new_address();
    address.name = TEXT("   ");
    assert_string_equal(normalise(&address), "/name");
    address = new_address();
    address.line2 = TEXT("a\nb");
    assert_string_equal(normalise(&address), "/line2");
    address = new_address();
    address.country = TEXT("XX");
    assert_string_equal(normalise(&address), "/country");
    address = new_address();
    address.phone = TEXT("call me");
    assert_string_equal(normalise(&address), "/phone");
    address = new_address();
    address.phone = TEXT("+-");
    assert_string_equal(normalise(&address), "/phone");
}

static void change_takes_what_was_sent_and_no_more(void **state)
{
    (void)state;
    struct user_address address = new_address();
    const struct user_change_address change = {
        .has_city = true, .city = TEXT("Bath"), .has_phone = true, .phone = TEXT("")
    };
    user_address_change(&address, &change);
    assert_null(normalise(&address));
    assert_true(text_equals_string(address.city, "Bath"));
    assert_true(text_equals_string(address.line1, "1 Main Street"));
    assert_false(address.has_phone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(countries_are_those_of_iso_3166_in_capitals),
        cmocka_unit_test(there_are_249_countries),
        cmocka_unit_test(fields_are_trimmed_and_empty_ones_dropped),
        cmocka_unit_test(addresses_are_spelt_as_their_script_wants),
        cmocka_unit_test(field_at_fault_is_named),
        cmocka_unit_test(change_takes_what_was_sent_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
