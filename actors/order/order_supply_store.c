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

void order_supply_store_mark(struct request *request, const struct order_supply_late *late,
                             size_t count)
{
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *units = arena_allocate_array(arena, count, sizeof *units);
    int64_t *days = arena_allocate_array(arena, count, sizeof *days);
    for (size_t i = 0; i < count; i++) {
        ids[i] = late[i].line_id;
        units[i] = late[i].units;
        days[i] = late[i].available_on_us;
    }
    struct store_params *params = request_write(request, &place_statement);
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, units, count);
    param_int_array(params, arena, days, count);
}

static void place_backordered(struct request *request, const struct order_group *group)
{
    struct order_supply_late *late =
        arena_allocate_array(request_arena(request), CART_LINES_MAX, sizeof *late);
    size_t count = 0;
    for (size_t i = 0; i < group->orders_count; i++) {
        for (size_t k = 0; k < group->orders[i].lines_count; k++) {
            const struct order_order_line *line = &group->orders[i].lines[k];
            if (!line->has_backordered) continue;
            assert(count < CART_LINES_MAX);
            late[count++] =
                (struct order_supply_late){ line->id, line->backordered,
                                            line->has_available_on ? line->available_on_us : 0 };
        }
    }
    order_supply_store_mark(request, late, count);
}

/* One row for each part, in their order. */
static const struct statement parts_statement = {
    .name = "order_supply_parts",
    .sql = "UPDATE \"order\".order_line l SET part_ids = n.ids, part_quantities = n.quantities, "
           "part_names = n.names, part_skus = n.skus "
           "FROM (SELECT u.line_id, array_agg(u.part_id ORDER BY u.place) AS ids, "
           "array_agg(u.quantity ORDER BY u.place) AS quantities, "
           "array_agg(u.name ORDER BY u.place) AS names, array_agg(u.sku ORDER BY u.place) AS skus "
           "FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[]) "
           "WITH ORDINALITY AS u (line_id, part_id, quantity, name, sku, place) "
           "GROUP BY u.line_id) n WHERE l.id = n.line_id",
};

static void place_parts(struct request *request, const struct order_group *group)
{
    enum { PARTS_MAX = 20 * CART_LINES_MAX };
    struct arena *arena = request_arena(request);
    size_t count = 0;
    for (size_t i = 0; i < group->orders_count; i++)
        for (size_t k = 0; k < group->orders[i].lines_count; k++)
            count += group->orders[i].lines[k].parts_count;
    if (count == 0) return;
    assert(count <= PARTS_MAX);
    struct uuid *line_ids = arena_allocate_array(arena, count, sizeof *line_ids);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *quantities = arena_allocate_array(arena, count, sizeof *quantities);
    struct text *names = arena_allocate_array(arena, count, sizeof *names);
    struct text *skus = arena_allocate_array(arena, count, sizeof *skus);
    size_t place = 0;
    for (size_t i = 0; i < group->orders_count; i++) {
        for (size_t k = 0; k < group->orders[i].lines_count; k++) {
            const struct order_order_line *line = &group->orders[i].lines[k];
            for (size_t p = 0; p < line->parts_count; p++, place++) {
                line_ids[place] = line->id;
                ids[place] = line->parts[p].variant_id;
                quantities[place] = line->parts[p].quantity;
                names[place] = line->parts[p].name;
                skus[place] = line->parts[p].has_sku ? line->parts[p].sku : TEXT("");
            }
        }
    }
    struct store_params *params = request_write(request, &parts_statement);
    param_uuid_array(params, arena, line_ids, count);
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, quantities, count);
    param_text_array(params, arena, names, count);
    param_text_array(params, arena, skus, count);
}

void order_supply_store_place(struct request *request, const struct order_group *group)
{
    place_backordered(request, group);
    place_parts(request, group);
}

enum status order_supply_read(struct row *row, struct arena *arena, struct order_order_line *line)
{
    const struct uuid *ids;
    const int64_t *quantities;
    const struct text *names, *skus;
    line->backordered = row_int(row);
    line->has_backordered = line->backordered > 0;
    line->available_on_us = row_int(row);
    line->has_available_on = line->available_on_us > 0;
    if (row_skip_null(row)) {
        if (row_skip_null(row) && row_skip_null(row) && row_skip_null(row)) return STATUS_OK;
        return STATUS_CORRUPT;
    }
    const size_t count = row_uuid_array(row, arena, &ids);
    if (row_int_array(row, arena, &quantities) != count ||
        row_text_array(row, arena, &names) != count || row_text_array(row, arena, &skus) != count)
        return STATUS_CORRUPT;
    struct order_line_part *parts = arena_allocate_array(arena, count, sizeof *parts);
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct order_line_part){ .variant_id = ids[i],
                                             .name = names[i],
                                             .has_sku = skus[i].length > 0,
                                             .sku = skus[i],
                                             .quantity = quantities[i] };
    line->parts = parts;
    line->parts_count = count;
    return STATUS_OK;
}
