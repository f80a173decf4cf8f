/* The sockets of a process: what is spoken, what is refused, in which order lanes are read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/link.h"
#include "tests/support/cmocka.h"

enum { FRAMES_MAX = 1000, WAIT_US = 8000000 };

/* A receiver and a sender on one loop, as two processes would be. */
struct stage {
    struct loop *loop;
    struct links *receiver, *sender;
    char directory[32];
    char endpoints[LANES_COUNT][64];
    size_t count, expected;
    enum lane lanes[FRAMES_MAX];
    char first_bytes[FRAMES_MAX];
    size_t last_length;
    struct timer deadline;
    bool is_late;
};

static struct stage stage;

static void on_frame(void *context, enum lane lane, struct text frame)
{
    (void)context;
    assert_true(stage.count < FRAMES_MAX);
    stage.lanes[stage.count] = lane;
    stage.first_bytes[stage.count++] = frame.length > 0 ? frame.data[0] : '\0';
    stage.last_length = frame.length;
    if (stage.count == stage.expected) loop_stop(stage.loop);
}

static void refuse_frame(void *context, enum lane lane, struct text frame)
{
    (void)context, (void)lane, (void)frame;
    fail_msg("the sender has no socket to receive with");
}

static void on_turn_end(void *context)
{
    (void)context;
}

static void stop_late(struct timer *timer)
{
    (void)timer;
    stage.is_late = true;
    loop_stop(stage.loop);
}

/* Turns until so many frames have come in all; false when they do not come in time. */
static bool wait_for_frames(size_t count, int64_t wait_us)
{
    stage.expected = count;
    stage.is_late = false;
    if (stage.count >= count) return true;
    stage.deadline.on_fire = stop_late;
    timer_start(loop_timers(stage.loop), &stage.deadline, loop_now_us(stage.loop) + wait_us);
    loop_run(stage.loop);
    timer_stop(loop_timers(stage.loop), &stage.deadline);
    return !stage.is_late;
}

static void turn_for(int64_t duration_us)
{
    (void)wait_for_frames(SIZE_MAX, duration_us);
}

static int open_stage(void **state)
{
    (void)state;
    stage = (struct stage){ .loop = loop_new() };
    (void)snprintf(stage.directory, sizeof stage.directory, "/tmp/souk-link-XXXXXX");
    assert_non_null(mkdtemp(stage.directory));
    for (size_t i = 0; i < LANES_COUNT; i++)
        (void)snprintf(stage.endpoints[i], sizeof stage.endpoints[i], "ipc://%s/%zu",
                       stage.directory, i);
    stage.receiver = links_new(&(struct links_options){
        .loop = stage.loop, .on_frame = on_frame, .on_turn_end = on_turn_end });
    stage.sender = links_new(&(struct links_options){
        .loop = stage.loop, .on_frame = refuse_frame, .on_turn_end = on_turn_end });
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    links_destroy(&stage.sender);
    links_destroy(&stage.receiver);
    loop_destroy(&stage.loop);
    return rmdir(stage.directory); /* no socket is left in it */
}

static enum status send_text(unsigned link, const char *text)
{
    struct net *net = links_net(stage.sender);
    return net->send(net->context, link, text_of(text));
}

static unsigned open_link(const char *endpoint)
{
    struct net *net = links_net(stage.sender);
    unsigned link = LINKS_MAX;
    assert_int_equal(net->open(net->context, endpoint, &link), STATUS_OK);
    return link;
}

static void close_link(unsigned link)
{
    struct net *net = links_net(stage.sender);
    net->close(net->context, link);
}

/* Binds a lane, opens a link to it, and sends until the link takes a frame, which is read. */
static unsigned connect_lane(enum lane lane)
{
    assert_int_equal(links_bind(stage.receiver, lane, stage.endpoints[lane]), STATUS_OK);
    const unsigned link = open_link(stage.endpoints[lane]);
    const int64_t end_us = loop_now_us(stage.loop) + WAIT_US;
    while (send_text(link, "first") == STATUS_OVERLOADED && loop_now_us(stage.loop) < end_us)
        turn_for(5000);
    assert_true(wait_for_frames(stage.count + 1, WAIT_US));
    return link;
}

static void frame_arrives_whole_on_its_lane(void **state)
{
    (void)state;
    const unsigned link = connect_lane(LANE_DATA);
    assert_int_equal(send_text(link, "second"), STATUS_OK);
    assert_true(wait_for_frames(2, WAIT_US));
    assert_int_equal(stage.lanes[1], LANE_DATA);
    assert_int_equal(stage.first_bytes[1], 's');
    assert_int_equal(stage.last_length, 6);
}

static void frames_of_one_link_arrive_in_order(void **state)
{
    (void)state;
    const unsigned link = connect_lane(LANE_DATA);
    const char *letters = "abcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < 26; i++)
        assert_int_equal(send_text(link, letters + i), STATUS_OK);
    assert_true(wait_for_frames(27, WAIT_US));
    assert_memory_equal(stage.first_bytes + 1, letters, 26);
}

