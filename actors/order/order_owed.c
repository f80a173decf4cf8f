/* Whether back-ordered units have come in. */
#include "actors/order/order_owed.h"

#include "actors/order/order_life.h"
#include "catalog_messages.h"
#include "storage/values.h"

/* ---- rules ---- */

int64_t order_owed_late(const struct order_owed_line *line, int64_t quantity)
{
    assert(quantity >= 1);
    assert(line->late <= line->to_pack);
    if (line->parts_count > 0) return quantity;
    const int64_t ready = line->to_pack - line->late;
    return quantity > ready ? quantity - ready : 0;
}

static size_t find_variant(const struct order_owed *owed, struct uuid id)
{
    size_t i = 0;
    while (i < owed->variants_count && !uuid_equals(owed->variants[i].id, id))
        i++;
    return i;
}

static int64_t arrived_of(const struct order_owed *owed, struct uuid id)
{
    const size_t i = find_variant(owed, id);
    assert(i < owed->variants_count);
    const struct order_owed_variant *variant = &owed->variants[i];
    const int64_t arrived = variant->waiting - variant->owed - variant->taken;
    return !variant->has_moved && arrived > 0 ? arrived : 0;
}

int64_t order_owed_arrived(const struct order_owed *owed, const struct order_owed_line *line)
{
    if (line->parts_count == 0) return arrived_of(owed, line->variant_id);
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < line->parts_count; i++) {
        assert(line->part_quantities[i] >= 1);
        const int64_t times = arrived_of(owed, line->part_ids[i]) / line->part_quantities[i];
        if (times < least) least = times;
    }
    return least;
}

void order_owed_take(struct order_owed *owed, const struct order_owed_line *line, int64_t units)
{
    assert(units <= order_owed_arrived(owed, line));
    if (line->parts_count == 0) owed->variants[find_variant(owed, line->variant_id)].taken += units;
    for (size_t i = 0; i < line->parts_count; i++)
        owed->variants[find_variant(owed, line->part_ids[i])].taken +=
            units * line->part_quantities[i];
}

/* ---- what waits ---- */

static const struct statement late_lines = {
    .name = "order_owed_lines",
    .sql = "SELECT l.id, l.variant_id, l.quantity - l.cancelled - l.packed, "
           "least(l.backordered, l.quantity - l.cancelled - l.packed), "
           "coalesce(l.available_on, 0), coalesce(l.part_ids, '{}'), "
           "coalesce(l.part_quantities, '{}') "
           "FROM \"order\".order_line l WHERE l.id = ANY ($1::uuid[]) "
           "AND (l.backordered > 0 OR l.part_ids IS NOT NULL) ORDER BY l.id LIMIT 50",
};

