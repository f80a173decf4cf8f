/* Fibers: waits, deadlines, stopping, spawning inside one another, many of them. Runs under
 * valgrind too. */
#include <string.h>

#include "runtime/fiber.h"
#include "runtime/loop.h"
#include "tests/support/cmocka.h"

/* One loop with its fibers, and what the fibers of a test note down. */
struct stage {
    struct loop *loop;
    struct fibers *fibers;
    struct completion completion, other;
    enum status status;
    int64_t deadline_us;
    char story[64];
    size_t left;
};

static void stage_open(struct stage *stage)
{
    *stage = (struct stage){ .loop = loop_new(), .deadline_us = INT64_MAX };
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    completion_init(&stage->completion, stage->fibers);
    completion_init(&stage->other, stage->fibers);
}

static void stage_close(struct stage *stage)
{
    assert_int_equal(fibers_alive(stage->fibers), 0);
    fibers_destroy(&stage->fibers);
    loop_destroy(&stage->loop);
}

static int64_t stage_now_us(struct stage *stage)
{
    return loop_now_us(stage->loop);
}

static void stage_tell(struct stage *stage, const char *word)
{
    strncat(stage->story, word, sizeof stage->story - strlen(stage->story) - 1);
}

static void wait_and_tell(void *argument)
{
    struct stage *stage = argument;
    stage_tell(stage, "before ");
    stage->status = completion_wait(&stage->completion, stage->deadline_us);
    stage_tell(stage, "after ");
    loop_stop(stage->loop);
}

static void fiber_runs_at_once_until_its_first_wait(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    assert_null(fiber_current());
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    assert_null(fiber_current());
    assert_string_equal(stage.story, "before ");
    assert_int_equal(fibers_alive(stage.fibers), 1);
    completion_finish(&stage.completion, STATUS_CONFLICT);
    assert_string_equal(stage.story, "before after ");
    assert_int_equal(stage.status, STATUS_CONFLICT);
    stage_close(&stage);
}

static void completion_finished_before_the_wait_does_not_wait(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    completion_finish(&stage.completion, STATUS_NOT_FOUND);
    completion_finish(&stage.completion, STATUS_OK); /* ignored */
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    assert_string_equal(stage.story, "before after ");
    assert_int_equal(stage.status, STATUS_NOT_FOUND);
    stage_close(&stage);
}

static void wait_ends_at_its_deadline(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    stage.deadline_us = stage_now_us(&stage) + 5000;
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    loop_run(stage.loop);
    assert_int_equal(stage.status, STATUS_DEADLINE_EXCEEDED);
    assert_true(stage_now_us(&stage) >= stage.deadline_us);
    completion_finish(&stage.completion, STATUS_OK); /* too late, ignored */
    assert_string_equal(stage.story, "before after ");
    stage_close(&stage);
}

static void deadline_in_the_past_ends_the_wait_too(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    stage.deadline_us = 1;
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    loop_run(stage.loop);
    assert_int_equal(stage.status, STATUS_DEADLINE_EXCEEDED);
    stage_close(&stage);
}

static void stopping_ends_waits_under_way_and_later_ones(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    fibers_stop(stage.fibers);
    assert_int_equal(stage.status, STATUS_STOPPING);
    assert_true(fibers_are_stopping(stage.fibers));
    stage.status = STATUS_OK;
    completion_init(&stage.completion, stage.fibers);
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    assert_int_equal(stage.status, STATUS_STOPPING);
    stage_close(&stage);
}

static void wait_out_and_tell(void *argument)
{
    struct stage *stage = argument;
    stage->status = completion_wait_out(&stage->completion);
    stage_tell(stage, "out ");
}

static void waiting_out_is_not_ended_by_stopping(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    assert_int_equal(fiber_spawn(stage.fibers, wait_out_and_tell, &stage), STATUS_OK);
    fibers_stop(stage.fibers);
    assert_string_equal(stage.story, "");
    completion_finish(&stage.completion, STATUS_OK);
    assert_string_equal(stage.story, "out ");
    assert_int_equal(stage.status, STATUS_OK);
    stage_close(&stage);
}

static void spawn_a_waiting_child(void *argument)
{
    struct stage *stage = argument;
    stage_tell(stage, "parent ");
    assert_int_equal(fiber_spawn(stage->fibers, wait_and_tell, stage), STATUS_OK);
    stage_tell(stage, "parent-goes-on ");
    assert_int_equal(completion_wait(&stage->other, INT64_MAX), STATUS_OK);
    stage_tell(stage, "parent-ends ");
}

