/* SQL that reads edits, and what they need. */
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

static const struct statement place_statement = {
    .name = "order_edit_place",
    .sql = "SELECT country, coalesce(region_code, '') FROM \"order\".group_address "
           "WHERE group_id = $1",
};

enum status order_edit_store_load_place(struct request *request, struct uuid group_id,
                                        struct order_edit_place *ret_place)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), group_id);
    TRY(request_query(request, &place_statement, &params, &rows));
    *ret_place = (struct order_edit_place){ TEXT(""), TEXT("") };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_place->country = row_text(&row);
    ret_place->region = row_text(&row);
    return STATUS_OK;
}

/* ---- edits ---- */

static const struct statement list_statement = {
    .name = "order_edits",
    .sql = "SELECT e.id, CASE WHEN e.status = 'open' AND (e.expires_at <= $2 OR NOT $4) "
           "THEN 'expired' "
           "ELSE e.status END, e.proposed_by, e.reason, e.items, e.total, e.given_back, "
           "e.to_wallet, e.payment, e.proposed_at, e.expires_at, "
           "coalesce(e.ended_at, CASE WHEN e.expires_at <= $2 THEN e.expires_at END, 0), "
           "e.attempt_id, l.ids, l.new_ids, l.quantities, l.items, l.taxes, l.late, l.days, f.ids, "
           "f.quantities, "
           "f.discounts, f.taxes, f.totals FROM \"order\".order_edit e, "
           "LATERAL (SELECT coalesce(array_agg(l.line_id ORDER BY l.position), '{}') AS ids, "
           "coalesce(array_agg(l.new_line_id ORDER BY l.position), '{}') AS new_ids, "
           "coalesce(array_agg(l.quantity ORDER BY l.position), '{}') AS quantities, "
           "coalesce(array_agg(l.items ORDER BY l.position), '{}') AS items, "
           "coalesce(array_agg(l.tax ORDER BY l.position), '{}') AS taxes, "
           "coalesce(array_agg(l.backordered ORDER BY l.position), '{}') AS late, "
           "coalesce(array_agg(coalesce(l.available_on, 0) ORDER BY l.position), '{}') AS days "
           "FROM \"order\".order_edit_line l WHERE l.edit_id = e.id AND l.line_id IS NOT NULL) l, "
           "LATERAL (SELECT coalesce(array_agg(f.line_id ORDER BY f.position), '{}') AS ids, "
           "coalesce(array_agg(f.quantity::bigint ORDER BY f.position), '{}') AS quantities, "
           "coalesce(array_agg(f.discount::bigint ORDER BY f.position), '{}') AS discounts, "
           "coalesce(array_agg(f.tax::bigint ORDER BY f.position), '{}') AS taxes, "
           "coalesce(array_agg(f.total::bigint ORDER BY f.position), '{}') AS totals "
           "FROM \"order\".order_edit_fewer f WHERE f.edit_id = e.id) f "
           "WHERE e.order_id = $1 ORDER BY e.proposed_at, e.id LIMIT $3",
};

/* An edit ends with what its order allows: sent or cancelled, it is not changed any more. */
static bool is_editable(const struct order_life *life)
{
    enum order_state to;
    return order_machine_step(life->state, ORDER_TRIGGER_APPLY_EDIT, &to) == STATUS_OK;
}

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
    const int64_t *numbers[5]; /* quantity, items, tax, backordered, available_on */
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
            .has_backordered = numbers[3][i] > 0,
            .backordered = numbers[3][i],
            .has_available_on = numbers[4][i] > 0,
            .available_on_us = numbers[4][i],
        };
    edit->lines = lines;
    edit->lines_count = count;
    return STATUS_OK;
}

