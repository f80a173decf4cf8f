/* SQL of what waits for staff. Whether something waits is read from the rows it is about, so that
 * an item vanishes with its cause. */
#include "actors/order/order_stuck_store.h"

#include "messages/values.h"

enum {
    ID_BYTES_MAX = ID_TEXT_MAX + 1,
    OPENINGS_MAX = 200,
};
/* Sweeps come sooner: what is due for longer does not end by itself. */
#define GRACE_US (INT64_C(15) * 60 * 1000000)

#define OPEN_ORDERS "FROM \"order\".vendor_order o WHERE o.ended_at IS NULL AND "
#define OPEN_PARCELS                                                                               \
    "FROM \"order\".vendor_order o JOIN \"order\".shipment s ON s.order_id = o.id "                \
    "WHERE o.ended_at IS NULL AND "

/* $1, $2 the place; $3 how many; $4 cause or ''; $5 overdue before; $6 not sent, $7 not answered,
 * $8 not paid since before. An item is about its part, or else its order. */
static const struct statement list_statement = {
    .name = "order_stuck_list",
    .sql =
        "WITH found (cause, since, order_id, part, number) AS ("
        "SELECT 'acceptance_late', o.due_at, o.id, NULL::uuid, o.number " OPEN_ORDERS
        "o.status = 'awaiting_acceptance' AND o.due_at < $5 "
        "UNION ALL SELECT 'not_shipped', o.placed_at, o.id, NULL, o.number " OPEN_ORDERS
        "o.status IN ('accepted', 'processing') AND o.placed_at < $6 "
        "UNION ALL SELECT 'unpaid', o.placed_at, o.id, NULL, o.number " OPEN_ORDERS
        "o.payment_status IN ('unpaid', 'partially_paid') AND o.placed_at < $8 "
        "UNION ALL SELECT 'invoice_overdue', o.payment_due_at, o.id, NULL, o.number "
        "FROM \"order\".vendor_order o WHERE o.offline_method = 'invoice' "
        "AND o.on_delivery > o.waived + o.collected AND o.payment_due_at < $5 "
        "UNION ALL SELECT 'late_payment', l.recorded_at, l.id, NULL, g.number::text "
        "FROM \"order\".late_payment l JOIN \"order\".order_group g ON g.id = l.group_id "
        "WHERE l.settled_at IS NULL "
        "UNION ALL SELECT 'card_not_taken', g.card_lost_at, o.id, NULL, o.number "
        "FROM \"order\".order_group g JOIN \"order\".vendor_order o ON o.group_id = g.id "
        "WHERE g.card_lost_at IS NOT NULL AND o.on_delivery > o.waived + o.collected "
        "AND o.status NOT IN ('cancelled', 'refused') "
        "UNION ALL SELECT 'card_without_order', w.found_at, w.payment_id, NULL, '' "
        "FROM \"order\".card_without_order w WHERE w.found_at < $5 "
        "UNION ALL SELECT CASE s.status WHEN 'exception' THEN 'parcel_exception' "
        "ELSE 'parcel_returned' END, coalesce(s.carrier_at, s.handed_over_at), o.id, s.id, "
        "o.number " OPEN_PARCELS "s.status IN ('exception', 'returned_to_sender') "
        "UNION ALL SELECT 'parcel_late', s.due_at, o.id, s.id, o.number " OPEN_PARCELS
        "s.due_at < $5 "
        "UNION ALL SELECT 'return_unanswered', r.requested_at, o.id, r.id, o.number "
        "FROM \"order\".order_return r JOIN \"order\".vendor_order o ON o.id = r.order_id "
        "WHERE r.due_at IS NOT NULL AND r.status = 'requested' AND r.requested_at < $7 "
        "UNION ALL SELECT 'claim_escalated', c.escalated_at, o.id, c.id, o.number "
        "FROM \"order\".order_claim c JOIN \"order\".vendor_order o ON o.id = c.order_id "
        "WHERE c.status = 'escalated' "
        "UNION ALL SELECT 'return_not_refunded', r.requested_at, o.id, r.id, o.number "
        "FROM \"order\".order_return r JOIN \"order\".vendor_order o ON o.id = r.order_id "
        "WHERE r.status IN ('partially_received', 'received') AND r.due_at IS NULL "
        "UNION ALL SELECT 'card_refund_failed', h.at, o.id, r.id, o.number "
        "FROM \"order\".order_refund r JOIN \"order\".vendor_order o ON o.id = r.order_id "
        "JOIN \"order\".order_history h ON h.order_id = r.order_id AND h.sequence = r.sequence "
        "WHERE r.card_state = 'failed' "
        "UNION ALL SELECT DISTINCT 'card_refund_failed', h.at, o.id, r.id, o.number "
        "FROM \"order\".refund_credit c JOIN \"order\".order_refund r ON r.id = c.refund_id "
        "JOIN \"order\".vendor_order o ON o.id = r.order_id "
        "JOIN \"order\".order_history h ON h.order_id = r.order_id AND h.sequence = r.sequence "
        "WHERE c.credited_at IS NULL AND r.card_state <> 'failed' "
        "AND r.card_code = 'refund_exceeds_captured' "
        "UNION ALL SELECT 'replacement_gone', g.since, o.id, g.id, o.number "
        "FROM \"order\".replacements_gone() g JOIN \"order\".vendor_order o ON o.id = g.order_id), "
        "named AS (SELECT f.*, (f.cause || '.' || encode(uuid_send(coalesce(f.part, f.order_id)), "
        "'hex')) COLLATE \"C\" AS id FROM found f WHERE $4 IN ('', f.cause)) "
        "SELECT n.id, n.cause, n.since, n.order_id, n.part, EXISTS (SELECT 1 "
        "FROM \"order\".order_claim c WHERE c.id = n.part), n.number, "
        "coalesce(o.currency, w.currency), coalesce(r.card_code, ''), "
        "CASE WHEN w.captured > 0 THEN w.captured - w.gone "
        "WHEN r.card_state = 'failed' THEN r.card ELSE (SELECT sum(c.amount)::bigint "
        "FROM \"order\".refund_credit c WHERE c.refund_id = r.id AND c.credited_at IS NULL) END "
        "FROM named n LEFT JOIN \"order\".order_refund r "
        "ON n.cause = 'card_refund_failed' AND r.id = n.part "
        "LEFT JOIN \"order\".vendor_order o ON o.id = r.order_id "
        "LEFT JOIN \"order\".card_without_order w "
        "ON n.cause = 'card_without_order' AND w.payment_id = n.order_id "
        "WHERE $2 = '' OR (n.since, n.id) > ($1, $2) ORDER BY n.since, n.id LIMIT $3",
};

