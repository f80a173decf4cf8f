/* SQL that writes edits, and what of them becomes the order's. */
#include "actors/order/order_edit_store.h"

/* ---- proposed ---- */

static const struct statement expire_statement = {
    .name = "order_edit_expire",
    .sql = "UPDATE \"order\".order_edit SET status = 'expired', ended_at = expires_at "
           "WHERE order_id = $1 AND status = 'open' AND expires_at <= $2",
};

/* Of other goods no line has the goods: `line_id` is null. */
static const struct statement add_statement = {
    .name = "order_edit_add",
    .sql =
        "WITH e AS (INSERT INTO \"order\".order_edit (id, order_id, status, reason, items, "
        "total, payment, proposed_at, expires_at, proposed_by, fewer, given_back, to_wallet, "
        "needs_process) VALUES ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $16, $17, $18, $19, $20)) "
        "INSERT INTO \"order\".order_edit_line (edit_id, position, line_id, new_line_id, "
        "quantity, items, tax, backordered, available_on) SELECT $1, l.row, "
        "nullif(l.id, '00000000-0000-0000-0000-000000000000'), l.new_id, l.quantity, l.items, "
        "l.tax, l.late, nullif(l.day, 0) FROM unnest($9::uuid[], $10::uuid[], $11::bigint[], "
        "$12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[]) WITH ORDINALITY "
        "AS l (id, new_id, quantity, items, tax, late, day, row)",
    .on_duplicate = STATUS_CONFLICT,
};

static void add_lines(struct store_params *params, struct arena *arena,
                      const struct order_edit_draft *draft)
{
    const struct order_edit *shown = &draft->shown;
    const size_t count = draft->parts_count;
    assert(count == shown->lines_count + shown->goods_count);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct uuid *new_ids = arena_allocate_array(arena, count, sizeof *new_ids);
    int64_t *numbers[5]; /* quantity, items, tax, backordered, available_on */
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        numbers[i] = arena_allocate_array(arena, count, sizeof *numbers[i]);
    for (size_t i = 0; i < count; i++) {
        ids[i] = draft->parts[i].line_id;
        new_ids[i] = draft->parts[i].new_line_id;
        numbers[0][i] = draft->parts[i].quantity;
        numbers[1][i] = draft->parts[i].price.items;
        numbers[2][i] = draft->parts[i].price.tax;
        numbers[3][i] = numbers[4][i] = 0;
    }
    for (size_t i = 0; i < shown->lines_count; i++) {
        if (shown->lines[i].has_backordered) numbers[3][i] = shown->lines[i].backordered;
        if (shown->lines[i].has_available_on) numbers[4][i] = shown->lines[i].available_on_us;
    }
    for (size_t i = 0; i < shown->goods_count; i++) {
        const size_t at = shown->lines_count + i;
        if (shown->goods[i].has_backordered) numbers[3][at] = shown->goods[i].backordered;
        if (shown->goods[i].has_available_on) numbers[4][at] = shown->goods[i].available_on_us;
    }
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, new_ids, count);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        param_int_array(params, arena, numbers[i], count);
}

static void add_edit(struct request *request, const struct order_edit_draft *draft)
{
    struct arena *arena = request_arena(request);
    const struct order_edit *edit = &draft->shown;
    const bool is_mixed = edit->fewer_count > 0 || draft->goods_count > 0;
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, edit->id);
    param_uuid(params, arena, edit->order_id);
    param_text(params, arena, edit->reason);
    param_int(params, arena, edit->added.amount - edit->tax.amount);
    param_int(params, arena, edit->added.amount);
    param_text(
        params, arena,
        text_of(order_edit_payment_names[draft->from_wallet ? ORDER_EDIT_PAYMENT_WALLET
                                                            : ORDER_EDIT_PAYMENT_ON_DELIVERY]));
    param_int(params, arena, edit->proposed_at_us);
    param_int(params, arena, edit->expires_at_us);
    add_lines(params, arena, draft);
    param_text(params, arena, text_of(order_edit_party_names[edit->proposed_by]));
    param_int(params, arena, (int64_t)edit->fewer_count);
    param_int(params, arena, edit->given_back.amount);
    param_int(params, arena, edit->to_wallet.amount);
    param_int(params, arena, is_mixed ? ORDER_EDIT_PROCESS : 1);
}

