/* Statements on host.parked_event. */
#include "storage/parked_store.h"

#include "storage/query.h"

static const struct statement parked_insert = {
    .name = "parked_insert",
    .sql = "INSERT INTO host.parked_event (source, shard, seq, msg_id, number, kind, body, reason, "
           "attempts, published_at, failed_at, parked_at) "
           "VALUES ($1, $2, $3, $4, $5::bigint, $6, $7, $8, $9, $10, $11, $12)",
    .on_duplicate = STATUS_CONFLICT,
};

static const struct statement parked_delete = {
    .name = "parked_delete",
    .sql = "WITH gone AS (DELETE FROM host.parked_event WHERE source = $1 AND shard = $2 "
           "AND seq = $3 RETURNING 1) SELECT host.require_one(count(*)) FROM gone",
};

static const struct statement parked_update_failed = {
    .name = "parked_update_failed",
    .sql = "UPDATE host.parked_event SET attempts = attempts + 1, reason = $4 "
           "WHERE source = $1 AND shard = $2 AND seq = $3",
};

static const struct statement parked_load = {
    .name = "parked_load",
    .sql = "SELECT source, shard, seq, msg_id, number, kind, reason, attempts, published_at, "
           "failed_at, parked_at, body FROM host.parked_event "
           "WHERE source = $1 AND shard = $2 AND seq = $3",
};

static const struct statement parked_load_oldest = {
    .name = "parked_load_oldest",
    .sql = "SELECT source, shard, seq, msg_id, number, kind, reason, attempts, published_at, "
           "failed_at, parked_at FROM host.parked_event "
           "ORDER BY parked_at, source, shard, seq LIMIT $1",
};

static void bind_name(struct store_params *params, struct arena *arena,
                      const struct parked_name *name)
{
    param_text(params, arena, name->source);
    param_small(params, arena, (int16_t)name->shard);
    param_int(params, arena, (int64_t)name->sequence);
}

static void read_row(struct row *row, struct parked_row *ret_row)
{
    ret_row->name.source = row_text(row);
    ret_row->name.shard = (unsigned)row_int(row);
    ret_row->name.sequence = (uint64_t)row_int(row);
    ret_row->msg_id = row_uuid(row);
    ret_row->number = (uint16_t)row_int(row);
    ret_row->kind = row_text(row);
    ret_row->reason = row_text(row);
    ret_row->attempts = row_int(row);
    ret_row->published_us = row_int(row);
    ret_row->failed_us = row_int(row);
    ret_row->parked_us = row_int(row);
}

void parked_add(struct unit *unit, struct arena *arena, const struct parked_row *row)
{
    struct store_params *params = unit_write(unit, &parked_insert);
    bind_name(params, arena, &row->name);
    param_uuid(params, arena, row->msg_id);
    param_int(params, arena, row->number);
    param_text(params, arena, row->kind);
    param_bytes(params, arena, row->body);
    param_text(params, arena, row->reason);
    param_int(params, arena, row->attempts);
    param_int(params, arena, row->published_us);
    param_int(params, arena, row->failed_us);
    param_int(params, arena, row->parked_us);
}

void parked_remove(struct unit *unit, struct arena *arena, const struct parked_name *name)
{
    bind_name(unit_write(unit, &parked_delete), arena, name);
}

void parked_fail(struct unit *unit, struct arena *arena, const struct parked_name *name,
                 struct text reason)
{
    struct store_params *params = unit_write(unit, &parked_update_failed);
    bind_name(params, arena, name);
    param_text(params, arena, reason);
}

enum status parked_find(struct database *database, struct arena *arena,
                        const struct parked_name *name, int64_t deadline_us,
                        struct parked_row *ret_row)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    bind_name(&params, arena, name);
    TRY(query_run(database, arena, &parked_load, &params, deadline_us, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_row(&row, ret_row);
    ret_row->body = row_bytes(&row);
    return STATUS_OK;
}

enum status parked_list(struct database *database, struct arena *arena, size_t max,
                        int64_t deadline_us, const struct parked_row **ret_rows, size_t *ret_count)
{
    assert(max <= PARKED_LISTED_MAX + 1);
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_int(&params, arena, (int64_t)max);
    TRY(query_run(database, arena, &parked_load_oldest, &params, deadline_us, &rows));
    struct parked_row *found = arena_allocate_array(arena, rows.count, sizeof *found);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        found[i] = (struct parked_row){ 0 };
        read_row(&row, &found[i]);
    }
    *ret_rows = found;
    *ret_count = rows.count;
    return STATUS_OK;
}
