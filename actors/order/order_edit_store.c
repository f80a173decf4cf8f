/* SQL of edits. */
#include "actors/order/order_edit_store.h"

/* ---- reading ---- */

static const struct statement rates_statement = {
    .name = "order_edit_rates",
    .sql = "SELECT t.subject_id, t.rate_id, r.ppm, r.is_included FROM \"order\".order_tax t "
           "JOIN \"order\".order_rate r ON r.order_id = t.order_id AND r.rate_id = t.rate_id "
           "WHERE t.order_id = $1 ORDER BY t.subject_id, t.rate_id",
};

enum status order_edit_store_load_rates(struct request *request, struct uuid order_id,
                                        const struct order_edit_rate **ret_rates, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    TRY(request_query(request, &rates_statement, &params, &rows));
    struct order_edit_rate *rates = arena_allocate_array(arena, rows.count, sizeof *rates);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        rates[i].line_id = row_uuid(&row);
        rates[i].rate_id = row_uuid(&row);
        rates[i].ppm = row_int(&row);
        rates[i].is_included = row_bool(&row);
    }
    *ret_rates = rates;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement list_statement = {
    .name = "order_edits",
    .sql = "SELECT e.id, CASE WHEN e.status = 'open' AND e.expires_at <= $2 THEN 'expired' "
           "ELSE e.status END, e.reason, e.items, e.total, e.payment, e.proposed_at, e.expires_at, "
           "coalesce(e.ended_at, CASE WHEN e.expires_at <= $2 THEN e.expires_at END, 0), "
           "e.attempt_id, l.ids, l.new_ids, l.quantities, l.items, l.taxes "
           "FROM \"order\".order_edit e, "
           "LATERAL (SELECT array_agg(l.line_id ORDER BY l.position) AS ids, "
           "array_agg(l.new_line_id ORDER BY l.position) AS new_ids, "
           "array_agg(l.quantity ORDER BY l.position) AS quantities, "
           "array_agg(l.items ORDER BY l.position) AS items, "
           "array_agg(l.tax ORDER BY l.position) AS taxes "
           "FROM \"order\".order_edit_line l WHERE l.edit_id = e.id HAVING count(*) > 0) l "
           "WHERE e.order_id = $1 ORDER BY e.proposed_at, e.id LIMIT $3",
};

static enum status find_name(struct text name, const char *const *names, int count, int *ret_value)
{
    for (int i = 0; i < count; i++) {
        if (!text_equals_string(name, names[i])) continue;
        *ret_value = i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

static enum status read_lines(struct row *row, struct arena *arena, const char *currency,
                              struct order_edit *edit)
{
    const struct uuid *ids, *new_ids;
    const int64_t *numbers[3]; /* quantity, items, tax */
    const size_t count = row_uuid_array(row, arena, &ids);
    if (row_uuid_array(row, arena, &new_ids) != count) return STATUS_CORRUPT;
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (row_int_array(row, arena, &numbers[i]) != count) return STATUS_CORRUPT;
    if (count > ORDER_LINES_MAX) return STATUS_CORRUPT;
    struct order_edit_line *lines = arena_allocate_array(arena, count, sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct order_edit_line){
            .line_id = ids[i],
            .new_line_id = new_ids[i],
            .quantity = numbers[0][i],
            .unit_price = money_make(numbers[1][i] / numbers[0][i], currency),
            .tax = money_make(numbers[2][i], currency),
            .total = money_make(numbers[1][i], currency),
        };
    edit->lines = lines;
    edit->lines_count = count;
    return STATUS_OK;
}

static enum status read_edit(struct row *row, struct arena *arena, const struct order_life *life,
                             struct order_edit_row *ret_row)
{
    int status, payment;
    struct order_edit edit = { .id = row_uuid(row), .order_id = life->order_id };
    TRY(find_name(row_text(row), order_edit_status_names, ORDER_EDIT_STATUS_COUNT, &status));
    edit.status = (enum order_edit_status)status;
    edit.reason = row_text(row);
    const int64_t items = row_int(row);
    const int64_t total = row_int(row);
    edit.tax = money_make(total - items, life->currency);
    edit.total = money_make(total, life->currency);
    TRY(find_name(row_text(row), order_edit_payment_names, ORDER_EDIT_PAYMENT_COUNT, &payment));
    edit.payment = (enum order_edit_payment)payment;
    edit.proposed_at_us = row_int(row);
    edit.expires_at_us = row_int(row);
    edit.ended_at_us = row_int(row);
    edit.has_ended_at = edit.ended_at_us > 0;
    ret_row->attempt_id = (struct uuid){ 0 };
    if (!row_skip_null(row)) ret_row->attempt_id = row_uuid(row);
    TRY(read_lines(row, arena, life->currency, &edit));
    ret_row->shown = edit;
    return STATUS_OK;
}

enum status order_edit_store_list(struct request *request, const struct order_life *life,
                                  struct order_edit_row **ret_rows, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, life->order_id);
    param_int(&params, arena, request_now_us(request));
    param_int(&params, arena, ORDER_EDITS_MAX);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct order_edit_row *edits = arena_allocate_array(arena, rows.count, sizeof *edits);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_edit(&row, arena, life, &edits[i]));
    }
    *ret_rows = edits;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- proposed ---- */

