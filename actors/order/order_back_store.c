/* SQL of what goes back. */
#include "actors/order/order_back_store.h"

/* ---- what there was ---- */

static const struct statement subjects_statement = {
    .name = "order_subjects",
    .sql =
        "SELECT s.id, s.quantity, s.unit_amount, EXISTS (SELECT 1 FROM \"order\".order_rate r "
        "WHERE r.order_id = $1 AND r.is_included), g.gone, g.kept, d.ids, d.market, d.vendor, "
        "t.ids, "
        "t.amounts, s.hold_id FROM (SELECT l.id, 0 AS kind, l.position, l.quantity, l.unit_amount, "
        "l.hold_id "
        "FROM \"order\".order_line l WHERE l.order_id = $1 UNION ALL "
        "SELECT d.id, 1, d.position, 1, d.amount, NULL FROM \"order\".order_delivery d "
        "WHERE d.order_id = $1) s, "
        "LATERAL (SELECT coalesce(sum(p.quantity), 0)::bigint AS gone, "
        "(coalesce(sum(p.quantity) FILTER (WHERE r.is_kept), 0) "
        "- coalesce(sum(p.refunded_before), 0))::bigint AS kept "
        "FROM \"order\".order_refund r JOIN \"order\".order_refund_part p ON p.refund_id = r.id "
        "WHERE r.order_id = $1 AND p.subject_id = s.id) g, "
        "LATERAL (SELECT coalesce(array_agg(d.promotion_id ORDER BY d.promotion_id), '{}') AS ids, "
        "coalesce(array_agg(d.market_amount ORDER BY d.promotion_id), '{}') AS market, "
        "coalesce(array_agg(d.vendor_amount ORDER BY d.promotion_id), '{}') AS vendor "
        "FROM \"order\".order_discount d WHERE d.order_id = $1 AND d.subject_id = s.id) d, "
        "LATERAL (SELECT coalesce(array_agg(t.rate_id ORDER BY t.rate_id), '{}') AS ids, "
        "coalesce(array_agg(t.amount ORDER BY t.rate_id), '{}') AS amounts "
        "FROM \"order\".order_tax t WHERE t.order_id = $1 AND t.subject_id = s.id) t "
        "ORDER BY s.kind, s.position",
};

static enum status read_subject(struct row *row, struct arena *arena,
                                struct order_subject *ret_subject)
{
    struct order_subject subject = { .id = row_uuid(row) };
    struct refund_line *price = &subject.price;
    price->quantity = row_int(row);
    price->unit_amount = row_int(row);
    price->prices_include_tax = row_bool(row);
    subject.gone = row_int(row);
    subject.kept = row_int(row);
    const int64_t *market, *vendor;
    price->discounts_count = row_uuid_array(row, arena, &subject.promotion_ids);
    if (row_int_array(row, arena, &market) != price->discounts_count) return STATUS_CORRUPT;
    if (row_int_array(row, arena, &vendor) != price->discounts_count) return STATUS_CORRUPT;
    struct refund_discount *discounts =
        arena_allocate_array(arena, price->discounts_count, sizeof *discounts);
    for (size_t i = 0; i < price->discounts_count; i++)
        discounts[i] = (struct refund_discount){ market[i], vendor[i] };
    price->discounts = discounts;
    price->taxes_count = row_uuid_array(row, arena, &subject.rate_ids);
    if (row_int_array(row, arena, &price->taxes) != price->taxes_count) return STATUS_CORRUPT;
    if (!row_skip_null(row)) subject.hold_id = row_uuid(row);
    *ret_subject = subject;
    return STATUS_OK;
}

