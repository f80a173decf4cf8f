/* Where a server listens, and that it starts and stops. */
#include "gateway/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/secret.h"
#include "tests/gateway/fixture.h"

/* A server and what it runs on. */
struct running {
    struct loop *loop;
    struct fibers *fibers;
    struct server *server;
    size_t stops;
};

static struct running one, other;

static enum status never_asked(void *context, const struct envelope *request, int64_t deadline_us,
                               struct arena *arena, struct envelope *ret_reply)
{
    (void)context, (void)request, (void)deadline_us, (void)arena, (void)ret_reply;
    return STATUS_UNAVAILABLE;
}

static bool never_ready(void *context, unsigned domain)
{
    (void)context, (void)domain;
    return false;
}

static void open_loop(struct running *running)
{
    *running = (struct running){ .loop = loop_new() };
    running->fibers = fibers_new(loop_timers(running->loop), loop_clock(running->loop));
}

static int open_loops(void **state)
{
    (void)state;
    secret_open();
    open_loop(&one);
    open_loop(&other);
    return 0;
}

static int close_loops(void **state)
{
    (void)state;
    fibers_destroy(&one.fibers);
    fibers_destroy(&other.fibers);
    loop_destroy(&one.loop);
    loop_destroy(&other.loop);
    return 0;
}

static void on_stopped(void *context)
{
    struct running *running = context;
    running->stops++;
    loop_stop(running->loop);
}

static enum status start(struct running *running, const char *address, uint16_t port)
{
    static const struct backend backend = { .ask = never_asked, .is_ready = never_ready };
    static const uint8_t principal_key[32] = { 1 };
    const struct server_options options = {
        .loop = running->loop,
        .fibers = running->fibers,
        .backend = &backend,
        .routes = fixture_routes,
        .routes_count = fixture_routes_count,
        .name = "test",
        .principal_key = principal_key,
        .address = address,
        .clear_port = port,
        .limits = server_limits_default(),
    };
    return server_new(&options, &running->server);
}

static void stop(struct running *running)
{
    server_stop(running->server, on_stopped, running);
    server_stop(running->server, on_stopped, running); /* the second changes nothing */
    loop_run(running->loop);
    server_destroy(&running->server);
    assert_null(running->server);
    assert_int_equal(running->stops, 1);
}

/* A listening socket on a port of its own. */
static int listen_on(const char *address, uint16_t *ret_port)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t length = sizeof name;
    assert_int_equal(inet_pton(AF_INET, address, &name.sin_addr), 1);
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(descriptor, 1), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&name, &length), 0);
    *ret_port = ntohs(name.sin_port);
    return descriptor;
}

static void a_server_listens_on_a_free_port_and_stops(void **state)
{
    (void)state;
    assert_int_equal(start(&one, "127.0.0.1", 0), STATUS_OK);
    assert_true(server_clear_port(one.server) > 0);
    assert_int_equal(server_tls_port(one.server), 0); /* there is no certificate */
    stop(&one);
}

static void a_server_listens_on_an_address_of_ipv6(void **state)
{
    (void)state;
    assert_int_equal(start(&one, "::1", 0), STATUS_OK);
    assert_true(server_clear_port(one.server) > 0);
    stop(&one);
}

static void two_servers_share_a_port(void **state)
{
    (void)state;
    assert_int_equal(start(&one, "127.0.0.1", 0), STATUS_OK);
    assert_int_equal(start(&other, "127.0.0.1", server_clear_port(one.server)), STATUS_OK);
    assert_int_equal(server_clear_port(other.server), server_clear_port(one.server));
    stop(&one);
    stop(&other);
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    assert_int_equal(start(&one, "localhost", 0), STATUS_INVALID_VALUE);
    assert_null(one.server);
}

static void a_port_that_somebody_else_has_is_told(void **state)
{
    (void)state;
    uint16_t port;
    const int listening = listen_on("127.0.0.1", &port);
    assert_int_equal(start(&one, "127.0.0.1", port), STATUS_UNAVAILABLE);
    assert_null(one.server);
    (void)close(listening);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_loops, close_loops)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_server_listens_on_a_free_port_and_stops),
        CLAIM(a_server_listens_on_an_address_of_ipv6),
        CLAIM(two_servers_share_a_port),
        CLAIM(what_is_no_address_is_refused),
        CLAIM(a_port_that_somebody_else_has_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
