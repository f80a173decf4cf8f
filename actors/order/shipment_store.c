/* SQL of parcels. */
#include "actors/order/shipment_store.h"

static_assert((int)ORDER_SHIPMENT_STATUS_COUNT ==
                  ORDER_STATE_SHIPMENT_TAKEN_BACK - ORDER_STATE_SHIPMENT_CREATED + 1,
              "the contract has the machine's states but the first, in its order");

static enum order_shipment_status status_of(enum order_state state)
{
    assert(state >= ORDER_STATE_SHIPMENT_CREATED);
    assert(state <= ORDER_STATE_SHIPMENT_TAKEN_BACK);
    return (enum order_shipment_status)(state - ORDER_STATE_SHIPMENT_CREATED);
}

static enum order_state state_of(enum order_shipment_status status)
{
    return (enum order_state)((int)status + ORDER_STATE_SHIPMENT_CREATED);
}

/* ---- reading ---- */

static const struct statement list_statement = {
    .name = "order_shipments",
    .sql = "SELECT s.id, s.version, s.status, s.carrier, s.tracking_number, s.tracking_url, "
           "s.created_at, coalesce(s.handed_over_at, 0), coalesce(s.delivered_at, 0), "
           "coalesce(s.due_at, 0), s.reports_count, coalesce(s.carrier_at, 0), s.carrier_status, "
           "p.line_ids, p.quantities FROM \"order\".shipment s, "
           "LATERAL (SELECT array_agg(p.line_id ORDER BY p.line_id) AS line_ids, "
           "array_agg(p.quantity ORDER BY p.line_id) AS quantities "
           "FROM \"order\".shipment_line p WHERE p.shipment_id = s.id HAVING count(*) > 0) p "
           "WHERE s.order_id = $1 ORDER BY s.created_at, s.position LIMIT $2",
};

/* A row, with what nobody is shown. */
struct stored_shipment {
    struct order_shipment shown;
    int64_t due_at_us, reports_count;
};

static enum status read_status(struct row *row, enum order_shipment_status *ret_status)
{
    enum order_state state;
    if (!order_machine_find_state(ORDER_MACHINE_SHIPMENT, row_text(row), &state) ||
        state < ORDER_STATE_SHIPMENT_CREATED)
        return STATUS_CORRUPT;
    *ret_status = status_of(state);
    return STATUS_OK;
}

static enum status read_parts(struct row *row, struct arena *arena, struct order_shipment *shown)
{
    const struct uuid *ids;
    const int64_t *quantities;
    const size_t count = row_uuid_array(row, arena, &ids);
    if (row_int_array(row, arena, &quantities) != count || count > ORDER_LINES_MAX)
        return STATUS_CORRUPT;
    struct order_shipment_line *lines = arena_allocate_array(arena, count, sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct order_shipment_line){ .line_id = ids[i], .quantity = quantities[i] };
    shown->lines = lines;
    shown->lines_count = count;
    return STATUS_OK;
}

static enum status read_shipment(struct row *row, struct arena *arena, struct uuid order_id,
                                 struct stored_shipment *ret_stored)
{
    struct stored_shipment stored = { .shown = { .id = row_uuid(row), .order_id = order_id } };
    struct order_shipment *shown = &stored.shown;
    shown->version = row_int(row);
    TRY(read_status(row, &shown->status));
    shown->carrier = row_text(row);
    shown->tracking_number = row_text(row);
    shown->has_tracking_number = shown->tracking_number.length > 0;
    shown->tracking_url = row_text(row);
    shown->has_tracking_url = shown->tracking_url.length > 0;
    shown->created_at_us = row_int(row);
    shown->handed_over_at_us = row_int(row);
    shown->has_handed_over_at = shown->handed_over_at_us > 0;
    shown->delivered_at_us = row_int(row);
    shown->has_delivered_at = shown->delivered_at_us > 0;
    stored.due_at_us = row_int(row);
    stored.reports_count = row_int(row);
    shown->carrier_status_at_us = row_int(row);
    shown->has_carrier_status = !row_skip_null(row);
    shown->has_carrier_status_at = shown->has_carrier_status;
    if (shown->has_carrier_status) TRY(read_status(row, &shown->carrier_status));
    TRY(read_parts(row, arena, shown));
    *ret_stored = stored;
    return STATUS_OK;
}

