/* Live streams: how many there may be, what slow clients get, and how they end. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/secret.h"
#include "tests/gateway/event_reader.h"
#include "tests/gateway/http2_frames.h"

enum { LONG_NOTE = 4000 };

static struct fixture fixture;
static char events_path[96];

static int start_with(const struct server_limits *limits)
{
    fixture_start(&fixture, limits);
    (void)snprintf(events_path, sizeof events_path, "%s/events", fixture.thing_path);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(NULL);
}

static int start_small(void **state)
{
    (void)state;
    struct server_limits limits = server_limits_default();
    limits.streams_max = 3;
    limits.streams_each_max = 2;
    limits.streams_per_connection = 1;
    limits.connection.write_deadline_us = 500000;
    return start_with(&limits);
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

/* ---- bounds ---- */

static void more_streams_than_one_may_have_are_refused(void **state)
{
    (void)state;
    const char *accept = "Accept: text/event-stream\r\n";
    struct reader *first = reader_open(&fixture, events_path, ""),
                  *second = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(first, "retry: 2000"));
    assert_true(reader_awaits(second, "retry: 2000"));
    const struct answer third = client_ask(&fixture, "GET", events_path, accept, "");
    assert_refused(&third, 429, "too_many_requests");
    assert_text_equal(answer_header(&third, "retry-after"), TEXT("5"));
    /* A list is no stream, and another principal has streams of its own. */
    assert_int_equal(client_ask(&fixture, "GET", events_path, "", "").status, 200);
    struct reader *other =
        reader_open(&fixture, events_path, token_header(&fixture, "store", "good", 600));
    assert_true(reader_awaits(other, "retry: 2000"));
    /* Now there are as many as there may be in all. */
    const struct answer last =
        client_ask(&fixture, "GET", "/v1/news",
                   text_format(fixture.arena, "%s%s", accept,
                               token_header(&fixture, "vendor", "vendor-key", 600))
                       .data,
                   "");
    assert_refused(&last, 503, "overloaded");
    reader_close(first);
    reader_close(second);
    reader_close(other);
}

static void a_stream_that_ends_makes_room(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        struct reader *reader = reader_open(&fixture, events_path, "");
        if (!reader_awaits(reader, "retry: 2000")) fail();
        fixture.events.count++;
        fixture_hint(&fixture);
        assert_true(reader_awaits(reader, "id: "));
        reader_close(reader);
        /* HTTP/1 notices at its next write. */
        struct pollfd nothing = { .fd = -1 };
        for (int k = 0; k < 4; k++) {
            fixture.events.count++;
            fixture_hint(&fixture);
            (void)poll(&nothing, 1, 100);
        }
    }
}

static void a_client_that_left_a_silent_stream_makes_room_at_once(void **state)
{
    (void)state;
    struct pollfd nothing = { .fd = -1 };
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    assert_int_equal(metric_now(&fixture, "souk_http_streams"), 1);
    reader_close(reader);
    for (int i = 0; i < 60 && metric_now(&fixture, "souk_http_streams") > 0; i++)
        (void)poll(&nothing, 1, 50);
    assert_int_equal(metric_now(&fixture, "souk_http_streams"), 0);
}

/* An API key of a shopper that has all rights for another second. */
static void script_key(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    fixture.script.key_status = STATUS_OK;
    fixture.script.key_use = (struct common_api_key_use){
        .account_id = fixture.thing.id,
        .person_id = fixture.thing.id,
        .key_id = fixture.thing.id,
        .rights = INT64_MAX,
        .expires_at_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + 1000000,
    };
}

static const char *key_header(void)
{
    char id[ID_TEXT_MAX + 1];
    static const char secret[32];
    (void)id_format("key", fixture.thing.id, id);
    const struct text encoded =
        base64url_encode(fixture.arena, (struct text){ secret, sizeof secret });
    return text_string(fixture.arena,
                       text_format(fixture.arena, "Authorization: Bearer sk_store_%s.%.*s\r\n", id,
                                   (int)encoded.length, encoded.data));
}

/* What is remembered of the key ends after a second here; its domain is asked again. */
static void a_stream_of_an_api_key_outlives_what_is_remembered_of_it(void **state)
{
    (void)state;
    struct pollfd nothing = { .fd = -1 };
    script_key();
    struct reader *reader = reader_open(&fixture, events_path, key_header());
    assert_true(reader_awaits(reader, "retry: 2000"));
    assert_int_equal(fixture.seen.api_key_asks, 1);
    for (int i = 0; i < 100 && fixture.seen.api_key_asks < 2; i++) {
        script_key();
        (void)poll(&nothing, 1, 50);
    }
    assert_true(fixture.seen.api_key_asks >= 2);
    fixture.events.count++;
    fixture_hint(&fixture);
    assert_true(reader_awaits(reader, "id: "));
    fixture.script.key_status = STATUS_UNAUTHENTICATED;
    assert_true(reader_awaits(reader, "\"reason\":\"session_ended\""));
    reader_close(reader);
}

