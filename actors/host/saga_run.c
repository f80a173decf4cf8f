/* Drives a saga: stage by stage forward, over the pivot, to the end; or, when a step before the
 * pivot is refused, back again through every step that may have happened. Outages are waited out;
 * what is not known is asked again under the same message id. */
#include "actors/host/saga_run.h"

#include <stdlib.h>

#include "actors/host/fault_points.h"
#include "runtime/metrics.h"
#include "storage/saga_store.h"

enum {
    BACKOFF_MIN_US = 50 * 1000,
    BACKOFF_MAX_US = 2000 * 1000,
    BACKOFF_DOUBLES_MAX = 6,
    ALARM_ATTEMPTS = 10, /* failures in a row that an operator hears of */
    PAUSES_MAX = 1500,   /* each keeps two fibers of FIBERS_MAX */
    ROW_ARENA_BYTES = 2048
};

struct stage_run;

struct step_run {
    struct stage_run *stage;
    const struct saga_step *step;
};

/* Steps of one stage, run side by side. Outlives the runner when the host stops, so it is counted.
 */
struct stage_run {
    struct saga_process *process;
    enum saga_direction direction;
    size_t left, references;
    enum status refusal; /* the first */
    bool is_stopping;
    struct completion done;
    struct step_run steps[SAGA_STEPS_MAX];
};

static void stage_release(struct stage_run *stage)
{
    if (--stage->references == 0) free(stage);
}

static void log_step(const struct saga_process *process, const char *event,
                     const struct saga_step *step, enum status status, unsigned attempts)
{
    log_warning(event, LOG_STRING("saga", process->kind->name), LOG_UUID("id", process->id),
                LOG_STRING("step", step->name), LOG_STATUS(status), LOG_INT("attempts", attempts));
}

static int64_t backoff_us(unsigned attempts)
{
    const unsigned shift = attempts < BACKOFF_DOUBLES_MAX ? attempts : BACKOFF_DOUBLES_MAX;
    const int64_t delay_us = (int64_t)BACKOFF_MIN_US << shift;
    return delay_us < BACKOFF_MAX_US ? delay_us : BACKOFF_MAX_US;
}

/* True when a step that met an outage may be refused for it: not the pivot (it may have happened),
 * nothing after it, no undo. Patience is that of a client who waits: who was let go is at his bank,
 * and what he does there counts until the deadline. */
static bool may_give_up(const struct saga_process *process, const struct step_run *run,
                        int64_t started_us)
{
    if (run->stage->direction == SAGA_UNDO || process->is_past_pivot || run->step->is_pivot)
        return false;
    const int64_t now_us = loop_market_us(process->hosted->host->loop);
    if (now_us >= process->deadline_us) return true;
    return !process->is_let_go && now_us - started_us >= run->step->give_up_us;
}

static void note_pivot(struct saga *saga)
{
    struct saga_process *process = saga->process;
    process->is_past_pivot = true;
    const struct stored_answer answer = {
        .status = STATUS_OK,
        .http_status = saga->last_http_status,
        .body = saga->last_body,
    };
    saga_process_answer(process, &answer);
}

/* A step that explains nothing itself passes on what the participant said. */
static void explain_refusal(struct saga *saga)
{
    struct request_fault fault;
    if (saga->process->faults_count == 0 && saga_last_fault(saga, &fault))
        saga_add_fault(saga, &fault);
}

/* For the operator who asks what hinders it. */
static void note_stuck(struct saga_process *process, const struct saga_step *step,
                       enum status status, unsigned attempts)
{
    if (status == STATUS_OK && process->stuck_step == step) process->stuck_step = NULL;
    if (status == STATUS_OK || attempts < ALARM_ATTEMPTS) return;
    process->stuck_step = step;
    process->stuck_status = status;
}

/* One attempt, between its two points at which tests may let it fail. */
static enum status attempt_step(struct saga *saga, bool is_undo)
{
    struct saga_process *process = saga->process;
    const struct saga_step *step = saga->step;
    const char *name = process->kind->name;
    TRY(fault_point(process->hosted, name, step->name, is_undo ? "undo_before" : "before"));
    TRY(is_undo ? step->undo(saga, process->data) : step->act(saga, process->data));
    return fault_point(process->hosted, name, step->name, is_undo ? "undo_after" : "after");
}

