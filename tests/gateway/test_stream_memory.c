/* What live streams cost while nothing happens: 10,000 of them, each with a question of its own, on
 * 100 connections of HTTP/2. Prints it, too. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

enum {
    CONNECTIONS = 100,
    STREAMS_EACH = 100,
    STREAMS = CONNECTIONS * STREAMS_EACH,
    PAGE_BYTES = 4096,
    STREAM_BYTES_MAX = 4096
};

static struct fixture fixture;

static int start(void **state)
{
    (void)state;
    struct server_limits limits = server_limits_default();
    limits.streams_max = limits.streams_each_max = STREAMS;
    limits.streams_per_connection = STREAMS_EACH;
    fixture_start(&fixture, &limits);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
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

/* The events of a thing of its own. */
static void add_stream(struct text_builder *out, unsigned stream, unsigned number)
{
    char id[ID_TEXT_MAX + 1], path[128];
    struct uuid thing = fixture.thing.id;
    memcpy(thing.bytes + 9, &number, sizeof number);
    (void)id_format("thg", thing, id);
    (void)snprintf(path, sizeof path, "/v1/things/%s/events", id);
    http2_add_event_source(out, path, stream);
}

static int open_streams(unsigned first)
{
    struct arena *arena = arena_new(1 << 16);
    struct text_builder out = http2_begin(arena, TEXT(""));
    for (unsigned i = 0; i < STREAMS_EACH; i++)
        add_stream(&out, 2 * i + 1, first + i);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    for (int begun = 0; begun < STREAMS_EACH;) {
        struct http2_frame frame;
        assert_true(http2_read(arena, socket, &frame));
        if (frame.type == DATA) begun++;
    }
    arena_destroy(&arena);
    return socket;
}

static void ten_thousand_idle_streams_take_four_kibibytes_each(void **state)
{
    (void)state;
    static int sockets[CONNECTIONS];
    const int warm = open_streams(1000000);
    const int64_t before = resident_bytes();
    for (unsigned i = 0; i < CONNECTIONS - 1; i++)
        sockets[i] = open_streams(i * STREAMS_EACH);
    struct pollfd nothing = { .fd = -1 };
    (void)poll(&nothing, 1, 2000); /* what their opening causes is over */
    const int64_t each = (resident_bytes() - before) / (STREAMS - STREAMS_EACH);
    print_message("%d streams on %d connections: %lld bytes each\n", STREAMS, CONNECTIONS,
                  (long long)each);
    const struct answer answer = client_ask(&fixture, "GET", "/metrics", "", "");
    assert_true(answer_contains(&answer, "souk_http_streams{process=\"test\"} 10000\n"));
    assert_true(answer_contains(&answer, "souk_http_stream_feeds{process=\"test\"} 10000\n"));
#ifndef SOUK_SANITIZED /* whose own memory is beyond any limit */
    assert_true(each <= STREAM_BYTES_MAX);
#endif
    for (unsigned i = 0; i < CONNECTIONS - 1; i++)
        (void)close(sockets[i]);
    (void)close(warm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ten_thousand_idle_streams_take_four_kibibytes_each, start,
                                        stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