static void more_frames_than_a_turn_reads_all_arrive(void **state)
{
    (void)state;
    const unsigned link = connect_lane(LANE_CONTROL); /* 32 a turn */
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(send_text(link, "x"), STATUS_OK);
    assert_true(wait_for_frames(201, WAIT_US));
}

static void control_is_read_before_data(void **state)
{
    (void)state;
    const unsigned data = connect_lane(LANE_DATA), control = connect_lane(LANE_CONTROL);
    const size_t before = stage.count;
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(send_text(data, "d"), STATUS_OK);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(send_text(control, "c"), STATUS_OK);
    (void)usleep(100000); /* ZeroMQ's thread carries them over, whose clock is no parameter */
    assert_true(wait_for_frames(before + 20, WAIT_US));
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(stage.lanes[before + i], LANE_CONTROL);
}

static void link_to_nobody_is_full_at_once(void **state)
{
    (void)state;
    const unsigned link = open_link(stage.endpoints[LANE_DATA]);
    assert_int_equal(send_text(link, "x"), STATUS_OVERLOADED);
}

static void link_finds_a_receiver_that_comes_later(void **state)
{
    (void)state;
    const unsigned link = open_link(stage.endpoints[LANE_DATA]);
    assert_int_equal(send_text(link, "x"), STATUS_OVERLOADED);
    assert_int_equal(links_bind(stage.receiver, LANE_DATA, stage.endpoints[LANE_DATA]), STATUS_OK);
    const int64_t end_us = loop_now_us(stage.loop) + WAIT_US;
    while (send_text(link, "x") == STATUS_OVERLOADED && loop_now_us(stage.loop) < end_us)
        turn_for(5000);
    assert_true(wait_for_frames(1, WAIT_US));
}

static void tcp_is_not_spoken(void **state)
{
    (void)state;
    struct net *net = links_net(stage.sender);
    unsigned link;
    assert_int_equal(links_bind(stage.receiver, LANE_DATA, "tcp://127.0.0.1:5555"),
                     STATUS_UNAVAILABLE);
    assert_int_equal(net->open(net->context, "tcp://127.0.0.1:5555", &link), STATUS_UNAVAILABLE);
}

static void socket_in_the_working_directory_is_not_spoken(void **state)
{
    (void)state;
    assert_int_equal(links_bind(stage.receiver, LANE_DATA, "ipc://here"), STATUS_UNAVAILABLE);
}

static void directory_that_is_not_there_cannot_be_bound(void **state)
{
    (void)state;
    assert_int_equal(links_bind(stage.receiver, LANE_DATA, "ipc:///nowhere/at/all"),
                     STATUS_UNAVAILABLE);
}

static void lane_that_could_not_be_bound_can_be_bound_later(void **state)
{
    (void)state;
    assert_int_equal(links_bind(stage.receiver, LANE_DATA, "ipc:///nowhere/at/all"),
                     STATUS_UNAVAILABLE);
    (void)connect_lane(LANE_DATA);
}

static void number_of_a_closed_link_is_used_again(void **state)
{
    (void)state;
    const unsigned first = open_link(stage.endpoints[0]), second = open_link(stage.endpoints[0]);
    assert_int_not_equal(first, second);
    close_link(first);
    assert_int_equal(open_link(stage.endpoints[0]), first);
}

static void links_are_bounded(void **state)
{
    (void)state;
    struct net *net = links_net(stage.sender);
    unsigned link;
    for (size_t i = 0; i < LINKS_MAX; i++)
        (void)open_link(stage.endpoints[LANE_DATA]);
    assert_int_equal(net->open(net->context, stage.endpoints[LANE_DATA], &link),
                     STATUS_UNAVAILABLE);
    close_link(100);
    assert_int_equal(open_link(stage.endpoints[LANE_DATA]), 100);
}

static void socket_file_goes_with_its_process(void **state)
{
    (void)state;
    struct stat info;
    const char *path = stage.endpoints[LANE_DATA] + strlen("ipc://");
    assert_int_equal(links_bind(stage.receiver, LANE_DATA, stage.endpoints[LANE_DATA]), STATUS_OK);
    assert_int_equal(stat(path, &info), 0);
    links_destroy(&stage.receiver);
    assert_int_equal(stat(path, &info), -1);
    links_destroy(&stage.receiver); /* again */
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(frame_arrives_whole_on_its_lane),
        STAGED(frames_of_one_link_arrive_in_order),
        STAGED(more_frames_than_a_turn_reads_all_arrive),
        STAGED(control_is_read_before_data),
        STAGED(link_to_nobody_is_full_at_once),
        STAGED(link_finds_a_receiver_that_comes_later),
        STAGED(tcp_is_not_spoken),
        STAGED(socket_in_the_working_directory_is_not_spoken),
        STAGED(directory_that_is_not_there_cannot_be_bound),
        STAGED(lane_that_could_not_be_bound_can_be_bound_later),
        STAGED(number_of_a_closed_link_is_used_again),
        STAGED(links_are_bounded),
        STAGED(socket_file_goes_with_its_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