/* ---- waiting for somebody outside ---- */

static void forget_sleeper(struct saga_process *process, const struct saga_sleeper *sleeper)
{
    struct saga_sleeper **link = &process->sleepers;
    while (*link != sleeper)
        link = &(*link)->next;
    *link = sleeper->next;
}

/* Where somebody has called since the step looked last, it looks again at once. */
static enum status sleep_until_woken(struct saga *saga)
{
    struct saga_process *process = saga->process;
    struct host *host = process->hosted->host;
    if (saga->wakes_seen != process->wakes) return STATUS_OK;
    struct saga_sleeper sleeper = { .next = process->sleepers };
    completion_init(&sleeper.woken, host->fibers);
    process->sleepers = &sleeper;
    host->pauses++;
    const int64_t until_us = loop_now_us(host->loop) + backoff_us(saga->pauses);
    const enum status status = completion_wait(&sleeper.woken, until_us);
    host->pauses--;
    forget_sleeper(process, &sleeper);
    return status == STATUS_STOPPING ? status : STATUS_OK;
}

enum status saga_pause(struct saga *saga)
{
    assert(saga != NULL && saga->stage != NULL);
    struct host *host = saga->process->hosted->host;
    if (saga->stage->refusal != STATUS_OK) return saga->stage->refusal;
    /* Who was let go waits on: there is no room for others, not for him. */
    if (!saga->process->is_let_go && host->pauses >= PAUSES_MAX) return STATUS_OVERLOADED;
    arena_reset(saga->arena);
    saga->last_body = (struct text){ 0 };
    saga->last_status = STATUS_OK;
    TRY(sleep_until_woken(saga));
    saga->pauses++;
    saga->wakes_seen = saga->process->wakes;
    saga->paused_us = loop_market_us(host->loop);
    return saga->stage->refusal;
}

bool saga_let_go(struct saga *saga)
{
    assert(saga != NULL && saga->stage != NULL);
    struct saga_process *process = saga->process;
    if (saga->stage->left > 1 || saga->stage->refusal != STATUS_OK) return false;
    if (process->has_answer) return true;
    if (!text_equals(process->pending_body, saga->last_body))
        process->pending_body = text_copy(process->arena, saga->last_body);
    process->is_let_go = process->is_accepted = true;
    if (process->has_waiter) completion_finish(&process->answered, STATUS_OK);
    return true;
}

/* ---- steps ---- */

/* Repeats a step until it is done, refused, or the host stops. */
static enum status run_step(struct step_run *run)
{
    struct saga_process *process = run->stage->process;
    struct host *host = process->hosted->host;
    const bool is_undo = run->stage->direction == SAGA_UNDO;
    int64_t started_us = loop_market_us(process->hosted->host->loop);
    for (unsigned attempts = 0;; attempts++) {
        struct saga saga = {
            .process = process,
            .stage = run->stage,
            .step = run->step,
            .direction = run->stage->direction,
            .arena = arena_new(SAGA_ARENA_BYTES),
            .wakes_seen = process->wakes,
        };
        const enum status status = attempt_step(&saga, is_undo);
        if (saga.paused_us > 0) {
            started_us = saga.paused_us;
            attempts = 0;
        }
        if (status == STATUS_OK && run->step->is_pivot && !is_undo) note_pivot(&saga);
        if (status != STATUS_OK && !is_undo && !saga_is_undecided(status)) explain_refusal(&saga);
        arena_destroy(&saga.arena);
        note_stuck(process, run->step, status, attempts + 1);
        if (status == STATUS_OK) return STATUS_OK;
        if (host->is_stopping) return STATUS_STOPPING;
        const bool is_refusal = !saga_is_undecided(status);
        if (is_refusal && !is_undo && !process->is_past_pivot) return status;
        if (!is_refusal && may_give_up(process, run, started_us)) return STATUS_UNAVAILABLE;
        if (attempts % ALARM_ATTEMPTS == ALARM_ATTEMPTS - 1)
            log_step(process, "saga_step_stuck", run->step, status, attempts + 1);
        if (fiber_sleep(host->fibers, backoff_us(attempts)) != STATUS_OK) return STATUS_STOPPING;
    }
}

