/* Connections that only cost: many that do nothing, and one that sends frames without end. Memory
 * stays bounded and other clients are served (tests/SECURITY.md, items 15 and 16). */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

enum { IDLE_CONNECTIONS = 5000, PAGE_BYTES = 4096, MEBIBYTE = 1 << 20 };

static struct fixture fixture;

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, NULL);
    return 0;
}

static int start_wide(void **state)
{
    (void)state;
    struct server_limits limits = server_limits_default();
    limits.connection.per_address_max = 2 * IDLE_CONNECTIONS;
    fixture_start(&fixture, &limits);
    return 0;
}

/* Two requests of one network, four connections of one address. */
static int start_small(void **state)
{
    (void)state;
    struct server_limits limits = server_limits_default();
    limits.in_flight_each_max = 2;
    limits.connection.per_address_max = 4;
    fixture_start(&fixture, &limits);
    return 0;
}

/* Three connections that are ended for what they sent, a minute. */
static int start_strict(void **state)
{
    (void)state;
    struct server_limits limits = server_limits_default();
    limits.connection.faults_max = 3;
    fixture_start(&fixture, &limits);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of this process: the server's thread and the client. */
static int64_t resident_bytes(void)
{
    char line[128] = "";
    const int descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    assert_true(read(descriptor, line, sizeof line - 1) > 0);
    (void)close(descriptor);
    char *end;
    (void)strtoll(line, &end, 10);
    return strtoll(end, NULL, 10) * PAGE_BYTES;
}

static void others_are_served(void)
{
    const int64_t begun_ms = now_ms();
    for (int i = 0; i < 20; i++)
        assert_int_equal(client_ask(&fixture, "GET", fixture.thing_path, "", "").status, 200);
    assert_in_range(now_ms() - begun_ms, 0, 4000);
}

/* Sends the same bytes again and again for a while, and never reads. Returns how many went out; the
 * server may have closed the connection before. */
static size_t flood(int socket, struct text bytes, int64_t duration_ms)
{
    const int64_t until_ms = now_ms() + duration_ms;
    size_t sent = 0, at = 0;
    while (now_ms() < until_ms) {
        const ssize_t n =
            send(socket, bytes.data + at, bytes.length - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN) break;
        struct pollfd room = { .fd = socket, .events = POLLOUT };
        if (n < 0) (void)poll(&room, 1, 10);
        if (n > 0) {
            sent += (size_t)n;
            at = (at + (size_t)n) % bytes.length;
        }
    }
    return sent;
}

/* Many copies of one frame. */
static struct text frames(const char *frame, size_t length, size_t count)
{
    struct text_builder out;
    text_builder_init(&out, fixture.arena, length * count);
    for (size_t i = 0; i < count; i++)
        text_builder_add(&out, (struct text){ frame, length });
    return text_builder_view(&out);
}

static int http2_connect(void)
{
    const int socket = client_connect(&fixture);
    client_send(socket, TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"));
    return socket;
}

static void flood_is_borne(struct text bytes, const char *name)
{
    const int64_t before = resident_bytes();
    const int socket = http2_connect();
    const size_t sent = flood(socket, bytes, 2000);
    const int64_t grown = resident_bytes() - before;
    print_message("%s: %zu MiB sent, %lld MiB grown\n", name, sent / MEBIBYTE,
                  (long long)grown / MEBIBYTE);
    others_are_served();
    assert_true(grown < 32LL * MEBIBYTE);
    (void)close(socket);
    others_are_served();
}

static void a_flood_of_pings_is_borne(void **state)
{
    (void)state;
    flood_is_borne(frames("\0\0\x08\x06\0\0\0\0\0"
                          "12345678",
                          17, 4096),
                   "PING");
}

static void a_flood_of_settings_is_borne(void **state)
{
    (void)state;
    flood_is_borne(frames("\0\0\0\x04\0\0\0\0\0", 9, 4096), "SETTINGS");
}

static void a_flood_of_empty_continuations_is_borne(void **state)
{
    (void)state;
    struct text_builder out;
    text_builder_init(&out, fixture.arena, 1 << 20);
    text_builder_add(&out,
                     TEXT("\0\0\x01\x01\x01\0\0\0\x01\x82")); /* HEADERS without END_HEADERS */
    text_builder_add(&out, frames("\0\0\0\x09\0\0\0\0\x01", 9, 65536));
    flood_is_borne(text_builder_view(&out), "CONTINUATION");
}

/* ---- heads of many references (HPACK) ---- */

enum { REFERENCES_MAX = 16000, HEAVY_STREAMS = 60, HEAVY_CONNECTIONS = 4 };

/* A POST whose body never comes, with so many fields that are the same entry of the table, one byte
 * each. */
static void add_references(struct text_builder *out, unsigned stream, size_t references, int flags)
{
    static const char head[] = "\x83\x86\x44\x0e/v1/auth/login\x41\x01"
                               "a\x40\x01x\x01y";
    static char block[sizeof head + REFERENCES_MAX];
    assert_true(references <= REFERENCES_MAX);
    memcpy(block, head, sizeof head - 1);
    memset(block + sizeof head - 1, 0xbe, references); /* the newest entry: x: y */
    http2_add(out, HEADERS, END_HEADERS | flags, stream,
              (struct text){ block, sizeof head - 1 + references });
}

static void heads_of_many_references_hold_little_memory(void **state)
{
    (void)state;
    const int64_t before = resident_bytes();
    int sockets[HEAVY_CONNECTIONS];
    for (size_t i = 0; i < HEAVY_CONNECTIONS; i++) {
        struct text_builder out = http2_begin(fixture.arena, TEXT(""));
        for (unsigned k = 0; k < HEAVY_STREAMS; k++)
            add_references(&out, 2 * k + 1, REFERENCES_MAX, 0);
        sockets[i] = client_connect(&fixture);
        (void)send(sockets[i], text_builder_view(&out).data, text_builder_view(&out).length,
                   MSG_NOSIGNAL);
    }
    for (size_t i = 0; i < HEAVY_CONNECTIONS; i++) {
        assert_true(client_is_closed(sockets[i]));
        (void)close(sockets[i]);
    }
    assert_true(resident_bytes() - before < 40LL * MEBIBYTE); /* the client's own copies, mostly */
    others_are_served();
}

static void open_heads_of_one_connection_are_bounded(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    for (unsigned k = 0; k < 100; k++) /* each of them is allowed */
        add_references(&out, 2 * k + 1, 200, 0);
    client_send(socket, text_builder_view(&out));
    assert_true(client_is_closed(socket));
    (void)close(socket);
    others_are_served();
}

/* Reads frames until one has the text in it. */
static bool is_told(int socket, const char *text)
{
    struct http2_frame frame;
    while (http2_read(fixture.arena, socket, &frame)) {
        if (frame.type == DATA && frame.payload.length > 0 &&
            memmem(frame.payload.data, frame.payload.length, text, strlen(text)) != NULL)
            return true;
    }
    return false;
}

static void more_than_a_hundred_fields_are_431(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    add_references(&out, 1, 150, END_STREAM);
    client_send(socket, text_builder_view(&out));
    assert_true(is_told(socket, "\"code\":\"headers_too_large\""));
    (void)close(socket);
}

static void assert_body_is_413(size_t bytes)
{
    enum { PIECE = 16384 };
    static char piece[PIECE];
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    add_references(&out, 1, 0, 0);
    client_send(socket, text_builder_view(&out));
    const size_t pieces = bytes / PIECE;
    for (size_t i = 0; i < pieces; i++) {
        text_builder_init(&out, fixture.arena, 2 * PIECE);
        http2_add(&out, DATA, i + 1 == pieces ? END_STREAM : 0, 1, (struct text){ piece, PIECE });
        client_send(socket, text_builder_view(&out));
    }
    assert_true(is_told(socket, "\"code\":\"body_too_large\""));
    (void)close(socket);
}

static void body_far_above_the_limit_is_413_on_http2_too(void **state)
{
    (void)state;
    assert_body_is_413(10 * fixture.limits.body_max);
    assert_body_is_413(6 << 20); /* libh2o's own limit would tell the client to try again */
}

static void idle_connections_cost_little_and_hinder_nobody(void **state)
{
    (void)state;
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_max < 2 * IDLE_CONNECTIONS + 100) skip();
    files.rlim_cur = files.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    int *sockets = arena_allocate(fixture.arena, IDLE_CONNECTIONS * sizeof(int));
    const int64_t before = resident_bytes();
    for (size_t i = 0; i < IDLE_CONNECTIONS; i++)
        sockets[i] = i % 2 == 0 ? http2_connect() : client_connect(&fixture);
    others_are_served();
    const int64_t grown = resident_bytes() - before;
    print_message("%d idle connections: %lld KiB each\n", IDLE_CONNECTIONS,
                  (long long)(grown / IDLE_CONNECTIONS / 1024));
    assert_true(grown < IDLE_CONNECTIONS * 16LL * 1024);
    for (size_t i = 0; i < IDLE_CONNECTIONS; i++)
        (void)close(sockets[i]);
    others_are_served();
}

/* ---- shares (item 16) ---- */

static void pause_ms(long milliseconds)
{
    const struct timespec time = { .tv_nsec = milliseconds * 1000000 };
    (void)nanosleep(&time, NULL);
}

static void test_item_16_no_principal_has_all_requests_under_way(void **state)
{
    (void)state;
    fixture.script.delay_us = 500000;
    const struct text request =
        text_format(fixture.arena, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", fixture.thing_path);
    const int first = client_connect(&fixture), second = client_connect(&fixture);
    client_send(first, request);
    client_send(second, request);
    pause_ms(100);
    const struct answer third = client_ask(&fixture, "GET", fixture.thing_path, "", "");
    assert_int_equal(third.status, 503);
    assert_text_equal(answer_header(&third, "retry-after"), TEXT("1"));
    assert_int_equal(client_ask(&fixture, "GET", "/healthz", "", "").status, 200);
    assert_int_equal(client_read(&fixture, first, false).status, 200);
    assert_int_equal(client_read(&fixture, second, false).status, 200);
    (void)close(first);
    (void)close(second);
    fixture.script.delay_us = 0;
    assert_int_equal(client_ask(&fixture, "GET", fixture.thing_path, "", "").status, 200);
}

static void test_item_16_no_address_has_all_connections(void **state)
{
    (void)state;
    int sockets[4];
    for (size_t i = 0; i < ARRAY_LENGTH(sockets); i++)
        sockets[i] = client_connect(&fixture);
    pause_ms(100);
    const int fifth = client_connect(&fixture);
    assert_true(client_is_closed(fifth));
    (void)close(fifth);
    for (size_t i = 0; i < ARRAY_LENGTH(sockets); i++)
        (void)close(sockets[i]);
    pause_ms(100);
    others_are_served();
}

/* ---- coming back (item 15) ---- */

/* A connection of another address, whose request is sent. */
static int ask_from_elsewhere(struct text request)
{
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK + 1) } };
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&name, sizeof name), 0);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(fixture.clear_port);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)&name, sizeof name), 0);
    client_send(descriptor, request);
    return descriptor;
}

