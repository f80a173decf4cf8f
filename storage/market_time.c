/* Statements on host.market_time, a table of one row. */
#include "storage/market_time.h"

#include "storage/query.h"

static const struct statement market_time_select = {
    .name = "market_time_select",
    .sql = "SELECT offset_us FROM host.market_time",
};

static const struct statement market_time_update = {
    .name = "market_time_update",
    .sql = "WITH u AS (UPDATE host.market_time SET offset_us = greatest(offset_us, $1) "
           "RETURNING 1) SELECT host.require_one(count(*)) FROM u",
};

static const struct statement market_time_replace = {
    .name = "market_time_replace",
    .sql = "WITH u AS (UPDATE host.market_time SET offset_us = $2 WHERE offset_us = $1 "
           "RETURNING 1) SELECT host.require_one(count(*)) FROM u",
};

enum status market_time_load(struct database *database, struct arena *arena, int64_t deadline_us,
                             int64_t *ret_offset_us)
{
    assert(ret_offset_us != NULL);
    static const struct store_params nothing = { .count = 0 };
    struct rows rows;
    TRY(query_run(database, arena, &market_time_select, &nothing, deadline_us, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    *ret_offset_us = row_int(&row);
    return STATUS_OK;
}

enum status market_time_raise(struct database *database, struct arena *arena, int64_t offset_us,
                              int64_t deadline_us)
{
    assert(offset_us >= 0);
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_int(&params, arena, offset_us);
    return query_run(database, arena, &market_time_update, &params, deadline_us, &rows);
}

void market_time_move(struct unit *unit, struct arena *arena, int64_t from_us, int64_t to_us)
{
    assert(to_us >= from_us);
    struct store_params *params = unit_write(unit, &market_time_replace);
    param_int(params, arena, from_us);
    param_int(params, arena, to_us);
}
