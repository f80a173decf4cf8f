/* SQL of returns. */
#include "actors/order/return_store.h"

#include "actors/order/order_refund_money.h"

static_assert((int)ORDER_RETURN_STATUS_COUNT ==
                  ORDER_STATE_RETURN_CANCELLED - ORDER_STATE_RETURN_REQUESTED + 1,
              "the contract has the machine's states but the first, in its order");

/* ---- reading ---- */

static const struct statement list_statement = {
    .name = "order_returns",
    .sql =
        "SELECT r.id, r.status, r.reason, r.requested_at, coalesce(r.due_at, 0), "
        "coalesce(r.ended_at, 0), r.refund_id, " ORDER_REFUND_MONEY(
            "f") ", r.wants = 'exchange', "
                 "r.instructions, r.label_url, r.replacement_id, r.stock_is_back, "
                 "coalesce(r.restocked_at, 0), "
                 "l.ids, l.quantities, l.received, l.restocked, l.given_back, p.ids, p.quantities, "
                 "p.conditions, "
                 "p.restocked FROM \"order\".order_return r "
                 "LEFT JOIN \"order\".order_refund f ON f.id = r.refund_id, "
                 "LATERAL (SELECT array_agg(l.line_id ORDER BY l.line_id) AS ids, "
                 "array_agg(l.quantity ORDER BY l.line_id) AS quantities, "
                 "array_agg(l.received ORDER BY l.line_id) AS received, "
                 "array_agg(l.restocked ORDER BY l.line_id) AS restocked, "
                 "array_agg(l.given_back::bigint ORDER BY l.line_id) AS given_back "
                 "FROM \"order\".order_return_line l WHERE l.return_id = r.id HAVING count(*) > 0) "
                 "l, "
                 "LATERAL (SELECT coalesce(array_agg(p.line_id ORDER BY p.sequence, p.position), "
                 "'{}') "
                 "AS ids, coalesce(array_agg(p.quantity ORDER BY p.sequence, p.position), '{}') "
                 "AS quantities, coalesce(array_agg(p.condition ORDER BY p.sequence, p.position), "
                 "'{}') "
                 "AS conditions, coalesce(array_agg(p.is_restocked::int::bigint "
                 "ORDER BY p.sequence, p.position), '{}') AS restocked "
                 "FROM \"order\".order_return_receipt p WHERE p.return_id = r.id) p "
                 "WHERE r.order_id = $1 ORDER BY r.position LIMIT $2",
};

static enum status read_lines(struct row *row, struct arena *arena,
                              struct order_return_request *shown)
{
    const struct uuid *ids;
    const int64_t *numbers[4]; /* quantity, received, restocked, given back */
    const size_t count = row_uuid_array(row, arena, &ids);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (row_int_array(row, arena, &numbers[i]) != count) return STATUS_CORRUPT;
    if (count > ORDER_LINES_MAX) return STATUS_CORRUPT;
    struct order_return_line *lines = arena_allocate_array(arena, count, sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] =
            (struct order_return_line){ .line_id = ids[i],
                                        .quantity = numbers[0][i],
                                        .received = numbers[1][i],
                                        .to_restock = numbers[2][i],
                                        .restocked = shown->has_restocked_at ? numbers[2][i] : 0,
                                        .given_back = numbers[3][i] };
    shown->lines = lines;
    shown->lines_count = count;
    return STATUS_OK;
}

