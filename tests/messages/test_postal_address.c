/* Claims about postal addresses: what is trimmed, what is refused, and where. */
#include "tests/support/cmocka.h"

#include "messages/postal_address.h"

static struct common_postal_address good(void)
{
    return (struct common_postal_address){ .name = TEXT(" Ada Lovelace "),
                                           .line1 = TEXT("Unter den Linden 1"),
                                           .has_line2 = true,
                                           .line2 = TEXT("  "),
                                           .city = TEXT("Berlin"),
                                           .has_region_code = true,
                                           .region_code = TEXT("BE"),
                                           .country = TEXT("DE"),
                                           .has_phone = true,
                                           .phone = TEXT("+49 (30) 1") };
}

static void parts_are_trimmed_and_empty_ones_are_absent(void **state)
{
    (void)state;
    struct common_postal_address address = good();
    const char *why = NULL;
    assert_null(postal_address_normalise(&address, &why));
    assert_text_equal(address.name, TEXT("Ada Lovelace"));
    assert_false(address.has_line2);
}

static void each_part_that_breaks_a_rule_is_named_with_it(void **state)
{
    (void)state;
    static const struct text codes[] = { TEXT("be"), TEXT("BERL"), TEXT("B-"), TEXT("\xc3\x84") };
    const char *why = NULL;
    struct common_postal_address address = good();
    address.name = TEXT(" \xc2\xa0");
    assert_string_equal(postal_address_normalise(&address, &why), "/name");
    assert_non_null(why);
    address = good();
    address.city = TEXT("Ber\nlin");
    assert_string_equal(postal_address_normalise(&address, &why), "/city");
    address = good();
    address.country = TEXT("XX");
    assert_string_equal(postal_address_normalise(&address, &why), "/country");
    address = good();
    address.phone = TEXT("call me");
    assert_string_equal(postal_address_normalise(&address, &why), "/phone");
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        address = good();
        address.region_code = codes[i];
        assert_string_equal(postal_address_normalise(&address, &why), "/region_code");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_trimmed_and_empty_ones_are_absent),
        cmocka_unit_test(each_part_that_breaks_a_rule_is_named_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