static enum status load_lines(struct request *request, const struct order_shipment_line *lines,
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
        struct order_owed_line *late = &ret_late[i];
        *late = (struct order_owed_line){ .id = row_uuid(&row) };
        late->variant_id = row_uuid(&row);
        late->to_pack = row_int(&row);
        late->late = row_int(&row);
        late->available_on_us = row_int(&row);
        late->parts_count = row_uuid_array(&row, arena, &late->part_ids);
        if (row_int_array(&row, arena, &late->part_quantities) != late->parts_count)
            return STATUS_CORRUPT;
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

/* Whether it is in now, once. */
static bool add_variant(struct order_owed *owed, struct uuid id)
{
    if (find_variant(owed, id) < owed->variants_count) return true;
    if (owed->variants_count == ORDER_OWED_VARIANTS_MAX) return false;
    owed->variants[owed->variants_count++] = (struct order_owed_variant){ .id = id };
    return true;
}

static bool add_variants(struct order_owed *owed, const struct order_owed_line *line)
{
    if (line->parts_count == 0) return add_variant(owed, line->variant_id);
    for (size_t i = 0; i < line->parts_count; i++)
        if (!add_variant(owed, line->part_ids[i])) return false;
    return true;
}

static const struct uuid *ids_of(struct arena *arena, const struct order_owed *owed)
{
    struct uuid *ids = arena_allocate_array(arena, owed->variants_count, sizeof *ids);
    for (size_t i = 0; i < owed->variants_count; i++)
        ids[i] = owed->variants[i].id;
    return ids;
}

/* One statement, so that the count and the version that it belongs to are of one moment. */
static const struct statement waiting_units = {
    .name = "order_owed_waiting",
    .sql = "SELECT u.id, coalesce(p.version, 0), "
           "(SELECT coalesce(sum(least(o.backordered, o.quantity - o.cancelled - o.packed)), 0)"
           "::bigint FROM \"order\".order_line o "
           "JOIN \"order\".vendor_order v ON v.id = o.order_id AND v.ended_at IS NULL "
           "WHERE o.variant_id = u.id AND o.backordered > 0 AND o.part_ids IS NULL) + "
           "(SELECT coalesce(sum((b.quantity - b.cancelled - b.packed) * "
           "b.part_quantities[array_position(b.part_ids, u.id)]), 0)"
           "::bigint FROM \"order\".order_line b "
           "JOIN \"order\".vendor_order v ON v.id = b.order_id AND v.ended_at IS NULL "
           "WHERE b.part_ids @> ARRAY[u.id] AND b.part_ids IS NOT NULL "
           "AND b.packed + b.cancelled < b.quantity) "
           "FROM unnest($1::uuid[]) AS u (id) "
           "LEFT JOIN \"order\".owed_packing p ON p.variant_id = u.id LIMIT 200",
};

static enum status count_waiting(struct request *request, struct order_owed *owed)
{
    static_assert((int)ORDER_OWED_VARIANTS_MAX == 200, "the LIMIT of waiting_units");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, ids_of(arena, owed), owed->variants_count);
    TRY(request_query(request, &waiting_units, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const size_t at = find_variant(owed, row_uuid(&row));
        assert(at < owed->variants_count);
        owed->variants[at].packing = row_int(&row);
        owed->variants[at].waiting = row_int(&row);
    }
    return STATUS_OK;
}

static enum status ask_owed(struct request *request, const struct order_owed *owed,
                            struct catalog_owed_goods *ret_goods)
{
    const struct catalog_find_owed query = { .variant_ids = ids_of(request_arena(request), owed),
                                             .variant_ids_count = owed->variants_count };
    return request_ask(request, &catalog_find_owed_message, &query, ret_goods);
}

static void note_owed(struct order_owed *owed, const struct catalog_owed_goods *goods)
{
    for (size_t i = 0; i < goods->data_count; i++) {
        const size_t at = find_variant(owed, goods->data[i].variant_id);
        if (at == owed->variants_count) continue;
        owed->variants[at].owed = goods->data[i].units;
        owed->variants[at].version = goods->data[i].version;
    }
}

/* Compares with what note_owed() has noted before. Returns whether any has moved. */
static bool find_moved(struct order_owed *owed, const struct catalog_owed_goods *goods)
{
    bool has_moved = false;
    for (size_t i = 0; i < goods->data_count; i++) {
        const size_t at = find_variant(owed, goods->data[i].variant_id);
        if (at == owed->variants_count) continue;
        owed->variants[at].has_moved = owed->variants[at].version != goods->data[i].version;
        has_moved = has_moved || owed->variants[at].has_moved;
    }
    return has_moved;
}

/* Orders and stock are of two databases. A stock that says the same before and after was the same
 * while orders were counted: an order that was counted had set its units aside before, and one that
 * was cancelled has not brought any back. */
static enum status count(struct request *request, struct order_owed *owed)
{
    enum { ROUNDS_MAX = 3 };
    struct catalog_owed_goods goods;
    TRY(ask_owed(request, owed, &goods));
    for (size_t round = 0; round < ROUNDS_MAX; round++) {
        note_owed(owed, &goods);
        TRY(count_waiting(request, owed));
        TRY(ask_owed(request, owed, &goods));
        if (!find_moved(owed, &goods)) break;
    }
    return STATUS_OK;
}

/* ---- judged ---- */

static enum status refuse(struct request *request, size_t index, int64_t requested,
                          int64_t available, const char *why)
{
    const struct request_fault fault = { .pointer = request_pointer_at(request, "/lines", index),
                                         .code = STATUS_UNITS_OWED,
                                         .detail = text_of(why),
                                         .has_amounts = true,
                                         .requested = requested,
                                         .available = available };
    request_add_fault(request, &fault);
    return STATUS_UNITS_OWED;
}

static const struct order_owed_line *find_line(const struct order_owed_line *late, size_t count,
                                               struct uuid id)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(late[i].id, id)) return &late[i];
    return NULL;
}

