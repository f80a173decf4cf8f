/* Claims about which addresses are of one network. */
#include "runtime/network.h"

#include <string.h>

#include "tests/support/cmocka.h"

static struct network network(const char *address, enum network_width width)
{
    struct network found;
    assert_true(network_of(text_of(address), width, &found));
    return found;
}

static bool are_one(const char *a, const char *b, enum network_width width)
{
    const struct network one = network(a, width), other = network(b, width);
    return memcmp(one.bytes, other.bytes, sizeof one.bytes) == 0;
}

static void three_bytes_of_an_old_address_count(void **state)
{
    (void)state;
    assert_true(are_one("192.0.2.1", "192.0.2.254", NETWORK_OF_SITE));
    assert_false(are_one("192.0.2.1", "192.0.3.1", NETWORK_OF_LINE));
}

static void of_a_new_one_the_line_or_the_site_counts(void **state)
{
    (void)state;
    assert_true(are_one("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", NETWORK_OF_LINE));
    assert_false(are_one("2001:db8:1:2::1", "2001:db8:1:3::1", NETWORK_OF_LINE));
    assert_true(are_one("2001:db8::1", "2001:db8:0:0:ffff::9", NETWORK_OF_HOUSE));
    assert_false(are_one("2001:db8::1", "2001:db8:0:1::1", NETWORK_OF_HOUSE));
    assert_false(are_one("192.0.2.1", "192.0.2.2", NETWORK_OF_HOUSE));
    assert_true(are_one("2001:db8:1:2::1", "2001:db8:1:3::1", NETWORK_OF_SITE));
    assert_false(are_one("2001:db8:1::1", "2001:db8:2::1", NETWORK_OF_SITE));
}

static void families_are_told_apart(void **state)
{
    (void)state;
    assert_false(are_one("32.1.13.1", "2001:d00::", NETWORK_OF_LINE));
}

static void the_host_itself_is_known_by_its_addresses(void **state)
{
    (void)state;
    assert_true(network("127.0.0.1", NETWORK_OF_SITE).is_loopback);
    assert_true(network("127.9.9.9", NETWORK_OF_SITE).is_loopback);
    assert_true(network("::1", NETWORK_OF_SITE).is_loopback);
    assert_false(network("128.0.0.1", NETWORK_OF_SITE).is_loopback);
    assert_false(network("::2", NETWORK_OF_SITE).is_loopback);
}

static void what_is_no_address_has_no_network(void **state)
{
    (void)state;
    struct network untouched = { .bytes = { 9 } };
    static const char *const wrong[] = { "",
                                         "localhost",
                                         "192.0.2",
                                         "192.0.2.1/24",
                                         "2001:db8::1%eth0",
                                         "2001:db8:0000:0000:0000:0000:0000:0001:0000:0000:0001" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(network_of(text_of(wrong[i]), NETWORK_OF_LINE, &untouched));
    assert_int_equal(untouched.bytes[0], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_bytes_of_an_old_address_count),
        cmocka_unit_test(of_a_new_one_the_line_or_the_site_counts),
        cmocka_unit_test(families_are_told_apart),
        cmocka_unit_test(the_host_itself_is_known_by_its_addresses),
        cmocka_unit_test(what_is_no_address_has_no_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