static const struct statement taxes_statement = {
    .name = "order_edit_taxes",
    .sql = "INSERT INTO \"order\".order_edit_tax (edit_id, new_line_id, rate_id, base, amount) "
           "SELECT $1, t.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS t",
};

static void add_taxes(struct request *request, const struct order_edit_draft *draft)
{
    struct arena *arena = request_arena(request);
    size_t room = 0, count = 0;
    for (size_t i = 0; i < draft->parts_count; i++)
        room += draft->parts[i].rates_count;
    if (room == 0) return;
    struct uuid *line_ids = arena_allocate_array(arena, room, sizeof *line_ids);
    struct uuid *rate_ids = arena_allocate_array(arena, room, sizeof *rate_ids);
    int64_t *bases = arena_allocate_array(arena, room, sizeof *bases);
    int64_t *amounts = arena_allocate_array(arena, room, sizeof *amounts);
    for (size_t i = 0; i < draft->parts_count; i++)
        for (size_t rate = 0; rate < draft->parts[i].rates_count; rate++, count++) {
            line_ids[count] = draft->parts[i].new_line_id;
            rate_ids[count] = draft->parts[i].rate_ids[rate];
            bases[count] = draft->parts[i].price.bases[rate];
            amounts[count] = draft->parts[i].price.amounts[rate];
        }
    struct store_params *params = request_write(request, &taxes_statement);
    param_uuid(params, arena, draft->shown.id);
    param_uuid_array(params, arena, line_ids, count);
    param_uuid_array(params, arena, rate_ids, count);
    param_int_array(params, arena, bases, count);
    param_int_array(params, arena, amounts, count);
}

static const struct statement fewer_statement = {
    .name = "order_edit_fewer",
    .sql =
        "INSERT INTO \"order\".order_edit_fewer (edit_id, position, line_id, quantity, discount, "
        "tax, total) SELECT $1, f.row, f.id, f.quantity, f.discount, f.tax, f.total "
        "FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) "
        "WITH ORDINALITY AS f (id, quantity, discount, tax, total, row)",
};

static void add_fewer(struct request *request, const struct order_edit *edit)
{
    struct arena *arena = request_arena(request);
    const size_t count = edit->fewer_count;
    if (count == 0) return;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *numbers[4]; /* quantity, discount, tax, total */
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        numbers[i] = arena_allocate_array(arena, count, sizeof *numbers[i]);
    for (size_t i = 0; i < count; i++) {
        ids[i] = edit->fewer[i].line_id;
        numbers[0][i] = edit->fewer[i].quantity;
        numbers[1][i] = edit->fewer[i].discount.amount;
        numbers[2][i] = edit->fewer[i].tax.amount;
        numbers[3][i] = edit->fewer[i].total.amount;
    }
    struct store_params *params = request_write(request, &fewer_statement);
    param_uuid(params, arena, edit->id);
    param_uuid_array(params, arena, ids, count);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        param_int_array(params, arena, numbers[i], count);
}

/* ---- other goods ---- */

static const struct statement goods_statement = {
    .name = "order_edit_goods_add",
    .sql = "INSERT INTO \"order\".order_edit_goods (edit_id, new_line_id, variant_id, product_id, "
           "name, sku, slug, image, options, unit_amount, list_amount, is_digital, "
           "price_list_id) "
           "VALUES ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8, $9::text[], $10, nullif($11, $10), "
           "$12, nullif($13, '00000000-0000-0000-0000-000000000000'::uuid))",
};

