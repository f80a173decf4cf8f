/* Reads the rows of sagas that a restart interrupted, and hands each to the runner. */
#include "actors/host/saga_resume.h"

#include <string.h>

#include "actors/host/saga_run.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"
#include "storage/saga_store.h"

enum { ROWS_ARENA_BYTES = 64 * 1024 };

static const struct saga_kind *find_kind(const struct domain_definition *definition,
                                         const struct saga_row *row)
{
    for (size_t i = 0; i < definition->sagas_count; i++) {
        const struct saga_kind *kind = definition->sagas[i];
        if (text_equals_string(row->kind, kind->name) && row->version == kind->version) return kind;
    }
    return NULL;
}

static enum status resume(struct hosted *hosted, const struct saga_row *row)
{
    const struct saga_kind *kind = find_kind(hosted->definition, row);
    if (kind == NULL) {
        log_error("saga_kind_unknown", LOG_TEXT("kind", row->kind), LOG_UUID("id", row->id));
        return STATUS_UNSUPPORTED;
    }
    if (saga_process_find(hosted, row->id) != NULL) return STATUS_OK;
    struct saga_process *process = saga_process_new(hosted, kind, row->id, row->shard);
    process->data_bytes = text_copy(process->arena, row->data);
    process->data = arena_allocate(process->arena, kind->data->size);
    if (msgpack_decode(kind->data, process->data_bytes, process->arena, process->data) !=
        STATUS_OK) {
        log_error("saga_row_corrupt", LOG_STRING("kind", kind->name), LOG_UUID("id", row->id));
        saga_process_release(process);
        return STATUS_CORRUPT;
    }
    process->deadline_us = row->deadline_us;
    process->is_past_pivot = row->point > 0;
    process->is_undoing = row->direction == SAGA_UNDO;
    process->refusal = row->refusal;
    process->has_idempotency = row->has_idempotency;
    memcpy(process->idempotency_key, row->idempotency_key, sizeof process->idempotency_key);
    memcpy(process->idempotency_fingerprint, row->fingerprint,
           sizeof process->idempotency_fingerprint);
    metric_add(METRIC_SAGAS_RESUMED, 1);
    (void)saga_run_start(process, false); /* nobody waits for the answer any more */
    return STATUS_OK;
}

enum status saga_resume_one(struct hosted *hosted, struct arena *arena, struct uuid id,
                            int64_t deadline_us)
{
    assert(hosted != NULL);
    struct saga_row row;
    if (saga_process_find(hosted, id) != NULL) return STATUS_OK;
    TRY(saga_store_find_open(hosted->database, arena, id, deadline_us, &row));
    return resume(hosted, &row);
}

enum status saga_resume_all(struct hosted *hosted)
{
    assert(hosted != NULL);
    struct uuid after = { { 0 } };
    size_t count = SAGA_ROWS_MAX;
    while (count == SAGA_ROWS_MAX) {
        struct arena *arena = arena_new(ROWS_ARENA_BYTES);
        struct saga_row *rows = arena_allocate_array(arena, SAGA_ROWS_MAX, sizeof *rows);
        const enum status status =
            saga_store_open(hosted->database, arena, hosted->shard_first, hosted->shard_last, after,
                            loop_now_us(hosted->host->loop) + START_TIMEOUT_US, rows, &count);
        for (size_t i = 0; status == STATUS_OK && i < count; i++)
            (void)!resume(hosted, &rows[i]);
        if (status == STATUS_OK && count > 0) after = rows[count - 1].id;
        arena_destroy(&arena);
        TRY(status);
    }
    return STATUS_OK;
}
