/* Statements on host.saga. */
#include "storage/saga_store.h"

#include <string.h>

#include "storage/query.h"

static const struct statement saga_insert = {
    .name = "saga_insert",
    .sql = "INSERT INTO host.saga (id, shard, kind, version, direction, point, data, "
           "idempotency_key, fingerprint, started_at, deadline) "
           "VALUES ($1, $2, $3, $4::bigint, $5, $6, $7, $8, $9, $10, $11)",
    .on_duplicate = STATUS_DUPLICATE,
};

static const struct statement saga_update_undo = {
    .name = "saga_begin_undo",
    .sql = "WITH u AS (UPDATE host.saga SET direction = 1, refusal = $2 WHERE id = $1 "
           "AND NOT is_done AND point = 0 AND direction = 0 RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM u",
};

static const struct statement saga_update_pivot = {
    .name = "saga_update_pivot",
    .sql = "WITH u AS (UPDATE host.saga SET point = 1 WHERE id = $1 AND NOT is_done "
           "AND point = 0 AND direction = 0 RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM u",
};

static const struct statement saga_update_done = {
    .name = "saga_update_done",
    .sql = "WITH u AS (UPDATE host.saga SET is_done = true WHERE id = $1 AND NOT is_done "
           "RETURNING 1) SELECT host.require_one(count(*)) FROM u",
};

static const struct statement saga_load_open = {
    .name = "saga_load_open",
    .sql = "SELECT id, shard, kind, version, direction, point, data, idempotency_key, "
           "fingerprint, started_at, deadline, refusal FROM host.saga WHERE NOT is_done "
           "AND shard BETWEEN $1 AND $2 AND id > $3 ORDER BY id LIMIT $4",
};

static const struct statement saga_load_late = {
    .name = "saga_load_late",
    .sql = "SELECT id, shard, kind, direction, point, started_at, deadline FROM host.saga "
           "WHERE NOT is_done AND deadline < $1 ORDER BY deadline, id LIMIT $2",
};

static const struct statement saga_load_one = {
    .name = "saga_load_one",
    .sql = "SELECT id, shard, kind, version, direction, point, data, idempotency_key, "
           "fingerprint, started_at, deadline, refusal FROM host.saga WHERE NOT is_done "
           "AND id = $1",
};

void saga_store_insert(struct unit *unit, struct arena *arena, const struct saga_row *row)
{
    struct store_params *params = unit_write(unit, &saga_insert);
    param_uuid(params, arena, row->id);
    param_small(params, arena, (int16_t)row->shard);
    param_text(params, arena, row->kind);
    param_int(params, arena, row->version);
    param_small(params, arena, (int16_t)row->direction);
    param_small(params, arena, (int16_t)row->point);
    param_bytes(params, arena, row->data);
    if (row->has_idempotency) {
        param_bytes(
            params, arena,
            (struct text){ (const char *)row->idempotency_key, sizeof row->idempotency_key });
        param_bytes(params, arena,
                    (struct text){ (const char *)row->fingerprint, sizeof row->fingerprint });
    } else {
        param_null_bytes(params);
        param_null_bytes(params);
    }
    param_int(params, arena, row->started_us);
    param_int(params, arena, row->deadline_us);
}

void saga_store_begin_undo(struct unit *unit, struct arena *arena, struct uuid id,
                           enum status refusal)
{
    struct store_params *params = unit_write(unit, &saga_update_undo);
    param_uuid(params, arena, id);
    param_text(params, arena, text_of(status_name(refusal)));
}

void saga_store_reach_pivot(struct unit *unit, struct arena *arena, struct uuid id)
{
    param_uuid(unit_write(unit, &saga_update_pivot), arena, id);
}

void saga_store_done(struct unit *unit, struct arena *arena, struct uuid id)
{
    param_uuid(unit_write(unit, &saga_update_done), arena, id);
}

static void saga_read_digest(struct row *row, uint8_t *digest, size_t length, bool *ret_has)
{
    *ret_has = false;
    if (row_skip_null(row)) return;
    const struct text bytes = row_bytes(row);
    if (bytes.length != length) return;
    memcpy(digest, bytes.data, length);
    *ret_has = true;
}

static enum status read_refusal(struct row *row)
{
    if (row_skip_null(row)) return STATUS_OK;
    const struct text name = row_text(row);
    enum status refusal;
    return status_find(name.data, name.length, &refusal) ? refusal : STATUS_UNAVAILABLE;
}

static void read_open(struct row *row, struct saga_row *saga)
{
    bool has_key, has_fingerprint;
    saga->id = row_uuid(row);
    saga->shard = (unsigned)row_int(row);
    saga->kind = row_text(row);
    saga->version = (int)row_int(row);
    saga->direction = (int)row_int(row);
    saga->point = (int)row_int(row);
    saga->data = row_bytes(row);
    saga_read_digest(row, saga->idempotency_key, sizeof saga->idempotency_key, &has_key);
    saga_read_digest(row, saga->fingerprint, sizeof saga->fingerprint, &has_fingerprint);
    saga->has_idempotency = has_key && has_fingerprint;
    saga->started_us = row_int(row);
    saga->deadline_us = row_int(row);
    saga->refusal = read_refusal(row);
}

enum status saga_store_open(struct database *database, struct arena *arena, unsigned first,
                            unsigned last, struct uuid after, int64_t deadline_us,
                            struct saga_row *ret_rows, size_t *ret_count)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_small(&params, arena, (int16_t)first);
    param_small(&params, arena, (int16_t)last);
    param_uuid(&params, arena, after);
    param_int(&params, arena, SAGA_ROWS_MAX);
    TRY(query_run(database, arena, &saga_load_open, &params, deadline_us, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_open(&row, &ret_rows[i]);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status saga_store_find_open(struct database *database, struct arena *arena, struct uuid id,
                                 int64_t deadline_us, struct saga_row *ret_row)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_uuid(&params, arena, id);
    TRY(query_run(database, arena, &saga_load_one, &params, deadline_us, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_open(&row, ret_row);
    return STATUS_OK;
}

enum status saga_store_late(struct database *database, struct arena *arena, int64_t market_us,
                            size_t max, int64_t deadline_us, const struct saga_row **ret_rows,
                            size_t *ret_count)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_int(&params, arena, market_us);
    param_int(&params, arena, (int64_t)max);
    TRY(query_run(database, arena, &saga_load_late, &params, deadline_us, &rows));
    struct saga_row *late = arena_allocate_array(arena, rows.count, sizeof *late);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        late[i].id = row_uuid(&row);
        late[i].shard = (unsigned)row_int(&row);
        late[i].kind = row_text(&row);
        late[i].direction = (int)row_int(&row);
        late[i].point = (int)row_int(&row);
        late[i].started_us = row_int(&row);
        late[i].deadline_us = row_int(&row);
    }
    *ret_rows = late;
    *ret_count = rows.count;
    return STATUS_OK;
}
