/* Merges what all units have in common into one call each, and puts their own writes between inbox
 * and outbox: a repeat must trip over the inbox before it can trip over a version. */
#include "storage/batch.h"

#include <string.h>

#include "storage/columns.h"

static const struct statement batch_fence = {
    .name = "batch_fence",
    .sql = "SELECT host.fence_shards($1, $2, $3)",
};

static const struct statement batch_insert_inbox = {
    .name = "batch_insert_inbox",
    .sql = "INSERT INTO host.inbox (msg_id, number, status, http_status, body, at) "
           "SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::smallint[], "
           "$5::bytea[], $6::bigint[])",
    .on_duplicate = STATUS_DUPLICATE,
};

/* The fence has already moved next_seq behind the last event of this segment: `back` counts from
 * there. */
static const struct statement batch_insert_outbox = {
    .name = "batch_insert_outbox",
    .sql = "INSERT INTO host.outbox (shard, seq, msg_id, number, key, body, at) "
           "SELECT e.shard, f.next_seq - e.back, e.msg_id, e.number, e.key, e.body, e.at "
           "FROM unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::smallint[], $5::uuid[], "
           "$6::bytea[], $7::bigint[]) AS e (shard, back, msg_id, number, key, body, at) "
           "JOIN host.shard_fence f ON f.shard = e.shard",
};

static const struct statement batch_load_answers = {
    .name = "batch_load_answers",
    .sql = "SELECT msg_id, status, http_status, body FROM host.inbox WHERE msg_id = ANY ($1)",
};

bool unit_is_written(const struct unit *unit)
{
    return unit != NULL && unit->verdict == UNIT_WRITES && !unit_is_empty(unit);
}

static struct store_call *batch_add(struct batch *batch, const struct statement *statement,
                                    size_t unit_index)
{
    struct store_call *call = &batch->segment.calls[batch->segment.calls_count];
    batch->call_units[batch->segment.calls_count++] = (uint8_t)unit_index;
    call->statement = statement;
    return call;
}

static size_t batch_shard_index(struct batch *batch, unsigned shard)
{
    for (size_t i = 0; i < batch->shards_count; i++)
        if (batch->shards[i] == shard) return i;
    batch->shards[batch->shards_count] = shard;
    batch->shard_events[batch->shards_count] = 0;
    return batch->shards_count++;
}

/* Counts calls and events; finds the shards that are to be fenced. */
static void batch_survey(struct batch *batch, size_t *ret_calls, size_t *ret_events)
{
    size_t calls = 4, events = 0;
    batch->shards_count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct unit *unit = batch->units[i];
        if (!unit_is_written(unit)) continue;
        for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
            if ((unit->shards >> shard & 1) != 0) (void)batch_shard_index(batch, shard);
        batch->shard_events[batch_shard_index(batch, unit->shard)] += (int64_t)unit->events_count;
        calls += unit->writes_count;
        events += unit->events_count;
    }
    *ret_calls = calls;
    *ret_events = events;
}

static void batch_add_fence(struct batch *batch, const int64_t *epochs)
{
    int16_t shards[SHARD_COUNT];
    int64_t shard_epochs[SHARD_COUNT];
    for (size_t i = 0; i < batch->shards_count; i++) {
        shards[i] = (int16_t)batch->shards[i];
        shard_epochs[i] = epochs[batch->shards[i]];
    }
    batch->fence_call = batch->segment.calls_count;
    struct store_params *params = &batch_add(batch, &batch_fence, BATCH_NO_UNIT)->params;
    param_small_array(params, batch->arena, shards, batch->shards_count);
    param_int_array(params, batch->arena, shard_epochs, batch->shards_count);
    param_int_array(params, batch->arena, batch->shard_events, batch->shards_count);
}

static void batch_add_inbox(struct batch *batch)
{
    struct uuid ids[UNITS_BATCH_MAX];
    int16_t numbers[UNITS_BATCH_MAX], http_statuses[UNITS_BATCH_MAX];
    struct text statuses[UNITS_BATCH_MAX];
    struct text *bodies = arena_allocate_array(batch->arena, batch->count, sizeof *bodies);
    int64_t times[UNITS_BATCH_MAX];
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct unit *unit = batch->units[i];
        if (!unit_is_written(unit)) continue;
        ids[count] = unit->msg_id;
        numbers[count] = (int16_t)unit->number;
        http_statuses[count] = (int16_t)unit->answer.http_status;
        statuses[count] = text_of(status_name(unit->answer.status));
        bodies[count] = unit->answer.body;
        times[count++] = unit->market_us;
    }
    batch->inbox_call = batch->segment.calls_count;
    struct store_params *params = &batch_add(batch, &batch_insert_inbox, BATCH_NO_UNIT)->params;
    param_uuid_array(params, batch->arena, ids, count);
    param_small_array(params, batch->arena, numbers, count);
    param_text_array(params, batch->arena, statuses, count);
    param_small_array(params, batch->arena, http_statuses, count);
    param_bytes_array(params, batch->arena, bodies, count);
    param_int_array(params, batch->arena, times, count);
}

