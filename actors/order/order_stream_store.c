/* SQL of the changes of many orders. Whoever has seen most of it reads next to nothing: one look
 * into an index per shard. A shopper has few orders, so that all of their rows are looked at. */
#include "actors/order/order_stream_store.h"

#include "actors/order/order_history.h"

/* What is told of a row, and in which order. A shard's rows keep the order of their positions even
 * when a clock went back. */
#define TOLD                                                                                       \
    "SELECT h.shard, h.position, h.order_id, h.group_id, o.number, h.sequence, h.machine, "        \
    "h.object_id, h.trigger, h.from_state, h.to_state, h.is_late, h.actor_kind, h.actor, "         \
    "h.request_id, h.at, h.reported_at, h.note "
#define IN_ORDER                                                                                   \
    "ORDER BY max(h.at) OVER (PARTITION BY h.shard ORDER BY h.position), h.shard, h.position "     \
    "LIMIT $2"

static const struct statement market_statement = {
    .name = "order_stream_of_market",
    .sql = TOLD "FROM unnest($1::bigint[]) WITH ORDINALITY AS s (after, number) CROSS JOIN LATERAL "
                "(SELECT * FROM \"order\".order_history r WHERE r.shard = (s.number - 1)::smallint "
                "AND r.position > s.after ORDER BY r.position LIMIT $2) h "
                "JOIN \"order\".vendor_order o ON o.id = h.order_id " IN_ORDER,
};

static const struct statement vendor_statement = {
    .name = "order_stream_of_vendor",
    .sql = TOLD "FROM unnest($1::bigint[]) WITH ORDINALITY AS s (after, number) CROSS JOIN LATERAL "
                "(SELECT * FROM \"order\".order_history r WHERE r.vendor_id = $3 "
                "AND r.shard = (s.number - 1)::smallint "
                "AND r.position > s.after ORDER BY r.position LIMIT $2) h "
                "JOIN \"order\".vendor_order o ON o.id = h.order_id " IN_ORDER,
};

static const struct statement shopper_statement = {
    .name = "order_stream_of_shopper",
    .sql = TOLD "FROM \"order\".vendor_order o JOIN \"order\".order_history h ON h.order_id = o.id "
                "WHERE o.user_id = $3 AND h.position > ($1::bigint[])[h.shard + 1] " IN_ORDER,
};

static enum status read_row(struct row *row, struct order_stream_row *ret_row)
{
    struct order_stream_row read = { .shard = (unsigned)row_int(row) };
    read.position = row_int(row);
    if (read.shard >= SHARD_COUNT) return STATUS_CORRUPT;
    read.change.order_id = row_uuid(row);
    read.change.group_id = row_uuid(row);
    read.change.number = row_text(row);
    TRY(order_history_read(row, &read.change.event));
    *ret_row = read;
    return STATUS_OK;
}

static const struct statement *statement_of(const struct order_stream_owner *owner,
                                            struct uuid *ret_id)
{
    *ret_id = uuid_is_zero(owner->vendor_id) ? owner->user_id : owner->vendor_id;
    if (!uuid_is_zero(owner->vendor_id)) return &vendor_statement;
    return uuid_is_zero(owner->user_id) ? &market_statement : &shopper_statement;
}

enum status order_stream_list(struct request *request, const struct order_stream_owner *owner,
                              const struct order_stream_place *place, int64_t limit,
                              struct order_stream_row **ret_rows, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    struct uuid id;
    const struct statement *statement = statement_of(owner, &id);
    assert(limit >= 1);
    param_int_array(&params, arena, place->after, SHARD_COUNT);
    param_int(&params, arena, limit);
    if (statement != &market_statement) param_uuid(&params, arena, id);
    TRY(request_query(request, statement, &params, &rows));
    struct order_stream_row *read = arena_allocate_array(arena, rows.count, sizeof *read);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_row(&row, &read[i]));
    }
    *ret_rows = read;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement end_statement = {
    .name = "order_stream_end",
    .sql = "SELECT shard, last FROM \"order\".history_head",
};

enum status order_stream_find_end(struct request *request, struct order_stream_place *ret_place)
{
    struct store_params params = { 0 };
    struct rows rows;
    struct order_stream_place place = { { 0 } };
    TRY(request_query(request, &end_statement, &params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const int64_t shard = row_int(&row);
        if (shard < 0 || shard >= SHARD_COUNT) return STATUS_CORRUPT;
        place.after[shard] = row_int(&row);
    }
    *ret_place = place;
    return STATUS_OK;
}
