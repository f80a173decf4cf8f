/* Live streams: what is written, when it is asked for, and how they go on behind what was seen. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/gateway/event_reader.h"

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

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

/* ---- what is written ---- */

static void a_stream_begins_with_what_there_is(void **state)
{
    (void)state;
    fixture.events.count = 2;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "id: 2\nevent: thing_event\ndata: {\"sequence\":2"));
    assert_true(reader_awaits(reader, "HTTP/1.1 200 OK"));
    assert_int_equal(reader_count(reader, "content-type: text/event-stream\r\n"), 1);
    assert_int_equal(reader_count(reader, "cache-control: no-store\r\n"), 1);
    assert_int_equal(reader_count(reader, "retry: 2000\n\n"), 1);
    assert_int_equal(reader_count(reader, "\nid: "), 2);
    reader_close(reader);
}

static void the_same_route_answers_a_list_to_others(void **state)
{
    (void)state;
    fixture.events.count = 2;
    const struct answer answer =
        client_ask(&fixture, "GET", events_path, "Accept: application/json\r\n", "");
    assert_int_equal(answer.status, 200);
    assert_text_equal(answer_header(&answer, "content-type"), TEXT("application/json"));
    assert_true(answer_contains(&answer, "\"has_more\":false"));
}

static void what_is_hinted_at_comes_at_once(void **state)
{
    (void)state;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    for (int i = 1; i <= 5; i++) {
        char wanted[16];
        (void)snprintf(wanted, sizeof wanted, "id: %d\n", i);
        fixture.events.count = i;
        fixture_hint(&fixture);
        assert_true(reader_awaits(reader, wanted)); /* a poll would take 5 s each */
    }
    assert_int_equal(reader_count(reader, "\nid: "), 5);
    reader_close(reader);
}

static void pages_follow_one_another(void **state)
{
    (void)state;
    fixture.events.count = 23;
    fixture.events.page_max = 4;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "id: 23\n"));
    assert_int_equal(reader_count(reader, "\nid: "), 23);
    reader_close(reader);
}

/* ---- resuming ---- */

static void a_stream_goes_on_behind_what_was_seen(void **state)
{
    (void)state;
    fixture.events.count = 5;
    struct reader *reader = reader_open(&fixture, events_path, "Last-Event-ID: 3\r\n");
    assert_true(reader_awaits(reader, "id: 5\n"));
    assert_int_equal(reader_count(reader, "\nid: "), 2);
    reader_close(reader);
}

static void the_last_event_wins_over_the_address(void **state)
{
    (void)state;
    fixture.events.count = 5;
    char path[128];
    (void)snprintf(path, sizeof path, "%s?after=1", events_path);
    struct reader *with = reader_open(&fixture, path, "Last-Event-ID: 4\r\n");
    struct reader *without = reader_open(&fixture, path, "");
    assert_true(reader_awaits(with, "id: 5\n"));
    assert_true(reader_awaits(without, "id: 5\n"));
    assert_int_equal(reader_count(with, "\nid: "), 1);
    assert_int_equal(reader_count(without, "\nid: "), 4);
    reader_close(with);
    reader_close(without);
}

static void a_last_event_of_no_stream_is_refused(void **state)
{
    (void)state;
    const char *headers = "Accept: text/event-stream\r\nLast-Event-ID: x\r\n";
    const struct answer number = client_ask(&fixture, "GET", events_path, headers, "");
    assert_refused(&number, 400, "malformed");
    const struct answer cursor = client_ask(&fixture, "GET", "/v1/news", headers, "");
    assert_refused(&cursor, 400, "malformed");
    assert_true(answer_contains(&cursor, "\"in\":\"header\""));
}

static void a_list_does_not_look_at_the_last_event(void **state)
{
    (void)state;
    fixture.events.count = 2;
    const struct answer answer =
        client_ask(&fixture, "GET", events_path, "Last-Event-ID: x\r\n", "");
    assert_int_equal(answer.status, 200);
    assert_true(answer_contains(&answer, "\"sequence\":1"));
}

static void a_cursor_that_was_given_is_taken_back(void **state)
{
    (void)state;
    fixture.events.count = 2;
    struct reader *first = reader_open(&fixture, "/v1/news", "");
    assert_true(reader_awaits(first, "n2\",\"note\":\"\"}\n\n"));
    char id[64] = "";
    const char *line = memmem(first->text, first->length, "\nid: ", 5);
    assert_int_equal(sscanf(line, "\nid: %63s", id), 1); /* of n1 */
    reader_close(first);

    struct reader *again = reader_open(
        &fixture, "/v1/news", text_format(fixture.arena, "Last-Event-ID: %s\r\n", id).data);
    assert_true(reader_awaits(again, "n2\",\"note\":\"\"}\n\n"));
    assert_int_equal(reader_count(again, "\nid: "), 1);
    fixture.events.count = 3;
    fixture_hint(&fixture);
    assert_true(reader_awaits(again, "n3\",\"note\":\"\"}\n\n"));
    reader_close(again);
}

