/* Who is read when, while strangers storm in: the line by itself, and what honest clients see. */
#include "gateway/turn.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/metrics.h"
#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

enum { LONG_US = 5000, PERIOD_US = 1000 };

/* ---- the line ---- */

static void strangers_are_read_at_once_while_there_is_time(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member one = { 0 }, other = { 0 };
    assert_true(turn_may_read(&turn, &one));
    turn_charge(&turn, &one, 0, 10);
    assert_true(turn_may_read(&turn, &other));
    assert_int_equal(turn_next_us(&turn), INT64_MAX);
}

static void who_comes_when_the_slice_is_spent_stands_in_the_line(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member first = { 0 }, second = { 0 }, third = { 0 };
    assert_true(turn_may_read(&turn, &first));
    turn_charge(&turn, &first, 0, LONG_US);
    assert_false(turn_has_time(&turn));
    assert_false(turn_may_read(&turn, &second));
    assert_false(turn_may_read(&turn, &third));
    assert_false(turn_may_read(&turn, &second)); /* asking again changes nothing */
    turn_end(&turn, false, 1);
    assert_ptr_equal(turn_call(&turn), &second);
    assert_ptr_equal(turn_call(&turn), &third);
    assert_null(turn_call(&turn));
    assert_true(turn_may_read(&turn, &second));
}

static void nobody_overtakes_the_line(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member slow = { 0 }, waiting = { 0 }, late = { 0 };
    assert_true(turn_may_read(&turn, &slow));
    turn_charge(&turn, &slow, 0, LONG_US);
    assert_false(turn_may_read(&turn, &waiting));
    turn_end(&turn, false, 1);
    assert_true(turn_has_time(&turn));
    assert_false(turn_may_read(&turn, &late));
    assert_ptr_equal(turn_call(&turn), &waiting);
}

static void who_costs_next_to_nothing_does_not_stand_in_the_line(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member cheap = { 0 }, slow = { 0 }, next = { 0 };
    assert_true(turn_may_read(&turn, &cheap));
    turn_charge(&turn, &cheap, 0, 1);
    assert_true(turn_may_read(&turn, &slow));
    turn_charge(&turn, &slow, 0, 500);
    assert_false(turn_may_read(&turn, &next));
    assert_true(turn_may_read(&turn, &cheap));
    turn_charge(&turn, &cheap, 0, LONG_US);
    assert_false(turn_may_read(&turn, &cheap)); /* once bitten */
}

static void one_of_the_line_is_read_in_each_slice_whatever_others_cost(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member first = { 0 }, second = { 0 };
    turn_charge_stranger(&turn, LONG_US);
    assert_false(turn_may_read(&turn, &first));
    assert_false(turn_may_read(&turn, &second));
    turn_end(&turn, false, 1);
    assert_ptr_equal(turn_call(&turn), &first);
    assert_ptr_equal(turn_call(&turn), &second);
    turn_charge_stranger(&turn, LONG_US);
    assert_true(turn_may_read(&turn, &first));
    assert_false(turn_may_read(&turn, &second));
}

static void who_was_called_too_late_keeps_its_place(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member members[4];
    memset(members, 0, sizeof members);
    turn_charge_stranger(&turn, LONG_US);
    for (size_t i = 0; i < 4; i++)
        assert_false(turn_may_read(&turn, &members[i]));
    turn_end(&turn, false, 1);
    assert_ptr_equal(turn_call(&turn), &members[0]);
    assert_ptr_equal(turn_call(&turn), &members[1]);
    assert_true(turn_may_read(&turn, &members[0]));
    turn_charge(&turn, &members[0], 0, LONG_US);
    assert_false(turn_may_read(&turn, &members[1]));
    turn_end(&turn, false, 2);
    assert_ptr_equal(turn_call(&turn), &members[1]);
    assert_ptr_equal(turn_call(&turn), &members[2]);
}

