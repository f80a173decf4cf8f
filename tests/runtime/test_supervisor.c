/* Children that end are started again, those that end too often ever more rarely and with an alarm,
 * and stopping leaves nobody behind. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/supervisor.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000000, MIDDLE = 512, TRIES = 500, TURN_US = 10000 };

/* Children need real time to start and to end; what the supervisor waits for is skipped. */
static int64_t skipped_us;

static int64_t read_clock_us(void *context)
{
    (void)context;
    return clock_now_us(&platform_clock) + skipped_us;
}

static void fill_zero(void *context, void *bytes, size_t length)
{
    (void)context;
    memset(bytes, 0, length);
}

static const struct clock test_clock = { NULL, read_clock_us, read_clock_us, read_clock_us };
static const struct rng test_rng = { NULL, fill_zero };

static struct child_spec shell(const char *script)
{
    return (struct child_spec){ .name = "child",
                                .arguments = { "/bin/sh", "-c", script },
                                .after = -1,
                                .output_fd = -1,
                                .stop_signal = SIGTERM,
                                .force_signal = SIGKILL,
                                .stop_wait_us = 300000,
                                .parent_death_signal = SIGKILL };
}

/* ---- the policy ---- */

static void
the_sixth_end_within_half_a_minute_is_an_alarm_and_is_followed_by_rarer_ones(void **state)
{
    (void)state;
    struct restarts restarts = { 0 };
    for (int64_t i = 0; i < RESTARTS_MAX; i++) {
        assert_true(restarts_next_us(&restarts, i * 5 * SECOND_US, 0, MIDDLE) > 0);
        assert_false(restarts.is_alarming);
    }
    assert_true(restarts_next_us(&restarts, 29 * SECOND_US, 0, MIDDLE) > SECOND_US);
    assert_true(restarts.is_alarming);
    int64_t now_us = 29 * SECOND_US, delay_us = 0;
    for (int i = 0; i < 20; i++) {
        /* Six seconds are no recovery any more. */
        delay_us = restarts_next_us(&restarts, now_us, 6 * SECOND_US, MIDDLE);
        assert_true(delay_us > 0);
        now_us += delay_us;
    }
    assert_true(restarts.is_alarming);
    assert_in_range(delay_us, BACKOFF_MAX_US * 3 / 4, BACKOFF_MAX_US * 5 / 4);
    delay_us = restarts_next_us(&restarts, now_us, RESTARTS_WINDOW_US, MIDDLE);
    assert_false(restarts.is_alarming);
    assert_in_range(delay_us, BACKOFF_MIN_US / 2, BACKOFF_MIN_US * 2);
}

static void a_child_that_dies_every_nine_seconds_is_no_alarm(void **state)
{
    (void)state;
    struct restarts restarts = { 0 };
    for (int64_t i = 0; i < 100; i++) {
        const int64_t delay_us =
            restarts_next_us(&restarts, i * 9 * SECOND_US, 8 * SECOND_US, MIDDLE);
        assert_false(restarts.is_alarming);
        assert_in_range(delay_us, BACKOFF_MIN_US / 2, BACKOFF_MIN_US * 2);
    }
}

static void the_delay_doubles_up_to_a_bound(void **state)
{
    (void)state;
    struct restarts restarts = { 0 };
    int64_t previous_us = 0;
    for (int64_t i = 0; i < 12; i++) {
        const int64_t delay_us = restarts_next_us(&restarts, i * 60 * SECOND_US, 0, MIDDLE);
        assert_true(delay_us >= previous_us);
        assert_true(delay_us <= BACKOFF_MAX_US * 5 / 4);
        previous_us = delay_us;
    }
    assert_true(previous_us >= BACKOFF_MAX_US * 3 / 4);
}

static void the_delay_is_jittered(void **state)
{
    (void)state;
    struct restarts first = { 0 }, second = { 0 };
    assert_int_not_equal(restarts_next_us(&first, 0, 0, 0), restarts_next_us(&second, 0, 0, 1000));
}

