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

struct thread_stage {
    struct stage stage;
    struct offload_thread *thread;
};

static void run_on_thread(void *argument)
{
    struct thread_stage *own = argument;
    for (int i = 0; i < 3; i++) {
        const enum status status = offload_run_on(own->thread, pass_the_gate, &own->stage);
        if (status == STATUS_STOPPING) own->stage.stopping++;
    }
    own->stage.ended++;
    loop_stop(own->stage.loop);
}

static void thread_of_its_own_works_while_the_pool_is_stuck(void **state)
{
    (void)state;
    struct stage stuck;
    struct thread_stage own;
    stage_open(&stuck, 64);
    stage_open(&own.stage, 1);
    own.thread = offload_thread_new(own.stage.offload);
    (void)pthread_mutex_lock(&stuck.gate);
    for (int i = 0; i < 64; i++) /* more than the pool has threads */
        assert_int_equal(fiber_spawn(stuck.fibers, run_one_job, &stuck), STATUS_OK);
    assert_int_equal(fiber_spawn(own.stage.fibers, run_on_thread, &own), STATUS_OK);
    loop_run(own.stage.loop);
    assert_int_equal(own.stage.done, 3);
    assert_int_equal(stuck.done, 0);
    (void)pthread_mutex_unlock(&stuck.gate);
    loop_run(stuck.loop);
    offload_thread_destroy(&own.thread);
    stage_close(&own.stage);
    stage_close(&stuck);
}

static void work_on_a_thread_is_finished_before_the_end(void **state)
{
    (void)state;
    struct thread_stage own;
    stage_open(&own.stage, 1);
    own.thread = offload_thread_new(own.stage.offload);
    assert_int_equal(fiber_spawn(own.stage.fibers, run_on_thread, &own), STATUS_OK);
    fibers_stop(own.stage.fibers);
    offload_finish(own.stage.offload);
    assert_int_equal(own.stage.done, 1);
    assert_int_equal(own.stage.stopping, 3); /* nothing new is begun */
    assert_int_equal(own.stage.ended, 1);
    offload_thread_destroy(&own.thread);
    stage_close(&own.stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_while_the_fiber_sleeps),
        cmocka_unit_test(work_beyond_the_queue_is_refused),
        cmocka_unit_test(stopping_waits_for_the_work_under_way),
        cmocka_unit_test(thread_of_its_own_works_while_the_pool_is_stuck),
        cmocka_unit_test(work_on_a_thread_is_finished_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
