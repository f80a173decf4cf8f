/* What honest clients see while others send byte by byte, read nothing, or ask for much at once. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/metrics.h"
#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

enum { MANY = 20, STREAMS = 64, SILENT_CLIENTS = 70 };

static struct fixture fixture;

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

/* SETTINGS_INITIAL_WINDOW_SIZE = 0: no body is taken until a window is opened. */
#define NO_WINDOW TEXT("\0\x04\0\0\0\0")

/* Reads until the frame; false when the connection ends before. */
static bool read_until(int socket, int type, bool is_last)
{
    struct http2_frame frame;
    while (http2_read(fixture.arena, socket, &frame)) {
        if (frame.type == type && (!is_last || (frame.flags & END_STREAM) != 0)) return true;
    }
    return false;
}

static int connect_silent(void)
{
    struct text_builder out = http2_begin(fixture.arena, NO_WINDOW);
    for (unsigned i = 0; i < STREAMS; i++)
        http2_add_request(&out, "GET", "/healthz", END_STREAM, 2 * i + 1);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    return socket;
}

static void a_slow_reader_is_not_cut_for_those_that_never_read(void **state)
{
    (void)state;
    const int honest = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    http2_add_request(&out, "GET", "/healthz", END_STREAM, 1); /* an answer that it takes */
    client_send(honest, text_builder_view(&out));
    assert_true(read_until(honest, DATA, true));
    text_builder_init(&out, fixture.arena, 4096);
    http2_add(&out, SETTINGS, 0, 0, NO_WINDOW);
    http2_add_request(&out, "GET", "/healthz", END_STREAM, 3); /* older than all that follow */
    client_send(honest, text_builder_view(&out));
    assert_true(read_until(honest, HEADERS, false));
    int silent[SILENT_CLIENTS];
    for (size_t i = 0; i < SILENT_CLIENTS; i++)
        silent[i] = connect_silent();
    assert_true(client_is_closed(silent[0]));
    text_builder_init(&out, fixture.arena, 4096);
    http2_add(&out, WINDOW_UPDATE, 0, 3, TEXT("\0\0\x10\0"));
    client_send(honest, text_builder_view(&out));
    assert_true(read_until(honest, DATA, true));
    for (size_t i = 0; i < SILENT_CLIENTS; i++)
        (void)close(silent[i]);
    (void)close(honest);
}

static void a_head_longer_than_the_first_read_is_answered(void **state)
{
    (void)state;
    static char filler[6000];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    const struct text header = text_format(fixture.arena, "X-Filler: %s\r\n", filler);
    assert_int_equal(
        client_ask(&fixture, "GET", "/healthz", text_string(fixture.arena, header), "").status,
        200);
}

static void pause_shortly(void)
{
    const struct timespec pause = { .tv_nsec = 2000000 };
    (void)nanosleep(&pause, NULL);
}

static void a_request_that_comes_byte_by_byte_is_answered(void **state)
{
    (void)state;
    static const char request[] =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const int64_t held = metric_value(METRIC_HTTP_CONNECTIONS_HELD);
    const int socket = client_connect(&fixture);
    for (size_t i = 0; i < sizeof request - 1; i++) {
        client_send(socket, (struct text){ request + i, 1 });
        pause_shortly();
    }
    char answer[12] = "";
    assert_int_equal(recv(socket, answer, sizeof answer, MSG_WAITALL), sizeof answer);
    assert_memory_equal(answer, "HTTP/1.1 200", sizeof answer);
    assert_true(metric_value(METRIC_HTTP_CONNECTIONS_HELD) > held);
    (void)close(socket);
}

static void a_client_that_reads_an_answer_bit_by_bit_need_not_pause(void **state)
{
    (void)state;
    const int64_t held = metric_value(METRIC_HTTP_CONNECTIONS_HELD);
    struct text_builder out = http2_begin(fixture.arena, NO_WINDOW);
    http2_add_request(&out, "GET", "/healthz", END_STREAM, 1);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    assert_true(read_until(socket, HEADERS, false));
    for (int i = 0; i < MANY / 2; i++) {
        text_builder_init(&out, fixture.arena, 4096);
        http2_add(&out, WINDOW_UPDATE, 0, 1, TEXT("\0\0\0\1"));
        client_send(socket, text_builder_view(&out));
        assert_true(read_until(socket, DATA, false));
    }
    assert_int_equal(metric_value(METRIC_HTTP_CONNECTIONS_HELD), held);
    (void)close(socket);
}

