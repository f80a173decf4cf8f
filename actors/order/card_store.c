/* Statements of their own, so that a checkout without a card writes nothing more. */
#include "actors/order/card_store.h"

#include "storage/values.h"

static const struct statement begin_statement = {
    .name = "order_card_begin",
    .sql = "WITH g AS (UPDATE \"order\".order_group SET card_amount = $2 "
           "WHERE id = $1 AND status = 'pending' RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM g",
};

void card_store_begin(struct request *request, struct uuid group_id, int64_t amount)
{
    struct arena *arena = request_arena(request);
    assert(amount > 0);
    struct store_params *params = request_write(request, &begin_statement);
    param_uuid(params, arena, group_id);
    param_int(params, arena, amount);
}

static const struct statement place_statement = {
    .name = "order_card_place",
    .sql = "WITH o AS (UPDATE \"order\".vendor_order SET card_amount = u.amount "
           "FROM unnest($2::uuid[], $3::bigint[]) AS u (id, amount) "
           "WHERE vendor_order.id = u.id AND group_id = $1 RETURNING 1) "
           "SELECT host.require_count((SELECT count(*) FROM o), cardinality($2::uuid[]))",
};

void card_store_place(struct request *request, const struct order_group *group,
                      const int64_t *amounts)
{
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, group->orders_count, sizeof *ids);
    for (size_t i = 0; i < group->orders_count; i++)
        ids[i] = group->orders[i].id;
    struct store_params *params = request_write(request, &place_statement);
    param_uuid(params, arena, group->id);
    param_uuid_array(params, arena, ids, group->orders_count);
    param_int_array(params, arena, amounts, group->orders_count);
}