/* ---- real children ---- */

/* Lets time pass, in steps that are no pause, until there is an alarm or there is none. */
static void wait_for_alarm(struct supervisor *supervisor, int child, bool wanted)
{
    for (int i = 0; i < TRIES && supervisor_child_has_alarm(supervisor, child) != wanted; i++) {
        skipped_us += SECOND_US / 5;
        (void)supervisor_run(supervisor, TURN_US / 2);
    }
    assert_int_equal(supervisor_child_has_alarm(supervisor, child), wanted);
}

static void a_child_that_keeps_dying_is_an_alarm_and_its_sibling_goes_on(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    const struct child_spec sick = shell("exit 1"), healthy = shell("exec sleep 100");
    const int sick_child = supervisor_add(supervisor, &sick);
    const int healthy_child = supervisor_add(supervisor, &healthy);
    (void)supervisor_run(supervisor, TURN_US);
    const pid_t pid = supervisor_child_pid(supervisor, healthy_child);
    assert_true(pid > 0);
    wait_for_alarm(supervisor, sick_child, true);
    assert_false(supervisor_child_has_alarm(supervisor, healthy_child));
    assert_int_equal(supervisor_child_state(supervisor, healthy_child), CHILD_RUNS);
    assert_int_equal(supervisor_child_pid(supervisor, healthy_child), pid);
    supervisor_stop(supervisor);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    supervisor_destroy(&supervisor);
}

/* What the children of a test find, or do not find. */
static char mark[64];

static void name_mark(void)
{
    (void)snprintf(mark, sizeof mark, "/tmp/souk-supervisor-%d", (int)getpid());
    (void)unlink(mark);
    assert_int_equal(setenv("MARK", mark, 1), 0);
}

static void make_mark(void)
{
    FILE *file = fopen(mark, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void a_child_that_kept_dying_runs_when_its_cause_is_gone_and_the_alarm_ends(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    const struct child_spec spec = shell("test -e \"$MARK\" || exit 1; exec sleep 100");
    name_mark();
    const int child = supervisor_add(supervisor, &spec);
    wait_for_alarm(supervisor, child, true);
    make_mark();
    wait_for_alarm(supervisor, child, false);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_RUNS);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
    (void)unlink(mark);
}

static void who_needs_a_child_that_kept_failing_starts_when_it_has_succeeded(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    struct child_spec first = shell("test -e \"$MARK\""), second = shell("exec sleep 100");
    name_mark();
    first.is_run_once = true;
    second.after = supervisor_add(supervisor, &first);
    const int child = supervisor_add(supervisor, &second);
    wait_for_alarm(supervisor, second.after, true);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_WAITS);
    make_mark();
    wait_for_alarm(supervisor, second.after, false);
    assert_int_equal(supervisor_child_state(supervisor, second.after), CHILD_DONE);
    (void)supervisor_run(supervisor, TURN_US);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_RUNS);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
    (void)unlink(mark);
}