static enum status read_fewer(struct row *row, struct arena *arena, const char *currency,
                              struct order_edit *edit)
{
    const struct uuid *ids;
    const int64_t *numbers[4]; /* quantity, discount, tax, total */
    const size_t count = row_uuid_array(row, arena, &ids);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (row_int_array(row, arena, &numbers[i]) != count) return STATUS_CORRUPT;
    if (count > ORDER_LINES_MAX) return STATUS_CORRUPT;
    struct order_edit_fewer *fewer = arena_allocate_array(arena, count, sizeof *fewer);
    for (size_t i = 0; i < count; i++)
        fewer[i] = (struct order_edit_fewer){ .line_id = ids[i],
                                              .quantity = numbers[0][i],
                                              .discount = money_make(numbers[1][i], currency),
                                              .tax = money_make(numbers[2][i], currency),
                                              .total = money_make(numbers[3][i], currency) };
    edit->fewer = fewer;
    edit->fewer_count = count;
    return STATUS_OK;
}

static enum status read_sums(struct row *row, const char *currency, struct order_edit_row *ret_row)
{
    int payment;
    struct order_edit *edit = &ret_row->shown;
    const int64_t items = row_int(row), added = row_int(row), given_back = row_int(row);
    edit->tax = money_make(added - items, currency);
    edit->added = money_make(added, currency);
    edit->given_back = money_make(given_back, currency);
    edit->total = money_make(added - given_back, currency);
    edit->to_wallet = money_make(row_int(row), currency);
    edit->has_to_wallet = edit->to_wallet.amount > 0;
    TRY(find_name(row_text(row), order_edit_payment_names, ORDER_EDIT_PAYMENT_COUNT, &payment));
    ret_row->from_wallet = payment == ORDER_EDIT_PAYMENT_WALLET;
    edit->payment = order_edit_payment_of(ret_row->from_wallet, edit->total.amount);
    return STATUS_OK;
}

static enum status read_edit(struct row *row, struct arena *arena, const struct order_life *life,
                             struct order_edit_row *ret_row)
{
    int status, party;
    struct order_edit_row read = { .shown = { .id = row_uuid(row), .order_id = life->order_id } };
    struct order_edit *edit = &read.shown;
    TRY(find_name(row_text(row), order_edit_status_names, ORDER_EDIT_STATUS_COUNT, &status));
    edit->status = (enum order_edit_status)status;
    TRY(find_name(row_text(row), order_edit_party_names, ORDER_EDIT_PARTY_COUNT, &party));
    edit->proposed_by = (enum order_edit_party)party;
    edit->reason = row_text(row);
    TRY(read_sums(row, life->currency, &read));
    edit->proposed_at_us = row_int(row);
    edit->expires_at_us = row_int(row);
    edit->ended_at_us = row_int(row);
    edit->has_ended_at = edit->ended_at_us > 0;
    if (!row_skip_null(row)) read.attempt_id = row_uuid(row);
    TRY(read_lines(row, arena, life->currency, edit));
    TRY(read_fewer(row, arena, life->currency, edit));
    *ret_row = read;
    return STATUS_OK;
}

/* ---- other goods ---- */

static const struct statement goods_statement = {
    .name = "order_edit_goods",
    .sql =
        "SELECT g.edit_id, g.new_line_id, g.variant_id, g.product_id, g.name, g.slug, g.options, "
        "g.image, g.sku, n.quantity, g.unit_amount, g.list_amount, n.tax, n.items, "
        "n.backordered, coalesce(n.available_on, 0) "
        "FROM \"order\".order_edit e JOIN \"order\".order_edit_goods g ON g.edit_id = e.id "
        "JOIN \"order\".order_edit_line n ON n.edit_id = e.id "
        "AND n.new_line_id = g.new_line_id "
        "WHERE e.order_id = $1 ORDER BY e.proposed_at, e.id, n.position",
};

static struct order_edit_goods_line read_goods(struct row *row, struct arena *arena,
                                               const char *currency)
{
    struct order_edit_goods_line goods = { .new_line_id = row_uuid(row) };
    goods.variant_id = row_uuid(row);
    goods.product_id = row_uuid(row);
    goods.name = row_text(row);
    goods.slug = row_text(row);
    goods.has_slug = goods.slug.length > 0;
    goods.options = row_text_pairs(row, arena, &goods.options_count);
    goods.image = row_text(row);
    goods.has_image = goods.image.length > 0;
    goods.has_sku = !row_skip_null(row);
    if (goods.has_sku) goods.sku = row_text(row);
    goods.quantity = row_int(row);
    goods.unit_price = money_make(row_int(row), currency);
    goods.has_list_price = !row_skip_null(row);
    if (goods.has_list_price) goods.list_price = money_make(row_int(row), currency);
    goods.tax = money_make(row_int(row), currency);
    goods.total = money_make(row_int(row), currency);
    goods.backordered = row_int(row);
    goods.has_backordered = goods.backordered > 0;
    goods.available_on_us = row_int(row);
    goods.has_available_on = goods.available_on_us > 0;
    return goods;
}