static enum status find_condition(struct text name, enum order_return_condition *ret_condition)
{
    for (int i = 0; i < (int)ORDER_RETURN_CONDITION_COUNT; i++) {
        if (!text_equals_string(name, order_return_condition_names[i])) continue;
        *ret_condition = (enum order_return_condition)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

static enum status read_receipts(struct row *row, struct arena *arena,
                                 struct order_return_request *shown)
{
    const struct uuid *ids;
    const int64_t *quantities, *restocked;
    const struct text *conditions;
    const size_t count = row_uuid_array(row, arena, &ids);
    if (row_int_array(row, arena, &quantities) != count) return STATUS_CORRUPT;
    if (row_text_array(row, arena, &conditions) != count) return STATUS_CORRUPT;
    if (row_int_array(row, arena, &restocked) != count) return STATUS_CORRUPT;
    struct order_return_receipt *receipts = arena_allocate_array(arena, count, sizeof *receipts);
    for (size_t i = 0; i < count; i++) {
        receipts[i] = (struct order_return_receipt){ .line_id = ids[i],
                                                     .quantity = quantities[i],
                                                     .is_restocked = restocked[i] != 0 };
        TRY(find_condition(conditions[i], &receipts[i].condition));
    }
    shown->receipts = receipts;
    shown->receipts_count = count;
    return STATUS_OK;
}

static enum status read_status(struct row *row, enum order_return_status *ret_status)
{
    enum order_state state;
    if (!order_machine_find_state(ORDER_MACHINE_RETURN, row_text(row), &state) ||
        state < ORDER_STATE_RETURN_REQUESTED)
        return STATUS_CORRUPT;
    *ret_status = (enum order_return_status)(state - ORDER_STATE_RETURN_REQUESTED);
    return STATUS_OK;
}

static enum status read_return(struct row *row, struct arena *arena, const char *currency,
                               struct order_return_request *ret_shown, bool *ret_stock_is_back)
{
    struct order_return_request shown = { .id = row_uuid(row) };
    TRY(read_status(row, &shown.status));
    shown.reason = row_text(row);
    shown.requested_at_us = row_int(row);
    shown.due_at_us = row_int(row);
    shown.has_due_at = shown.due_at_us > 0;
    shown.ended_at_us = row_int(row);
    shown.has_ended_at = shown.ended_at_us > 0;
    shown.has_refund_id = !row_skip_null(row);
    if (shown.has_refund_id) shown.refund_id = row_uuid(row);
    struct order_refund_money money;
    TRY(order_refund_money_read(row, currency, &money));
    ORDER_REFUND_MONEY_SHOW_ALL(&shown, &money);
    shown.has_total = shown.has_waived = shown.has_refunded = shown.has_refund_id;
    shown.wants = row_bool(row) ? ORDER_RETURN_WISH_EXCHANGE : ORDER_RETURN_WISH_REFUND;
    shown.instructions = row_text(row);
    shown.has_instructions = shown.instructions.length > 0;
    shown.label_url = row_text(row);
    shown.has_label_url = shown.label_url.length > 0;
    shown.has_replacement_id = !row_skip_null(row);
    if (shown.has_replacement_id) shown.replacement_id = row_uuid(row);
    *ret_stock_is_back = row_bool(row);
    shown.restocked_at_us = row_int(row);
    shown.has_restocked_at = shown.restocked_at_us > 0;
    TRY(read_lines(row, arena, &shown));
    TRY(read_receipts(row, arena, &shown));
    *ret_shown = shown;
    return STATUS_OK;
}

static enum status list(struct request *request, struct uuid order_id, const char *currency,
                        struct order_return_request **ret_shown, bool **ret_stock_is_back,
                        size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    param_int(&params, arena, ORDER_RETURNS_MAX);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct order_return_request *shown = arena_allocate_array(arena, rows.count, sizeof *shown);
    bool *stock_is_back = arena_allocate_array(arena, rows.count, sizeof *stock_is_back);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_return(&row, arena, currency, &shown[i], &stock_is_back[i]));
    }
    *ret_shown = shown;
    *ret_stock_is_back = stock_is_back;
    *ret_count = rows.count;
    return STATUS_OK;
}

bool return_store_has_arrived(const struct order_order *order)
{
    for (size_t i = 0; i < order->lines_count; i++)
        if (order->lines[i].delivered > 0) return true;
    return false;
}

enum status return_store_fill(struct request *request, struct order_order *order)
{
    if (!return_store_has_arrived(order)) return STATUS_OK;
    struct order_return_request *shown;
    bool *stock_is_back;
    const char *currency = order->totals.total.currency;
    TRY(list(request, order->id, currency, &shown, &stock_is_back, &order->returns_count));
    order->returns = shown;
    return STATUS_OK;
}