/* ---- writes ---- */

/* One of the calls that become one. */
struct batch_source {
    const struct store_params *params;
    struct batch_source *next;
};

static void batch_copy_params(struct batch *batch, const struct store_params *from,
                              struct store_params *ret_params)
{
    ret_params->count = from->count;
    for (size_t i = 0; i < from->count; i++) {
        struct store_value *value = &ret_params->values[i];
        *value = from->values[i];
        if (value->data != NULL)
            value->data = arena_copy(batch->arena, value->data, (size_t)value->length);
    }
}

/* The call that one of a unit may join, whose last one stands at `after` (SIZE_MAX: it has none
 * yet); NULL: none. */
static struct batch_join *batch_find_join(struct batch *batch, const struct store_call *call,
                                          size_t after)
{
    for (size_t i = batch->joins_count; i-- > 0;) {
        struct batch_join *join = &batch->joins[i];
        if (join->statement == call->statement && (after == SIZE_MAX || join->call >= after) &&
            join->bytes + columns_bytes(&call->params) <= COLUMNS_BYTES_MAX)
            return join;
    }
    return NULL;
}

static struct batch_join *batch_begin_join(struct batch *batch, const struct store_call *call,
                                           size_t unit_index)
{
    if (batch->joins_count == BATCH_JOINS_MAX) return NULL;
    struct batch_join *join = &batch->joins[batch->joins_count++];
    *join = (struct batch_join){ .statement = call->statement, .call = batch->segment.calls_count };
    (void)batch_add(batch, call->statement, unit_index);
    return join;
}

/* Returns the position of the call that it has become a part of; SIZE_MAX: it stands for itself. */
static size_t batch_join_write(struct batch *batch, const struct store_call *call,
                               size_t unit_index, size_t after)
{
    if (batch->is_apart || !call->statement->adds_rows) return SIZE_MAX;
    struct batch_join *join = batch_find_join(batch, call, after);
    if (join == NULL) join = batch_begin_join(batch, call, unit_index);
    if (join == NULL) return SIZE_MAX;
    struct batch_source *source = arena_allocate(batch->arena, sizeof *source);
    *source = (struct batch_source){ .params = &call->params, .next = join->sources };
    join->sources = source;
    join->count++;
    join->bytes += columns_bytes(&call->params);
    if (batch->call_units[join->call] != unit_index) batch->call_units[join->call] = BATCH_JOINED;
    return join->call;
}

static void batch_end_join(struct batch *batch, const struct batch_join *join)
{
    const struct store_params **all =
        arena_allocate_array(batch->arena, join->count, sizeof(void *));
    size_t place = join->count;
    for (const struct batch_source *source = join->sources; source != NULL; source = source->next)
        all[--place] = source->params;
    assert(place == 0);
    columns_join(batch->arena, all, join->count, &batch->segment.calls[join->call].params);
}

static void batch_add_writes(struct batch *batch)
{
    batch->joins_count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (!unit_is_written(batch->units[i])) continue;
        size_t after = SIZE_MAX;
        for (const struct unit_write *write = batch->units[i]->first_write; write != NULL;
             write = write->next) {
            const size_t joined = batch_join_write(batch, &write->call, i, after);
            after = joined != SIZE_MAX ? joined : batch->segment.calls_count;
            if (joined != SIZE_MAX) continue;
            struct store_call *call = batch_add(batch, write->call.statement, i);
            batch_copy_params(batch, &write->call.params, &call->params);
        }
    }
    for (size_t i = 0; i < batch->joins_count; i++)
        batch_end_join(batch, &batch->joins[i]);
}

/* ---- events ---- */

/* The events of a segment as the columns of the INSERT. */
struct event_columns {
    int16_t *shards, *numbers;
    int64_t *backs, *times;
    struct uuid *ids, *keys;
    struct text *bodies;
    size_t count;
};

static void batch_collect_events(struct batch *batch, struct event_columns *columns)
{
    int64_t left[SHARD_COUNT];
    memcpy(left, batch->shard_events, sizeof left);
    for (size_t i = 0; i < batch->count; i++) {
        const struct unit *unit = batch->units[i];
        if (!unit_is_written(unit)) continue;
        for (size_t k = 0; k < unit->events_count; k++) {
            const size_t row = columns->count++;
            columns->shards[row] = (int16_t)unit->shard;
            columns->backs[row] = left[batch_shard_index(batch, unit->shard)]--;
            columns->ids[row] = unit->events[k].msg_id;
            columns->numbers[row] = (int16_t)unit->events[k].number;
            columns->keys[row] = unit->events[k].key;
            columns->bodies[row] = unit->events[k].body;
            columns->times[row] = unit->market_us;
        }
    }
}