static void run_step_fiber(void *argument)
{
    struct step_run *run = argument;
    struct stage_run *stage = run->stage;
    struct saga_process *process = stage->process;
    struct host *host = process->hosted->host;
    const enum status status = run_step(run);
    if (status == STATUS_STOPPING)
        stage->is_stopping = true;
    else if (status != STATUS_OK && stage->refusal == STATUS_OK)
        stage->refusal = status;
    if (--stage->left == 0) completion_finish(&stage->done, STATUS_OK);
    /* Who pauses has less to wait for now, or nothing any more. */
    if (process->sleepers != NULL) saga_process_wake(process);
    stage_release(stage);
    /* Maybe the last reference: a stopped runner has gone before. */
    saga_process_release(process);
    host_service_ends(host);
}

static struct stage_run *new_stage(struct saga_process *process, unsigned number,
                                   enum saga_direction direction)
{
    struct stage_run *stage = calloc(1, sizeof *stage);
    if (stage == NULL) abort();
    stage->process = process;
    stage->direction = direction;
    stage->refusal = STATUS_OK;
    stage->references = 1;
    completion_init(&stage->done, process->hosted->host->fibers);
    for (size_t i = 0; i < process->kind->steps_count; i++) {
        const struct saga_step *step = &process->kind->steps[i];
        if (step->stage == number && (direction == SAGA_FORWARD || step->undo != NULL))
            stage->steps[stage->left++] = (struct step_run){ .stage = stage, .step = step };
    }
    return stage;
}

/* Runs the steps of one stage side by side and waits for all of them. */
static enum status run_stage(struct saga_process *process, unsigned number,
                             enum saga_direction direction)
{
    struct stage_run *stage = new_stage(process, number, direction);
    const size_t count = stage->left;
    for (size_t i = 0; i < count; i++) {
        stage->references++;
        process->references++;
        host_run_service(process->hosted->host, run_step_fiber, &stage->steps[i]);
    }
    enum status status = STATUS_OK;
    if (stage->left > 0) status = completion_wait(&stage->done, INT64_MAX);
    if (status == STATUS_OK) status = stage->is_stopping ? STATUS_STOPPING : stage->refusal;
    stage_release(stage);
    return status;
}

/* Commits a change of the saga's own row, again and again until it is settled. */
static enum status commit_row(struct saga_process *process, const char *name,
                              void (*write)(struct unit *unit, struct arena *arena,
                                            const struct saga_process *process))
{
    struct host *host = process->hosted->host;
    for (unsigned attempts = 0;; attempts++) {
        struct arena *arena = arena_new(ROW_ARENA_BYTES);
        struct unit *unit = unit_new(arena, host->fibers, process->shard,
                                     uuid_derive_named(process->id, text_of(name), 0), 0,
                                     loop_market_us(process->hosted->host->loop));
        write(unit, arena, process);
        bool is_repeat;
        struct stored_answer answer;
        enum status status = unit_enqueue(unit, process->hosted->database);
        if (status == STATUS_OK) status = unit_wait(unit, &is_repeat, &answer);
        arena_destroy(&arena);
        if (status == STATUS_OK || status == STATUS_STOPPING || status == STATUS_FENCED)
            return status;
        if (attempts % ALARM_ATTEMPTS == ALARM_ATTEMPTS - 1)
            log_error("saga_row_stuck", LOG_UUID("id", process->id), LOG_STRING("write", name),
                      LOG_STATUS(status));
        if (host->is_stopping || fiber_sleep(host->fibers, backoff_us(attempts)) != STATUS_OK)
            return STATUS_STOPPING;
    }
}

static void write_undo(struct unit *unit, struct arena *arena, const struct saga_process *process)
{
    saga_store_begin_undo(unit, arena, process->id, process->refusal);
}

static void write_done(struct unit *unit, struct arena *arena, const struct saga_process *process)
{
    saga_store_done(unit, arena, process->id);
}

