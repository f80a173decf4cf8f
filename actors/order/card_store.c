/* Statements of their own, so that a checkout without a card writes nothing more. */
#include "actors/order/card_store.h"

#include "actors/order/order.h"
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

static const struct statement list_statement = {
    .name = "order_card_list",
    .sql = "SELECT o.id, o.card_amount FROM \"order\".order_group g "
           "JOIN \"order\".vendor_order o ON o.group_id = g.id "
           "WHERE g.id = $1 AND g.card_lost_at IS NULL AND o.card_amount > 0 ORDER BY o.id",
};

enum status card_store_list(struct request *request, struct uuid group_id,
                            const struct uuid **ret_ids, const int64_t **ret_amounts,
                            size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, group_id);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    int64_t *amounts = arena_allocate_array(arena, rows.count, sizeof *amounts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
        amounts[i] = row_int(&row);
    }
    *ret_ids = ids;
    *ret_amounts = amounts;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement shares_statement = {
    .name = "order_card_shares",
    .sql =
        "SELECT s.amounts, array_position(s.ids, o.id) - 1, r.refunded, r.pending, r.failed, "
        "o.card_to_wallet + o.card_by_hand FROM \"order\".vendor_order o, "
        "LATERAL (SELECT array_agg(s.card_amount::bigint ORDER BY length(s.number), s.number) "
        "AS amounts, array_agg(s.id ORDER BY length(s.number), s.number) AS ids "
        "FROM \"order\".vendor_order s WHERE s.group_id = o.group_id AND s.card_amount > 0) s, "
        "LATERAL (SELECT coalesce(sum(r.card) FILTER (WHERE r.card_state = 'succeeded' "
        "AND r.card_code <> 'not_captured'), 0)::bigint AS refunded, "
        "coalesce(sum(r.card) FILTER (WHERE r.card_state IN ('requested', 'pending')), 0)::bigint "
        "AS pending, coalesce(sum(r.card) FILTER (WHERE r.card_state = 'failed'), 0)::bigint "
        "AS failed FROM \"order\".order_refund r WHERE r.order_id = o.id) r "
        "WHERE o.id = $1 AND o.card_amount > 0",
};

enum status card_store_find_shares(struct request *request, struct uuid order_id,
                                   struct card_shares *ret_shares)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    *ret_shares = (struct card_shares){ .count = 0 };
    param_uuid(&params, arena, order_id);
    TRY(request_query(request, &shares_statement, &params, &rows));
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    const size_t count = row_int_array(&row, arena, &ret_shares->amounts);
    ret_shares->index = (size_t)row_int(&row);
    ret_shares->refunded = row_int(&row);
    ret_shares->refunding = row_int(&row);
    ret_shares->failed = row_int(&row);
    ret_shares->elsewhere = row_int(&row);
    if (count > ORDER_PARTS_MAX || ret_shares->index >= count) return STATUS_CORRUPT;
    ret_shares->count = count;
    return STATUS_OK;
}

static const struct statement lose_statement = {
    .name = "order_card_lose",
    .sql =
        "WITH c AS (SELECT id, card_amount FROM \"order\".vendor_order "
        "WHERE id = ANY ($2) AND group_id = $1 AND card_amount > 0), "
        "o AS (UPDATE \"order\".vendor_order v SET card_amount = 0, "
        "on_delivery = v.on_delivery + c.card_amount, payment_status = "
        "\"order\".payment_state_of(v.total, v.on_delivery + c.card_amount, v.waived, v.collected, "
        "v.refunded + v.handed_back, v.status IN ('cancelled', 'refused')) "
        "FROM c WHERE v.id = c.id RETURNING 1), "
        "g AS (UPDATE \"order\".order_group g SET card_lost_at = $3, "
        "card_amount = g.card_amount - s.amount, on_delivery = g.on_delivery + s.amount, "
        "payment_status = \"order\".payment_state_of(g.total, g.on_delivery + s.amount, g.waived, "
        "g.collected, g.refunded + g.handed_back, g.fulfilment_status = 'cancelled') "
        "FROM (SELECT coalesce(sum(card_amount), 0)::bigint AS amount FROM c) s "
        "WHERE g.id = $1 AND g.card_lost_at IS NULL RETURNING 1) "
        "SELECT host.require_count((SELECT count(*) FROM o) + (SELECT count(*) FROM g), "
        "cardinality($2) + 1)",
};

void card_store_lose(struct request *request, struct uuid group_id, const struct uuid *ids,
                     size_t count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &lose_statement);
    param_uuid(params, arena, group_id);
    param_uuid_array(params, arena, ids, count);
    param_int(params, arena, request_now_us(request));
}
