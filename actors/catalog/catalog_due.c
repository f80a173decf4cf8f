/* Reads what is due. */
#include "actors/catalog/catalog_due.h"

#include "storage/values.h"

enum status catalog_due_ids(struct request *request, const struct statement *statement,
                            unsigned shard_first, unsigned shard_last, struct uuid **ret_ids,
                            size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, shard_first);
    param_int(params, arena, shard_last);
    TRY(request_query(request, statement, params, &rows));
    assert(rows.count <= CATALOG_DUE_IDS_MAX);
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}