enum status order_back_store_load(struct request *request, struct uuid order_id,
                                  const struct order_subject **ret_subjects, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    TRY(request_query(request, &subjects_statement, &params, &rows));
    if (rows.count > ORDER_SUBJECTS_MAX) return STATUS_CORRUPT;
    struct order_subject *subjects = arena_allocate_array(arena, rows.count, sizeof *subjects);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_subject(&row, arena, &subjects[i]));
    }
    *ret_subjects = subjects;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement holds_statement = {
    .name = "order_holds_left",
    .sql = "SELECT e.attempt_id, (e.total - e.given_back - coalesce(h.amount, 0))::bigint "
           "FROM \"order\".order_edit e, LATERAL (SELECT sum(h.amount) AS amount "
           "FROM \"order\".order_refund_hold h WHERE h.hold_id = e.attempt_id) h "
           "WHERE e.order_id = $1 AND e.status = 'applied' AND e.payment = 'wallet' "
           "AND e.total - e.given_back > coalesce(h.amount, 0) "
           "ORDER BY e.ended_at DESC, e.attempt_id",
};

enum status order_back_store_load_holds(struct request *request, struct uuid order_id,
                                        const struct order_back_hold **ret_left, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    TRY(request_query(request, &holds_statement, &params, &rows));
    struct order_back_hold *left = arena_allocate_array(arena, rows.count, sizeof *left);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        left[i].id = row_uuid(&row);
        left[i].amount = row_int(&row);
    }
    *ret_left = left;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- what goes back ---- */

/* The process that gives it back looks sooner, mostly. */
#define LOOK_AFTER_US (INT64_C(5) * 1000000)

static const struct statement add_statement = {
    .name = "order_refund_add",
    .sql = "WITH r AS (INSERT INTO \"order\".order_refund (id, order_id, sequence, total, waived, "
           "manual, card, card_to_wallet, card_by_hand, set_off, goodwill, is_kept, card_state, "
           "look_at) VALUES ($1, $2, $3, $4, $5, $12, $13, $14, $15, $16, $17, $18, "
           "CASE WHEN $13 > 0 THEN 'requested' ELSE '' END, "
           "CASE WHEN $13 + $14 > 0 THEN $19::bigint END)), "
           "c AS (INSERT INTO \"order\".refund_credit (id, refund_id, order_id, amount) "
           "SELECT $20, $1, $2, $14 WHERE $14 > 0) "
           "INSERT INTO \"order\".order_refund_part (refund_id, subject_id, quantity, goods, "
           "discount, tax, total, refunded_before) SELECT $1, p.* FROM unnest($6::uuid[], "
           "$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], "
           "$21::bigint[]) AS p",
    .on_duplicate = STATUS_CONFLICT,
};

static void add_parts(struct request *request, struct uuid order_id, const struct order_back *back)
{
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, back->parts_count, sizeof *ids);
    int64_t *numbers[6]; /* quantity, goods, discount, tax, total, refunded before */
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        numbers[i] = arena_allocate_array(arena, back->parts_count, sizeof *numbers[i]);
    for (size_t i = 0; i < back->parts_count; i++) {
        const struct order_back_part *part = &back->parts[i];
        ids[i] = back->subjects[part->subject].id;
        numbers[0][i] = part->priced;
        numbers[1][i] = part->share.goods;
        numbers[2][i] = part->share.discount;
        numbers[3][i] = part->share.tax;
        numbers[4][i] = part->share.total;
        numbers[5][i] = part->units - part->priced;
    }
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, back->id);
    param_uuid(params, arena, order_id);
    param_int(params, arena, back->sequence);
    param_int(params, arena, back->total);
    param_int(params, arena, back->ways.waived);
    param_uuid_array(params, arena, ids, back->parts_count);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers) - 1; i++)
        param_int_array(params, arena, numbers[i], back->parts_count);
    param_int(params, arena, order_back_manual(back));
    param_int(params, arena, back->ways.card);
    param_int(params, arena, back->ways.credit);
    param_int(params, arena, back->ways.by_hand);
    param_int(params, arena, back->set_off);
    param_int(params, arena, back->goodwill);
    param_bool(params, arena, back->is_kept);
    param_int(params, arena, request_now_us(request) + LOOK_AFTER_US);
    param_uuid(params, arena, uuid_derive_named(back->id, TEXT("credit"), 0));
    param_int_array(params, arena, numbers[5], back->parts_count);
}

/* Rows of shares: which line or delivery, of which promotion or rate, two amounts. */
struct share_rows {
    struct uuid *subject_ids, *of_ids;
    int64_t *first, *second;
    size_t count;
};