static const struct statement expire_statement = {
    .name = "order_edit_expire",
    .sql = "UPDATE \"order\".order_edit SET status = 'expired', ended_at = expires_at "
           "WHERE order_id = $1 AND status = 'open' AND expires_at <= $2",
};

static const struct statement add_statement = {
    .name = "order_edit_add",
    .sql = "WITH e AS (INSERT INTO \"order\".order_edit (id, order_id, status, reason, items, "
           "total, payment, proposed_at, expires_at) "
           "VALUES ($1, $2, 'open', $3, $4, $5, $6, $7, $8)) "
           "INSERT INTO \"order\".order_edit_line (edit_id, position, line_id, new_line_id, "
           "quantity, items, tax) SELECT $1, l.row, l.id, l.new_id, l.quantity, l.items, l.tax "
           "FROM unnest($9::uuid[], $10::uuid[], $11::bigint[], $12::bigint[], $13::bigint[]) "
           "WITH ORDINALITY AS l (id, new_id, quantity, items, tax, row)",
    .on_duplicate = STATUS_CONFLICT,
};

static const struct statement taxes_statement = {
    .name = "order_edit_taxes",
    .sql = "INSERT INTO \"order\".order_edit_tax (edit_id, new_line_id, rate_id, base, amount) "
           "SELECT $1, t.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS t",
};

static void add_taxes(struct request *request, const struct order_edit *edit,
                      const struct order_edit_part *parts)
{
    struct arena *arena = request_arena(request);
    size_t room = 0, count = 0;
    for (size_t i = 0; i < edit->lines_count; i++)
        room += parts[i].rates_count;
    if (room == 0) return;
    struct uuid *line_ids = arena_allocate_array(arena, room, sizeof *line_ids);
    struct uuid *rate_ids = arena_allocate_array(arena, room, sizeof *rate_ids);
    int64_t *bases = arena_allocate_array(arena, room, sizeof *bases);
    int64_t *amounts = arena_allocate_array(arena, room, sizeof *amounts);
    for (size_t i = 0; i < edit->lines_count; i++)
        for (size_t rate = 0; rate < parts[i].rates_count; rate++, count++) {
            line_ids[count] = parts[i].line.new_line_id;
            rate_ids[count] = parts[i].rate_ids[rate];
            bases[count] = parts[i].price.bases[rate];
            amounts[count] = parts[i].price.amounts[rate];
        }
    struct store_params *params = request_write(request, &taxes_statement);
    param_uuid(params, arena, edit->id);
    param_uuid_array(params, arena, line_ids, count);
    param_uuid_array(params, arena, rate_ids, count);
    param_int_array(params, arena, bases, count);
    param_int_array(params, arena, amounts, count);
}

static void add_lines(struct store_params *params, struct arena *arena,
                      const struct order_edit *edit)
{
    const size_t count = edit->lines_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct uuid *new_ids = arena_allocate_array(arena, count, sizeof *new_ids);
    int64_t *numbers[3]; /* quantity, items, tax */
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        numbers[i] = arena_allocate_array(arena, count, sizeof *numbers[i]);
    for (size_t i = 0; i < count; i++) {
        ids[i] = edit->lines[i].line_id;
        new_ids[i] = edit->lines[i].new_line_id;
        numbers[0][i] = edit->lines[i].quantity;
        numbers[1][i] = edit->lines[i].total.amount;
        numbers[2][i] = edit->lines[i].tax.amount;
    }
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, new_ids, count);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        param_int_array(params, arena, numbers[i], count);
}