static unsigned last_stage(const struct saga_process *process)
{
    return process->kind->steps[process->kind->steps_count - 1].stage;
}

static unsigned pivot_stage(const struct saga_process *process)
{
    for (size_t i = 0; i < process->kind->steps_count; i++) {
        if (process->kind->steps[i].is_pivot) return process->kind->steps[i].stage;
    }
    assert(false && "a saga has a pivot");
    return 0;
}

/* The local end of an undone saga; it must succeed, so it is repeated. */
static enum status end_undone(struct saga_process *process)
{
    static const struct saga_step end = { .name = "end_undone" };
    struct host *host = process->hosted->host;
    for (unsigned attempts = 0;; attempts++) {
        struct saga saga = {
            .process = process,
            .step = &end,
            .direction = SAGA_UNDO,
            .arena = arena_new(SAGA_ARENA_BYTES),
        };
        const enum status status =
            process->kind->end_undone(&saga, process->data, process->refusal);
        arena_destroy(&saga.arena);
        if (status == STATUS_OK) return STATUS_OK;
        if (attempts % ALARM_ATTEMPTS == ALARM_ATTEMPTS - 1)
            log_step(process, "saga_end_stuck", &end, status, attempts + 1);
        if (host->is_stopping || fiber_sleep(host->fibers, backoff_us(attempts)) != STATUS_OK)
            return STATUS_STOPPING;
    }
}

static enum status undo(struct saga_process *process)
{
    metric_add(METRIC_SAGAS_UNDONE, 1);
    if (!process->is_undoing) TRY(commit_row(process, "undo", write_undo));
    process->is_undoing = true;
    for (unsigned stage = pivot_stage(process); stage > 0; stage--)
        TRY(run_stage(process, stage - 1, SAGA_UNDO));
    TRY(end_undone(process));
    struct arena *arena = process->arena;
    const struct stored_answer answer = {
        .status = process->refusal,
        .body = faults_encode(arena, process->faults, process->faults_count),
    };
    saga_process_answer(process, &answer);
    return STATUS_OK;
}

static enum status forward(struct saga_process *process)
{
    const bool began_past_pivot = process->is_past_pivot;
    const unsigned first = began_past_pivot ? pivot_stage(process) + 1 : 0;
    for (unsigned stage = first; stage <= last_stage(process); stage++) {
        if (!process->is_past_pivot && stage < pivot_stage(process) &&
            loop_market_us(process->hosted->host->loop) >= process->deadline_us) {
            process->refusal = STATUS_DEADLINE_EXCEEDED;
            return undo(process);
        }
        const enum status status = run_stage(process, stage, SAGA_FORWARD);
        if (status == STATUS_STOPPING) return status;
        if (status != STATUS_OK) {
            process->refusal = status;
            return undo(process);
        }
    }
    /* The pivot's unit has closed the row. */
    if (!began_past_pivot && saga_process_ends_with_pivot(process)) return STATUS_OK;
    return commit_row(process, "done", write_done);
}

static void run_process(void *argument)
{
    struct saga_process *process = argument;
    struct host *host = process->hosted->host;
    const enum status status = process->is_undoing ? undo(process) : forward(process);
    if (status != STATUS_OK && !process->has_answer) {
        const struct stored_answer answer = { .status = STATUS_STOPPING };
        saga_process_answer(process, &answer);
    }
    saga_process_unlink(process);
    saga_process_release(process);
    host_service_ends(host);
}

struct saga_process *saga_run_start(struct saga_process *process, bool wants_answer)
{
    assert(process != NULL);
    struct saga_process *running = saga_process_find(process->hosted, process->id);
    if (running != NULL) {
        saga_process_release(process);
        process = running;
    } else {
        saga_process_link(process);
    }
    wants_answer = wants_answer && !process->has_waiter;
    if (wants_answer) {
        process->has_waiter = true;
        process->references++;
    }
    if (running == NULL) {
        metric_add(METRIC_SAGAS_STARTED, 1);
        host_run_service(process->hosted->host, run_process, process);
    }
    return wants_answer ? process : NULL;
}