static void who_has_taken_answers_does_not_wait(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member stranger = { 0 }, known = { 0 };
    turn_reward(&known);
    assert_true(turn_may_read(&turn, &stranger));
    turn_charge(&turn, &stranger, 0, LONG_US);
    assert_true(turn_may_read(&turn, &known));
    turn_charge(&turn, &known, 0, 1);
    assert_true(turn_may_read(&turn, &known));
}

static void who_costs_more_than_it_takes_becomes_a_stranger(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member flooder = { 0 };
    for (int i = 0; i < 1000; i++)
        turn_reward(&flooder);
    for (int i = 0; i < 100 && flooder.credit_us > 0; i++) {
        assert_true(turn_may_read(&turn, &flooder));
        turn_charge(&turn, &flooder, 0, 100);
        assert_true(turn_has_time(&turn)); /* its own credit, not the strangers' slice */
    }
    assert_int_equal(flooder.credit_us, 0);
}

static void answers_that_a_dying_connection_lets_go_of_earn_it_no_time(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member dying = { 0 };
    assert_true(turn_may_read(&turn, &dying));
    turn_reward(&dying);
    turn_charge(&turn, &dying, 0, LONG_US);
    assert_false(turn_has_time(&turn));
}

static void while_others_wait_there_is_one_slice_in_a_period(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member slow = { 0 }, next = { 0 };
    turn_end(&turn, true, PERIOD_US);
    assert_true(turn_may_read(&turn, &slow));
    turn_charge(&turn, &slow, 0, LONG_US);
    assert_false(turn_may_read(&turn, &next));
    turn_end(&turn, true, PERIOD_US + 10);
    assert_null(turn_call(&turn));
    assert_int_equal(turn_next_us(&turn), 2 * PERIOD_US);
    turn_end(&turn, true, 2 * PERIOD_US);
    assert_ptr_equal(turn_call(&turn), &next);
}

static void who_is_gone_is_not_called(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member members[3];
    memset(members, 0, sizeof members);
    turn_charge_stranger(&turn, LONG_US);
    for (size_t i = 0; i < 3; i++)
        assert_false(turn_may_read(&turn, &members[i]));
    turn_forget(&turn, &members[1]);
    turn_end(&turn, false, 1);
    assert_ptr_equal(turn_call(&turn), &members[0]);
    assert_ptr_equal(turn_call(&turn), &members[2]);
    assert_null(turn_call(&turn));
}

static void a_clock_that_ran_for_others_is_not_charged(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member known = { 0 };
    for (int i = 0; i < 2; i++)
        turn_reward(&known);
    const int64_t credit_us = known.credit_us;
    assert_true(turn_may_read(&turn, &known));
    turn_charge(&turn, &known, 50, 1000000);
    assert_in_range(credit_us - known.credit_us, 50, 100);
}

/* ---- who must rest ---- */

enum { MANY = 20 };

static void read_often(struct turn *turn, struct turn_member *member, size_t bytes)
{
    for (int i = 0; i < MANY; i++)
        turn_charge(turn, member, bytes, 1);
}

static void who_sends_byte_by_byte_rests(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member slow = { 0 };
    assert_true(turn_may_read(&turn, &slow));
    turn_charge(&turn, &slow, 24, 1);
    assert_false(turn_must_rest(&slow)); /* a preface is small, too */
    read_often(&turn, &slow, 1);
    assert_true(turn_must_rest(&slow));
}

static void who_sends_a_long_body_does_not_rest(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member sender = { 0 };
    assert_true(turn_may_read(&turn, &sender));
    read_often(&turn, &sender, 512);
    assert_false(turn_must_rest(&sender));
    for (int i = 0; i < MANY; i++) {
        turn_charge(&turn, &sender, 9, 1); /* frames' headers by themselves */
        turn_charge(&turn, &sender, 512, 1);
    }
    assert_false(turn_must_rest(&sender));
}

static void who_takes_answers_does_not_rest(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member known = { 0 };
    assert_true(turn_may_read(&turn, &known));
    read_often(&turn, &known, 1);
    turn_reward(&known);
    assert_false(turn_must_rest(&known));
    known.credit_us = 0;
    assert_false(turn_must_rest(&known));
}

