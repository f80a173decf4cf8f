/* SQL of tallies. */
#include "actors/@name@/@name@_store.h"

static const struct statement @name@_load = {
    .name = "@name@_load",
    .sql = "SELECT total, version FROM \"@name@\".tally WHERE user_id = $1",
};

enum status @name@_store_load(struct request *request, struct uuid user_id,
                              struct @name@ *ret_@name@)
{
    if (request_recall(request, ret_@name@, sizeof *ret_@name@)) return STATUS_OK;
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, user_id);
    TRY(request_query(request, &@name@_load, params, &rows));
    *ret_@name@ = (struct @name@){ .user_id = user_id };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_@name@->total = row_int(&row);
    ret_@name@->version = row_int(&row);
    return STATUS_OK;
}

static const struct statement @name@_insert = {
    .name = "@name@_insert",
    .sql = "INSERT INTO \"@name@\".tally (user_id, total, version, changed_at)"
           " VALUES ($1, $2, $3 + 1, $4)",
    .on_duplicate = STATUS_CONFLICT,
};

static const struct statement @name@_update = {
    .name = "@name@_update",
    .sql = "WITH u AS (UPDATE \"@name@\".tally SET total = $2, version = version + 1, changed_at = $4"
           " WHERE user_id = $1 AND version = $3 RETURNING 1)"
           " SELECT host.require_one(count(*)) FROM u",
};

void @name@_store_save(struct request *request, struct @name@ *@name@)
{
    struct arena *arena = request_arena(request);
    struct store_params *params =
        request_write(request, @name@->version == 0 ? &@name@_insert : &@name@_update);
    param_uuid(params, arena, @name@->user_id);
    param_int(params, arena, @name@->total);
    param_int(params, arena, @name@->version);
    param_int(params, arena, request_now_us(request));
    @name@->version++;
    request_remember(request, @name@, sizeof *@name@);
}
