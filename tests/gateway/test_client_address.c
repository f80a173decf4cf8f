/* Who asks, behind the site's own proxies and without them. */
#include "gateway/client_address.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "tests/gateway/fixture.h"

static struct fixture fixture;

static struct in6_addr address_of(const char *word)
{
    struct in6_addr address = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
    if (inet_pton(AF_INET6, word, &address) != 1)
        assert_int_equal(inet_pton(AF_INET, word, address.s6_addr + 12), 1);
    return address;
}

static struct proxies proxies_of(const char *list)
{
    struct proxies proxies;
    assert_int_equal(proxies_read(text_of(list), &proxies), STATUS_OK);
    return proxies;
}

static void assert_client(const char *networks, const char *peer, const char *field,
                          const char *expected)
{
    const struct proxies proxies = proxies_of(networks);
    const struct text fields[] = { text_of(field) };
    const struct in6_addr client = client_address_find(&proxies, address_of(peer), fields, 1);
    const struct in6_addr wanted = address_of(expected);
    assert_memory_equal(&client, &wanted, sizeof client);
}

/* ---- networks ---- */

static void networks_hold_what_their_prefix_says(void **state)
{
    (void)state;
    const struct proxies proxies = proxies_of("10.0.0.0/8, 192.0.2.128/25,fd00::/9,::1");
    static const char *const in[] = { "10.255.0.1", "192.0.2.200", "fd7f::1", "::1" };
    static const char *const out[] = { "11.0.0.1", "192.0.2.127", "fd80::1", "::2", "0.0.0.1" };
    for (size_t i = 0; i < ARRAY_LENGTH(in); i++) {
        const struct in6_addr address = address_of(in[i]);
        assert_true(proxies_have(&proxies, &address));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(out); i++) {
        const struct in6_addr address = address_of(out[i]);
        assert_false(proxies_have(&proxies, &address));
    }
}

static void no_network_holds_nobody_and_all_networks_everybody(void **state)
{
    (void)state;
    const struct proxies none = proxies_of(" "), all = proxies_of("::/0");
    const struct in6_addr address = address_of("127.0.0.1");
    assert_int_equal(none.count, 0);
    assert_false(proxies_have(&none, &address));
    assert_true(proxies_have(&all, &address));
}

static void what_is_no_network_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "10.1.2.3/8",  "10.0.0.0/33", "10.0.0.0/-1",
                                         "10.0.0.0/",   "fd00::/129",  "fd00::1/8",
                                         "proxy",       "10.0.0",      ",",
                                         "10.0.0.0/8,", "*",           "1.2.3.4 5.6.7.8" };
    struct proxies proxies;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(proxies_read(text_of(wrong[i]), &proxies), STATUS_INVALID_VALUE);
}

/* "first", and `count` times ",more". */
static const char *list_of(struct arena *arena, const char *first, const char *more, size_t count)
{
    struct text_builder list;
    text_builder_init(&list, arena, 1024);
    text_builder_add(&list, text_of(first));
    for (size_t i = 0; i < count; i++) {
        text_builder_add(&list, TEXT(","));
        text_builder_add(&list, text_of(more));
    }
    return text_string(arena, text_builder_view(&list));
}

static void the_peer_of_a_socket_is_an_address_of_ipv6(void **state)
{
    (void)state;
    const struct in6_addr four = address_of("192.0.2.7"), six = address_of("2001:db8::1");
    struct sockaddr_in peer = { .sin_family = AF_INET };
    const struct sockaddr_in6 peer_six = { .sin6_family = AF_INET6, .sin6_addr = six };
    assert_int_equal(inet_pton(AF_INET, "192.0.2.7", &peer.sin_addr), 1);
    const struct in6_addr mapped = client_address_of_peer((const struct sockaddr *)&peer);
    assert_memory_equal(&mapped, &four, sizeof four);
    const struct in6_addr same = client_address_of_peer((const struct sockaddr *)&peer_six);
    assert_memory_equal(&same, &six, sizeof six);
}

static void the_peer_of_another_family_is_nobody(void **state)
{
    (void)state;
    const struct sockaddr_storage local = { .ss_family = AF_UNIX };
    const struct in6_addr peer = client_address_of_peer((const struct sockaddr *)&local);
    assert_true(IN6_IS_ADDR_UNSPECIFIED(&peer));
}

static void there_are_only_so_many_networks(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    struct proxies proxies;
    const char *most = list_of(arena, "10.0.0.1", "::1", PROXY_NETWORKS_MAX - 1);
    const char *more = list_of(arena, "10.0.0.1", "::1", PROXY_NETWORKS_MAX);
    assert_int_equal(proxies_read(text_of(most), &proxies), STATUS_OK);
    assert_int_equal(proxies_read(text_of(more), &proxies), STATUS_INVALID_VALUE);
}

/* ---- what they tell ---- */

static void a_strangers_word_is_not_believed(void **state)
{
    (void)state;
    assert_client("10.0.0.0/8", "192.0.2.1", "203.0.113.9", "192.0.2.1");
    assert_client("", "127.0.0.1", "203.0.113.9", "127.0.0.1");
}

static void the_last_that_is_no_proxy_of_ours_is_the_client(void **state)
{
    (void)state;
    assert_client("10.0.0.0/8", "10.0.0.1", "203.0.113.9", "203.0.113.9");
    assert_client("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 203.0.113.9 ,10.0.0.2", "203.0.113.9");
    assert_client("10.0.0.0/8", "10.0.0.1", "203.0.113.9:4711", "203.0.113.9");
    assert_client("10.0.0.0/8", "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1");
    assert_client("10.0.0.0/8", "10.0.0.1", "2001:db8::1", "2001:db8::1");
    assert_client("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9");
}