/* Rows of one edit stand together, in the order of the edits, so each edit has a slice of them. */
static enum status fill_goods(struct request *request, const struct order_life *life,
                              struct order_edit_row *edits, size_t count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, life->order_id);
    TRY(request_query(request, &goods_statement, &params, &rows));
    struct order_edit_goods_line *goods = arena_allocate_array(arena, rows.count, sizeof *goods);
    size_t place = 0;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid edit_id = row_uuid(&row);
        while (place < count && !uuid_equals(edits[place].shown.id, edit_id))
            place++;
        if (place == count) return STATUS_CONFLICT; /* it was proposed meanwhile */
        struct order_edit *edit = &edits[place].shown;
        if (edit->goods_count == 0) edit->goods = &goods[i];
        goods[i] = read_goods(&row, arena, life->currency);
        edit->goods_count++;
    }
    return STATUS_OK;
}

static enum status list(struct request *request, const struct order_life *life,
                        struct order_edit_row **ret_rows, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, life->order_id);
    param_int(&params, arena, request_now_us(request));
    param_int(&params, arena, ORDER_EDITS_MAX);
    param_bool(&params, arena, is_editable(life));
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

enum status order_edit_store_list(struct request *request, const struct order_life *life,
                                  struct order_edit_row **ret_rows, size_t *ret_count)
{
    TRY(list(request, life, ret_rows, ret_count));
    return *ret_count == 0 ? STATUS_OK : fill_goods(request, life, *ret_rows, *ret_count);
}

/* ---- what goes back ---- */

static const struct statement refund_statement = {
    .name = "order_edit_refund",
    .sql =
        "SELECT o.currency, (r.total - r.set_off - r.waived - r.manual - r.card "
        "- r.card_to_wallet - r.by_bank - coalesce(h.amount, 0))::bigint, "
        "coalesce(h.ids, '{}'), coalesce(h.amounts, '{}'), r.card + r.card_to_wallet > 0 FROM "
        "\"order\".order_refund r "
        "JOIN \"order\".vendor_order o ON o.id = r.order_id, "
        "LATERAL (SELECT sum(h.amount) AS amount, array_agg(h.hold_id ORDER BY h.hold_id) AS ids, "
        "array_agg(h.amount::bigint ORDER BY h.hold_id) AS amounts "
        "FROM \"order\".order_refund_hold h WHERE h.refund_id = r.id) h "
        "WHERE r.id = $2 AND r.order_id = $1",
};

enum status order_edit_store_find_refund(struct request *request, struct uuid order_id,
                                         struct uuid refund_id,
                                         struct order_edit_refund *ret_refund)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    param_uuid(&params, arena, refund_id);
    TRY(request_query(request, &refund_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    const char *currency = text_string(arena, row_text(&row));
    const struct uuid *ids;
    const int64_t *amounts;
    struct order_edit_refund refund = { .refund = money_make(row_int(&row), currency) };
    refund.other_refunds_count = row_uuid_array(&row, arena, &ids);
    if (row_int_array(&row, arena, &amounts) != refund.other_refunds_count) return STATUS_CORRUPT;
    struct order_other_refund *others =
        arena_allocate_array(arena, refund.other_refunds_count, sizeof *others);
    for (size_t i = 0; i < refund.other_refunds_count; i++)
        others[i] = (struct order_other_refund){ ids[i], money_make(amounts[i], currency) };
    refund.other_refunds = others;
    refund.has_has_card = true;
    refund.has_card = row_bool(&row);
    *ret_refund = refund;
    return STATUS_OK;
}
