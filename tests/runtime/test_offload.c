/* Work in the thread pool, waited for by fibers. */
#include <pthread.h>

#include "runtime/offload.h"
#include "tests/support/cmocka.h"

struct stage {
    struct loop *loop;
    struct fibers *fibers;
    struct offload *offload;
    pthread_mutex_t gate; /* held by the test while pool threads are to be stuck */
    size_t done, refused, stopping, ended;
};

static void stage_open(struct stage *stage, size_t queue_max)
{
    *stage = (struct stage){ .loop = loop_new(), .gate = PTHREAD_MUTEX_INITIALIZER };
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    stage->offload = offload_new(stage->loop, stage->fibers, queue_max);
}

static void stage_close(struct stage *stage)
{
    offload_destroy(&stage->offload);
    fibers_destroy(&stage->fibers);
    loop_destroy(&stage->loop);
}

static void pass_the_gate(void *argument)
{
    struct stage *stage = argument;
    (void)pthread_mutex_lock(&stage->gate);
    stage->done++;
    (void)pthread_mutex_unlock(&stage->gate);
}

static void run_one_job(void *argument)
{
    struct stage *stage = argument;
    const enum status status = offload_run(stage->offload, pass_the_gate, stage);
    if (status == STATUS_OVERLOADED) stage->refused++;
    if (status == STATUS_STOPPING) stage->stopping++;
    stage->ended++;
    if (fibers_alive(stage->fibers) == 1) loop_stop(stage->loop);
}

static void work_is_done_while_the_fiber_sleeps(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(fiber_spawn(stage.fibers, run_one_job, &stage), STATUS_OK);
    loop_run(stage.loop);
    assert_int_equal(stage.done, 8);
    assert_int_equal(stage.refused, 0);
    stage_close(&stage);
}

static void work_beyond_the_queue_is_refused(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, 2);
    for (int i = 0; i < 5; i++)
        assert_int_equal(fiber_spawn(stage.fibers, run_one_job, &stage), STATUS_OK);
    assert_int_equal(stage.refused, 3);
    loop_run(stage.loop);
    assert_int_equal(stage.done, 2);
    stage_close(&stage);
}

static void stopping_waits_for_the_work_under_way(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, 2);
    (void)pthread_mutex_lock(&stage.gate);
    assert_int_equal(fiber_spawn(stage.fibers, run_one_job, &stage), STATUS_OK);
    fibers_stop(stage.fibers);
    assert_int_equal(stage.ended, 0);
    (void)pthread_mutex_unlock(&stage.gate);
    loop_run(stage.loop);
    assert_int_equal(stage.done, 1);
    assert_int_equal(stage.stopping, 1);
    assert_int_equal(fiber_spawn(stage.fibers, run_one_job, &stage), STATUS_OK);
    assert_int_equal(stage.done, 1); /* nothing new is begun */
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_while_the_fiber_sleeps),
        cmocka_unit_test(work_beyond_the_queue_is_refused),
        cmocka_unit_test(stopping_waits_for_the_work_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