/* Each of them loses its stream at any point, and comes back with what it has seen whole. */
static void clients_that_are_cut_at_random_miss_nothing(void **state)
{
    (void)state;
    enum { EVENTS = 200, CUT_MAX = 600 };
    unsigned seed = 4711;
    int seen = 0;
    fixture.events.page_max = 7;
    while (seen < EVENTS) {
        if (fixture.events.count < EVENTS) fixture.events.count += 3;
        struct reader *reader = reader_open(
            &fixture, events_path, text_format(fixture.arena, "Last-Event-ID: %d\r\n", seen).data);
        assert_true(reader_awaits(reader, "retry: 2000"));
        fixture_hint(&fixture);
        const size_t most = reader->length + (size_t)(rand_r(&seed) % CUT_MAX);
        struct pollfd ready = { .fd = reader->socket, .events = POLLIN };
        while (reader->length < most && poll(&ready, 1, 200) == 1) {
            const ssize_t got =
                recv(reader->socket, reader->text + reader->length, most - reader->length, 0);
            assert_true(got > 0);
            reader->length += (size_t)got;
        }
        reader_close(reader);
        char wanted[64];
        for (;;) {
            (void)snprintf(wanted, sizeof wanted, "{\"sequence\":%d,\"note\":\"\"}\n\n", seen + 1);
            const size_t times = reader_count(reader, wanted);
            assert_true(times <= 1);
            if (times == 0) break;
            seen++;
        }
        (void)snprintf(wanted, sizeof wanted, "{\"sequence\":%d,\"note\":\"\"}\n\n", seen + 2);
        assert_int_equal(reader_count(reader, wanted), 0); /* no hole */
    }
}

/* ---- questions are shared ---- */

static void streams_of_one_question_ask_together(void **state)
{
    (void)state;
    enum { STREAMS = 20 };
    struct reader *readers[STREAMS];
    for (size_t i = 0; i < STREAMS; i++) {
        readers[i] = reader_open(&fixture, events_path, "");
        assert_true(reader_awaits(readers[i], "retry: 2000"));
    }
    struct pollfd nothing = { .fd = -1 };
    (void)poll(&nothing, 1, 300); /* what their opening causes is over */
    const size_t before = fixture.events.asks;
    fixture.events.count = 1;
    fixture_hint(&fixture);
    for (size_t i = 0; i < STREAMS; i++)
        assert_true(reader_awaits(readers[i], "id: 1\n"));
    /* One that tells them; and at most a poll or an echo of the hint. */
    assert_in_range(fixture.events.asks - before, 1, 4);
    for (size_t i = 0; i < STREAMS; i++)
        reader_close(readers[i]);
}

/* A command on one order may change another one, and publish nothing of it. */
static void what_is_new_without_an_event_is_asked_for_too(void **state)
{
    (void)state;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    struct pollfd nothing = { .fd = -1 };
    (void)poll(&nothing, 1, 300); /* what its opening causes is over */
    const size_t before = fixture.events.asks;
    fixture.hints_no_event = true;
    fixture_hint(&fixture);
    (void)poll(&nothing, 1, 300);
    assert_true(fixture.events.asks > before);
    reader_close(reader);
}

static void what_is_new_of_others_asks_nothing(void **state)
{
    (void)state;
    struct reader *reader = reader_open(&fixture, events_path, "");
    assert_true(reader_awaits(reader, "retry: 2000"));
    struct pollfd nothing = { .fd = -1 };
    (void)poll(&nothing, 1, 300); /* what its opening causes is over */
    const size_t before = fixture.events.asks;
    struct uuid other = fixture.thing.id; /* of the same shard */
    other.bytes[13] ^= 1;
    fixture_hint_about(&fixture, other);
    (void)poll(&nothing, 1, 300);
    assert_int_equal(fixture.events.asks, before);
    fixture.events.count = 1;
    fixture_hint(&fixture);
    assert_true(reader_awaits(reader, "id: 1\n"));
    reader_close(reader);
}

#define STREAM_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAM_TEST(a_stream_begins_with_what_there_is),
        STREAM_TEST(the_same_route_answers_a_list_to_others),
        STREAM_TEST(what_is_hinted_at_comes_at_once),
        STREAM_TEST(what_is_new_of_others_asks_nothing),
        STREAM_TEST(what_is_new_without_an_event_is_asked_for_too),
        STREAM_TEST(pages_follow_one_another),
        STREAM_TEST(a_stream_goes_on_behind_what_was_seen),
        STREAM_TEST(the_last_event_wins_over_the_address),
        STREAM_TEST(a_last_event_of_no_stream_is_refused),
        STREAM_TEST(a_list_does_not_look_at_the_last_event),
        STREAM_TEST(a_cursor_that_was_given_is_taken_back),
        STREAM_TEST(clients_that_are_cut_at_random_miss_nothing),
        STREAM_TEST(streams_of_one_question_ask_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