static struct share_rows make_rows(struct arena *arena, size_t room)
{
    return (struct share_rows){ .subject_ids =
                                    arena_allocate_array(arena, room, sizeof(struct uuid)),
                                .of_ids = arena_allocate_array(arena, room, sizeof(struct uuid)),
                                .first = arena_allocate_array(arena, room, sizeof(int64_t)),
                                .second = arena_allocate_array(arena, room, sizeof(int64_t)) };
}

static void add_row(struct share_rows *rows, struct uuid subject_id, struct uuid of_id,
                    int64_t first, int64_t second)
{
    if (first == 0 && second == 0) return;
    rows->subject_ids[rows->count] = subject_id;
    rows->of_ids[rows->count] = of_id;
    rows->first[rows->count] = first;
    rows->second[rows->count++] = second;
}

static const struct statement discounts_statement = {
    .name = "order_refund_discounts",
    .sql = "INSERT INTO \"order\".order_refund_discount (refund_id, subject_id, promotion_id, "
           "market_amount, vendor_amount) "
           "SELECT $1, d.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS d",
};

static const struct statement taxes_statement = {
    .name = "order_refund_taxes",
    .sql = "INSERT INTO \"order\".order_refund_tax (refund_id, subject_id, rate_id, amount) "
           "SELECT $1, t.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS t",
};

static struct store_params *write_rows(struct request *request, const struct statement *statement,
                                       struct uuid refund_id, const struct share_rows *rows)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, statement);
    param_uuid(params, arena, refund_id);
    param_uuid_array(params, arena, rows->subject_ids, rows->count);
    param_uuid_array(params, arena, rows->of_ids, rows->count);
    param_int_array(params, arena, rows->first, rows->count);
    return params;
}

static const struct statement add_holds_statement = {
    .name = "order_refund_holds",
    .sql = "INSERT INTO \"order\".order_refund_hold (refund_id, hold_id, amount) "
           "SELECT $1, h.* FROM unnest($2::uuid[], $3::bigint[]) AS h",
};

static void add_holds(struct request *request, const struct order_back *back)
{
    struct arena *arena = request_arena(request);
    if (back->holds_count == 0) return;
    struct uuid *ids = arena_allocate_array(arena, back->holds_count, sizeof *ids);
    int64_t *amounts = arena_allocate_array(arena, back->holds_count, sizeof *amounts);
    for (size_t i = 0; i < back->holds_count; i++) {
        ids[i] = back->holds[i].id;
        amounts[i] = back->holds[i].amount;
    }
    struct store_params *params = request_write(request, &add_holds_statement);
    param_uuid(params, arena, back->id);
    param_uuid_array(params, arena, ids, back->holds_count);
    param_int_array(params, arena, amounts, back->holds_count);
}

void order_back_store_add(struct request *request, struct uuid order_id,
                          const struct order_back *back)
{
    struct arena *arena = request_arena(request);
    struct share_rows discounts = make_rows(arena, back->parts_count * PRICE_PROMOTIONS_MAX);
    struct share_rows taxes = make_rows(arena, back->parts_count * PRICE_RATES_MAX);
    add_parts(request, order_id, back);
    add_holds(request, back);
    for (size_t i = 0; i < back->parts_count; i++) {
        const struct order_back_part *part = &back->parts[i];
        const struct order_subject *subject = &back->subjects[part->subject];
        if (part->priced == 0) continue;
        for (size_t k = 0; k < subject->price.discounts_count; k++)
            add_row(&discounts, subject->id, subject->promotion_ids[k],
                    part->share.discounts[k].market_amount, part->share.discounts[k].vendor_amount);
        for (size_t k = 0; k < subject->price.taxes_count; k++)
            add_row(&taxes, subject->id, subject->rate_ids[k], part->share.taxes[k], 0);
    }
    if (discounts.count > 0)
        param_int_array(write_rows(request, &discounts_statement, back->id, &discounts), arena,
                        discounts.second, discounts.count);
    if (taxes.count > 0) (void)write_rows(request, &taxes_statement, back->id, &taxes);
}