static void who_has_rested_stands_in_the_line(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member waiting = { 0 }, rested = { 0 };
    turn_charge_stranger(&turn, LONG_US);
    assert_false(turn_may_read(&turn, &waiting));
    turn_queue(&turn, &rested);
    turn_queue(&turn, &rested); /* twice changes nothing */
    turn_end(&turn, false, 1);
    assert_ptr_equal(turn_call(&turn), &waiting);
    assert_ptr_equal(turn_call(&turn), &rested);
    assert_null(turn_call(&turn));
}

/* ---- a server ---- */

enum { STREAMS = 64, HOARDERS = 70 };

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

static int hoard(void)
{
    struct text_builder out = http2_begin(fixture.arena, NO_WINDOW);
    for (unsigned i = 0; i < STREAMS; i++)
        http2_add_request(&out, "GET", "/healthz", END_STREAM, 2 * i + 1);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    return socket;
}

static void who_reads_slowly_is_not_cut_for_those_who_never_read(void **state)
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
    int hoarders[HOARDERS];
    for (size_t i = 0; i < HOARDERS; i++)
        hoarders[i] = hoard();
    assert_true(client_is_closed(hoarders[0]));
    text_builder_init(&out, fixture.arena, 4096);
    http2_add(&out, WINDOW_UPDATE, 0, 3, TEXT("\0\0\x10\0"));
    client_send(honest, text_builder_view(&out));
    assert_true(read_until(honest, DATA, true));
    for (size_t i = 0; i < HOARDERS; i++)
        (void)close(hoarders[i]);
    (void)close(honest);
}

static void a_head_longer_than_what_a_stranger_may_send_at_once_is_answered(void **state)
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

static void who_takes_an_answer_bit_by_bit_does_not_rest(void **state)
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

static void a_client_that_rests_and_is_cut_leaves_nothing_behind(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    for (int i = 0; i < MANY; i++) {
        client_send(socket, TEXT("G"));
        pause_shortly();
    }
    (void)close(socket); /* the fixture's stop waits for all connections */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_are_read_at_once_while_there_is_time),
        cmocka_unit_test(who_comes_when_the_slice_is_spent_stands_in_the_line),
        cmocka_unit_test(nobody_overtakes_the_line),
        cmocka_unit_test(who_costs_next_to_nothing_does_not_stand_in_the_line),
        cmocka_unit_test(one_of_the_line_is_read_in_each_slice_whatever_others_cost),
        cmocka_unit_test(who_was_called_too_late_keeps_its_place),
        cmocka_unit_test(who_has_taken_answers_does_not_wait),
        cmocka_unit_test(who_costs_more_than_it_takes_becomes_a_stranger),
        cmocka_unit_test(answers_that_a_dying_connection_lets_go_of_earn_it_no_time),
        cmocka_unit_test(while_others_wait_there_is_one_slice_in_a_period),
        cmocka_unit_test(who_is_gone_is_not_called),
        cmocka_unit_test(a_clock_that_ran_for_others_is_not_charged),
        cmocka_unit_test(who_sends_byte_by_byte_rests),
        cmocka_unit_test(who_sends_a_long_body_does_not_rest),
        cmocka_unit_test(who_takes_answers_does_not_rest),
        cmocka_unit_test(who_has_rested_stands_in_the_line),
        cmocka_unit_test_setup_teardown(a_request_that_comes_byte_by_byte_is_answered, start, stop),
        cmocka_unit_test_setup_teardown(who_takes_an_answer_bit_by_bit_does_not_rest, start, stop),
        cmocka_unit_test_setup_teardown(a_client_that_rests_and_is_cut_leaves_nothing_behind, start,
                                        stop),
        cmocka_unit_test_setup_teardown(who_reads_slowly_is_not_cut_for_those_who_never_read, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            a_head_longer_than_what_a_stranger_may_send_at_once_is_answered, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
