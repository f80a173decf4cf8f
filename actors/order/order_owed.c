/* Whether back-ordered units have come in. */
#include "actors/order/order_owed.h"

#include "actors/order/order_life.h"
#include "catalog_messages.h"
#include "storage/values.h"

struct order_owed_units order_owed_reckon(const struct order_owed_line *line, int64_t quantity)
{
    assert(quantity >= 1);
    assert(line->late <= line->to_pack);
    const int64_t ready = line->to_pack - line->late;
    const int64_t arrived = line->waiting - line->owed;
    return (struct order_owed_units){ .late = quantity > ready ? quantity - ready : 0,
                                      .arrived = arrived > 0 ? arrived : 0 };
}

/* The lines in the order of their ids; those of other orders by the index of lines that wait. */
static const struct statement late_lines = {
    .name = "order_owed_lines",
    .sql = "SELECT l.id, l.variant_id, l.quantity - l.cancelled - l.packed, "
           "least(l.backordered, l.quantity - l.cancelled - l.packed), "
           "(SELECT coalesce(sum(least(o.backordered, o.quantity - o.cancelled - o.packed)), 0)"
           "::bigint FROM \"order\".order_line o "
           "JOIN \"order\".vendor_order v ON v.id = o.order_id AND v.ended_at IS NULL "
           "WHERE o.variant_id = l.variant_id AND o.backordered > 0 AND o.part_ids IS NULL) "
           "FROM \"order\".order_line l WHERE l.id = ANY ($1::uuid[]) AND l.backordered > 0 "
           "AND l.part_ids IS NULL ORDER BY l.id LIMIT 50",
};

static enum status load_late(struct request *request, const struct order_shipment_line *lines,
                             size_t count, struct order_owed_line *ret_late, size_t *ret_count)
{
    static_assert((int)ORDER_LINES_MAX == 50, "the LIMIT of late_lines");
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    for (size_t i = 0; i < count; i++)
        ids[i] = lines[i].line_id;
    param_uuid_array(params, arena, ids, count);
    TRY(request_query(request, &late_lines, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_late[i] = (struct order_owed_line){ .line_id = row_uuid(&row) };
        ret_late[i].variant_id = row_uuid(&row);
        ret_late[i].to_pack = row_int(&row);
        ret_late[i].late = row_int(&row);
        ret_late[i].waiting = row_int(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static enum status ask_owed(struct request *request, struct order_owed_line *late, size_t count)
{
    struct uuid *ids = arena_allocate_array(request_arena(request), count, sizeof *ids);
    struct catalog_owed_goods goods;
    for (size_t i = 0; i < count; i++)
        ids[i] = late[i].variant_id;
    const struct catalog_find_owed query = { .variant_ids = ids, .variant_ids_count = count };
    TRY(request_ask(request, &catalog_find_owed_message, &query, &goods));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < goods.data_count; k++)
            if (uuid_equals(goods.data[k].variant_id, late[i].variant_id))
                late[i].owed = goods.data[k].units;
    return STATUS_OK;
}

static enum status require(struct request *request, const struct order_owed_line *late,
                           const struct order_shipment_line *line, size_t index)
{
    const struct order_owed_units units = order_owed_reckon(late, line->quantity);
    if (units.late <= units.arrived) return STATUS_OK;
    const struct request_fault fault = { .pointer = request_pointer_at(request, "/lines", index),
                                         .code = STATUS_UNITS_OWED,
                                         .has_amounts = true,
                                         .requested = line->quantity,
                                         .available = late->to_pack - late->late + units.arrived };
    request_add_fault(request, &fault);
    return STATUS_UNITS_OWED;
}

enum status order_owed_require(struct request *request, const struct order_shipment_line *lines,
                               size_t count)
{
    struct order_owed_line late[ORDER_LINES_MAX];
    size_t late_count;
    TRY(load_late(request, lines, count, late, &late_count));
    if (late_count == 0) return STATUS_OK;
    TRY(ask_owed(request, late, late_count));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < late_count; k++)
            if (uuid_equals(late[k].line_id, lines[i].line_id))
                TRY(require(request, &late[k], &lines[i], i));
    return STATUS_OK;
}