static void a_killed_child_is_started_again(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    const struct child_spec spec = shell("exec sleep 100");
    const int child = supervisor_add(supervisor, &spec);
    (void)supervisor_run(supervisor, TURN_US);
    const pid_t first = supervisor_child_pid(supervisor, child);
    assert_int_equal(kill(first, SIGKILL), 0);
    for (int i = 0; i < TRIES && supervisor_child_state(supervisor, child) != CHILD_WAITS; i++)
        (void)supervisor_run(supervisor, TURN_US);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_WAITS);
    skipped_us += SECOND_US;
    (void)supervisor_run(supervisor, TURN_US);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_RUNS);
    assert_int_not_equal(supervisor_child_pid(supervisor, child), first);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static void a_fenced_child_is_never_counted(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    const struct child_spec spec = shell("exit 75");
    const int child = supervisor_add(supervisor, &spec);
    pid_t last = 0;
    int lives = 0;
    for (int i = 0; i < TRIES && lives < 2 * RESTARTS_MAX; i++) {
        (void)supervisor_run(supervisor, TURN_US / 10);
        const pid_t pid = supervisor_child_pid(supervisor, child);
        if (pid != 0 && pid != last) lives++;
        last = pid;
    }
    assert_int_equal(lives, 2 * RESTARTS_MAX);
    assert_false(supervisor_child_has_alarm(supervisor, child));
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static bool exit_one_is_not_yet(void *context, int exit_code, int64_t ran_us)
{
    (void)ran_us;
    ++*(int *)context;
    return exit_code == 1;
}

static void a_child_that_says_not_yet_is_tried_often_and_not_counted(void **state)
{
    (void)state;
    int refusals = 0;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    struct child_spec spec = shell("exit 1");
    spec.context = &refusals;
    spec.is_not_yet = exit_one_is_not_yet;
    const int child = supervisor_add(supervisor, &spec);
    for (int wanted = 1; wanted <= 2 * RESTARTS_MAX; wanted++) {
        for (int i = 0; i < TRIES && refusals < wanted; i++)
            (void)supervisor_run(supervisor, TURN_US / 10);
        assert_int_equal(refusals, wanted);
        assert_int_equal(supervisor_child_state(supervisor, child), CHILD_WAITS);
        skipped_us += NOT_YET_DELAY_US;
    }
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static void a_child_whose_time_does_not_come_is_an_alarm_and_runs_when_it_has_come(void **state)
{
    (void)state;
    int refusals = 0;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    struct child_spec spec = shell("test -e \"$MARK\" || exit 1; exec sleep 100");
    spec.context = &refusals;
    spec.is_not_yet = exit_one_is_not_yet;
    name_mark();
    const int child = supervisor_add(supervisor, &spec);
    wait_for_alarm(supervisor, child, true);
    const int before = refusals;
    for (int i = 0; i < TRIES && refusals < before + 2 * RESTARTS_MAX; i++) {
        skipped_us += SECOND_US;
        (void)supervisor_run(supervisor, TURN_US);
    }
    assert_int_equal(refusals, before + 2 * RESTARTS_MAX); /* and more, for ever */
    make_mark();
    wait_for_alarm(supervisor, child, false);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_RUNS);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
    (void)unlink(mark);
}

static void who_needs_another_waits_until_it_is_done(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    struct child_spec first = shell("sleep 0.3"), second = shell("exec sleep 100");
    first.is_run_once = true;
    second.after = supervisor_add(supervisor, &first);
    const int child = supervisor_add(supervisor, &second);
    (void)supervisor_run(supervisor, SECOND_US / 10);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_WAITS);
    (void)supervisor_run(supervisor, SECOND_US);
    assert_int_equal(supervisor_child_state(supervisor, second.after), CHILD_DONE);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_RUNS);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static void a_child_is_ended_by_the_kernel_as_soon_as_it_was_told(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    struct child_spec spec = shell("exec sleep 100");
    spec.oom_score = 400;
    const int child = supervisor_add(supervisor, &spec);
    (void)supervisor_run(supervisor, SECOND_US / 5);
    char path[64], score[16] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/oom_score_adj",
                   (int)supervisor_child_pid(supervisor, child));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(score, sizeof score, file));
    (void)fclose(file);
    assert_string_equal(score, "400\n");
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static void children_are_confined_and_have_so_much_memory(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    struct child_spec spec = shell("grep -q '^NoNewPrivs:.1' /proc/self/status && "
                                   "grep -q '^Seccomp:.2' /proc/self/status && "
                                   "test $(ulimit -d) = 2097152");
    spec.is_run_once = true;
    spec.memory_max = (int64_t)2 << 30;
    const int child = supervisor_add(supervisor, &spec);
    for (int i = 0; i < TRIES && supervisor_child_state(supervisor, child) != CHILD_DONE; i++)
        (void)supervisor_run(supervisor, TURN_US);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_DONE);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static void who_does_not_stop_is_forced(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    const struct child_spec spec = shell("trap '' TERM; while :; do sleep 0.05; done");
    const int child = supervisor_add(supervisor, &spec);
    (void)supervisor_run(supervisor, SECOND_US / 5);
    const pid_t pid = supervisor_child_pid(supervisor, child);
    supervisor_stop(supervisor);
    assert_int_equal(supervisor_child_state(supervisor, child), CHILD_STOPPED);
    assert_int_equal(kill(pid, 0), -1);
    supervisor_destroy(&supervisor);
}