static enum status list(struct request *request, struct uuid order_id,
                        struct stored_shipment **ret_stored, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    param_int(&params, arena, ORDER_SHIPMENTS_MAX);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct stored_shipment *stored = arena_allocate_array(arena, rows.count, sizeof *stored);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_shipment(&row, arena, order_id, &stored[i]));
    }
    *ret_stored = stored;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status shipment_store_list(struct request *request, struct uuid order_id,
                                const struct order_shipment **ret_shipments, size_t *ret_count)
{
    struct stored_shipment *stored;
    size_t count;
    TRY(list(request, order_id, &stored, &count));
    struct order_shipment *shipments =
        arena_allocate_array(request_arena(request), count, sizeof *shipments);
    for (size_t i = 0; i < count; i++)
        shipments[i] = stored[i].shown;
    *ret_shipments = shipments;
    *ret_count = count;
    return STATUS_OK;
}

enum status shipment_store_fill(struct request *request, struct order_order *order)
{
    return shipment_store_list(request, order->id, &order->shipments, &order->shipments_count);
}

static enum status place_parts(const struct order_life *life, const struct order_shipment *shown,
                               struct shipment *shipment)
{
    for (size_t i = 0; i < shown->lines_count; i++) {
        size_t line = 0;
        while (line < life->lines_count &&
               !uuid_equals(life->lines[line].id, shown->lines[i].line_id))
            line++;
        if (line == life->lines_count) return STATUS_CORRUPT;
        shipment->parts[shipment->parts_count++] =
            (struct shipment_part){ .line = line, .quantity = shown->lines[i].quantity };
    }
    return STATUS_OK;
}

static enum status shipment_of(const struct order_life *life, const struct stored_shipment *stored,
                               struct shipment *ret_shipment)
{
    const struct order_shipment *shown = &stored->shown;
    *ret_shipment = (struct shipment){
        .id = shown->id,
        .state = state_of(shown->status),
        .version = shown->version,
        .carrier = shown->carrier,
        .tracking_number = shown->tracking_number,
        .tracking_url = shown->tracking_url,
        .created_at_us = shown->created_at_us,
        .handed_over_at_us = shown->handed_over_at_us,
        .delivered_at_us = shown->delivered_at_us,
        .due_at_us = stored->due_at_us,
        .has_carrier_state = shown->has_carrier_status,
        .carrier_state = state_of(shown->carrier_status),
        .carrier_at_us = shown->carrier_status_at_us,
        .reports_count = stored->reports_count,
    };
    return place_parts(life, shown, ret_shipment);
}

enum status shipment_store_load(struct request *request, const struct order_life *life,
                                struct shipment **ret_shipments, size_t *ret_count)
{
    struct stored_shipment *stored;
    size_t count;
    TRY(list(request, life->order_id, &stored, &count));
    struct shipment *shipments =
        arena_allocate_array(request_arena(request), count, sizeof *shipments);
    for (size_t i = 0; i < count; i++)
        TRY(shipment_of(life, &stored[i], &shipments[i]));
    *ret_shipments = shipments;
    *ret_count = count;
    return STATUS_OK;
}

enum status shipment_store_find(struct request *request, const struct order_life *life,
                                struct uuid shipment_id, struct shipment **ret_shipment)
{
    struct shipment *shipments;
    size_t count;
    TRY(shipment_store_load(request, life, &shipments, &count));
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equals(shipments[i].id, shipment_id)) continue;
        *ret_shipment = &shipments[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* ---- writing ---- */

/* Parameters 3 to 9 of the statements below. */
static void param_state(struct store_params *params, struct arena *arena,
                        const struct shipment *shipment)
{
    param_text(params, arena, text_of(order_machine_state_name(shipment->state)));
    param_int(params, arena, shipment->handed_over_at_us);
    param_int(params, arena, shipment->delivered_at_us);
    param_int(params, arena, shipment->due_at_us);
    if (shipment->has_carrier_state)
        param_text(params, arena, text_of(order_machine_state_name(shipment->carrier_state)));
    else
        param_null_text(params);
    param_int(params, arena, shipment->carrier_at_us);
    param_int(params, arena, shipment->reports_count);
}

static const struct statement add_statement = {
    .name = "order_shipment_add",
    .sql =
        "WITH s AS (INSERT INTO \"order\".shipment (id, version, status, handed_over_at, "
        "delivered_at, due_at, carrier_status, carrier_at, reports_count, order_id, carrier, "
        "tracking_number, tracking_url, created_at, position) VALUES ($1, $2, $3, nullif($4, 0), "
        "nullif($5, 0), nullif($6, 0), $7, nullif($8, 0), $9, $10, $11, $12, $13, $14, $17)) "
        "INSERT INTO \"order\".shipment_line (shipment_id, line_id, quantity) "
        "SELECT $1, p.line_id, p.quantity FROM unnest($15::uuid[], $16::bigint[]) "
        "AS p (line_id, quantity)",
    .on_duplicate = STATUS_CONFLICT,
};

void shipment_store_add(struct request *request, const struct order_life *life,
                        const struct shipment *shipment)
{
    assert(shipment->parts_count >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_statement);
    struct uuid *ids = arena_allocate_array(arena, shipment->parts_count, sizeof *ids);
    int64_t *quantities = arena_allocate_array(arena, shipment->parts_count, sizeof *quantities);
    for (size_t i = 0; i < shipment->parts_count; i++) {
        ids[i] = life->lines[shipment->parts[i].line].id;
        quantities[i] = shipment->parts[i].quantity;
    }
    param_uuid(params, arena, shipment->id);
    param_int(params, arena, shipment->version);
    param_state(params, arena, shipment);
    param_uuid(params, arena, life->order_id);
    param_text(params, arena, shipment->carrier);
    param_text(params, arena, shipment->tracking_number);
    param_text(params, arena, shipment->tracking_url);
    param_int(params, arena, shipment->created_at_us);
    param_uuid_array(params, arena, ids, shipment->parts_count);
    param_int_array(params, arena, quantities, shipment->parts_count);
    param_int(params, arena, life->shipments_count);
}

/* The last one takes its place, so that the next one finds the last place free. */
static const struct statement drop_statement = {
    .name = "order_shipment_drop",
    .sql = "WITH s AS (DELETE FROM \"order\".shipment WHERE id = $1 RETURNING order_id, position), "
           "l AS (DELETE FROM \"order\".shipment_line WHERE shipment_id = $1) "
           "UPDATE \"order\".shipment n SET position = s.position FROM s "
           "WHERE n.order_id = s.order_id AND n.position = $2 AND n.id <> $1",
};

void shipment_store_drop(struct request *request, struct order_life *life,
                         const struct shipment *shipment)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &drop_statement);
    param_uuid(params, arena, shipment->id);
    param_int(params, arena, life->shipments_count);
    life->shipments_count--;
}

