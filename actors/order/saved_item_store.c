/* SQL of saved items. */
#include "actors/order/saved_item_store.h"

#define ITEM_SELECT                                                                                \
    "SELECT variant_id, product_id, vendor_id, name, quantity, saved_at FROM "                     \
    "\"order\".saved_item "

static void read_item(struct row *row, struct saved_item *item)
{
    item->variant_id = row_uuid(row);
    item->product_id = row_uuid(row);
    item->vendor_id = row_uuid(row);
    item->name = row_text(row);
    item->quantity = row_int(row);
    item->saved_at_us = row_int(row);
}

enum status saved_item_store_list(struct request *request, struct uuid user_id,
                                  struct saved_item **ret_items, size_t *ret_count)
{
    static const struct statement list = {
        .name = "order_saved_items",
        .sql = ITEM_SELECT "WHERE user_id = $1 ORDER BY saved_at DESC, variant_id DESC LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, user_id);
    param_int(&params, arena, SAVED_ITEMS_MAX);
    TRY(request_query(request, &list, &params, &rows));
    struct saved_item *items = arena_allocate_array(arena, rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_item(&row, &items[i]);
    }
    *ret_items = items;
    *ret_count = rows.count;
    return STATUS_OK;
}

static enum status query_item(struct request *request, const struct statement *statement,
                              struct uuid user_id, struct uuid variant_id, struct rows *ret_rows)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, user_id);
    param_uuid(&params, arena, variant_id);
    return request_query(request, statement, &params, ret_rows);
}

enum status saved_item_store_find(struct request *request, struct uuid user_id,
                                  struct uuid variant_id, struct saved_item *ret_item)
{
    static const struct statement find = {
        .name = "order_saved_item_find",
        .sql = ITEM_SELECT "WHERE user_id = $1 AND variant_id = $2",
    };
    struct rows rows;
    TRY(query_item(request, &find, user_id, variant_id, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_item(&row, ret_item);
    return STATUS_OK;
}

enum status saved_item_store_count(struct request *request, struct uuid user_id,
                                   struct uuid variant_id, int64_t *ret_others, bool *ret_is_there)
{
    static const struct statement count = {
        .name = "order_saved_item_count",
        .sql = "SELECT count(*) FILTER (WHERE variant_id <> $2),"
               " coalesce(bool_or(variant_id = $2), false)"
               " FROM \"order\".saved_item WHERE user_id = $1",
    };
    struct rows rows;
    TRY(query_item(request, &count, user_id, variant_id, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_others = row_int(&row);
    *ret_is_there = row_bool(&row);
    return STATUS_OK;
}

/* An update is always one row; an insertion is one while there is room. */
static const struct statement put_item = {
    .name = "order_saved_item_put",
    .sql = "WITH i AS (INSERT INTO \"order\".saved_item (user_id, variant_id, product_id,"
           " vendor_id, name, quantity, saved_at) SELECT $1, $2, $3, $4, $5, $6, $7"
           " WHERE (SELECT count(*) FROM \"order\".saved_item WHERE user_id = $1"
           " AND variant_id <> $2) < $8 ON CONFLICT (user_id, variant_id) DO UPDATE"
           " SET quantity = excluded.quantity, name = excluded.name RETURNING 1)"
           " SELECT require_one(count(*)) FROM i",
};

void saved_item_store_put(struct request *request, struct uuid user_id,
                          const struct saved_item *item)
{
    assert(item->quantity >= 1);
    assert(item->quantity <= CART_LINE_UNITS_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &put_item);
    param_uuid(params, arena, user_id);
    param_uuid(params, arena, item->variant_id);
    param_uuid(params, arena, item->product_id);
    param_uuid(params, arena, item->vendor_id);
    param_text(params, arena, item->name);
    param_int(params, arena, item->quantity);
    param_int(params, arena, item->saved_at_us);
    param_int(params, arena, SAVED_ITEMS_MAX);
}

void saved_item_store_remove(struct request *request, struct uuid user_id, struct uuid variant_id)
{
    static const struct statement remove_item = {
        .name = "order_saved_item_remove",
        .sql = "WITH i AS (DELETE FROM \"order\".saved_item WHERE user_id = $1"
               " AND variant_id = $2 RETURNING 1) SELECT require_one(count(*)) FROM i",
    };
    struct store_params *params = request_write(request, &remove_item);
    param_uuid(params, request_arena(request), user_id);
    param_uuid(params, request_arena(request), variant_id);
}

void saved_item_store_forget(struct request *request, struct uuid user_id)
{
    static const struct statement forget = {
        .name = "order_saved_items_forget",
        .sql = "DELETE FROM \"order\".saved_item WHERE user_id = $1",
    };
    struct store_params *params = request_write(request, &forget);
    param_uuid(params, request_arena(request), user_id);
}
