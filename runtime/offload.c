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
    size_t queued;     /* in the pool, waiting or running */
    size_t on_threads; /* running on threads of their own */
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
    assert((*offload)->on_threads == 0);
    free(*offload);
    *offload = NULL;
}

void offload_finish(struct offload *offload)
{
    assert(offload != NULL);
    while (offload->queued + offload->on_threads > 0)
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

/* ---- threads of their own ---- */

struct offload_thread {
    struct offload *offload;
    uv_thread_t thread;
    uv_mutex_t mutex; /* of the next four */
    uv_cond_t changed;
    void (*work)(void *argument); /* NULL: there is none to do */
    void *argument;
    bool is_ending;
    uv_async_t done;
    struct completion *waiter; /* of the loop's side; NULL: idle */
};

static void thread_main(void *argument)
{
    struct offload_thread *thread = argument;
    uv_mutex_lock(&thread->mutex);
    while (!thread->is_ending) {
        if (thread->work == NULL) {
            uv_cond_wait(&thread->changed, &thread->mutex);
            continue;
        }
        void (*const work)(void *argument) = thread->work;
        uv_mutex_unlock(&thread->mutex);
        work(thread->argument); /* stays while somebody waits for it */
        uv_mutex_lock(&thread->mutex);
        thread->work = NULL;
        (void)uv_async_send(&thread->done); /* fails for no handle that is open */
    }
    uv_mutex_unlock(&thread->mutex);
}

static void on_thread_done(uv_async_t *done)
{
    struct offload_thread *thread = done->data;
    uv_mutex_lock(&thread->mutex);
    const bool is_done = thread->work == NULL;
    uv_mutex_unlock(&thread->mutex);
    struct completion *waiter = thread->waiter;
    if (waiter == NULL || !is_done) return;
    thread->waiter = NULL;
    thread->offload->on_threads--;
    completion_finish(waiter, STATUS_OK);
}

struct offload_thread *offload_thread_new(struct offload *offload)
{
    assert(offload != NULL);
    struct offload_thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) abort();
    thread->offload = offload;
    thread->done.data = thread;
    if (uv_mutex_init(&thread->mutex) != 0 || uv_cond_init(&thread->changed) != 0 ||
        uv_async_init(loop_uv(offload->loop), &thread->done, on_thread_done) != 0 ||
        uv_thread_create(&thread->thread, thread_main, thread) != 0)
        abort();
    return thread;
}

static void on_thread_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void offload_thread_destroy(struct offload_thread **thread)
{
    struct offload_thread *old = *thread;
    *thread = NULL;
    if (old == NULL) return;
    assert(old->waiter == NULL);
    uv_mutex_lock(&old->mutex);
    old->is_ending = true;
    uv_cond_signal(&old->changed);
    uv_mutex_unlock(&old->mutex);
    (void)uv_thread_join(&old->thread);
    uv_cond_destroy(&old->changed);
    uv_mutex_destroy(&old->mutex);
    uv_close((uv_handle_t *)&old->done, on_thread_closed);
}

enum status offload_run_on(struct offload_thread *thread, void (*work)(void *argument),
                           void *argument)
{
    assert(thread != NULL);
    assert(work != NULL);
    assert(thread->waiter == NULL);
    struct fibers *fibers = thread->offload->fibers;
    struct completion completion;
    if (fibers_are_stopping(fibers)) return STATUS_STOPPING;
    completion_init(&completion, fibers);
    thread->waiter = &completion;
    thread->offload->on_threads++;
    uv_mutex_lock(&thread->mutex);
    thread->work = work;
    thread->argument = argument;
    uv_cond_signal(&thread->changed);
    uv_mutex_unlock(&thread->mutex);
    TRY(completion_wait_out(&completion));
    return fibers_are_stopping(fibers) ? STATUS_STOPPING : STATUS_OK;
}