/* Ticks once, by hand, and then never again. */
static struct child_spec silent_child(void)
{
    struct child_spec spec =
        shell("printf '\\001' 1<>/proc/self/fd/$SOUK_WATCHDOG_FD; exec sleep 100");
    spec.has_watchdog = true;
    return spec;
}

static void a_child_that_ticks_no_more_is_killed(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    const struct child_spec spec = silent_child();
    const int child = supervisor_add(supervisor, &spec);
    (void)supervisor_run(supervisor, SECOND_US / 5);
    const pid_t pid = supervisor_child_pid(supervisor, child);
    assert_true(pid > 0);
    for (int i = 0; i < TRIES && supervisor_child_pid(supervisor, child) == pid; i++) {
        skipped_us += SECOND_US / 5;
        (void)supervisor_run(supervisor, TURN_US);
    }
    assert_int_not_equal(supervisor_child_pid(supervisor, child), pid);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static void a_pause_of_the_supervisor_kills_no_child(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    const struct child_spec spec = silent_child();
    const int child = supervisor_add(supervisor, &spec);
    (void)supervisor_run(supervisor, SECOND_US / 5);
    const pid_t pid = supervisor_child_pid(supervisor, child);
    assert_true(pid > 0);
    for (int pause = 0; pause < 3; pause++) {
        skipped_us += 20 * SECOND_US;
        for (int i = 0; i < 5; i++)
            (void)supervisor_run(supervisor, TURN_US);
    }
    assert_int_equal(supervisor_child_pid(supervisor, child), pid);
    assert_int_equal(kill(pid, 0), 0);
    supervisor_stop(supervisor);
    supervisor_destroy(&supervisor);
}

static void a_stop_signal_ends_the_run(void **state)
{
    (void)state;
    struct supervisor *supervisor = supervisor_new(&test_clock, &test_rng);
    assert_false(supervisor_run(supervisor, SECOND_US / 20));
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_true(supervisor_run(supervisor, -1));
    supervisor_destroy(&supervisor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_sixth_end_within_half_a_minute_is_an_alarm_and_is_followed_by_rarer_ones),
        cmocka_unit_test(a_child_that_dies_every_nine_seconds_is_no_alarm),
        cmocka_unit_test(the_delay_doubles_up_to_a_bound),
        cmocka_unit_test(the_delay_is_jittered),
        cmocka_unit_test(a_child_that_keeps_dying_is_an_alarm_and_its_sibling_goes_on),
        cmocka_unit_test(a_child_that_kept_dying_runs_when_its_cause_is_gone_and_the_alarm_ends),
        cmocka_unit_test(who_needs_a_child_that_kept_failing_starts_when_it_has_succeeded),
        cmocka_unit_test(a_killed_child_is_started_again),
        cmocka_unit_test(a_fenced_child_is_never_counted),
        cmocka_unit_test(a_child_that_says_not_yet_is_tried_often_and_not_counted),
        cmocka_unit_test(a_child_whose_time_does_not_come_is_an_alarm_and_runs_when_it_has_come),
        cmocka_unit_test(who_needs_another_waits_until_it_is_done),
        cmocka_unit_test(a_child_is_ended_by_the_kernel_as_soon_as_it_was_told),
        cmocka_unit_test(children_are_confined_and_have_so_much_memory),
        cmocka_unit_test(who_does_not_stop_is_forced),
        cmocka_unit_test(a_child_that_ticks_no_more_is_killed),
        cmocka_unit_test(a_pause_of_the_supervisor_kills_no_child),
        cmocka_unit_test(a_stop_signal_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
