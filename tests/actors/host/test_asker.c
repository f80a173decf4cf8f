/* Whose reads a request makes. */
#include "actors/host/asker.h"
#include "tests/support/cmocka.h"

static const uint8_t seed[16] = { 1, 2, 3 };

static read_asker of_principal(enum principal_kind kind, uint8_t id, const char *client)
{
    const struct envelope envelope = { .principal = { .kind = kind, .id = { { id } } },
                                       .client = text_of(client) };
    return asker_of(&envelope, seed);
}

static read_asker of_client(const char *client)
{
    return of_principal(PRINCIPAL_NONE, 0, client);
}

static void principal_is_one_asker_wherever_it_asks_from(void **state)
{
    (void)state;
    const read_asker asker = of_principal(PRINCIPAL_SHOPPER, 1, "192.0.2.1");
    assert_true(asker == of_principal(PRINCIPAL_SHOPPER, 1, "2001:db8::1"));
    assert_true(asker != of_principal(PRINCIPAL_SHOPPER, 2, "192.0.2.1"));
    assert_true(asker != of_principal(PRINCIPAL_VENDOR, 1, "192.0.2.1"));
    assert_true(asker != 0);
}

static void network_is_one_asker(void **state)
{
    (void)state;
    assert_true(of_client("192.0.2.1") == of_client("192.0.2.254"));
    assert_true(of_client("192.0.2.1") != of_client("192.0.3.1"));
    assert_true(of_client("2001:db8::1") == of_client("2001:db8::ffff:1"));
    assert_true(of_client("2001:db8::1") != of_client("2001:db8:0:1::1"));
    assert_true(of_client("192.0.2.1") != 0);
}

static void actor_that_asks_for_somebody_is_that_somebody(void **state)
{
    (void)state;
    assert_true(of_principal(PRINCIPAL_NODE, 0, "192.0.2.1") == of_client("192.0.2.9"));
}

static void work_of_the_node_itself_is_nobodys(void **state)
{
    (void)state;
    assert_true(of_principal(PRINCIPAL_NODE, 0, "") == 0);
    assert_true(of_client("not an address") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(principal_is_one_asker_wherever_it_asks_from),
        cmocka_unit_test(network_is_one_asker),
        cmocka_unit_test(actor_that_asks_for_somebody_is_that_somebody),
        cmocka_unit_test(work_of_the_node_itself_is_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