static void child_runs_to_its_first_wait_then_the_parent_goes_on(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    assert_int_equal(fiber_spawn(stage.fibers, spawn_a_waiting_child, &stage), STATUS_OK);
    assert_string_equal(stage.story, "parent before parent-goes-on ");
    completion_finish(&stage.other, STATUS_OK); /* the parent ends first */
    completion_finish(&stage.completion, STATUS_OK);
    assert_string_equal(stage.story, "parent before parent-goes-on parent-ends after ");
    stage_close(&stage);
}

static void finish_for_another_fiber(void *argument)
{
    struct stage *stage = argument;
    completion_finish(&stage->completion, STATUS_OK);
    stage_tell(stage, "finisher-goes-on ");
    assert_int_equal(completion_wait(&stage->other, INT64_MAX), STATUS_OK);
    stage_tell(stage, "finisher-ends ");
}

static void waiter_woken_by_a_fiber_runs_after_that_one_waits(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    assert_int_equal(fiber_spawn(stage.fibers, finish_for_another_fiber, &stage), STATUS_OK);
    assert_string_equal(stage.story, "before finisher-goes-on after ");
    completion_finish(&stage.other, STATUS_OK);
    assert_string_equal(stage.story, "before finisher-goes-on after finisher-ends ");
    stage_close(&stage);
}

static void stop_from_inside(void *argument)
{
    struct stage *stage = argument;
    fibers_stop(stage->fibers);
    stage_tell(stage, "stopped ");
}

static void stopping_from_inside_a_fiber_wakes_the_others_after_it(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    assert_int_equal(fiber_spawn(stage.fibers, wait_and_tell, &stage), STATUS_OK);
    assert_int_equal(fiber_spawn(stage.fibers, stop_from_inside, &stage), STATUS_OK);
    assert_string_equal(stage.story, "before stopped after ");
    assert_int_equal(stage.status, STATUS_STOPPING);
    stage_close(&stage);
}

static void nest_once_more(void *argument)
{
    struct stage *stage = argument;
    if (--stage->left > 0)
        assert_int_equal(fiber_spawn(stage->fibers, nest_once_more, stage), STATUS_OK);
}

static void fibers_nest_sixteen_deep(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    stage.left = FIBERS_NESTED_MAX;
    assert_int_equal(fiber_spawn(stage.fibers, nest_once_more, &stage), STATUS_OK);
    assert_int_equal(stage.left, 0);
    stage_close(&stage);
}

static void sleep_twice(void *argument)
{
    struct stage *stage = argument;
    char frame[2048];
    memset(frame, (int)(stage->left % 251), sizeof frame);
    const char mark = frame[0];
    assert_int_equal(fiber_sleep(stage->fibers, 1000), STATUS_OK);
    assert_int_equal(fiber_sleep(stage->fibers, 1000), STATUS_OK);
    for (size_t i = 0; i < sizeof frame; i++)
        assert_int_equal(frame[i], mark);
    if (--stage->left == 0) loop_stop(stage->loop);
}

static void fibers_beyond_the_limit_are_refused_and_all_others_keep_their_stacks(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    stage.left = FIBERS_MAX;
    for (size_t i = 0; i < FIBERS_MAX; i++)
        assert_int_equal(fiber_spawn(stage.fibers, sleep_twice, &stage), STATUS_OK);
    assert_int_equal(fiber_spawn(stage.fibers, sleep_twice, &stage), STATUS_OVERLOADED);
    assert_int_equal(fibers_alive(stage.fibers), FIBERS_MAX);
    loop_run(stage.loop);
    stage_close(&stage);
}

static void ten_thousand_fibers_share_a_few_stacks(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage);
    for (int round = 0; round < 20; round++) {
        stage.left = 500;
        for (size_t i = 0; i < 500; i++)
            assert_int_equal(fiber_spawn(stage.fibers, sleep_twice, &stage), STATUS_OK);
        loop_run(stage.loop);
        assert_int_equal(fibers_alive(stage.fibers), 0);
    }
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fiber_runs_at_once_until_its_first_wait),
        cmocka_unit_test(completion_finished_before_the_wait_does_not_wait),
        cmocka_unit_test(wait_ends_at_its_deadline),
        cmocka_unit_test(deadline_in_the_past_ends_the_wait_too),
        cmocka_unit_test(stopping_ends_waits_under_way_and_later_ones),
        cmocka_unit_test(waiting_out_is_not_ended_by_stopping),
        cmocka_unit_test(child_runs_to_its_first_wait_then_the_parent_goes_on),
        cmocka_unit_test(waiter_woken_by_a_fiber_runs_after_that_one_waits),
        cmocka_unit_test(stopping_from_inside_a_fiber_wakes_the_others_after_it),
        cmocka_unit_test(fibers_nest_sixteen_deep),
        cmocka_unit_test(fibers_beyond_the_limit_are_refused_and_all_others_keep_their_stacks),
        cmocka_unit_test(ten_thousand_fibers_share_a_few_stacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