static void what_cannot_be_read_ends_the_search(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",         "unknown",      "203.0.113.9, _hidden",
                                         "[::1",     "203.0.113.9,", "[]",
                                         "1.2.3.4.5" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_client("10.0.0.0/8", "10.0.0.1", wrong[i], "10.0.0.1");
    assert_client("10.0.0.0/8", "10.0.0.1", "nonsense, 10.0.0.7", "10.0.0.7");
    assert_client("10.0.0.0/8", "10.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9");
}

static void fields_are_one_list_in_their_order(void **state)
{
    (void)state;
    const struct proxies proxies = proxies_of("10.0.0.0/8");
    const struct text fields[] = { TEXT("203.0.113.9"), TEXT("10.0.0.3"), TEXT("10.0.0.2") };
    const struct in6_addr client =
        client_address_find(&proxies, address_of("10.0.0.1"), fields, ARRAY_LENGTH(fields));
    const struct in6_addr wanted = address_of("203.0.113.9");
    assert_memory_equal(&client, &wanted, sizeof client);
}

static void no_more_than_so_many_addresses_are_looked_at(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const char *most = list_of(arena, "203.0.113.9", "10.0.0.2", FORWARDED_MAX - 1);
    const char *more = list_of(arena, "203.0.113.9", "10.0.0.2", FORWARDED_MAX);
    assert_client("10.0.0.0/8", "10.0.0.1", most, "203.0.113.9");
    assert_client("10.0.0.0/8", "10.0.0.1", more, "10.0.0.2");
}

/* ---- a server ---- */

static int start(const char *networks)
{
    struct server_limits limits = server_limits_default();
    limits.rate_requests = 2;
    limits.connection.per_address_max = 4;
    limits.connection.proxies = proxies_of(networks);
    fixture_start(&fixture, &limits);
    return 0;
}

static int start_behind_a_proxy(void **state)
{
    (void)state;
    return start("127.0.0.1");
}

static int start_in_the_open(void **state)
{
    (void)state;
    return start("");
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static int ask_for(const char *client)
{
    const struct text header =
        text_format(fixture.arena, "X-Forwarded-For: 198.51.100.1, %s\r\n", client);
    return client_ask(&fixture, "GET", "/v1/nothing", text_string(fixture.arena, header), "")
        .status;
}

static void clients_behind_a_proxy_have_rates_of_their_own(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_not_equal(ask_for("203.0.113.9"), 429);
    assert_int_equal(ask_for("203.0.113.9"), 429);
    assert_int_not_equal(ask_for("203.0.114.9"), 429);
}

static void actors_are_told_of_the_client_not_of_the_proxy(void **state)
{
    (void)state;
    const char *header = "X-Forwarded-For: 2001:db8::7\r\nX-Forwarded-For: 127.0.0.1\r\n";
    assert_int_equal(client_ask(&fixture, "GET", fixture.thing_path, header, "").status, 200);
    assert_text_equal(fixture.seen.last.client, TEXT("2001:db8::7"));
    assert_int_equal(client_ask(&fixture, "GET", fixture.thing_path, "", "").status, 200);
    assert_text_equal(fixture.seen.last.client, TEXT("127.0.0.1"));
}

static void nobody_else_has_another_rate_for_what_he_says(void **state)
{
    (void)state;
    assert_int_not_equal(ask_for("203.0.113.9"), 429);
    assert_int_not_equal(ask_for("203.0.114.9"), 429);
    assert_int_equal(ask_for("203.0.115.9"), 429);
}

static bool may_have_five_connections(void)
{
    int others[4];
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        others[i] = client_connect(&fixture);
    const int last = client_connect(&fixture);
    client_send(last,
                TEXT("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    const struct answer answer = client_read(&fixture, last, false);
    (void)close(last);
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        (void)close(others[i]);
    return answer.status == 200;
}

static void a_proxy_has_as_many_connections_as_it_needs(void **state)
{
    (void)state;
    assert_true(may_have_five_connections());
}

static void all_others_have_as_many_as_an_address_may(void **state)
{
    (void)state;
    assert_false(may_have_five_connections());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_hold_what_their_prefix_says),
        cmocka_unit_test(no_network_holds_nobody_and_all_networks_everybody),
        cmocka_unit_test(what_is_no_network_is_refused),
        cmocka_unit_test(there_are_only_so_many_networks),
        cmocka_unit_test(the_peer_of_a_socket_is_an_address_of_ipv6),
        cmocka_unit_test(the_peer_of_another_family_is_nobody),
        cmocka_unit_test(a_strangers_word_is_not_believed),
        cmocka_unit_test(the_last_that_is_no_proxy_of_ours_is_the_client),
        cmocka_unit_test(what_cannot_be_read_ends_the_search),
        cmocka_unit_test(fields_are_one_list_in_their_order),
        cmocka_unit_test(no_more_than_so_many_addresses_are_looked_at),
        cmocka_unit_test_setup_teardown(clients_behind_a_proxy_have_rates_of_their_own,
                                        start_behind_a_proxy, stop),
        cmocka_unit_test_setup_teardown(actors_are_told_of_the_client_not_of_the_proxy,
                                        start_behind_a_proxy, stop),
        cmocka_unit_test_setup_teardown(nobody_else_has_another_rate_for_what_he_says,
                                        start_in_the_open, stop),
        cmocka_unit_test_setup_teardown(a_proxy_has_as_many_connections_as_it_needs,
                                        start_behind_a_proxy, stop),
        cmocka_unit_test_setup_teardown(all_others_have_as_many_as_an_address_may,
                                        start_in_the_open, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
