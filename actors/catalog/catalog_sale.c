/* Sales by the clock: what lists say of a product's price is made again when a sale of it has
 * ended, since another one may follow; and search is told when one begins. */
#include "actors/catalog/catalog_sale.h"

#include "actors/catalog/catalog_due.h"
#include "actors/catalog/catalog_item_store.h"
#include "actors/catalog/catalog_search.h"
#include "actors/host/ask_each.h"
#include "catalog_handlers.h"

static_assert(CATALOG_SALE_SWEEP_EVERY_US <= CATALOG_SEARCH_COMMIT_EVERY_US,
              "what lists say by the clock, search says a commit later");

#define OF_SHARDS " (get_byte(uuid_send(product_id), 15) & 63) BETWEEN $2 AND $3"

/* The shard is the end of the id: few products have a sale that is over or begins, so none is
 * passed over for long. The same of other currencies; and their rows that a migration has begun. */
static const struct statement sales_due = {
    .name = "catalog_sales_due",
    .sql = "(SELECT id FROM catalog.product WHERE sale_amount IS NOT NULL AND sale_to <= $1"
           " AND (get_byte(uuid_send(id), 15) & 63) BETWEEN $2 AND $3 ORDER BY sale_to LIMIT 200)"
           " UNION (SELECT id FROM catalog.product WHERE sale_amount IS NOT NULL"
           " AND sale_announced IS DISTINCT FROM sale_from AND sale_from <= $1"
           " AND (get_byte(uuid_send(id), 15) & 63) BETWEEN $2 AND $3"
           " ORDER BY sale_from LIMIT 200)"
           " UNION (SELECT product_id FROM catalog.product_currency WHERE sale_amount IS NOT NULL"
           " AND sale_to <= $1 AND" OF_SHARDS " ORDER BY sale_to LIMIT 200)"
           " UNION (SELECT product_id FROM catalog.product_currency WHERE sale_amount IS NOT NULL"
           " AND sale_announced IS DISTINCT FROM sale_from AND sale_from <= $1 AND" OF_SHARDS
           " ORDER BY sale_from LIMIT 200)"
           " UNION (SELECT product_id FROM catalog.product_currency WHERE document IS NULL"
           " AND" OF_SHARDS " ORDER BY product_id LIMIT 200) LIMIT 200",
};

static enum status begin_renewal(struct request *request, const void *context, size_t index,
                                 struct request_ask **ret_ask)
{
    const struct uuid *ids = context;
    const struct catalog_renew_sale command = { .product_id = ids[index] };
    return request_ask_begin(request, &catalog_renew_sale_message, &command, ret_ask);
}

enum status catalog_sale_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct uuid *ids;
    size_t count;
    TRY(catalog_due_ids(request, &sales_due, shard_first, shard_last, &ids, &count));
    return request_ask_each(request, count, begin_renewal, ids);
}

enum status catalog_handle_renew_sale(struct request *request,
                                      const struct catalog_renew_sale *command)
{
    struct catalog_item item;
    TRY(catalog_item_store_load(request, command->product_id, &item));
    item.had_currencies =
        true; /* their rows are made again, or go, whatever a migration has begun */
    return catalog_item_store_renew_sale(request, &item);
}