static bool find_cause(struct text name, enum common_stuck_cause *ret_cause)
{
    for (int i = 0; i < (int)COMMON_STUCK_CAUSE_COUNT; i++) {
        if (!text_equals_string(name, common_stuck_cause_names[i])) continue;
        *ret_cause = (enum common_stuck_cause)i;
        return true;
    }
    return false;
}

static struct text id_text(struct arena *arena, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(arena, ID_BYTES_MAX);
    return (struct text){ text, id_format(prefix, id, text) };
}

static const char *prefix_of(enum common_stuck_cause cause, bool is_of_claim)
{
    switch (cause) {
    case COMMON_STUCK_CAUSE_CLAIM_ESCALATED:
        return "clm";
    case COMMON_STUCK_CAUSE_RETURN_UNANSWERED:
    case COMMON_STUCK_CAUSE_RETURN_NOT_REFUNDED:
        return "ret";
    case COMMON_STUCK_CAUSE_CARD_REFUND_FAILED:
        return "rfd";
    case COMMON_STUCK_CAUSE_REPLACEMENT_GONE:
        return is_of_claim ? "clm" : "ret";
    default:
        return "shp";
    }
}

static const char *subject_prefix(enum common_stuck_cause cause)
{
    switch (cause) {
    case COMMON_STUCK_CAUSE_LATE_PAYMENT:
        return "ltp";
    case COMMON_STUCK_CAUSE_CARD_WITHOUT_ORDER:
        return "pay";
    default:
        return "ord";
    }
}

