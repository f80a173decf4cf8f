/* What a node does by itself: sweeps that look for rows that are due, retention, and memory that is
 * given back. */
#include "actors/host/background.h"

#include <malloc.h>
#include <stdlib.h>

#include "actors/host/feed_source.h"
#include "actors/host/request_internal.h"
#include "runtime/metrics.h"
#include "storage/feed.h"
#include "storage/retention.h"

enum {
    SWEEP_RETRY_US = 200 * 1000,
    SWEEP_WAIT_US = 2 * 1000, /* for a run that is under way */
    SWEEP_ASKS_FEW = 8,       /* a run that asks for no more has left nothing behind */
    TIDY_EVERY_US = 1000 * 1000,
    TIDY_QUIET_MESSAGES = 100, /* fewer than that in a second are quiet */
    TIDY_KEEP_BYTES = 1 << 20,
    TIDY_KEEP_STACKS = 16,
    RETENTION_PAUSE_US = 100 * 1000 /* between batches, so that trimming is never felt */
};

#define RETENTION_EVERY_US ((int64_t)3600 * 1000 * 1000)

/* ---- sweeps ---- */

struct sweep_service {
    struct hosted *hosted;
    size_t place; /* among the domain's sweeps */
};

/* One run of a sweep. */
struct sweep_run {
    struct hosted *hosted;
    const struct domain_sweep *sweep;
    uint64_t asks; /* that it made: one per row that was due, more or less */
};

static enum status run_sweep(struct request *request, void *context)
{
    struct sweep_run *run = context;
    const enum status status =
        run->sweep->run(request, run->hosted->shard_first, run->hosted->shard_last);
    run->asks = request->asks_count;
    return status;
}

/* Waits while another fiber runs it: a sweep never runs twice at once. */
static enum status sweep_once(struct hosted *hosted, size_t place, int64_t deadline_us,
                              uint64_t *ret_asks)
{
    struct host *host = hosted->host;
    while (hosted->is_sweeping[place]) {
        if (loop_now_us(host->loop) >= deadline_us) return STATUS_DEADLINE_EXCEEDED;
        TRY(fiber_sleep(host->fibers, SWEEP_WAIT_US));
    }
    struct sweep_run run = { .hosted = hosted, .sweep = &hosted->definition->sweeps[place] };
    hosted->is_sweeping[place] = true;
    const enum status status = request_run_free(hosted, host_random_uuid(host), run_sweep, &run);
    hosted->is_sweeping[place] = false;
    *ret_asks = run.asks;
    return status;
}

static void sweep_fiber(void *argument)
{
    struct sweep_service *service = argument;
    struct host *host = service->hosted->host;
    const struct domain_sweep *sweep = &service->hosted->definition->sweeps[service->place];
    int64_t pause_us;
    do {
        uint64_t asks;
        const enum status status = sweep_once(service->hosted, service->place, INT64_MAX, &asks);
        if (status != STATUS_OK && !saga_is_undecided(status))
            log_warning("sweep_failed", LOG_STRING("sweep", sweep->name), LOG_STATUS(status));
        /* After an outage it does not wait for its next turn. */
        pause_us = status == STATUS_OK || sweep->every_us < SWEEP_RETRY_US ? sweep->every_us
                                                                           : SWEEP_RETRY_US;
    } while (!host->is_stopping && fiber_sleep(host->fibers, pause_us) == STATUS_OK);
    free(service);
    host_service_ends(host);
}

void background_start_sweeps(struct hosted *hosted)
{
    assert(hosted != NULL);
    for (size_t i = 0; i < hosted->definition->sweeps_count; i++) {
        struct sweep_service *service = calloc(1, sizeof *service);
        if (service == NULL) abort();
        service->hosted = hosted;
        service->place = i;
        if (host_spawn(hosted->host, sweep_fiber, service) != STATUS_OK) free(service);
    }
}

enum status background_run_sweeps(struct hosted *hosted, int64_t deadline_us)
{
    assert(hosted != NULL);
    for (size_t i = 0; i < hosted->definition->sweeps_count; i++) {
        uint64_t asks;
        do {
            TRY(sweep_once(hosted, i, deadline_us, &asks));
            if (loop_now_us(hosted->host->loop) >= deadline_us) return STATUS_DEADLINE_EXCEEDED;
        } while (asks > SWEEP_ASKS_FEW);
    }
    return STATUS_OK;
}

/* ---- retention ---- */

/* What nobody can ask for any more. */
static void trim_answers(struct hosted *hosted)
{
    struct host *host = hosted->host;
    int64_t deleted = RETENTION_ROWS_MAX;
    while (deleted >= RETENTION_ROWS_MAX) {
        const enum status status =
            retention_trim(hosted->database, loop_market_us(host->loop) - RETENTION_US,
                           loop_now_us(host->loop) + FREE_TIMEOUT_US, &deleted);
        if (status != STATUS_OK || fiber_sleep(host->fibers, RETENTION_PAUSE_US) != STATUS_OK)
            return;
    }
}

static void retention_fiber(void *argument)
{
    struct hosted *hosted = argument;
    struct host *host = hosted->host;
    while (!host->is_stopping && fiber_sleep(host->fibers, RETENTION_EVERY_US) == STATUS_OK) {
        trim_answers(hosted);
        int64_t deleted = FEED_TRIMMED_MAX;
        while (deleted >= FEED_TRIMMED_MAX) {
            if (feed_source_trim(hosted, &deleted) != STATUS_OK ||
                fiber_sleep(host->fibers, RETENTION_PAUSE_US) != STATUS_OK)
                break;
        }
    }
    host_service_ends(host);
}

void background_start_retention(struct hosted *hosted)
{
    assert(hosted != NULL);
    (void)!host_spawn(hosted->host, retention_fiber, hosted);
}

/* ---- memory ---- */

/* After a burst, most of what malloc holds is free but scattered; when the node is quiet it is
 * given back. */
static void tidy_fiber(void *argument)
{
    struct host *host = argument;
    int64_t messages_then = 0;
    while (!host->is_stopping && fiber_sleep(host->fibers, TIDY_EVERY_US) == STATUS_OK) {
        const int64_t messages = metric_value(METRIC_MESSAGES);
        const bool is_quiet = host->jobs == 0 && messages - messages_then < TIDY_QUIET_MESSAGES;
        if (is_quiet && host->is_untidy) {
            fibers_trim(host->fibers, TIDY_KEEP_STACKS);
            (void)malloc_trim(TIDY_KEEP_BYTES);
        }
        host->is_untidy = !is_quiet;
        messages_then = messages;
    }
    host_service_ends(host);
}

void background_start_tidying(struct host *host)
{
    assert(host != NULL);
    (void)!host_spawn(host, tidy_fiber, host);
}