/* Finds of which variants units are wanted that have to have come in. */
static enum status want(struct request *request, const struct order_shipment_line *line,
                        size_t index, const struct order_owed_line *late, struct order_owed *owed)
{
    const int64_t ready = late->to_pack - late->late;
    if (late->available_on_us > request_now_us(request) && line->quantity > ready)
        return refuse(request, index, line->quantity, ready,
                      "Units of a pre-order are not sent before its day.");
    if (order_owed_late(late, line->quantity) == 0 || add_variants(owed, late)) return STATUS_OK;
    return refuse(request, index, line->quantity, 0,
                  "A parcel has units of 200 variants at most that may be owed.");
}

static enum status require(struct request *request, const struct order_shipment_line *line,
                           size_t index, const struct order_owed_line *late,
                           struct order_owed *owed)
{
    const int64_t units = order_owed_late(late, line->quantity);
    if (units == 0) return STATUS_OK;
    const int64_t arrived = order_owed_arrived(owed, late);
    if (units > arrived)
        return refuse(request, index, line->quantity, line->quantity - units + arrived, NULL);
    order_owed_take(owed, late, units);
    return STATUS_OK;
}

/* By variant, so that two of them cannot wait for each other. */
static const struct statement packing_move = {
    .name = "order_owed_packing_move",
    .sql = "WITH n AS (SELECT u.id, u.version FROM unnest($1::uuid[], $2::bigint[]) "
           "AS u (id, version) ORDER BY u.id), "
           "m AS (INSERT INTO \"order\".owed_packing AS p (variant_id, version) "
           "SELECT n.id, n.version + 1 FROM n ORDER BY n.id "
           "ON CONFLICT (variant_id) DO UPDATE SET version = excluded.version "
           "WHERE p.version = excluded.version - 1 RETURNING 1) "
           "SELECT host.require_count(count(*), cardinality($1::uuid[])) FROM m",
};

static void move(struct request *request, const struct order_owed *owed)
{
    struct arena *arena = request_arena(request);
    int64_t *versions = arena_allocate_array(arena, owed->variants_count, sizeof *versions);
    for (size_t i = 0; i < owed->variants_count; i++)
        versions[i] = owed->variants[i].packing;
    struct store_params *params = request_write(request, &packing_move);
    param_uuid_array(params, arena, ids_of(arena, owed), owed->variants_count);
    param_int_array(params, arena, versions, owed->variants_count);
}

enum status order_owed_require(struct request *request, const struct order_shipment_line *lines,
                               size_t lines_count)
{
    struct order_owed_line *late =
        arena_allocate_array(request_arena(request), ORDER_LINES_MAX, sizeof *late);
    struct order_owed *owed = arena_allocate(request_arena(request), sizeof *owed);
    size_t late_count;
    owed->variants_count = 0;
    TRY(load_lines(request, lines, lines_count, late, &late_count));
    for (size_t i = 0; i < lines_count; i++) {
        const struct order_owed_line *line = find_line(late, late_count, lines[i].line_id);
        if (line != NULL) TRY(want(request, &lines[i], i, line, owed));
    }
    if (owed->variants_count == 0) return STATUS_OK;
    TRY(count(request, owed));
    for (size_t i = 0; i < lines_count; i++) {
        const struct order_owed_line *line = find_line(late, late_count, lines[i].line_id);
        if (line != NULL) TRY(require(request, &lines[i], i, line, owed));
    }
    move(request, owed);
    return STATUS_OK;
}
