/* Reads what is due. */
#include "actors/order/order_due.h"

#include "storage/values.h"

enum status order_due_list(struct request *request, const struct statement *statement,
                           unsigned shard_first, unsigned shard_last, int64_t most,
                           const struct due_object **ret_due, size_t *ret_count)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_int(&params, arena, request_now_us(request));
    param_small(&params, arena, (int16_t)shard_first);
    param_small(&params, arena, (int16_t)shard_last);
    param_int(&params, arena, most);
    TRY(request_query(request, statement, &params, &rows));
    assert(rows.count <= (size_t)most);
    struct due_object *due = arena_allocate_array(arena, rows.count, sizeof *due);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        due[i].owner_id = row_uuid(&row);
        due[i].id = row_uuid(&row);
    }
    *ret_due = due;
    *ret_count = rows.count;
    return STATUS_OK;
}
