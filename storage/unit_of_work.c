/* Gathers what a handler writes, hands it to the committer and waits; and the two look-ups of
 * stored answers. */
#include "storage/unit_of_work.h"

#include <string.h>

#include "storage/committer.h"
#include "storage/database_private.h"

enum { IDEMPOTENCY_KEY_BYTES = 32, FINGERPRINT_BYTES = 16 };

static const struct statement idempotency_insert_running = {
    .name = "idempotency_insert_running",
    .sql = "INSERT INTO host.idempotency (key, fingerprint, at) VALUES ($1, $2, $3)",
    .on_duplicate = STATUS_DUPLICATE,
};

static const struct statement idempotency_insert_answer = {
    .name = "idempotency_insert_answer",
    .sql = "INSERT INTO host.idempotency (key, fingerprint, at, status, http_status, body) "
           "VALUES ($1, $2, $3, $4, $5, $6)",
    .on_duplicate = STATUS_DUPLICATE,
};

/* The running row may have been trimmed meanwhile; then the answer has nobody to go to, and is kept
 * all the same. */
static const struct statement idempotency_complete = {
    .name = "idempotency_complete",
    .sql = "INSERT INTO host.idempotency AS i (key, fingerprint, at, status, http_status, body) "
           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO UPDATE SET "
           "status = EXCLUDED.status, http_status = EXCLUDED.http_status, body = EXCLUDED.body "
           "WHERE i.status IS NULL",
};

static const struct statement idempotency_load = {
    .name = "idempotency_load",
    .sql = "SELECT fingerprint, status, http_status, body FROM host.idempotency WHERE key = $1",
};

static const struct statement inbox_load = {
    .name = "inbox_load",
    .sql = "SELECT status, http_status, body FROM host.inbox WHERE msg_id = $1",
};

struct unit *unit_new(struct arena *arena, struct fibers *fibers, unsigned shard,
                      struct uuid msg_id, uint16_t number, int64_t market_us)
{
    assert(shard < SHARD_COUNT);
    struct unit *unit = arena_allocate(arena, sizeof *unit);
    unit->arena = arena;
    unit->shard = shard;
    unit->shards = UINT64_C(1) << shard;
    unit->msg_id = msg_id;
    unit->number = number;
    unit->market_us = market_us;
    completion_init(&unit->completion, fibers);
    return unit;
}

void unit_add_shard(struct unit *unit, unsigned shard)
{
    assert(shard < SHARD_COUNT);
    unit->shards |= UINT64_C(1) << shard;
}

struct store_params *unit_write(struct unit *unit, const struct statement *statement)
{
    assert(statement != NULL);
    assert(unit->writes_count < UNIT_WRITES_MAX);
    struct unit_write *write = arena_allocate(unit->arena, sizeof *write);
    write->call.statement = statement;
    if (unit->last_write == NULL)
        unit->first_write = write;
    else
        unit->last_write->next = write;
    unit->last_write = write;
    unit->writes_count++;
    return &write->call.params;
}

void unit_publish(struct unit *unit, uint16_t number, struct uuid key, struct text body)
{
    assert(unit->events_count < UNIT_EVENTS_MAX);
    if (unit->events == NULL)
        unit->events = arena_allocate_array(unit->arena, UNIT_EVENTS_MAX, sizeof *unit->events);
    const size_t index = unit->events_count++;
    unit->events[index] = (struct unit_event){
        .msg_id = uuid_derive_named(unit->msg_id, TEXT("event"), index),
        .key = key,
        .number = number,
        .body = text_copy(unit->arena, body),
    };
}

static void param_digest(struct store_params *params, struct arena *arena, const uint8_t *digest,
                         size_t length)
{
    param_bytes(params, arena, (struct text){ .data = (const char *)digest, .length = length });
}

static struct store_params *unit_write_idempotency(struct unit *unit,
                                                   const struct statement *statement,
                                                   const uint8_t key[32],
                                                   const uint8_t fingerprint[16])
{
    struct store_params *params = unit_write(unit, statement);
    param_digest(params, unit->arena, key, IDEMPOTENCY_KEY_BYTES);
    param_digest(params, unit->arena, fingerprint, FINGERPRINT_BYTES);
    param_int(params, unit->arena, unit->market_us);
    return params;
}

void unit_idempotency_running(struct unit *unit, const uint8_t key[32],
                              const uint8_t fingerprint[16])
{
    (void)unit_write_idempotency(unit, &idempotency_insert_running, key, fingerprint);
}

void unit_idempotency_answer(struct unit *unit, const uint8_t key[32],
                             const uint8_t fingerprint[16], bool is_new,
                             const struct stored_answer *answer)
{
    assert(answer->body.length <= UNIT_ANSWER_MAX);
    struct store_params *params = unit_write_idempotency(
        unit, is_new ? &idempotency_insert_answer : &idempotency_complete, key, fingerprint);
    param_text(params, unit->arena, text_of(status_name(answer->status)));
    param_small(params, unit->arena, (int16_t)answer->http_status);
    param_bytes(params, unit->arena, answer->body);
}

void unit_answer(struct unit *unit, const struct stored_answer *answer)
{
    assert(answer->body.length <= UNIT_ANSWER_MAX);
    unit->answer = *answer;
    unit->answer.body = text_copy(unit->arena, answer->body);
}

bool unit_is_empty(const struct unit *unit)
{
    return unit->writes_count == 0 && unit->events_count == 0;
}

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

/* Reads status, http_status and body, the next three columns of the row. */
static struct stored_answer row_answer(struct row *row)
{
    struct stored_answer answer = { .status = STATUS_INTERNAL };
    const struct text name = row_text(row);
    (void)status_find(name.data, name.length, &answer.status);
    answer.http_status = (uint16_t)row_int(row);
    answer.body = row_bytes(row);
    return answer;
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
    *ret_answer = row_answer(&row);
    return STATUS_OK;
}

enum status idempotency_find(struct database *database, struct arena *arena, const uint8_t key[32],
                             const uint8_t fingerprint[16], int64_t deadline_us,
                             struct stored_answer *ret_answer)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_digest(&params, arena, key, IDEMPOTENCY_KEY_BYTES);
    TRY(query_run(database, arena, &idempotency_load, &params, deadline_us, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    const struct text wanted = { .data = (const char *)fingerprint, .length = FINGERPRINT_BYTES };
    if (!text_equals(row_bytes(&row), wanted)) return STATUS_IDEMPOTENCY_KEY_REUSED;
    if (row_skip_null(&row)) return STATUS_REQUEST_IN_PROGRESS;
    *ret_answer = row_answer(&row);
    return STATUS_OK;
}