static enum status place_parts(const struct order_life *life,
                               const struct order_return_request *shown,
                               struct order_return *placed)
{
    for (size_t i = 0; i < shown->lines_count; i++) {
        size_t line = 0;
        while (line < life->lines_count &&
               !uuid_equals(life->lines[line].id, shown->lines[i].line_id))
            line++;
        if (line == life->lines_count) return STATUS_CORRUPT;
        placed->parts[placed->parts_count++] =
            (struct return_part){ .line = line,
                                  .quantity = shown->lines[i].quantity,
                                  .received = shown->lines[i].received,
                                  .restocked = shown->lines[i].to_restock,
                                  .given_back = shown->lines[i].given_back };
    }
    return STATUS_OK;
}

enum status return_store_load(struct request *request, const struct order_life *life,
                              struct order_return **ret_returns, size_t *ret_count)
{
    struct order_return_request *shown;
    bool *stock_is_back;
    size_t count;
    TRY(list(request, life->order_id, life->currency, &shown, &stock_is_back, &count));
    struct order_return *returns =
        arena_allocate_array(request_arena(request), count, sizeof *returns);
    for (size_t i = 0; i < count; i++) {
        returns[i] = (struct order_return){
            .id = shown[i].id,
            .state = (enum order_state)((int)shown[i].status + ORDER_STATE_RETURN_REQUESTED),
            .reason = shown[i].reason,
            .requested_at_us = shown[i].requested_at_us,
            .due_at_us = shown[i].due_at_us,
            .ended_at_us = shown[i].ended_at_us,
            .refund_id = shown[i].refund_id,
            .wants_exchange = shown[i].wants == ORDER_RETURN_WISH_EXCHANGE,
            .replacement_id = shown[i].replacement_id,
            .stock_is_back = stock_is_back[i],
            .restocked_at_us = shown[i].restocked_at_us,
            .instructions = shown[i].instructions,
            .label_url = shown[i].label_url,
            .receipts_count = shown[i].receipts_count
        };
        TRY(place_parts(life, &shown[i], &returns[i]));
    }
    *ret_returns = returns;
    *ret_count = count;
    return STATUS_OK;
}

/* ---- writing ---- */

static const struct statement add_statement = {
    .name = "order_return_add",
    .sql = "WITH r AS (INSERT INTO \"order\".order_return (id, order_id, position, status, reason, "
           "requested_at, due_at, wants) VALUES ($1, $2, $3, $4, $5, $6, nullif($7, 0), $10)) "
           "INSERT INTO \"order\".order_return_line (return_id, line_id, quantity) "
           "SELECT $1, l.* FROM unnest($8::uuid[], $9::bigint[]) AS l",
    .on_duplicate = STATUS_CONFLICT,
};

/* The last parameters: lines, and as many numbers of each as there are columns. */
static void add_parts(struct store_params *params, struct arena *arena,
                      const struct order_life *life, const struct order_return *made,
                      bool with_arrived)
{
    const size_t count = made->parts_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *first = arena_allocate_array(arena, count, sizeof *first);
    int64_t *second = arena_allocate_array(arena, count, sizeof *second);
    int64_t *third = arena_allocate_array(arena, count, sizeof *third);
    for (size_t i = 0; i < count; i++) {
        ids[i] = life->lines[made->parts[i].line].id;
        first[i] = with_arrived ? made->parts[i].received : made->parts[i].quantity;
        second[i] = made->parts[i].restocked;
        third[i] = made->parts[i].given_back;
    }
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, first, count);
    if (!with_arrived) return;
    param_int_array(params, arena, second, count);
    param_int_array(params, arena, third, count);
}

void return_store_add(struct request *request, const struct order_life *life,
                      const struct order_return *made, size_t position)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, made->id);
    param_uuid(params, arena, life->order_id);
    param_int(params, arena, (int64_t)position);
    param_text(params, arena, text_of(order_machine_state_name(made->state)));
    param_text(params, arena, made->reason);
    param_int(params, arena, made->requested_at_us);
    param_int(params, arena, made->due_at_us);
    add_parts(params, arena, life, made, false);
    param_text(params, arena, made->wants_exchange ? TEXT("exchange") : TEXT("refund"));
}

