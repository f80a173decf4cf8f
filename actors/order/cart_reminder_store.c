/* SQL of carts that were left. */
#include "actors/order/cart_reminder_store.h"

#include "order_messages.h"

/* $1 and $2: between which it was changed last. */
#define IS_LEFT                                                                                    \
    "c.user_id IS NOT NULL AND c.status = 'active' AND c.reminded_at IS NULL "                     \
    "AND c.draft IS NULL "                                                                         \
    "AND c.updated_at >= $1 AND c.updated_at < $2 "                                                \
    "AND EXISTS (SELECT 1 FROM \"order\".cart_line l WHERE l.cart_id = c.id) "

enum status cart_reminder_store_list(struct request *request, unsigned shard_first,
                                     unsigned shard_last, const struct cart_reminder_span *span,
                                     const struct uuid **ret_ids, size_t *ret_count)
{
    static const struct statement list = {
        .name = "order_carts_left",
        .sql = "SELECT c.id FROM \"order\".cart c WHERE " IS_LEFT
               "AND c.touched_hour BETWEEN $1 / 3600000000 AND $2 / 3600000000 "
               "AND c.shard BETWEEN $3 AND $4 ORDER BY c.touched_hour LIMIT $5",
    };
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_int(&params, arena, span->from_us);
    param_int(&params, arena, span->until_us);
    param_small(&params, arena, (int16_t)shard_first);
    param_small(&params, arena, (int16_t)shard_last);
    param_int(&params, arena, CART_REMINDERS_MAX);
    TRY(request_query(request, &list, &params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status cart_reminder_store_find(struct request *request, struct uuid cart_id,
                                     const struct cart_reminder_span *span,
                                     struct uuid *ret_user_id)
{
    static const struct statement find = {
        .name = "order_cart_left",
        .sql = "SELECT c.user_id FROM \"order\".cart c WHERE " IS_LEFT "AND c.id = $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_int(&params, arena, span->from_us);
    param_int(&params, arena, span->until_us);
    param_uuid(&params, arena, cart_id);
    TRY(request_query(request, &find, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_user_id = row_uuid(&row);
    return STATUS_OK;
}

void cart_reminder_store_mark(struct request *request, struct uuid cart_id)
{
    static const struct statement mark = {
        .name = "order_cart_reminded",
        .sql = "WITH c AS (UPDATE \"order\".cart SET reminded_at = $2 WHERE id = $1"
               " AND status = 'active' AND reminded_at IS NULL RETURNING 1)"
               " SELECT require_one(count(*)) FROM c",
    };
    struct store_params *params = request_write(request, &mark);
    param_uuid(params, request_arena(request), cart_id);
    param_int(params, request_arena(request), request_now_us(request));
}
