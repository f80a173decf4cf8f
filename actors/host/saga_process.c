/* The life of a running saga: its references, its answer, and what units say about it. */
#include "actors/host/saga_process.h"

#include <stdlib.h>
#include <string.h>

#include "storage/saga_store.h"

/* ---- life ---- */

struct saga_process *saga_process_new(struct hosted *hosted, const struct saga_kind *kind,
                                      struct uuid id, unsigned shard)
{
    assert(hosted != NULL);
    assert(kind != NULL);
    assert(shard < SHARD_COUNT);
    struct saga_process *process = calloc(1, sizeof *process);
    if (process == NULL) abort();
    process->hosted = hosted;
    process->kind = kind;
    process->id = id;
    process->shard = shard;
    process->arena = arena_new(SAGA_ARENA_BYTES);
    process->refusal = STATUS_OK;
    process->references = 1;
    completion_init(&process->answered, hosted->host->fibers);
    return process;
}

void saga_process_release(struct saga_process *process)
{
    assert(process->references > 0);
    if (--process->references > 0) return;
    arena_destroy(&process->arena);
    free(process);
}

struct saga_process *saga_process_find(const struct hosted *hosted, struct uuid id)
{
    assert(hosted != NULL);
    struct saga_process *process = hosted->sagas;
    while (process != NULL && !uuid_equals(process->id, id))
        process = process->next;
    return process;
}

struct saga_process *saga_process_find_by_key(const struct hosted *hosted, const uint8_t key[32])
{
    assert(hosted != NULL);
    struct saga_process *process = hosted->sagas;
    while (process != NULL &&
           !(process->has_idempotency &&
             memcmp(process->idempotency_key, key, sizeof process->idempotency_key) == 0))
        process = process->next;
    return process;
}

void saga_process_wake(struct saga_process *process)
{
    process->wakes++;
    for (struct saga_sleeper *one = process->sleepers; one != NULL; one = one->next)
        completion_finish(&one->woken, STATUS_OK);
}

bool saga_process_show(const struct saga_process *process, struct arena *arena,
                       struct stored_answer *ret_answer)
{
    assert(process != NULL);
    if (!process->is_let_go || process->has_answer) return false;
    *ret_answer = (struct stored_answer){ .status = STATUS_OK,
                                          .http_status = 202,
                                          .body = text_copy(arena, process->pending_body) };
    return true;
}

void saga_process_link(struct saga_process *process)
{
    assert(process->next == NULL);
    process->next = process->hosted->sagas;
    process->hosted->sagas = process;
}

void saga_process_unlink(struct saga_process *process)
{
    struct saga_process **link = &process->hosted->sagas;
    while (*link != process) {
        assert(*link != NULL);
        link = &(*link)->next;
    }
    *link = process->next;
}

/* ---- the answer ---- */

void saga_process_answer(struct saga_process *process, const struct stored_answer *answer)
{
    assert(answer != NULL);
    if (process->has_answer) return;
    process->has_answer = true;
    process->answer = *answer;
    process->answer.body = text_copy(process->arena, answer->body);
    if (process->has_waiter) completion_finish(&process->answered, STATUS_OK);
}

enum status saga_process_wait_answer(struct saga_process *process, int64_t timeout_us,
                                     struct arena *arena, struct stored_answer *ret_answer)
{
    assert(process->has_waiter);
    const int64_t now_us = loop_now_us(process->hosted->host->loop);
    const enum status status = completion_wait(&process->answered, now_us + timeout_us);
    if (status == STATUS_OK && !saga_process_show(process, arena, ret_answer)) {
        assert(process->has_answer);
        *ret_answer = process->answer;
        ret_answer->body = text_copy(arena, process->answer.body);
    }
    process->has_waiter = false;
    process->is_accepted |= status == STATUS_DEADLINE_EXCEEDED;
    saga_process_release(process);
    return status;
}

bool saga_process_ends_with_pivot(const struct saga_process *process)
{
    assert(process->kind->steps_count > 0);
    return process->kind->steps[process->kind->steps_count - 1].is_pivot;
}

/* ---- in units ---- */

static void join_start(struct request *request, struct unit *unit)
{
    const struct saga_process *process = request->started;
    struct saga_row row = {
        .id = process->id,
        .shard = process->shard,
        .kind = text_of(process->kind->name),
        .version = process->kind->version,
        .data = process->data_bytes,
        .has_idempotency = process->has_idempotency,
        .started_us = request->now_us,
        .deadline_us = process->deadline_us,
    };
    memcpy(row.idempotency_key, process->idempotency_key, sizeof row.idempotency_key);
    memcpy(row.fingerprint, process->idempotency_fingerprint, sizeof row.fingerprint);
    saga_store_insert(unit, request->arena, &row);
}

static void join_end(struct request *request, struct unit *unit, struct text reply)
{
    const struct saga_process *process = request->settled;
    const bool is_pivot = request->settled_status == STATUS_OK;
    if (is_pivot && !saga_process_ends_with_pivot(process))
        saga_store_reach_pivot(unit, request->arena, process->id);
    else
        saga_store_done(unit, request->arena, process->id);
    if (!process->has_idempotency) return;
    /* (actors/host/README.md, Decisions: an outage is no answer to keep) */
    const bool is_outage = status_is_outage(request->settled_status);
    if (is_outage && !process->is_accepted) {
        unit_idempotency_release(unit, process->idempotency_key);
        return;
    }
    const struct stored_answer answer = {
        .status = is_outage ? STATUS_NOT_COMPLETED : request->settled_status,
        .http_status = is_pivot ? (uint16_t)request->http_status : 0,
        .body = is_pivot ? reply
                         : faults_encode(request->arena, process->faults, process->faults_count),
    };
    unit_idempotency_answer(unit, process->idempotency_key, process->idempotency_fingerprint, false,
                            &answer);
}

void saga_process_join_unit(struct request *request, struct text reply)
{
    assert(request->started != NULL || request->settled != NULL);
    struct unit *unit = request_unit(request);
    if (request->started != NULL) join_start(request, unit);
    if (request->settled != NULL) join_end(request, unit, reply);
}