static const struct statement save_statement = {
    .name = "order_return_save",
    .sql = "WITH l AS (UPDATE \"order\".order_return_line l SET received = n.received, "
           "restocked = n.restocked, given_back = n.given_back "
           "FROM unnest($6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[]) "
           "AS n (id, received, restocked, given_back) WHERE l.return_id = $1 AND l.line_id = n.id "
           "AND (l.received, l.restocked, l.given_back) "
           "IS DISTINCT FROM (n.received, n.restocked, n.given_back)), "
           "r AS (UPDATE \"order\".order_return SET status = $2, due_at = nullif($3, 0), "
           "ended_at = nullif($4, 0), "
           "refund_id = nullif($5, '00000000-0000-0000-0000-000000000000'), "
           "replacement_id = nullif($10, '00000000-0000-0000-0000-000000000000'), "
           "instructions = $11, label_url = $12, stock_is_back = $13 "
           "WHERE id = $1 RETURNING 1) SELECT require_one(count(*)) FROM r",
};

void return_store_save(struct request *request, const struct order_life *life,
                       const struct order_return *saved)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save_statement);
    param_uuid(params, arena, saved->id);
    param_text(params, arena, text_of(order_machine_state_name(saved->state)));
    param_int(params, arena, saved->due_at_us);
    param_int(params, arena, saved->ended_at_us);
    param_uuid(params, arena, saved->refund_id);
    add_parts(params, arena, life, saved, true);
    param_uuid(params, arena, saved->replacement_id);
    param_text(params, arena, saved->instructions);
    param_text(params, arena, saved->label_url);
    param_bool(params, arena, saved->stock_is_back);
}

static const struct statement receipts_statement = {
    .name = "order_return_receive",
    .sql = "INSERT INTO \"order\".order_return_receipt (return_id, sequence, line_id, quantity, "
           "condition, is_restocked, position) SELECT $1, $2, p.line_id, p.quantity, p.condition, "
           "p.is_restocked = 1, p.position FROM unnest($3::uuid[], $4::bigint[], $5::text[], "
           "$6::bigint[]) WITH ORDINALITY "
           "AS p (line_id, quantity, condition, is_restocked, position)",
    .on_duplicate = STATUS_CONFLICT,
};

void return_store_add_receipts(struct request *request, struct uuid return_id, int64_t sequence,
                               const struct order_return_receipt *receipts, size_t count)
{
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *quantities = arena_allocate_array(arena, count, sizeof *quantities);
    int64_t *restocked = arena_allocate_array(arena, count, sizeof *restocked);
    struct text *conditions = arena_allocate_array(arena, count, sizeof *conditions);
    for (size_t i = 0; i < count; i++) {
        ids[i] = receipts[i].line_id;
        quantities[i] = receipts[i].quantity;
        conditions[i] = text_of(order_return_condition_names[receipts[i].condition]);
        restocked[i] = receipts[i].is_restocked;
    }
    struct store_params *params = request_write(request, &receipts_statement);
    param_uuid(params, arena, return_id);
    param_int(params, arena, sequence);
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, quantities, count);
    param_text_array(params, arena, conditions, count);
    param_int_array(params, arena, restocked, count);
}

static const struct statement restocked_statement = {
    .name = "order_return_restocked",
    .sql = "UPDATE \"order\".order_return SET restocked_at = $3 "
           "WHERE id = $2 AND order_id = $1 AND restocked_at IS NULL",
};

void return_store_note_restocked(struct request *request, struct uuid order_id,
                                 struct uuid return_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &restocked_statement);
    param_uuid(params, arena, order_id);
    param_uuid(params, arena, return_id);
    param_int(params, arena, request_now_us(request));
}

/* ---- by the clock ---- */

static const struct statement due_statement = {
    .name = "order_return_due",
    .sql = "SELECT order_id, id FROM \"order\".order_return WHERE due_at <= $1 "
           "AND get_byte(uuid_send(order_id), 15) & 63 BETWEEN $2 AND $3 ORDER BY due_at LIMIT $4",
};

enum status return_store_list_due(struct request *request, unsigned shard_first,
                                  unsigned shard_last, const struct due_object **ret_due,
                                  size_t *ret_count)
{
    return order_due_list(request, &due_statement, shard_first, shard_last, RETURNS_DUE_MAX,
                          ret_due, ret_count);
}
