/* Claims about who may wait for the pool. */
#include "actors/host/pool_share.h"

#include "tests/support/cmocka.h"

static const struct principal nobody;
static struct pool_asker *list;

static int empty_list(void **state)
{
    (void)state;
    list = NULL;
    return 0;
}

static bool take(struct pool_asker *asker, const struct principal *principal, const char *client)
{
    pool_asker_init(asker, principal, text_of(client));
    return pool_share_take(&list, asker, 2);
}

static void a_network_has_its_share_and_others_have_theirs(void **state)
{
    (void)state;
    struct pool_asker askers[6];
    assert_true(take(&askers[0], &nobody, "192.0.2.1"));
    assert_true(take(&askers[1], &nobody, "192.0.2.200"));
    assert_false(take(&askers[2], &nobody, "192.0.2.3"));
    assert_true(take(&askers[2], &nobody, "192.0.3.3"));
    assert_true(take(&askers[3], &nobody, "2001:db8::1"));
    assert_true(take(&askers[4], &nobody, "2001:db8::ffff:1"));
    assert_false(take(&askers[5], &nobody, "2001:db8:0:0:7::1"));
    assert_true(take(&askers[5], &nobody, "2001:db8:0:1::1"));
}

static void an_account_has_its_share_from_wherever_it_asks(void **state)
{
    (void)state;
    const struct principal ada = { .kind = PRINCIPAL_SHOPPER, .id = { { 1 } } };
    const struct principal bob = { .kind = PRINCIPAL_SHOPPER, .id = { { 2 } } };
    struct pool_asker askers[4];
    assert_true(take(&askers[0], &ada, "192.0.2.1"));
    assert_true(take(&askers[1], &ada, "198.51.100.1"));
    assert_false(take(&askers[2], &ada, "203.0.113.1"));
    assert_true(take(&askers[3], &bob, "203.0.113.1"));
}

static void a_place_that_is_given_back_can_be_taken_again(void **state)
{
    (void)state;
    struct pool_asker askers[3];
    assert_true(take(&askers[0], &nobody, "192.0.2.1"));
    assert_true(take(&askers[1], &nobody, "192.0.2.1"));
    pool_share_return(&list, &askers[0]);
    assert_true(take(&askers[2], &nobody, "192.0.2.1"));
    pool_share_return(&list, &askers[2]);
    pool_share_return(&list, &askers[1]);
    assert_null(list);
}

/* The operator's programs have no address, and no limit but that of all; what comes by the host
 * itself may be everybody behind a proxy. */
static void who_has_no_network_and_no_account_has_no_share(void **state)
{
    (void)state;
    static const char *const clients[] = {
        "",    "somewhere", "127.0.0.1",
        "::1", "1.2.3",     "a text that is longer than an address can ever be"
    };
    struct pool_asker askers[18];
    for (size_t i = 0; i < ARRAY_LENGTH(askers); i++)
        assert_true(take(&askers[i], &nobody, clients[i % ARRAY_LENGTH(clients)]));
}

static void the_share_is_a_quarter_and_never_nothing(void **state)
{
    (void)state;
    assert_int_equal(pool_share_of(1), 1);
    assert_int_equal(pool_share_of(7), 1);
    assert_int_equal(pool_share_of(32), 8);
    assert_int_equal(pool_share_of(1024), 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_network_has_its_share_and_others_have_theirs, empty_list),
        cmocka_unit_test_setup(an_account_has_its_share_from_wherever_it_asks, empty_list),
        cmocka_unit_test_setup(a_place_that_is_given_back_can_be_taken_again, empty_list),
        cmocka_unit_test_setup(who_has_no_network_and_no_account_has_no_share, empty_list),
        cmocka_unit_test(the_share_is_a_quarter_and_never_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
