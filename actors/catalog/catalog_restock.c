/* Units of an order that was called off go back to the stock, once. */
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_store.h"
#include "catalog_handlers.h"

static const struct statement find_statement = {
    .name = "catalog_restock_find",
    .sql = "SELECT quantity FROM catalog.restock WHERE restock_id = $1 AND variant_id = $2",
};

/* How many units this restock has brought; 0: it has not happened. */
static enum status find(struct request *request, const struct catalog_restock_units *command,
                        int64_t *ret_quantity)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), command->restock_id);
    param_uuid(&params, request_arena(request), command->variant_id);
    TRY(request_query(request, &find_statement, &params, &rows));
    *ret_quantity = 0;
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    *ret_quantity = row_int(&row);
    return STATUS_OK;
}

/* What was sold stays sold: the units are received once more. */
static const struct statement save_statement = {
    .name = "catalog_restock_save",
    .sql = "WITH s AS (UPDATE catalog.stock SET on_hand = on_hand + $4, received = received + $4,"
           " version = version + 1 WHERE variant_id = $1 AND version = $2 RETURNING 1),"
           " r AS (INSERT INTO catalog.restock (restock_id, variant_id, quantity)"
           " SELECT $3, $1, $4 FROM s),"
           " m AS (INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, reference,"
           " at) SELECT $1, $2 + 1, $5, $4, $6, $7 FROM s)"
           " SELECT require_one(count(*)) FROM s",
    .on_duplicate = STATUS_CONFLICT,
};

static void save(struct request *request, const struct catalog_restock_units *command,
                 const struct catalog_stock *stock)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save_statement);
    param_uuid(params, arena, command->variant_id);
    param_int(params, arena, stock->version - 1);
    param_uuid(params, arena, command->restock_id);
    param_int(params, arena, command->quantity);
    param_small(params, arena, CATALOG_MOVEMENT_KIND_RESTOCK);
    param_uuid(params, arena, command->group_id);
    param_int(params, arena, request_now_us(request));
    request_remember(request, stock, sizeof *stock);
}

enum status catalog_handle_restock_units(struct request *request,
                                         const struct catalog_restock_units *command)
{
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    int64_t before;
    TRY(catalog_store_load_level(request, command->variant_id, stock));
    TRY(find(request, command, &before));
    if (before > 0) return before == command->quantity ? STATUS_OK : STATUS_ILLEGAL_TRANSITION;
    const struct catalog_news_before was = catalog_news_before(stock);
    catalog_stock_receive(stock, command->quantity);
    save(request, command, stock);
    return catalog_news_of_stock(request, was, stock);
}