static void batch_add_outbox(struct batch *batch, size_t events)
{
    struct arena *arena = batch->arena;
    struct event_columns columns = {
        .shards = arena_allocate_array(arena, events, sizeof *columns.shards),
        .numbers = arena_allocate_array(arena, events, sizeof *columns.numbers),
        .backs = arena_allocate_array(arena, events, sizeof *columns.backs),
        .times = arena_allocate_array(arena, events, sizeof *columns.times),
        .ids = arena_allocate_array(arena, events, sizeof *columns.ids),
        .keys = arena_allocate_array(arena, events, sizeof *columns.keys),
        .bodies = arena_allocate_array(arena, events, sizeof *columns.bodies),
    };
    batch_collect_events(batch, &columns);
    assert(columns.count == events);
    batch->outbox_call = batch->segment.calls_count;
    struct store_params *params = &batch_add(batch, &batch_insert_outbox, BATCH_NO_UNIT)->params;
    param_small_array(params, arena, columns.shards, events);
    param_int_array(params, arena, columns.backs, events);
    param_uuid_array(params, arena, columns.ids, events);
    param_small_array(params, arena, columns.numbers, events);
    param_uuid_array(params, arena, columns.keys, events);
    param_bytes_array(params, arena, columns.bodies, events);
    param_int_array(params, arena, columns.times, events);
}

static void batch_add_lookup(struct batch *batch)
{
    struct uuid ids[UNITS_BATCH_MAX];
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->units[i] != NULL && batch->units[i]->verdict == UNIT_REPEATS)
            ids[count++] = batch->units[i]->msg_id;
    if (count == 0) return;
    batch->lookup_call = batch->segment.calls_count;
    struct store_call *call = batch_add(batch, &batch_load_answers, BATCH_NO_UNIT);
    param_uuid_array(&call->params, batch->arena, ids, count);
}

void batch_build(struct batch *batch, const int64_t *epochs)
{
    assert(batch->count <= UNITS_BATCH_MAX);
    size_t calls, events;
    arena_reset(batch->arena);
    batch_survey(batch, &calls, &events);
    batch->segment.arena = batch->arena;
    batch->segment.calls = arena_allocate_array(batch->arena, calls, sizeof *batch->segment.calls);
    batch->segment.calls_count = 0;
    batch->call_units = arena_allocate(batch->arena, calls);
    batch->fence_call = batch->inbox_call = batch->outbox_call = batch->lookup_call = SIZE_MAX;
    if (batch->shards_count > 0) {
        batch_add_fence(batch, epochs);
        batch_add_inbox(batch);
        batch_add_writes(batch);
        if (events > 0) batch_add_outbox(batch, events);
    }
    batch_add_lookup(batch);
    assert(batch->segment.calls_count <= calls);
}

uint64_t batch_last_sequence(const struct batch *batch, size_t shard_index)
{
    const struct store_result *result = &batch->segment.calls[batch->fence_call].result;
    const struct rows rows = { .result = result, .count = result->rows_count };
    struct row row = rows_at(&rows, 0);
    const int64_t *next_numbers;
    const size_t count = row_int_array(&row, batch->arena, &next_numbers);
    assert(count == batch->shards_count);
    return (uint64_t)next_numbers[shard_index] - 1;
}

enum status batch_find_answer(const struct batch *batch, const struct unit *unit,
                              struct stored_answer *ret_answer)
{
    if (batch->lookup_call == SIZE_MAX) return STATUS_NOT_FOUND;
    const struct store_result *result = &batch->segment.calls[batch->lookup_call].result;
    const struct rows rows = { .result = result, .count = result->rows_count };
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        if (!uuid_equals(row_uuid(&row), unit->msg_id)) continue;
        *ret_answer = stored_answer_read(&row);
        ret_answer->body = text_copy(unit->arena, ret_answer->body);
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* Reads 32 hexadecimal digits, with or without hyphens, behind "=(" of "Key (msg_id)=(01…) already
 * exists." */
static bool detail_read_uuid(const char *detail, struct uuid *ret_id)
{
    const char *position = strstr(detail, "=(");
    if (position == NULL) return false;
    size_t digits = 0;
    struct uuid id = { { 0 } };
    for (position += 2; *position != '\0' && *position != ')' && digits < 32; position++) {
        const char *hexadecimal = "0123456789abcdef";
        const char *found = strchr(hexadecimal, *position);
        if (*position == '-') continue;
        if (found == NULL) return false;
        id.bytes[digits / 2] = (uint8_t)(id.bytes[digits / 2] << 4 | (found - hexadecimal));
        digits++;
    }
    if (digits != 32) return false;
    *ret_id = id;
    return true;
}

struct unit *batch_find_repeat(const struct batch *batch)
{
    struct uuid id;
    const struct store_result *result = &batch->segment.calls[batch->inbox_call].result;
    if (result->status != STATUS_DUPLICATE || !detail_read_uuid(result->detail, &id)) return NULL;
    for (size_t i = batch->count; i-- > 0;)
        if (unit_is_written(batch->units[i]) && uuid_equals(batch->units[i]->msg_id, id))
            return batch->units[i];
    return NULL;
}
