/* Hands a unit to the committer and waits; and the two look-ups of stored answers. */
#include "storage/unit_of_work.h"

#include "storage/committer.h"
#include "storage/database_private.h"
#include "storage/query.h"

enum { IDEMPOTENCY_KEY_BYTES = 32, FINGERPRINT_BYTES = 16 };

static const struct statement idempotency_load = {
    .name = "idempotency_load",
    .sql = "SELECT fingerprint, status, http_status, body FROM host.idempotency WHERE key = $1",
};

static const struct statement inbox_load = {
    .name = "inbox_load",
    .sql = "SELECT status, http_status, body FROM host.inbox WHERE msg_id = $1",
};

enum status unit_enqueue(struct unit *unit, struct database *database)
{
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        if ((unit->shards >> shard & 1) != 0 && !database_owns(database, shard))
            return STATUS_MOVED;
    return committer_enqueue(database->committer, unit);
}

enum status unit_wait(struct unit *unit, bool *ret_is_repeat, struct stored_answer *ret_answer)
{
    const enum status status = completion_wait(&unit->completion, INT64_MAX);
    /* Only a stop ends the wait before the unit is settled; its memory is the waiter's again. */
    committer_withdraw(unit);
    if (status != STATUS_OK) return status;
    *ret_is_repeat = unit->verdict == UNIT_REPEATS;
    if (unit->verdict == UNIT_REPEATS) *ret_answer = unit->stored;
    return STATUS_OK;
}

enum status inbox_find(struct database *database, struct arena *arena, struct uuid msg_id,
                       int64_t deadline_us, struct stored_answer *ret_answer)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_uuid(&params, arena, msg_id);
    TRY(query_run(database, arena, &inbox_load, &params, deadline_us, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_answer = stored_answer_read(&row);
    return STATUS_OK;
}

enum status idempotency_find(struct database *database, struct arena *arena, const uint8_t key[32],
                             const uint8_t fingerprint[16], int64_t deadline_us,
                             struct stored_answer *ret_answer)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_bytes(&params, arena, (struct text){ (const char *)key, IDEMPOTENCY_KEY_BYTES });
    TRY(query_run(database, arena, &idempotency_load, &params, deadline_us, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    const struct text wanted = { .data = (const char *)fingerprint, .length = FINGERPRINT_BYTES };
    if (!text_equals(row_bytes(&row), wanted)) return STATUS_IDEMPOTENCY_KEY_REUSED;
    if (row_skip_null(&row)) return STATUS_REQUEST_IN_PROGRESS;
    *ret_answer = stored_answer_read(&row);
    return STATUS_OK;
}