static void streams_do_not_count_as_requests_under_way(void **state)
{
    (void)state;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    assert_int_equal(metric_now(&fixture, "souk_http_streams"), 1);
    assert_int_equal(metric_now(&fixture, "souk_http_in_flight"), 1); /* the question itself */
    reader_close(reader);
}

static void one_that_does_not_read_is_cut(void **state)
{
    (void)state;
    const int64_t cuts = metric_now(&fixture, "souk_http_connections_cut_total");
    struct reader *slow = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(slow, "retry: 2000"));
    /* More than the kernel takes for a client that reads nothing. */
    fixture.events.note_bytes = LONG_NOTE;
    fixture.events.count = 10000;
    fixture_hint(&fixture);
    struct reader *other = reader_open(&fixture, events_path,
                                       text_format(fixture.arena, "Last-Event-ID: 9999\r\n%s",
                                                   token_header(&fixture, "store", "good", 600))
                                           .data);
    assert_true(reader_awaits(other, "id: 10000\n"));
    struct pollfd nothing = { .fd = -1 };
    for (int i = 0; i < 300 && metric_now(&fixture, "souk_http_connections_cut_total") == cuts; i++)
        (void)poll(&nothing, 1, 50);
    assert_int_equal(metric_now(&fixture, "souk_http_connections_cut_total"), cuts + 1);
    assert_true(client_is_closed(slow->socket));
    fixture.events.count = 10001;
    fixture_hint(&fixture);
    assert_true(reader_awaits(other, "id: 10001\n"));
    reader_close(slow);
    reader_close(other);
}

/* ---- HTTP/2 ---- */

/* Reads frames until one of a type has come whose payload has the text; its connection must live.
 */
static struct http2_frame http2_await(int socket, int type, const char *wanted)
{
    struct http2_frame frame;
    do
        assert_true(http2_read(fixture.arena, socket, &frame));
    while (frame.type != type ||
           memmem(frame.payload.data, frame.payload.length, wanted, strlen(wanted)) == NULL);
    return frame;
}

static void await_streams(int64_t count)
{
    struct pollfd nothing = { .fd = -1 };
    for (int i = 0; i < 100 && metric_now(&fixture, "souk_http_streams") != count; i++)
        (void)poll(&nothing, 1, 20);
    assert_int_equal(metric_now(&fixture, "souk_http_streams"), count);
}

static void streams_of_one_connection_end_one_by_one(void **state)
{
    (void)state;
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    http2_add_event_source(&out, events_path, 1);
    http2_add_event_source(&out, events_path, 3);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    (void)http2_await(socket, DATA, "retry");
    (void)http2_await(socket, DATA, "retry");
    assert_int_equal(metric_now(&fixture, "souk_http_stream_feeds"), 1);
    for (int i = 1; i <= 10; i++) { /* over the same memory again and again */
        char wanted[16];
        (void)snprintf(wanted, sizeof wanted, "id: %d\n", i);
        fixture.events.count = i;
        fixture_hint(&fixture);
        (void)http2_await(socket, DATA, wanted);
        (void)http2_await(socket, DATA, wanted);
    }
    struct text_builder reset = { .arena = fixture.arena, .limit = 64 };
    http2_add(&reset, RST_STREAM, 0, 1, TEXT("\0\0\0\x08"));
    client_send(socket, text_builder_view(&reset));
    await_streams(1);
    fixture.events.count = 11;
    fixture_hint(&fixture);
    (void)http2_await(socket, DATA, "id: 11\n");
    (void)close(socket);
    await_streams(0);
    assert_int_equal(metric_now(&fixture, "souk_http_stream_feeds"), 0);
}

static void one_connection_has_no_more_streams_than_it_may(void **state)
{
    (void)state;
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    http2_add_event_source(&out, events_path, 1);
    http2_add_event_source(&out, events_path, 3);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    (void)http2_await(socket, DATA, "\"code\":\"too_many_requests\"");
    (void)http2_await(socket, DATA, "retry"); /* headers leave first */
    assert_int_equal(metric_now(&fixture, "souk_http_streams"), 1);
    (void)close(socket);
}

/* A window of 100 bytes holds the first piece, and then one event after the other. */
static void what_the_window_does_not_take_waits(void **state)
{
    (void)state;
    struct text_builder out = http2_begin(fixture.arena, TEXT("\0\x04\0\0\0\x64"));
    http2_add_event_source(&out, events_path, 1);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    (void)http2_await(socket, DATA, "retry");
    fixture.events.count = 30;
    fixture_hint(&fixture);
    struct text_builder more = { .arena = fixture.arena, .limit = 4096 };
    http2_add(&more, WINDOW_UPDATE, 0, 1, TEXT("\0\0\x40\0"));
    struct pollfd nothing = { .fd = -1 };
    (void)poll(&nothing, 1, 200);
    fixture.events.count = 31;
    fixture_hint(&fixture);
    client_send(socket, text_builder_view(&more));
    (void)http2_await(socket, DATA, "id: 31\n");
    (void)close(socket);
}

/* ---- ends ---- */

