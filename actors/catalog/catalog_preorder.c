/* Pre-orders by the clock: every rule and every answer looks at the time itself; here search is
 * told when a day has come. */
#include "actors/catalog/catalog_preorder.h"

#include "actors/catalog/catalog_due.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_store.h"
#include "actors/host/ask_each.h"
#include "catalog_handlers.h"

enum status catalog_handle_end_preorder(struct request *request,
                                        const struct catalog_end_preorder *command)
{
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    TRY(catalog_store_load_level(request, command->variant_id, stock));
    if (stock->ahead.policy != CATALOG_STOCK_POLICY_DENY) return STATUS_OK;
    catalog_stock_sell_ahead(stock, stock->ahead);
    catalog_store_save_ahead(request, stock);
    return catalog_news_of_product(request, stock->product_id, true);
}

static const struct statement preorders_due = {
    .name = "catalog_preorders_due",
    .sql = "SELECT variant_id FROM catalog.stock WHERE policy = 2 AND available_on <= $1"
           " AND (get_byte(uuid_send(variant_id), 15) & 63) BETWEEN $2 AND $3"
           " ORDER BY available_on LIMIT 200",
};

static enum status begin_end(struct request *request, const void *context, size_t index,
                             struct request_ask **ret_ask)
{
    const struct uuid *ids = context;
    const struct catalog_end_preorder command = { .variant_id = ids[index] };
    return request_ask_begin(request, &catalog_end_preorder_message, &command, ret_ask);
}

enum status catalog_preorder_sweep(struct request *request, unsigned shard_first,
                                   unsigned shard_last)
{
    struct uuid *ids;
    size_t count;
    TRY(catalog_due_ids(request, &preorders_due, shard_first, shard_last, &ids, &count));
    return request_ask_each(request, count, begin_end, ids);
}