static void a_client_that_pauses_and_leaves_is_cleared_away(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    for (int i = 0; i < MANY; i++) {
        client_send(socket, TEXT("G"));
        pause_shortly();
    }
    (void)close(socket); /* the fixture's stop waits for all connections */
}

/* ---- questions to nodes ---- */

enum { CROWD = 5, CROWD_STREAMS = 60, CROWD_ASKS_MAX = 128 };

/* More requests of one network than it may have under way at nodes. */
static void crowd_begin(int crowd[CROWD])
{
    for (size_t i = 0; i < CROWD; i++) {
        struct text_builder out = http2_begin(fixture.arena, TEXT(""));
        for (unsigned k = 0; k < CROWD_STREAMS; k++)
            http2_add_request(&out, "GET", fixture.thing_path, END_STREAM, 2 * k + 1);
        crowd[i] = client_connect(&fixture);
        client_send(crowd[i], text_builder_view(&out));
    }
}

/* As /metrics says. */
static long queued(void)
{
    const struct answer answer = client_ask(&fixture, "GET", "/metrics", "", "");
    const char *line = strstr(text_string(fixture.arena, answer.body), "\nsouk_http_queued{");
    assert_non_null(line);
    return strtol(strchr(line + 1, ' '), NULL, 10);
}

static void wait_until_queued(long wanted)
{
    for (int i = 0; i < 1000 && queued() != wanted; i++)
        pause_shortly();
    assert_int_equal(queued(), wanted);
}

static void many_requests_of_one_wait_here_and_those_of_others_do_not(void **state)
{
    (void)state;
    int crowd[CROWD];
    const struct text request = text_format(
        fixture.arena,
        "POST /v1/things/start HTTP/1.1\r\nHost: a\r\nContent-Type: "
        "application/json\r\nContent-Length: 27\r\n%s\r\n{\"name\":\"abc\",\"quantity\":1}",
        token_header(&fixture, "store", "good", 60));
    const int other = client_connect(&fixture);
    client_send(other, request); /* the token is known afterwards */
    assert_int_equal(client_read(&fixture, other, false).status, 201);
    fixture.script.delay_us = 3000000;
    crowd_begin(crowd);
    wait_until_queued(CROWD * CROWD_STREAMS - CROWD_ASKS_MAX);
    const size_t asked = fixture.seen.asks;
    client_send(other, request);
    for (int i = 0; i < 1000 && fixture.seen.asks == asked; i++)
        pause_shortly();
    assert_int_equal(queued(), CROWD * CROWD_STREAMS - CROWD_ASKS_MAX); /* none of them has ended */
    assert_int_equal(fixture.seen.asks, asked + 1);
    assert_int_equal(client_read(&fixture, other, false).status, 201);
    (void)close(other);
    fixture.script.delay_us = 0;
    for (size_t i = 0; i < CROWD; i++)
        for (size_t k = 0; k < CROWD_STREAMS; k++)
            assert_true(read_until(crowd[i], HEADERS, false));
    wait_until_queued(0);
    for (size_t i = 0; i < CROWD; i++)
        (void)close(crowd[i]);
}

static void request_whose_client_leaves_the_queue_is_not_asked_for(void **state)
{
    (void)state;
    int crowd[CROWD];
    fixture.script.delay_us = 1000000;
    crowd_begin(crowd);
    wait_until_queued(CROWD * CROWD_STREAMS - CROWD_ASKS_MAX);
    for (size_t i = 0; i < CROWD; i++)
        (void)close(crowd[i]);
    wait_until_queued(0);
    assert_int_equal(fixture.seen.asks, CROWD_ASKS_MAX);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_request_that_comes_byte_by_byte_is_answered),
        CLAIM(a_client_that_reads_an_answer_bit_by_bit_need_not_pause),
        CLAIM(a_client_that_pauses_and_leaves_is_cleared_away),
        CLAIM(a_slow_reader_is_not_cut_for_those_that_never_read),
        CLAIM(many_requests_of_one_wait_here_and_those_of_others_do_not),
        CLAIM(request_whose_client_leaves_the_queue_is_not_asked_for),
        CLAIM(a_head_longer_than_the_first_read_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
