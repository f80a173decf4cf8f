/* Small batches. */
#include "actors/host/trim.h"

#include "storage/values.h"

enum status request_trim(struct request *request, const struct statement *statement,
                         enum setting kept, unsigned shard_first, unsigned shard_last)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params params = { .count = 0 };
    param_int(&params, arena,
              request_now_us(request) - config_duration_us(request_config(request), kept));
    param_small(&params, arena, (int16_t)shard_first);
    param_small(&params, arena, (int16_t)shard_last);
    param_int(&params, arena, TRIM_ROWS_MAX);
    int64_t gone = TRIM_ROWS_MAX;
    for (size_t i = 0; i < TRIM_ROUNDS_MAX && gone == TRIM_ROWS_MAX; i++) {
        struct rows rows;
        TRY(request_query(request, statement, &params, &rows));
        struct row row = rows_at(&rows, 0);
        gone = row_int(&row);
    }
    return STATUS_OK;
}