static void a_stream_ends_with_its_token(void **state)
{
    (void)state;
    struct reader *reader =
        reader_open(&fixture, events_path, token_header(&fixture, "store", "good", 2));
    assert_true(reader_awaits(reader, "event: end\ndata: {\"reason\":\"token_expired\"}\n\n"));
    assert_true(reader_awaits(reader, "\r\n0\r\n\r\n"));
    reader_close(reader);
}

static void a_stream_ends_with_its_session(void **state)
{
    (void)state;
    struct reader *reader =
        reader_open(&fixture, events_path, token_header(&fixture, "store", "good", 600));
    assert_true(reader_awaits(reader, "retry: 2000"));
    fixture.script.ended[0] = fixture.thing.id;
    fixture.script.ended_count = 1;
    assert_true(reader_awaits(reader, "{\"reason\":\"session_ended\"}"));
    reader_close(reader);
}

static void a_stream_of_staff_in_a_name_ends_with_the_session_of_staff(void **state)
{
    (void)state;
    const struct uuid parent = { .bytes = { 9, 9, 9 } };
    const struct token_parts parts = { .audience = "store",
                                       .kid = "good",
                                       .session = fixture.thing.id,
                                       .actor = fixture.thing.id,
                                       .parent = parent,
                                       .lifetime_s = 600 };
    struct reader *reader = reader_open(&fixture, events_path, token_header_of(&fixture, &parts));
    assert_true(reader_awaits(reader, "retry: 2000"));
    fixture.script.ended[0] = parent;
    fixture.script.ended_count = 1;
    assert_true(reader_awaits(reader, "{\"reason\":\"session_ended\"}"));
    reader_close(reader);
}

static void a_stream_ends_when_its_question_is_refused(void **state)
{
    (void)state;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    fixture.events.status = STATUS_NOT_FOUND;
    fixture_hint(&fixture);
    assert_true(reader_awaits(reader, "{\"reason\":\"not_found\"}"));
    reader_close(reader);
    const struct answer answer =
        client_ask(&fixture, "GET", events_path, "Accept: text/event-stream\r\n", "");
    assert_refused(&answer, 404, "not_found");
}

static void an_outage_ends_no_stream(void **state)
{
    (void)state;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    fixture.events.status = STATUS_UNAVAILABLE;
    const size_t before = fixture.events.asks;
    fixture_hint(&fixture);
    struct pollfd nothing = { .fd = -1 };
    while (fixture.events.asks == before)
        (void)poll(&nothing, 1, 10);
    fixture.events.status = STATUS_OK;
    fixture.events.count = 1;
    fixture_hint(&fixture);
    assert_true(reader_awaits(reader, "id: 1\n"));
    assert_int_equal(reader_count(reader, "event: end"), 0);
    reader_close(reader);
}

static void a_server_that_stops_ends_its_streams(void **state)
{
    (void)state;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    fixture_begin_stop(&fixture);
    assert_true(reader_awaits(reader, "{\"reason\":\"stopping\"}"));
    assert_true(reader_awaits(reader, "\r\n0\r\n\r\n"));
    reader_close(reader);
}

static void over_http2_too_and_then_the_connection_ends(void **state)
{
    (void)state;
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    http2_add_event_source(&out, events_path, 1);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    (void)http2_await(socket, DATA, "retry");
    fixture_begin_stop(&fixture);
    const struct http2_frame last = http2_await(socket, DATA, "{\"reason\":\"stopping\"}");
    struct http2_frame frame = last;
    while ((frame.type != DATA || (frame.flags & END_STREAM) == 0) &&
           http2_read(fixture.arena, socket, &frame))
        ;
    assert_int_equal(frame.type, DATA);
    assert_true((frame.flags & END_STREAM) != 0);
    assert_true(client_is_closed(socket));
    (void)close(socket);
}

#define STREAM_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
#define SMALL_TEST(name) cmocka_unit_test_setup_teardown(name, start_small, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMALL_TEST(more_streams_than_one_may_have_are_refused),
        SMALL_TEST(a_stream_that_ends_makes_room),
        STREAM_TEST(a_client_that_left_a_silent_stream_makes_room_at_once),
        STREAM_TEST(a_stream_of_an_api_key_outlives_what_is_remembered_of_it),
        STREAM_TEST(streams_do_not_count_as_requests_under_way),
        SMALL_TEST(one_that_does_not_read_is_cut),
        STREAM_TEST(streams_of_one_connection_end_one_by_one),
        SMALL_TEST(one_connection_has_no_more_streams_than_it_may),
        STREAM_TEST(what_the_window_does_not_take_waits),
        STREAM_TEST(a_stream_ends_with_its_token),
        STREAM_TEST(a_stream_ends_with_its_session),
        STREAM_TEST(a_stream_of_staff_in_a_name_ends_with_the_session_of_staff),
        STREAM_TEST(a_stream_ends_when_its_question_is_refused),
        STREAM_TEST(an_outage_ends_no_stream),
        STREAM_TEST(a_server_that_stops_ends_its_streams),
        STREAM_TEST(over_http2_too_and_then_the_connection_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
