/* SQL of where the units of lines come from. */
#include "actors/order/order_supply_store.h"

#include "actors/order/cart.h"

static const struct statement place_statement = {
    .name = "order_supply_place",
    .sql = "UPDATE \"order\".order_line l SET backordered = n.backordered, "
           "available_on = nullif(n.available_on, 0) "
           "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS n (id, backordered, "
           "available_on) WHERE l.id = n.id",
};

void order_supply_store_place(struct request *request, const struct order_group *group)
{
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, CART_LINES_MAX, sizeof *ids);
    int64_t *units = arena_allocate_array(arena, CART_LINES_MAX, sizeof *units);
    int64_t *days = arena_allocate_array(arena, CART_LINES_MAX, sizeof *days);
    size_t count = 0;
    for (size_t i = 0; i < group->orders_count; i++) {
        for (size_t k = 0; k < group->orders[i].lines_count; k++) {
            const struct order_order_line *line = &group->orders[i].lines[k];
            if (!line->has_backordered) continue;
            assert(count < CART_LINES_MAX);
            ids[count] = line->id;
            units[count] = line->backordered;
            days[count++] = line->has_available_on ? line->available_on_us : 0;
        }
    }
    if (count == 0) return;
    struct store_params *params = request_write(request, &place_statement);
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, units, count);
    param_int_array(params, arena, days, count);
}