static void add_goods_line(struct request *request, struct uuid edit_id,
                           const struct order_checkout_line *line)
{
    struct arena *arena = request_arena(request);
    struct text *options = arena_allocate_array(arena, 2 * line->options_count, sizeof *options);
    for (size_t i = 0; i < line->options_count; i++) {
        options[2 * i] = line->options[i].name;
        options[2 * i + 1] = line->options[i].value;
    }
    const int64_t unit_amount = line->unit_price.amount;
    struct store_params *params = request_write(request, &goods_statement);
    param_uuid(params, arena, edit_id);
    param_uuid(params, arena, line->line_id);
    param_uuid(params, arena, line->variant_id);
    param_uuid(params, arena, line->product_id);
    param_text(params, arena, line->name);
    param_text(params, arena, line->has_sku ? line->sku : TEXT(""));
    param_text(params, arena, line->has_slug ? line->slug : TEXT(""));
    param_text(params, arena, line->has_image ? line->image : TEXT(""));
    param_text_array(params, arena, options, 2 * line->options_count);
    param_int(params, arena, unit_amount);
    param_int(params, arena, line->has_list_price ? line->list_price.amount : unit_amount);
    param_bool(params, arena, line->is_digital);
    param_uuid(params, arena,
               line->has_price_list_id ? line->price_list_id : (struct uuid){ { 0 } });
}

static const struct statement rates_statement = {
    .name = "order_edit_rates_add",
    .sql = "INSERT INTO \"order\".order_edit_rate (edit_id, rate_id, name, ppm, is_included) "
           "SELECT $1, r.id, r.name, r.ppm, $5 "
           "FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS r (id, name, ppm)",
};

static void add_rates(struct request *request, const struct order_edit_draft *draft)
{
    struct arena *arena = request_arena(request);
    const size_t count = draft->rates_count;
    if (count == 0) return;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct text *names = arena_allocate_array(arena, count, sizeof *names);
    int64_t *ppm = arena_allocate_array(arena, count, sizeof *ppm);
    for (size_t i = 0; i < count; i++) {
        ids[i] = draft->rates[i].rate_id;
        names[i] = draft->rates[i].name;
        ppm[i] = draft->rates[i].ppm;
    }
    struct store_params *params = request_write(request, &rates_statement);
    param_uuid(params, arena, draft->shown.id);
    param_uuid_array(params, arena, ids, count);
    param_text_array(params, arena, names, count);
    param_int_array(params, arena, ppm, count);
    param_bool(params, arena, draft->prices_include_tax);
}

void order_edit_store_add(struct request *request, const struct order_edit_draft *draft)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &expire_statement);
    param_uuid(params, arena, draft->shown.order_id);
    param_int(params, arena, request_now_us(request));
    add_edit(request, draft);
    add_taxes(request, draft);
    add_fewer(request, &draft->shown);
    for (size_t i = 0; i < draft->goods_count; i++)
        add_goods_line(request, draft->shown.id, &draft->goods[i]);
    add_rates(request, draft);
}

/* ---- answered ---- */

static const struct statement end_statement = {
    .name = "order_edit_end",
    .sql = "WITH e AS (UPDATE \"order\".order_edit SET status = $3, ended_at = $2 "
           "WHERE id = $1 AND status = 'open' RETURNING 1) "
           "SELECT require_one(count(*)) FROM e",
};

void order_edit_store_end(struct request *request, const struct order_edit *edit,
                          enum order_edit_status status)
{
    struct store_params *params = request_write(request, &end_statement);
    param_uuid(params, request_arena(request), edit->id);
    param_int(params, request_arena(request), request_now_us(request));
    param_text(params, request_arena(request), text_of(order_edit_status_names[status]));
}