/* "Order 100012: 12.00 EUR cannot go back to the card (expired_or_canceled_card)". */
static struct text detail_of_refund(struct arena *arena, struct text order, const char *amount,
                                    struct text code)
{
    if (text_equals_string(code, "refund_exceeds_captured"))
        return text_format(
            arena,
            "%.*s: %s cannot go back (so much is not left: it has gone back already, "
            "or the buyer's bank holds it)",
            (int)order.length, order.data, amount);
    return text_format(arena, "%.*s: %s cannot go back to the card (%.*s)", (int)order.length,
                       order.data, amount, (int)code.length, code.data);
}

/* Of what is about an amount. */
static struct text read_detail(struct row *row, struct arena *arena, struct text order,
                               enum common_stuck_cause cause)
{
    char amount[MONEY_TEXT_MAX + 1];
    const char *currency = text_string(arena, row_text(row));
    const struct text code = row_text(row);
    (void)money_format(money_make(row_int(row), currency), amount);
    if (cause != COMMON_STUCK_CAUSE_CARD_WITHOUT_ORDER)
        return detail_of_refund(arena, order, amount, code);
    return text_format(arena, "%s that a card has paid is of no placed order", amount);
}

static enum status read_item(struct row *row, struct arena *arena,
                             struct common_stuck_item *ret_item)
{
    struct common_stuck_item item = { .id = row_text(row) };
    if (!find_cause(row_text(row), &item.cause)) return STATUS_CORRUPT;
    item.since_us = row_int(row);
    item.subject = id_text(arena, subject_prefix(item.cause), row_uuid(row));
    item.has_part = !row_skip_null(row);
    const struct uuid part = item.has_part ? row_uuid(row) : (struct uuid){ 0 };
    const char *prefix = prefix_of(item.cause, row_bool(row));
    if (item.has_part) item.part = id_text(arena, prefix, part);
    const struct text number = row_text(row);
    item.detail = text_format(arena, "Order %.*s", (int)number.length, number.data);
    if (!row_skip_null(row)) item.detail = read_detail(row, arena, item.detail, item.cause);
    *ret_item = item;
    return STATUS_OK;
}

static int64_t since(struct request *request, enum setting setting)
{
    return request_now_us(request) - config_int(request_config(request), setting) * 1000000;
}

enum status order_stuck_list(struct request *request, const struct queue_list_stuck *query,
                             struct common_stuck_items *ret_items)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_int(&params, arena, query->after_since_us);
    param_text(&params, arena, query->after_id);
    param_int(&params, arena, query->limit);
    param_text(&params, arena,
               text_of(query->has_cause ? common_stuck_cause_names[query->cause] : ""));
    param_int(&params, arena, request_now_us(request) - GRACE_US);
    param_int(&params, arena, since(request, SETTING_QUEUE_SHIPPING_AFTER));
    param_int(&params, arena, since(request, SETTING_QUEUE_RETURN_AFTER));
    param_int(&params, arena, since(request, SETTING_QUEUE_UNPAID_AFTER));
    TRY(request_query(request, &list_statement, &params, &rows));
    struct common_stuck_item *items = arena_allocate_array(arena, rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_item(&row, arena, &items[i]));
    }
    *ret_items = (struct common_stuck_items){ .items = items, .items_count = rows.count };
    return STATUS_OK;
}

static const struct statement openings_statement = {
    .name = "order_stuck_openings",
    .sql = "SELECT o.vendor_id, count(*), min(o.placed_at) FROM \"order\".vendor_order o "
           "WHERE o.vendor_id = ANY ($1) AND o.ended_at IS NULL GROUP BY o.vendor_id",
};

enum status order_stuck_openings(struct request *request, const struct uuid *vendor_ids,
                                 size_t count, struct order_openings_of_vendors *ret_openings)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    assert(count <= OPENINGS_MAX);
    param_uuid_array(&params, arena, vendor_ids, count);
    TRY(request_query(request, &openings_statement, &params, &rows));
    struct order_vendor_opening *openings =
        arena_allocate_array(arena, rows.count, sizeof *openings);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        openings[i].vendor_id = row_uuid(&row);
        openings[i].open_orders = row_int(&row);
        openings[i].oldest_at_us = row_int(&row);
    }
    *ret_openings =
        (struct order_openings_of_vendors){ .openings = openings, .openings_count = rows.count };
    return STATUS_OK;
}
