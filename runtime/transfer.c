/* The queue of outgoing transfers: who waits, who is under way, and until when. */
#include "runtime/transfer.h"

#include <stdlib.h>

#include "runtime/transfer_internal.h"

/* ---- the queue ---- */

static void append_waiting(struct transfers *transfers, struct transfer_job *job)
{
    job->next = NULL;
    if (transfers->last != NULL)
        transfers->last->next = job;
    else
        transfers->first = job;
    transfers->last = job;
    transfers->waiting_count++;
}

static void remove_waiting(struct transfers *transfers, struct transfer_job *job)
{
    struct transfer_job *previous = NULL;
    struct transfer_job *found = transfers->first;
    while (found != job) {
        assert(found != NULL);
        previous = found;
        found = found->next;
    }
    if (previous != NULL)
        previous->next = job->next;
    else
        transfers->first = job->next;
    if (transfers->last == job) transfers->last = previous;
    transfers->waiting_count--;
}

static void remove_running(struct transfers *transfers, const struct transfer_job *job)
{
    size_t i = 0;
    while (transfers->running[i] != job) {
        i++;
        assert(i < transfers->running_count);
    }
    transfers->running[i] = transfers->running[--transfers->running_count];
    transfers->running[transfers->running_count] = NULL;
}

static void on_start(struct timer *timer)
{
    struct transfers *transfers = CONTAINER_OF(timer, struct transfers, start);
    while (transfers->first != NULL && transfers->running_count < TRANSFERS_MAX) {
        struct transfer_job *job = transfers->first;
        remove_waiting(transfers, job);
        transfers->running[transfers->running_count++] = job;
        job->is_running = true;
        const enum status status = transfer_begin(job);
        if (status != STATUS_OK) transfer_end(job, status);
    }
}

static void on_deadline(struct timer *timer)
{
    transfer_end(CONTAINER_OF(timer, struct transfer_job, deadline), STATUS_DEADLINE_EXCEEDED);
}

void transfer_end(struct transfer_job *job, enum status status)
{
    struct transfers *transfers = job->transfers;
    assert(fiber_current() == NULL);
    timer_stop(loop_timers(transfers->loop), &job->deadline);
    if (job->is_running) {
        remove_running(transfers, job);
        job->protocol->release(job);
        transfer_close_easy(job);
    } else {
        remove_waiting(transfers, job);
    }
    if (transfers->first != NULL && !transfers->is_stopping)
        timer_start(loop_timers(transfers->loop), &transfers->start, loop_now_us(transfers->loop));
    completion_finish(&job->completion, status);
}

enum status transfer_run(struct transfers *transfers, struct transfer_job *job, int64_t deadline_us)
{
    assert(fiber_current() != NULL);
    if (transfers->is_stopping || fibers_are_stopping(transfers->fibers)) return STATUS_STOPPING;
    const int64_t now_us = loop_now_us(transfers->loop);
    if (deadline_us <= now_us) return STATUS_DEADLINE_EXCEEDED;
    if (transfers->waiting_count >= TRANSFERS_QUEUE_MAX) return STATUS_OVERLOADED;
    job->transfers = transfers;
    job->deadline.on_fire = on_deadline;
    completion_init(&job->completion, transfers->fibers);
    const int64_t latest_us = now_us + TRANSFER_TIME_MAX_US;
    timer_start(loop_timers(transfers->loop), &job->deadline,
                deadline_us < latest_us ? deadline_us : latest_us);
    append_waiting(transfers, job);
    timer_start(loop_timers(transfers->loop), &transfers->start, now_us);
    return completion_wait_out(&job->completion);
}

/* ---- life ---- */

struct transfers *transfers_new(struct loop *loop, struct fibers *fibers)
{
    assert(loop != NULL);
    assert(fibers != NULL);
    struct transfers *transfers = calloc(1, sizeof *transfers);
    if (transfers == NULL) abort();
    transfers->loop = loop;
    transfers->fibers = fibers;
    transfers->start.on_fire = on_start;
    return transfers;
}

size_t transfers_count(const struct transfers *transfers)
{
    return transfers->running_count + transfers->waiting_count;
}

void transfers_stop(struct transfers *transfers)
{
    assert(transfers != NULL);
    assert(fiber_current() == NULL);
    transfers->is_stopping = true;
    timer_stop(loop_timers(transfers->loop), &transfers->start);
    while (transfers->first != NULL)
        transfer_end(transfers->first, STATUS_STOPPING);
    while (transfers->running_count > 0)
        transfer_end(transfers->running[0], STATUS_STOPPING);
    transfers_close_curl(transfers);
}

void transfers_destroy(struct transfers **transfers_pointer)
{
    assert(transfers_pointer != NULL);
    struct transfers *transfers = *transfers_pointer;
    if (transfers == NULL) return;
    transfers_stop(transfers);
    free(transfers);
    *transfers_pointer = NULL;
}

/* ---- what all protocols refuse ---- */

bool transfer_is_line(struct text text, size_t length_max)
{
    if (text.length > length_max) return false;
    for (size_t i = 0; i < text.length; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte < ' ' || byte == 0x7f) return false;
    }
    return true;
}

bool transfer_is_url(struct text url, struct text scheme, struct text scheme_tls)
{
    if (!transfer_is_line(url, TRANSFER_URL_MAX)) return false;
    for (size_t i = 0; i < url.length; i++) {
        if (url.data[i] == ' ') return false;
    }
    return text_starts_with(url, scheme) || text_starts_with(url, scheme_tls);
}