static void be_ended_for_a_head(void)
{
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    add_references(&out, 1, 300, END_STREAM);
    client_send(socket, text_builder_view(&out));
    assert_true(client_is_closed(socket));
    (void)close(socket);
}

/* A new connection of this address is read, but later than one of another. */
static void assert_waits(void)
{
    const struct text request =
        text_format(fixture.arena, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", fixture.thing_path);
    const int theirs = client_connect(&fixture);
    client_send(theirs, request);
    const int elsewhere = ask_from_elsewhere(request);
    assert_int_equal(client_read(&fixture, elsewhere, false).status, 200);
    struct pollfd early = { .fd = theirs, .events = POLLIN };
    assert_int_equal(poll(&early, 1, 0), 0);
    assert_int_equal(client_read(&fixture, theirs, false).status, 200);
    (void)close(theirs);
    (void)close(elsewhere);
}

static void who_is_ended_again_and_again_is_read_after_all_others(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        be_ended_for_a_head();
    assert_waits();
}

static void heads_that_are_refused_count_when_they_end_a_connection(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        const int socket = client_connect(&fixture);
        struct text_builder out = http2_begin(fixture.arena, TEXT(""));
        for (unsigned k = 0; k < 20; k++) /* each of them is 431, which counts like ten resets */
            add_references(&out, 2 * k + 1, 150, END_STREAM);
        client_send(socket, text_builder_view(&out));
        assert_true(client_is_closed(socket));
        (void)close(socket);
    }
    assert_waits();
}

#define SERVED(claim) cmocka_unit_test_setup_teardown(claim, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(idle_connections_cost_little_and_hinder_nobody, start_wide,
                                        stop),
        cmocka_unit_test_setup_teardown(test_item_16_no_principal_has_all_requests_under_way,
                                        start_small, stop),
        cmocka_unit_test_setup_teardown(test_item_16_no_address_has_all_connections, start_small,
                                        stop),
        cmocka_unit_test_setup_teardown(who_is_ended_again_and_again_is_read_after_all_others,
                                        start_strict, stop),
        cmocka_unit_test_setup_teardown(heads_that_are_refused_count_when_they_end_a_connection,
                                        start_strict, stop),
        SERVED(a_flood_of_pings_is_borne),
        SERVED(a_flood_of_settings_is_borne),
        SERVED(a_flood_of_empty_continuations_is_borne),
        SERVED(heads_of_many_references_hold_little_memory),
        SERVED(open_heads_of_one_connection_are_bounded),
        SERVED(more_than_a_hundred_fields_are_431),
        SERVED(body_far_above_the_limit_is_413_on_http2_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