void order_edit_store_add(struct request *request, const struct order_edit *edit,
                          const struct order_edit_part *parts)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &expire_statement);
    param_uuid(params, arena, edit->order_id);
    param_int(params, arena, request_now_us(request));
    params = request_write(request, &add_statement);
    param_uuid(params, arena, edit->id);
    param_uuid(params, arena, edit->order_id);
    param_text(params, arena, edit->reason);
    param_int(params, arena, edit->total.amount - edit->tax.amount);
    param_int(params, arena, edit->total.amount);
    param_text(params, arena, text_of(order_edit_payment_names[edit->payment]));
    param_int(params, arena, edit->proposed_at_us);
    param_int(params, arena, edit->expires_at_us);
    add_lines(params, arena, edit);
    add_taxes(request, edit, parts);
}

/* ---- answered ---- */

static const struct statement decline_statement = {
    .name = "order_edit_decline",
    .sql = "WITH e AS (UPDATE \"order\".order_edit SET status = 'declined', ended_at = $2 "
           "WHERE id = $1 AND status = 'open' RETURNING 1) "
           "SELECT require_one(count(*)) FROM e",
};

void order_edit_store_decline(struct request *request, const struct order_edit *edit)
{
    struct store_params *params = request_write(request, &decline_statement);
    param_uuid(params, request_arena(request), edit->id);
    param_int(params, request_arena(request), request_now_us(request));
}

static const struct statement apply_statement = {
    .name = "order_edit_apply",
    .sql =
        "WITH e AS (UPDATE \"order\".order_edit SET status = 'applied', ended_at = $2, "
        "attempt_id = $3 WHERE id = $1 AND status = 'open' RETURNING id, order_id, items, total, "
        "payment), "
        "l AS (INSERT INTO \"order\".order_line (id, order_id, group_id, position, variant_id, "
        "product_id, name, sku, quantity, unit_amount, total, slug, image, options, tax, "
        "is_digital, hold_id) "
        "SELECT n.new_line_id, s.order_id, s.group_id, n.position + (SELECT max(m.position) "
        "FROM \"order\".order_line m WHERE m.group_id = s.group_id), s.variant_id, s.product_id, "
        "s.name, s.sku, n.quantity, s.unit_amount, n.items, s.slug, s.image, s.options, n.tax, "
        "s.is_digital, CASE e.payment WHEN 'wallet' THEN $3::uuid END "
        "FROM e JOIN \"order\".order_edit_line n ON n.edit_id = e.id "
        "JOIN \"order\".order_line s ON s.id = n.line_id AND s.order_id = e.order_id), "
        "t AS (INSERT INTO \"order\".order_tax (order_id, subject_id, rate_id, base, amount) "
        "SELECT e.order_id, t.new_line_id, t.rate_id, t.base, t.amount "
        "FROM e JOIN \"order\".order_edit_tax t ON t.edit_id = e.id), "
        "o AS (UPDATE \"order\".vendor_order o SET items = o.items + e.items, "
        "tax = o.tax + e.total - e.items, total = o.total + e.total, "
        "on_delivery = o.on_delivery + CASE e.payment WHEN 'wallet' THEN 0 ELSE e.total END "
        "FROM e WHERE o.id = e.order_id RETURNING o.group_id, e.total AS added, e.payment), "
        "g AS (UPDATE \"order\".order_group g SET total = g.total + o.added, "
        "on_delivery = g.on_delivery + CASE o.payment WHEN 'wallet' THEN 0 ELSE o.added END, "
        "payment_status = \"order\".payment_state_of(g.total + o.added, g.on_delivery "
        "+ CASE o.payment WHEN 'wallet' THEN 0 ELSE o.added END, g.waived, g.collected, "
        "g.refunded + g.handed_back, g.fulfilment_status = 'cancelled') "
        "FROM o WHERE g.id = o.group_id RETURNING 1) "
        "SELECT require_one(count(*)) FROM g",
};

void order_edit_store_apply(struct request *request, const struct order_edit *edit,
                            struct uuid attempt_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &apply_statement);
    param_uuid(params, arena, edit->id);
    param_int(params, arena, request_now_us(request));
    param_uuid(params, arena, attempt_id);
}
