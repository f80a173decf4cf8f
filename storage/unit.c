/* Gathers what a handler writes: statements, events, the answer and the Idempotency-Key. */
#include "storage/unit_private.h"

#include <string.h>

enum { IDEMPOTENCY_KEY_BYTES = 32, FINGERPRINT_BYTES = 16, EVENTS_STEP = 8 };

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

static const struct statement idempotency_release = {
    .name = "idempotency_release",
    .sql = "DELETE FROM host.idempotency WHERE key = $1 AND status IS NULL",
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
    unit->deadline_us = INT64_MAX;
    completion_init(&unit->completion, fibers);
    return unit;
}

void unit_add_shard(struct unit *unit, unsigned shard)
{
    assert(shard < SHARD_COUNT);
    unit->shards |= UINT64_C(1) << shard;
}

void unit_set_order(struct unit *unit, struct uuid key, int64_t deadline_us)
{
    assert(unit->committer == NULL);
    unit->key = key;
    unit->deadline_us = deadline_us;
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

size_t unit_writes_left(const struct unit *unit)
{
    return UNIT_WRITES_MAX - unit->writes_count;
}

/* For one more event: most units have few. */
static void unit_make_room(struct unit *unit)
{
    const size_t count = unit->events_count;
    if (count % EVENTS_STEP != 0) return;
    struct unit_event *events =
        arena_allocate_array(unit->arena, count + EVENTS_STEP, sizeof *events);
    if (count > 0) memcpy(events, unit->events, count * sizeof *events);
    unit->events = events;
}

void unit_publish(struct unit *unit, uint16_t number, struct uuid key, struct text body)
{
    assert(unit->events_count < UNIT_EVENTS_MAX);
    unit_make_room(unit);
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

void unit_idempotency_release(struct unit *unit, const uint8_t key[32])
{
    param_digest(unit_write(unit, &idempotency_release), unit->arena, key, IDEMPOTENCY_KEY_BYTES);
}

void unit_answer(struct unit *unit, const struct stored_answer *answer)
{
    assert(answer->body.length <= UNIT_ANSWER_MAX);
    unit->answer = *answer;
    unit->answer.body = text_copy(unit->arena, answer->body);
}

void unit_hint(struct unit *unit, struct uuid id)
{
    struct unit_hint *hint = arena_allocate(unit->arena, sizeof *hint);
    *hint = (struct unit_hint){ .id = id, .next = unit->hints };
    unit->hints = hint;
    unit->hinted |= UINT64_C(1) << uuid_shard(id);
}

bool unit_is_empty(const struct unit *unit)
{
    return unit->writes_count == 0 && unit->events_count == 0 && unit->hints == NULL;
}

bool unit_has_room(const struct unit *unit, const struct unit *part, size_t writes)
{
    return unit->writes_count + part->writes_count + writes <= UNIT_WRITES_MAX &&
           unit->events_count + part->events_count <= UNIT_EVENTS_MAX;
}

void unit_take(struct unit *unit, struct unit *part)
{
    assert(unit_has_room(unit, part, 0));
    assert(uuid_equals(unit->msg_id, part->msg_id));
    if (part->first_write != NULL) {
        if (unit->last_write == NULL)
            unit->first_write = part->first_write;
        else
            unit->last_write->next = part->first_write;
        unit->last_write = part->last_write;
    }
    unit->writes_count += part->writes_count;
    unit->shards |= part->shards;
    for (size_t i = 0; i < part->events_count; i++)
        unit_publish(unit, part->events[i].number, part->events[i].key, part->events[i].body);
    for (const struct unit_hint *hint = part->hints; hint != NULL; hint = hint->next)
        unit_hint(unit, hint->id);
    *part = (struct unit){ .arena = part->arena };
}

struct stored_answer stored_answer_read(struct row *row)
{
    struct stored_answer answer = { .status = STATUS_INTERNAL };
    const struct text name = row_text(row);
    (void)status_find(name.data, name.length, &answer.status);
    answer.http_status = (uint16_t)row_int(row);
    answer.body = row_bytes(row);
    return answer;
}
