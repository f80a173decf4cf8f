/* The page of ticks: who ticks, when, and who does not. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/watchdog.h"
#include "tests/support/cmocka.h"

struct stage {
    struct loop *loop;
    struct watchdog *watchdog;
    struct watchdog_page *page;
    int fd;
    struct timer end;
};

static struct stage stage;

static uint64_t ticks(void)
{
    return atomic_load(&stage.page->ticks);
}

static void say_descriptor(int fd)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", fd);
    assert_int_equal(setenv(WATCHDOG_VARIABLE, text, 1), 0);
}

static int open_stage(void **state)
{
    (void)state;
    stage = (struct stage){ .loop = loop_new(), .fd = -1 };
    stage.page = watchdog_page_new(&stage.fd);
    assert_non_null(stage.page);
    (void)unsetenv(WATCHDOG_VARIABLE);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    watchdog_destroy(&stage.watchdog);
    watchdog_page_destroy(&stage.page, stage.fd);
    loop_destroy(&stage.loop);
    return 0;
}

/* The child's descriptor is a copy, as after fork(): it closes its own. */
static void watch_with_the_page(void)
{
    const int inherited = dup(stage.fd);
    assert_true(inherited > 2);
    say_descriptor(inherited);
    stage.watchdog = watchdog_new(stage.loop);
    assert_int_equal(fcntl(inherited, F_GETFD), -1);
}

static void end_of_turns(struct timer *timer)
{
    (void)timer;
    loop_stop(stage.loop);
}

static void run_for_us(int64_t duration_us)
{
    stage.end.on_fire = end_of_turns;
    timer_start(loop_timers(stage.loop), &stage.end, loop_now_us(stage.loop) + duration_us);
    loop_run(stage.loop);
}

static void fresh_page_has_never_ticked(void **state)
{
    (void)state;
    assert_int_equal(ticks(), 0);
}

static void every_turn_is_a_tick_that_the_other_side_sees(void **state)
{
    (void)state;
    watch_with_the_page();
    run_for_us(0);
    const uint64_t first = ticks();
    assert_true(first > 0);
    run_for_us(0);
    assert_true(ticks() > first);
}

static void loop_without_work_turns_all_the_same(void **state)
{
    (void)state;
    watch_with_the_page();
    run_for_us(0);
    const uint64_t first = ticks();
    run_for_us(600000); /* two periods of 250 ms, and a little */
    assert_true(ticks() >= first + 2);
}

static void process_that_nobody_watches_ticks_nowhere(void **state)
{
    (void)state;
    stage.watchdog = watchdog_new(stage.loop);
    assert_non_null(stage.watchdog);
    run_for_us(0);
    assert_int_equal(ticks(), 0);
}

static void children_of_the_child_do_not_tick_in_its_place(void **state)
{
    (void)state;
    watch_with_the_page();
    assert_null(getenv(WATCHDOG_VARIABLE));
}

/* Makes a watchdog under a variable that names no page. */
static void assert_ticks_nowhere(const char *variable)
{
    assert_int_equal(setenv(WATCHDOG_VARIABLE, variable, 1), 0);
    stage.watchdog = watchdog_new(stage.loop);
    run_for_us(0);
    assert_int_equal(ticks(), 0);
}

static void variable_without_a_number_is_ignored(void **state)
{
    (void)state;
    assert_ticks_nowhere("page");
}

static void standard_descriptors_are_never_taken_for_a_page(void **state)
{
    (void)state;
    assert_ticks_nowhere("1");
    assert_true(fcntl(1, F_GETFD) >= 0); /* and not closed */
}

static void descriptor_beyond_all_descriptors_is_ignored(void **state)
{
    (void)state;
    assert_ticks_nowhere("2147483648");
}

static void closed_descriptor_is_ignored(void **state)
{
    (void)state;
    const int closed = dup(stage.fd);
    (void)close(closed);
    char text[16];
    (void)snprintf(text, sizeof text, "%d", closed);
    assert_ticks_nowhere(text);
}

static void page_is_closed_when_a_program_starts(void **state)
{
    (void)state;
    assert_int_equal(fcntl(stage.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

static void destroying_twice_is_fine(void **state)
{
    (void)state;
    const int fd = stage.fd;
    watchdog_page_destroy(&stage.page, fd);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    watchdog_page_destroy(&stage.page, fd);
    watchdog_destroy(&stage.watchdog);
    watchdog_destroy(&stage.watchdog);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(fresh_page_has_never_ticked),
        STAGED(every_turn_is_a_tick_that_the_other_side_sees),
        STAGED(loop_without_work_turns_all_the_same),
        STAGED(process_that_nobody_watches_ticks_nowhere),
        STAGED(children_of_the_child_do_not_tick_in_its_place),
        STAGED(variable_without_a_number_is_ignored),
        STAGED(standard_descriptors_are_never_taken_for_a_page),
        STAGED(descriptor_beyond_all_descriptors_is_ignored),
        STAGED(closed_descriptor_is_ignored),
        STAGED(page_is_closed_when_a_program_starts),
        STAGED(destroying_twice_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