static const struct statement apply_statement = {
    .name = "order_edit_apply",
    .sql =
        "WITH e AS (UPDATE \"order\".order_edit SET status = 'applied', ended_at = $2, "
        "attempt_id = $3, refund_id = nullif($4, '00000000-0000-0000-0000-000000000000'::uuid), "
        "by_process = $6 WHERE id = $1 AND status = 'open' RETURNING id, order_id, items, total, "
        "payment = 'wallet' AND total > given_back AS is_held), "
        "l AS (INSERT INTO \"order\".order_line (id, order_id, group_id, position, variant_id, "
        "product_id, name, sku, quantity, unit_amount, total, slug, image, options, list_amount, "
        "tax, is_digital, hold_id, price_list_id, part_ids, part_quantities, part_names, "
        "part_skus) "
        "SELECT n.new_line_id, e.order_id, v.group_id, n.position + (SELECT max(m.position) "
        "FROM \"order\".order_line m WHERE m.group_id = v.group_id), "
        "coalesce(g.variant_id, s.variant_id), coalesce(g.product_id, s.product_id), "
        "coalesce(g.name, s.name), CASE WHEN s.id IS NULL THEN g.sku ELSE s.sku END, n.quantity, "
        "coalesce(g.unit_amount, s.unit_amount), n.items, coalesce(g.slug, s.slug), "
        "coalesce(g.image, s.image), coalesce(g.options, s.options), "
        "CASE WHEN s.id IS NULL THEN g.list_amount ELSE s.list_amount END, n.tax, "
        "coalesce(g.is_digital, s.is_digital), CASE WHEN e.is_held THEN $3::uuid END, "
        "coalesce(g.price_list_id, s.price_list_id), s.part_ids, s.part_quantities, s.part_names, "
        "s.part_skus "
        "FROM e JOIN \"order\".order_edit_line n ON n.edit_id = e.id "
        "JOIN \"order\".vendor_order v ON v.id = e.order_id "
        "LEFT JOIN \"order\".order_line s ON s.id = n.line_id AND s.order_id = e.order_id "
        "LEFT JOIN \"order\".order_edit_goods g ON g.new_line_id = n.new_line_id), "
        "r AS (INSERT INTO \"order\".order_rate (order_id, rate_id, position, name, ppm, "
        "is_included) SELECT e.order_id, r.rate_id, (SELECT coalesce(max(m.position), 0) "
        "FROM \"order\".order_rate m WHERE m.order_id = e.order_id) "
        "+ row_number() OVER (ORDER BY r.rate_id), r.name, r.ppm, r.is_included "
        "FROM e JOIN \"order\".order_edit_rate r ON r.edit_id = e.id "
        "ON CONFLICT (order_id, rate_id) DO NOTHING), "
        "t AS (INSERT INTO \"order\".order_tax (order_id, subject_id, rate_id, base, amount) "
        "SELECT e.order_id, t.new_line_id, t.rate_id, t.base, t.amount "
        "FROM e JOIN \"order\".order_edit_tax t ON t.edit_id = e.id), "
        "o AS (UPDATE \"order\".vendor_order o SET items = o.items + e.items, "
        "tax = o.tax + e.total - e.items, total = o.total + e.total, "
        "on_delivery = o.on_delivery + $5, has_details = o.has_details OR EXISTS (SELECT 1 "
        "FROM \"order\".order_edit_rate r WHERE r.edit_id = e.id) "
        "FROM e WHERE o.id = e.order_id RETURNING o.group_id, e.total AS added), "
        "g AS (UPDATE \"order\".order_group g SET total = g.total + o.added, "
        "on_delivery = g.on_delivery + $5, payment_status = "
        "\"order\".payment_state_of(g.total + o.added, g.on_delivery + $5, g.waived, "
        "g.collected, g.refunded + g.handed_back, g.fulfilment_status = 'cancelled') "
        "FROM o WHERE g.id = o.group_id RETURNING 1) "
        "SELECT require_one(count(*)) FROM g",
};

void order_edit_store_apply(struct request *request, const struct order_edit *edit,
                            const struct order_edit_attempt *attempt)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &apply_statement);
    param_uuid(params, arena, edit->id);
    param_int(params, arena, request_now_us(request));
    param_uuid(params, arena, attempt->attempt_id);
    param_uuid(params, arena, attempt->refund_id);
    param_int(params, arena, attempt->owed);
    param_int(params, arena, ORDER_EDIT_PROCESS);
}
