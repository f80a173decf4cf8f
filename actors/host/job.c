/* Jobs: their memory, and the one place where they end. */
#include "actors/host/job.h"

#include "runtime/metrics.h"

enum { JOB_ARENA_BYTES = 8 * 1024 };

static struct arena *pop_arena(struct host *host)
{
    if (host->spare_arenas_count == 0) return arena_new(JOB_ARENA_BYTES);
    return host->spare_arenas[--host->spare_arenas_count];
}

/* Arenas are kept, because making one is a call of malloc for each message. */
static void push_arena(struct host *host, struct arena *arena)
{
    if (host->spare_arenas_count == SPARE_ARENAS_MAX) {
        arena_destroy(&arena);
        return;
    }
    arena_reset(arena);
    host->spare_arenas[host->spare_arenas_count++] = arena;
}

void jobs_drop_arenas(struct host *host)
{
    assert(host != NULL);
    assert(host->jobs == 0);
    while (host->spare_arenas_count > 0)
        arena_destroy(&host->spare_arenas[--host->spare_arenas_count]);
}

struct job *job_new(struct hosted *hosted, const struct dispatch_entry *entry,
                    const struct envelope *envelope, const struct return_address *from)
{
    assert(hosted != NULL);
    assert(entry != NULL);
    struct host *host = hosted->host;
    struct arena *arena = pop_arena(host);
    struct job *job = arena_allocate(arena, sizeof *job);
    *job = (struct job){
        .hosted = hosted,
        .entry = entry,
        .envelope = envelope_copy(arena, envelope),
        .from = *from,
        .arena = arena,
        .arrived_us = loop_now_us(host->loop),
        .id_time_us = loop_real_us(host->loop),
    };
    job->deadline_us = job->arrived_us + (int64_t)envelope->budget_ms * 1000;
    host->jobs++;
    return job;
}

bool job_is_expired(const struct job *job)
{
    return loop_now_us(job->hosted->host->loop) >= job->deadline_us;
}

void job_finish(struct job *job, const struct job_answer *answer)
{
    assert(job != NULL);
    assert(job->hosted->host->jobs > 0);
    const struct envelope reply = {
        .kind = ENVELOPE_REPLY,
        .domain = job->envelope.domain,
        .number = job->envelope.number,
        .msg_id = job->envelope.msg_id,
        .status = answer->status,
        .http_status = answer->http_status,
        .is_replayed = answer->is_replayed,
        .body = answer->body,
    };
    if (answer->status == STATUS_INTERNAL || answer->status == STATUS_CORRUPT)
        log_error("message_failed", LOG_STRING("message", job->entry->message->name),
                  LOG_UUID("key", job->envelope.key), LOG_STATUS(answer->status),
                  LOG_TEXT("request", job->envelope.request_id));
    struct host *host = job->hosted->host;
    metric_observe_us(METRIC_HANDLER_TIME, loop_now_us(host->loop) - job->arrived_us);
    bus_reply(host->bus, &job->from, &reply);
    host->jobs--;
    push_arena(host, job->arena); /* the job is in it */
}

void job_finish_with(struct job *job, enum status status)
{
    job_finish(job, &(struct job_answer){ .status = status });
}

void job_finish_stored(struct job *job, const struct stored_answer *answer, bool is_replayed)
{
    assert(job != NULL);
    assert(answer != NULL);
    job_finish(job, &(struct job_answer){ .status = answer->status,
                                          .http_status = answer->http_status,
                                          .is_replayed = is_replayed,
                                          .body = answer->body });
}
