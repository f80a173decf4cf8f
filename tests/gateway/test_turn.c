/* Who is read when, while strangers storm in: the line by itself, and what honest clients see. */
#include "gateway/turn.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
    turn_charge(&turn, &one, 10);
    assert_true(turn_may_read(&turn, &other));
    assert_int_equal(turn_next_us(&turn), INT64_MAX);
}

static void who_comes_when_the_slice_is_spent_stands_in_the_line(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member first = { 0 }, second = { 0 }, third = { 0 };
    assert_true(turn_may_read(&turn, &first));
    turn_charge(&turn, &first, LONG_US);
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
    turn_charge(&turn, &slow, LONG_US);
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
    turn_charge(&turn, &cheap, 1);
    assert_true(turn_may_read(&turn, &slow));
    turn_charge(&turn, &slow, 500);
    assert_false(turn_may_read(&turn, &next));
    assert_true(turn_may_read(&turn, &cheap));
    turn_charge(&turn, &cheap, LONG_US);
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
    memset(members, 0, sizeof(members));
    turn_charge_stranger(&turn, LONG_US);
    for (size_t i = 0; i < 4; i++)
        assert_false(turn_may_read(&turn, &members[i]));
    turn_end(&turn, false, 1);
    assert_ptr_equal(turn_call(&turn), &members[0]);
    assert_ptr_equal(turn_call(&turn), &members[1]);
    assert_true(turn_may_read(&turn, &members[0]));
    turn_charge(&turn, &members[0], LONG_US);
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
    turn_charge(&turn, &stranger, LONG_US);
    assert_true(turn_may_read(&turn, &known));
    turn_charge(&turn, &known, 1);
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
        turn_charge(&turn, &flooder, 100);
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
    turn_charge(&turn, &dying, LONG_US);
    assert_false(turn_has_time(&turn));
}

static void while_others_wait_there_is_one_slice_in_a_period(void **state)
{
    (void)state;
    struct turn turn = { 0 };
    struct turn_member slow = { 0 }, next = { 0 };
    turn_end(&turn, true, PERIOD_US);
    assert_true(turn_may_read(&turn, &slow));
    turn_charge(&turn, &slow, LONG_US);
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
    memset(members, 0, sizeof(members));
    turn_charge_stranger(&turn, LONG_US);
    for (size_t i = 0; i < 3; i++)
        assert_false(turn_may_read(&turn, &members[i]));
    turn_forget(&turn, &members[1]);
    turn_end(&turn, false, 1);
    assert_ptr_equal(turn_call(&turn), &members[0]);
    assert_ptr_equal(turn_call(&turn), &members[2]);
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
    memset(filler, 'x', sizeof(filler) - 1);
    filler[sizeof(filler) - 1] = '\0';
    const struct text header = text_format(fixture.arena, "X-Filler: %s\r\n", filler);
    assert_int_equal(
        client_ask(&fixture, "GET", "/healthz", text_string(fixture.arena, header), "").status,
        200);
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
        cmocka_unit_test_setup_teardown(who_reads_slowly_is_not_cut_for_those_who_never_read, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            a_head_longer_than_what_a_stranger_may_send_at_once_is_answered, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