/* The order's version stands for the parcel's: they change in one unit. */
static const struct statement save_statement = {
    .name = "order_shipment_save",
    .sql = "WITH s AS (UPDATE \"order\".shipment SET version = $2, status = $3, "
           "handed_over_at = nullif($4, 0), delivered_at = nullif($5, 0), due_at = nullif($6, 0), "
           "carrier_status = $7, carrier_at = nullif($8, 0), reports_count = $9 "
           "WHERE id = $1 RETURNING 1) SELECT host.require_one(count(*)) FROM s",
};

void shipment_store_save(struct request *request, const struct shipment *shipment)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save_statement);
    param_uuid(params, arena, shipment->id);
    param_int(params, arena, shipment->version);
    param_state(params, arena, shipment);
}

struct order_shipment shipment_show(struct request *request, const struct order_life *life,
                                    const struct shipment *shipment)
{
    struct order_shipment_line *lines =
        arena_allocate_array(request_arena(request), shipment->parts_count, sizeof *lines);
    for (size_t i = 0; i < shipment->parts_count; i++)
        lines[i] = (struct order_shipment_line){
            .line_id = life->lines[shipment->parts[i].line].id,
            .quantity = shipment->parts[i].quantity,
        };
    return (struct order_shipment){
        .id = shipment->id,
        .order_id = life->order_id,
        .status = status_of(shipment->state),
        .carrier = shipment->carrier,
        .has_tracking_number = shipment->tracking_number.length > 0,
        .tracking_number = shipment->tracking_number,
        .has_tracking_url = shipment->tracking_url.length > 0,
        .tracking_url = shipment->tracking_url,
        .lines = lines,
        .lines_count = shipment->parts_count,
        .created_at_us = shipment->created_at_us,
        .has_handed_over_at = shipment->handed_over_at_us > 0,
        .handed_over_at_us = shipment->handed_over_at_us,
        .has_delivered_at = shipment->delivered_at_us > 0,
        .delivered_at_us = shipment->delivered_at_us,
        .has_carrier_status = shipment->has_carrier_state,
        .carrier_status = shipment->has_carrier_state ? status_of(shipment->carrier_state) : 0,
        .has_carrier_status_at = shipment->has_carrier_state,
        .carrier_status_at_us = shipment->carrier_at_us,
        .version = shipment->version,
    };
}

/* ---- by the clock ---- */

static const struct statement due_statement = {
    .name = "order_shipments_due",
    .sql = "SELECT order_id, id FROM \"order\".shipment WHERE due_at <= $1 "
           "AND get_byte(uuid_send(id), 15) & 63 BETWEEN $2 AND $3 ORDER BY due_at LIMIT $4",
};

enum status shipment_store_list_due(struct request *request, unsigned shard_first,
                                    unsigned shard_last, const struct due_object **ret_due,
                                    size_t *ret_count)
{
    return order_due_list(request, &due_statement, shard_first, shard_last, SHIPMENTS_DUE_MAX,
                          ret_due, ret_count);
}
