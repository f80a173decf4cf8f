/* SQL of orders that send goods again. */
#include "actors/order/replacement_store.h"

/* It costs nothing and is paid as its group is; it has the group's next number, and no price of its
 * own: no delivery, no promotion, no tax. */
static const struct statement add_statement = {
    .name = "order_replacement_add",
    .sql =
        "WITH o AS (INSERT INTO \"order\".vendor_order (id, group_id, user_id, vendor_id, "
        "vendor_name, number, status, payment_status, items, total, currency, placed_at, version, "
        "has_details, offline_method, replaces_id) "
        "SELECT $2, s.group_id, s.user_id, s.vendor_id, s.vendor_name, "
        "split_part(s.number, '-', 1) || '-' || (SELECT count(*) + 1 FROM \"order\".vendor_order n "
        "WHERE n.group_id = s.group_id), 'accepted', 'paid', 0, 0, s.currency, $3, 2, "
        "s.has_details, s.offline_method, s.id FROM \"order\".vendor_order s WHERE s.id = $1 "
        "RETURNING group_id), "
        "l AS (INSERT INTO \"order\".order_line (id, order_id, group_id, position, variant_id, "
        "product_id, name, sku, quantity, unit_amount, total, slug, image, options, part_ids, "
        "part_quantities, part_names, part_skus) "
        "SELECT n.new_id, $2, s.group_id, s.position, s.variant_id, s.product_id, s.name, s.sku, "
        "n.quantity, 0, 0, s.slug, s.image, s.options, s.part_ids, s.part_quantities, "
        "s.part_names, s.part_skus "
        "FROM unnest($4::uuid[], $5::uuid[], $6::bigint[]) AS n (id, new_id, quantity) "
        "JOIN \"order\".order_line s ON s.id = n.id AND s.order_id = $1) "
        "UPDATE \"order\".order_group g SET fulfilment_status = \"order\".group_fulfilment_of("
        "(SELECT array_agg(v.fulfilment_status) FROM \"order\".vendor_order v "
        "WHERE v.group_id = g.id) || 'unfulfilled'::text) FROM o WHERE g.id = o.group_id",
    .on_duplicate = STATUS_CONFLICT,
};

static const struct statement begin_statement = {
    .name = "order_replacement_begin",
    .sql = "INSERT INTO \"order\".order_history (order_id, sequence, group_id, machine, object_id, "
           "trigger, from_state, to_state, is_late, actor_kind, actor, request_id, at) "
           "SELECT $1, s.sequence, $2, 'vendor_order', $1, s.trigger, s.from_state, s.to_state, "
           "false, 'system', '', $3, $4 FROM (VALUES (1, 'pay', 'pending_payment', 'placed'), "
           "(2, 'accept', 'placed', 'accepted')) AS s (sequence, trigger, from_state, to_state) "
           "ORDER BY s.sequence",
    .on_duplicate = STATUS_CONFLICT,
};

void replacement_store_add(struct request *request, const struct order_replacement_data *made)
{
    struct arena *arena = request_arena(request);
    const size_t count = made->lines_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct uuid *new_ids = arena_allocate_array(arena, count, sizeof *new_ids);
    int64_t *quantities = arena_allocate_array(arena, count, sizeof *quantities);
    for (size_t i = 0; i < count; i++) {
        ids[i] = made->lines[i].line_id;
        new_ids[i] = made->lines[i].new_line_id;
        quantities[i] = made->lines[i].quantity;
    }
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, made->order_id);
    param_uuid(params, arena, made->replacement_id);
    param_int(params, arena, request_now_us(request));
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, new_ids, count);
    param_int_array(params, arena, quantities, count);
    params = request_write(request, &begin_statement);
    param_uuid(params, arena, made->replacement_id);
    param_uuid(params, arena, made->group_id);
    param_text(params, arena, request_id_text(request));
    param_int(params, arena, request_now_us(request));
}
