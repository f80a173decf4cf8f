/* Hands work to libuv's thread pool and puts the calling fiber to sleep until it is done. */
#include "runtime/offload.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { OFFLOAD_NICENESS = 10 };

struct offload {
    struct loop *loop;
    struct fibers *fibers;
    size_t queue_max;
    size_t queued; /* waiting or running */
};

struct offload_job {
    uv_work_t request;
    struct offload *offload;
    struct completion completion;
    void (*work)(void *argument);
    void *argument;
};

/* Work for the processor: more threads than cores only need more memory and wait for each other.
 * libuv reads the variable when the pool is first used; an operator's own is kept. */
static void offload_size_pool(void)
{
    char count[16];
    (void)snprintf(count, sizeof count, "%u", uv_available_parallelism());
    (void)setenv("UV_THREADPOOL_SIZE", count, 0); /* fails without memory only: four threads */
}

struct offload *offload_new(struct loop *loop, struct fibers *fibers, size_t queue_max)
{
    assert(loop != NULL);
    assert(fibers != NULL);
    assert(queue_max > 0);
    struct offload *offload = calloc(1, sizeof *offload);
    if (offload == NULL) abort();
    offload_size_pool();
    *offload = (struct offload){ .loop = loop, .fibers = fibers, .queue_max = queue_max };
    return offload;
}

void offload_destroy(struct offload **offload)
{
    assert(offload != NULL);
    if (*offload == NULL) return;
    assert((*offload)->queued == 0);
    free(*offload);
    *offload = NULL;
}

void offload_finish(struct offload *offload)
{
    assert(offload != NULL);
    while (offload->queued > 0)
        (void)uv_run(loop_uv(offload->loop), UV_RUN_ONCE);
}

/* Whoever waits for a password to be hashed waits long anyway; all others need the processor for
 * moments only, and get it first (setpriority(2): on Linux each thread has its own). */
static void offload_step_back(void)
{
    static _Thread_local bool has_stepped_back;
    if (has_stepped_back) return;
    has_stepped_back = true;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(),
                      OFFLOAD_NICENESS); /* worse without, not wrong */
}

static void offload_on_pool_thread(uv_work_t *request)
{
    struct offload_job *job = request->data;
    offload_step_back();
    job->work(job->argument);
}

static void offload_on_done(uv_work_t *request, int result)
{
    struct offload_job *job = request->data;
    assert(result == 0); /* never cancelled: the argument belongs to the sleeping caller */
    job->offload->queued--;
    completion_finish(&job->completion, STATUS_OK);
}

enum status offload_run(struct offload *offload, void (*work)(void *argument), void *argument)
{
    assert(offload != NULL);
    assert(work != NULL);
    assert(fiber_current() != NULL);
    if (fibers_are_stopping(offload->fibers)) return STATUS_STOPPING;
    if (offload->queued >= offload->queue_max) return STATUS_OVERLOADED;
    struct offload_job job = { .offload = offload, .work = work, .argument = argument };
    job.request.data = &job;
    completion_init(&job.completion, offload->fibers);
    const int result = uv_queue_work(loop_uv(offload->loop), &job.request, offload_on_pool_thread,
                                     offload_on_done);
    assert(result == 0);
    offload->queued++;
    TRY(completion_wait_out(&job.completion));
    return fibers_are_stopping(offload->fibers) ? STATUS_STOPPING : STATUS_OK;
}
