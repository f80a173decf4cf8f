/* SQL of orders in motion. */
#include "actors/order/order_life_store.h"

#include "actors/order/order_history.h"
#include "actors/order/order_offline.h"

static_assert((int)ORDER_ORDER_STATUS_COUNT ==
                  ORDER_STATE_VENDOR_ORDER_CANCELLED - ORDER_STATE_VENDOR_ORDER_DRAFT + 1,
              "the contract has the machine's states, in its order");
static_assert((int)ORDER_FULFILMENT_STATUS_COUNT == ORDER_FULFILMENT_MIXED + 1,
              "the contract has the summaries, in their order");

static enum order_order_status status_of(enum order_state state)
{
    assert(order_machine_of(state) == ORDER_MACHINE_VENDOR_ORDER);
    return (enum order_order_status)(state - ORDER_STATE_VENDOR_ORDER_DRAFT);
}

const char *order_fulfilment_name(enum order_fulfilment fulfilment)
{
    assert((int)fulfilment < (int)ORDER_FULFILMENT_STATUS_COUNT);
    return order_fulfilment_status_names[fulfilment];
}

enum status order_fulfilment_find(struct text name, enum order_fulfilment *ret_value)
{
    for (int i = 0; i < (int)ORDER_FULFILMENT_STATUS_COUNT; i++) {
        if (!text_equals_string(name, order_fulfilment_status_names[i])) continue;
        *ret_value = (enum order_fulfilment)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

enum status order_offline_method_find(struct text name, enum order_offline_method *ret_value)
{
    for (int i = 0; i < (int)ORDER_OFFLINE_METHOD_COUNT; i++) {
        if (!text_equals_string(name, order_offline_method_names[i])) continue;
        *ret_value = (enum order_offline_method)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

/* ---- loading ---- */

static const struct statement load_statement = {
    .name = "order_life_load",
    .sql = "SELECT o.group_id, o.vendor_id, o.user_id, o.number, o.vendor_name, o.status, "
           "o.version, o.fulfilment_status, o.shipments_count, coalesce(o.due_at, 0), "
           "coalesce(o.ended_at, 0), o.refunded, o.on_delivery, o.waived, "
           "coalesce(o.returns_until, 0), o.returns_open, o.currency, o.total, o.collected, "
           "o.handed_back, o.card_amount, o.card_refunded, o.card_to_wallet, o.card_by_hand, "
           "ARRAY[o.goodwill::bigint, u.pending, u.failed], "
           "coalesce(o.offline_method, 'on_delivery'), coalesce(o.payment_due_at, 0), "
           "coalesce(o.is_asked, false), o.replaces_id, l.ids, l.quantities, "
           "l.cancelled, l.packed, "
           "l.shipped, "
           "l.delivered, l.returned, l.positions, s.statuses, s.ids FROM \"order\".vendor_order o, "
           "LATERAL (SELECT array_agg(l.id ORDER BY l.position) AS ids, "
           "array_agg(l.quantity::bigint ORDER BY l.position) AS quantities, "
           "array_agg(l.cancelled ORDER BY l.position) AS cancelled, "
           "array_agg(l.packed ORDER BY l.position) AS packed, "
           "array_agg(l.shipped ORDER BY l.position) AS shipped, "
           "array_agg(l.delivered ORDER BY l.position) AS delivered, "
           "array_agg(l.returned ORDER BY l.position) AS returned, "
           "array_agg(l.position ORDER BY l.position) AS positions "
           "FROM \"order\".order_line l WHERE l.order_id = o.id HAVING count(*) > 0) l, "
           "LATERAL (SELECT coalesce(array_agg(s.fulfilment_status::text ORDER BY s.id), '{}') "
           "AS statuses, coalesce(array_agg(s.id ORDER BY s.id), '{}') AS ids "
           "FROM \"order\".vendor_order s WHERE s.group_id = o.group_id "
           "AND s.id <> o.id) s, \"order\".refunds_under_way(o.id) u WHERE o.id = $1",
};

static enum status read_lines(struct row *row, struct arena *arena, struct order_life *life)
{
    const struct uuid *ids;
    /* Quantity, cancelled, packed, shipped, delivered, returned, position. */
    const int64_t *counts[7];
    life->lines_count = row_uuid_array(row, arena, &ids);
    if (life->lines_count > ORDER_LINES_MAX) return STATUS_CORRUPT;
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
        if (row_int_array(row, arena, &counts[i]) != life->lines_count) return STATUS_CORRUPT;
    for (size_t i = 0; i < life->lines_count; i++)
        life->lines[i] = (struct order_life_line){ .id = ids[i],
                                                   .position = counts[6][i],
                                                   .counts = { .ordered = counts[0][i],
                                                               .cancelled = counts[1][i],
                                                               .shipped = counts[3][i],
                                                               .delivered = counts[4][i],
                                                               .returned = counts[5][i] },
                                                   .packed = counts[2][i] };
    return STATUS_OK;
}

static enum status read_back_sums(struct row *row, struct arena *arena, struct order_life *life)
{
    const int64_t *sums; /* in one column, of which a row has so many at most */
    if (row_int_array(row, arena, &sums) != 3) return STATUS_CORRUPT;
    life->goodwill = sums[0];
    life->card_pending = sums[1];
    life->card_failed = sums[2];
    return STATUS_OK;
}

static enum status read_siblings(struct row *row, struct arena *arena, struct order_life *life)
{
    const struct text *names;
    const struct uuid *ids;
    life->siblings_count = row_text_array(row, arena, &names);
    if (life->siblings_count > ORDER_SIBLINGS_MAX) return STATUS_CORRUPT;
    if (row_uuid_array(row, arena, &ids) != life->siblings_count) return STATUS_CORRUPT;
    for (size_t i = 0; i < life->siblings_count; i++) {
        TRY(order_fulfilment_find(names[i], &life->siblings[i]));
        life->sibling_ids[i] = ids[i];
    }
    return STATUS_OK;
}

enum status order_life_load(struct request *request, struct uuid order_id,
                            struct order_life **ret_life)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    TRY(request_query(request, &load_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct order_life *life = arena_allocate(arena, sizeof *life);
    life->order_id = order_id;
    life->group_id = row_uuid(&row);
    life->vendor_id = row_uuid(&row);
    if (!row_skip_null(&row)) life->user_id = row_uuid(&row);
    life->number = row_text(&row);
    life->vendor_name = row_text(&row);
    if (!order_machine_find_state(ORDER_MACHINE_VENDOR_ORDER, row_text(&row), &life->state))
        return STATUS_CORRUPT;
    life->version = row_int(&row);
    TRY(order_fulfilment_find(row_text(&row), &life->fulfilment));
    life->shipments_count = row_int(&row);
    life->due_at_us = row_int(&row);
    life->ended_at_us = row_int(&row);
    life->refunded = row_int(&row);
    life->on_delivery = row_int(&row);
    life->waived = row_int(&row);
    life->returns_until_us = row_int(&row);
    life->returns_open = row_int(&row);
    life->currency = text_string(arena, row_text(&row));
    life->total = row_int(&row);
    life->collected = row_int(&row);
    life->handed_back = row_int(&row);
    life->card_amount = row_int(&row);
    life->card_refunded = row_int(&row);
    life->card_to_wallet = row_int(&row);
    life->card_by_hand = row_int(&row);
    TRY(read_back_sums(&row, arena, life));
    TRY(order_offline_method_find(row_text(&row), &life->offline_method));
    life->payment_due_at_us = row_int(&row);
    life->is_asked = row_bool(&row);
    if (!row_skip_null(&row)) life->replaces_id = row_uuid(&row);
    TRY(read_lines(&row, arena, life));
    TRY(read_siblings(&row, arena, life));
    *ret_life = life;
    return STATUS_OK;
}

/* ---- saving ---- */

/* The orders of a group are changed by actors of their own, in one shard, whose units are committed
 * one after the other: the summary is right if the others still are as they were when it was made.
 */
static const struct statement save_statement = {
    .name = "order_life_save",
    .sql = "WITH o AS (UPDATE \"order\".vendor_order SET version = $3, status = $4, "
           "fulfilment_status = $5, shipments_count = $6, due_at = nullif($7, 0), "
           "ended_at = nullif($8, 0), refunded = $17, waived = $18, returns_until = nullif($20, "
           "0), returns_open = $21, collected = $22, handed_back = $23, "
           "card_refunded = $24, card_to_wallet = $25, card_by_hand = $26, goodwill = $27, "
           "payment_status = \"order\".payment_state_of(total, on_delivery, $18, $22, $17 + $23, "
           "$4 IN ('cancelled', 'refused')) "
           "WHERE id = $1 AND version = $2 RETURNING 1), "
           "l AS (UPDATE \"order\".order_line l SET cancelled = n.cancelled, packed = n.packed, "
           "shipped = n.shipped, delivered = n.delivered, returned = n.returned "
           "FROM unnest($12::uuid[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], "
           "$19::bigint[]) AS n (id, cancelled, packed, shipped, delivered, returned) "
           "WHERE l.order_id = $1 AND l.id = n.id "
           "AND (l.cancelled, l.packed, l.shipped, l.delivered, l.returned) "
           "IS DISTINCT FROM (n.cancelled, n.packed, n.shipped, n.delivered, n.returned)), "
           "r AS (SELECT coalesce(sum(s.refunded), 0)::bigint + $17 AS refunded, "
           "coalesce(sum(s.waived), 0)::bigint + $18 AS waived, "
           "coalesce(sum(s.collected), 0)::bigint + $22 AS collected, "
           "coalesce(sum(s.handed_back), 0)::bigint + $23 AS handed_back "
           "FROM \"order\".vendor_order s WHERE s.group_id = $9 AND s.id <> $1), "
           "g AS (UPDATE \"order\".order_group g SET fulfilment_status = $10, "
           "refunded = r.refunded, waived = r.waived, collected = r.collected, "
           "handed_back = r.handed_back, payment_status = "
           "\"order\".payment_state_of(g.total, g.on_delivery, r.waived, r.collected, "
           "r.refunded + r.handed_back, $10 = 'cancelled') FROM r "
           "WHERE g.id = $9 AND (g.fulfilment_status, g.refunded, g.waived, g.collected, "
           "g.handed_back) IS DISTINCT FROM ($10, r.refunded, r.waived, r.collected, "
           "r.handed_back)) "
           "SELECT host.require_count((SELECT count(*) FROM o) "
           "+ (SELECT count(*) FROM (SELECT coalesce(array_agg(s.fulfilment_status::text "
           "ORDER BY s.id), '{}') AS statuses FROM \"order\".vendor_order s "
           "WHERE s.group_id = $9 AND s.id <> $1) s WHERE s.statuses = $11::text[]), 2)",
};

static void add_siblings(struct store_params *params, struct arena *arena,
                         const struct order_life *life)
{
    struct text *names = arena_allocate_array(arena, life->siblings_count, sizeof *names);
    for (size_t i = 0; i < life->siblings_count; i++)
        names[i] = text_of(order_fulfilment_name(life->siblings[i]));
    param_text_array(params, arena, names, life->siblings_count);
}

static void add_lines(struct store_params *params, struct arena *arena,
                      const struct order_life *life)
{
    const size_t count = life->lines_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *counts[4]; /* cancelled, packed, shipped, delivered */
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
        counts[i] = arena_allocate_array(arena, count, sizeof *counts[i]);
    for (size_t i = 0; i < count; i++) {
        const struct order_life_line *line = &life->lines[i];
        ids[i] = line->id;
        counts[0][i] = line->counts.cancelled;
        counts[1][i] = line->packed;
        counts[2][i] = line->counts.shipped;
        counts[3][i] = line->counts.delivered;
    }
    param_uuid_array(params, arena, ids, count);
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
        param_int_array(params, arena, counts[i], count);
}

static void add_returned(struct store_params *params, struct arena *arena,
                         const struct order_life *life)
{
    int64_t *returned = arena_allocate_array(arena, life->lines_count, sizeof *returned);
    for (size_t i = 0; i < life->lines_count; i++)
        returned[i] = life->lines[i].counts.returned;
    param_int_array(params, arena, returned, life->lines_count);
}

static enum order_payment_status payment_status_of(const struct order_life *life)
{
    static const enum order_payment_status of_summaries[] = {
        [ORDER_PAYMENT_SUMMARY_UNPAID] = ORDER_PAYMENT_STATUS_UNPAID,
        [ORDER_PAYMENT_SUMMARY_PARTIALLY_PAID] = ORDER_PAYMENT_STATUS_PARTIALLY_PAID,
        [ORDER_PAYMENT_SUMMARY_PAID] = ORDER_PAYMENT_STATUS_PAID,
        [ORDER_PAYMENT_SUMMARY_PARTIALLY_REFUNDED] = ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED,
        [ORDER_PAYMENT_SUMMARY_REFUNDED] = ORDER_PAYMENT_STATUS_REFUNDED,
        [ORDER_PAYMENT_SUMMARY_REFUND_PENDING] = ORDER_PAYMENT_STATUS_REFUND_PENDING,
        [ORDER_PAYMENT_SUMMARY_REFUND_FAILED] = ORDER_PAYMENT_STATUS_REFUND_FAILED,
    };
    const enum order_payment_summary summary = order_life_payment(life);
    assert(summary < ARRAY_LENGTH(of_summaries));
    return of_summaries[summary];
}

static enum status announce(struct request *request, const struct order_life *life)
{
    const struct order_order_was_changed event = {
        .order_id = life->order_id,
        .group_id = life->group_id,
        .vendor_id = life->vendor_id,
        .has_user_id = !uuid_is_zero(life->user_id),
        .user_id = life->user_id,
        .sequence = life->version,
        .status = status_of(life->state),
        .fulfilment_status = (enum order_fulfilment_status)life->fulfilment,
        .group_fulfilment_status = (enum order_fulfilment_status)order_life_group_fulfilment(life),
        .has_payment_status = true,
        .payment_status = payment_status_of(life),
    };
    return request_publish(request, &order_order_was_changed_message, &event);
}

enum status order_life_save(struct request *request, const struct order_life *life)
{
    assert(life->changes_count >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save_statement);
    param_uuid(params, arena, life->order_id);
    param_int(params, arena, life->version - (int64_t)life->changes_count);
    param_int(params, arena, life->version);
    param_text(params, arena, text_of(order_machine_state_name(life->state)));
    param_text(params, arena, text_of(order_fulfilment_name(life->fulfilment)));
    param_int(params, arena, life->shipments_count);
    param_int(params, arena, life->due_at_us);
    param_int(params, arena, life->ended_at_us);
    param_uuid(params, arena, life->group_id);
    param_text(params, arena, text_of(order_fulfilment_name(order_life_group_fulfilment(life))));
    add_siblings(params, arena, life);
    add_lines(params, arena, life);
    param_int(params, arena, life->refunded);
    param_int(params, arena, life->waived);
    add_returned(params, arena, life);
    param_int(params, arena, life->returns_until_us);
    param_int(params, arena, life->returns_open);
    param_int(params, arena, life->collected);
    param_int(params, arena, life->handed_back);
    param_int(params, arena, life->card_refunded);
    param_int(params, arena, life->card_to_wallet);
    param_int(params, arena, life->card_by_hand);
    param_int(params, arena, life->goodwill);
    order_history_add(request, life);
    return announce(request, life);
}

void order_life_show(const struct order_life *life, struct order_order *order)
{
    assert(uuid_equals(life->order_id, order->id));
    order->status = status_of(life->state);
    order->version = life->version;
    order->fulfilment_status = (enum order_fulfilment_status)life->fulfilment;
    order->payment_status = payment_status_of(life);
    const int64_t owed = order_offline_owed(life);
    order->has_on_delivery = owed > 0 && life->offline_method == ORDER_OFFLINE_METHOD_ON_DELIVERY;
    order->on_delivery = money_make(owed, order->totals.total.currency);
    order->offline.owed = order->on_delivery;
    order->offline.paid = money_make(life->collected, order->totals.total.currency);
    const int64_t to_wallet = life->refunded - life->card_refunded + life->card_to_wallet;
    const int64_t to_card = life->card_refunded - life->card_to_wallet - life->card_by_hand;
    order->has_refunded = to_wallet > 0;
    order->has_returns_until = life->returns_until_us > 0;
    order->returns_until_us = life->returns_until_us;
    order->refunded = money_make(to_wallet, order->totals.total.currency);
    order->has_card_refunded = to_card > 0;
    order->card_refunded = money_make(to_card, order->totals.total.currency);
    struct order_order_line *lines = (struct order_order_line *)order->lines;
    assert(order->lines_count == life->lines_count);
    for (size_t i = 0; i < life->lines_count; i++) {
        lines[i].cancelled = life->lines[i].counts.cancelled;
        lines[i].packed = life->lines[i].packed;
        lines[i].shipped = life->lines[i].counts.shipped;
        lines[i].delivered = life->lines[i].counts.delivered;
        lines[i].returned = life->lines[i].counts.returned;
    }
}

/* ---- how it begins ---- */

/* One statement for all orders of the group: the checkout is what a market does most. Positions are
 * taken as the trigger of order_history takes them, for all rows at once. */
static const struct statement begin_statement = {
    .name = "order_life_begin",
    .sql = "WITH p AS (UPDATE \"order\".history_head SET last = last + cardinality($4) "
           "WHERE shard = $9 RETURNING last - cardinality($4) AS before) "
           "INSERT INTO \"order\".order_history (order_id, sequence, group_id, machine, "
           "object_id, trigger, from_state, to_state, is_late, actor_kind, actor, request_id, at, "
           "shard, position, vendor_id) "
           "SELECT h.id, h.sequence, $1, 'vendor_order', h.id, h.trigger, h.from_state, "
           "h.to_state, false, CASE h.from_state WHEN 'draft' THEN 'staff' ELSE 'system' END, "
           "CASE h.from_state WHEN 'draft' THEN $11 ELSE '' END, $2, $3, $9, p.before + h.row, "
           "h.vendor_id "
           "FROM p, unnest($4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::text[], "
           "$10::uuid[]) WITH ORDINALITY "
           "AS h (id, sequence, trigger, from_state, to_state, vendor_id, row)",
};

enum { BEGINNING_STEPS = 3 };

/* Rows of history as columns. */
struct beginnings {
    struct uuid *ids, *vendor_ids;
    int64_t *sequences;
    struct text *triggers, *from, *to;
    size_t count;
};

static bool waits_for_payment(const struct order_order *order)
{
    return order->has_offline && order->offline.method == ORDER_OFFLINE_METHOD_TRANSFER;
}

/* Adds a row of history to those that the order has. */
static void begin_step(struct beginnings *beginnings, struct order_order *order,
                       enum order_trigger trigger, enum order_state *state)
{
    const size_t row = beginnings->count++;
    beginnings->ids[row] = order->id;
    beginnings->vendor_ids[row] = order->vendor.id;
    beginnings->sequences[row] = ++order->version;
    beginnings->triggers[row] = text_of(order_machine_trigger_name(trigger));
    beginnings->from[row] = text_of(order_machine_state_name(*state));
    const enum status stepped = order_machine_step(*state, trigger, state);
    assert(stepped == STATUS_OK);
    beginnings->to[row] = text_of(order_machine_state_name(*state));
}

/* What happens to an order when it is placed: staff has prepared it, or nobody has; then it goes on
 * by itself, unless it waits for its transfer. */
static void begin_order(struct beginnings *beginnings, struct order_order *order, bool is_staffs,
                        bool is_asked)
{
    enum order_state state = ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT;
    order->version = 0;
    if (is_staffs) {
        state = ORDER_STATE_VENDOR_ORDER_DRAFT;
        begin_step(beginnings, order, ORDER_TRIGGER_PREPARE, &state);
    }
    if (!waits_for_payment(order)) {
        begin_step(beginnings, order, ORDER_TRIGGER_PAY, &state);
        begin_step(beginnings, order,
                   is_asked ? ORDER_TRIGGER_ASK_ACCEPTANCE : ORDER_TRIGGER_ACCEPT, &state);
    }
    order->status = status_of(state);
}

bool order_life_asks_vendor(struct request *request, const struct order_checkout_data *checkout,
                            struct uuid vendor_id)
{
    enum { AUTOMATIC, REQUIRED }; /* in the order of the setting */
    if (config_int(request_config(request), SETTING_MARKET_ACCEPTANCE) == REQUIRED) return true;
    for (size_t i = 0; i < checkout->asked_vendor_ids_count; i++)
        if (uuid_equals(checkout->asked_vendor_ids[i], vendor_id)) return true;
    return false;
}

/* Empty where its customer has ordered. */
static struct text staff_text(struct arena *arena, const struct order_checkout_data *checkout)
{
    if (!checkout->has_placed_by) return TEXT("");
    char *text = arena_allocate(arena, ID_TEXT_MAX + 1);
    return (struct text){ text, id_format("adm", checkout->placed_by, text) };
}

/* An order exists from the moment on at which it is paid, so its history begins there; or where
 * staff has placed it. */
void order_life_begin(struct request *request, const struct order_checkout_data *checkout,
                      struct order_group *group)
{
    struct arena *arena = request_arena(request);
    const size_t room = group->orders_count * BEGINNING_STEPS;
    struct beginnings beginnings = {
        .ids = arena_allocate_array(arena, room, sizeof *beginnings.ids),
        .vendor_ids = arena_allocate_array(arena, room, sizeof *beginnings.vendor_ids),
        .sequences = arena_allocate_array(arena, room, sizeof *beginnings.sequences),
        .triggers = arena_allocate_array(arena, room, sizeof *beginnings.triggers),
        .from = arena_allocate_array(arena, room, sizeof *beginnings.from),
        .to = arena_allocate_array(arena, room, sizeof *beginnings.to),
    };
    struct order_order *orders = arena_allocate_array(arena, group->orders_count, sizeof *orders);
    for (size_t i = 0; i < group->orders_count; i++) {
        orders[i] = group->orders[i];
        const bool is_asked = order_life_asks_vendor(request, checkout, orders[i].vendor.id);
        begin_order(&beginnings, &orders[i], checkout->has_placed_by, is_asked);
        if (orders[i].version > 0) request_hint(request, orders[i].vendor.id);
    }
    if (!uuid_is_zero(checkout->user_id)) request_hint(request, checkout->user_id);
    group->orders = orders;
    if (beginnings.count == 0) return;
    struct store_params *params = request_write(request, &begin_statement);
    param_uuid(params, arena, group->id);
    param_text(params, arena, request_id_text(request));
    param_int(params, arena, request_now_us(request));
    param_uuid_array(params, arena, beginnings.ids, beginnings.count);
    param_int_array(params, arena, beginnings.sequences, beginnings.count);
    param_text_array(params, arena, beginnings.triggers, beginnings.count);
    param_text_array(params, arena, beginnings.from, beginnings.count);
    param_text_array(params, arena, beginnings.to, beginnings.count);
    param_small(params, arena, (int16_t)uuid_shard(group->id));
    param_uuid_array(params, arena, beginnings.vendor_ids, beginnings.count);
    param_text(params, arena, staff_text(arena, checkout));
}

/* ---- by the clock ---- */

static const struct statement due_statement = {
    .name = "order_life_due",
    .sql = "SELECT id FROM \"order\".vendor_order WHERE due_at <= $1 "
           "AND get_byte(uuid_send(id), 15) & 63 BETWEEN $2 AND $3 ORDER BY due_at LIMIT $4",
};

enum status order_life_list_due(struct request *request, unsigned shard_first, unsigned shard_last,
                                const struct uuid **ret_ids, size_t *ret_count)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_int(&params, arena, request_now_us(request));
    param_small(&params, arena, (int16_t)shard_first);
    param_small(&params, arena, (int16_t)shard_last);
    param_int(&params, arena, ORDER_DUE_MAX);
    TRY(request_query(request, &due_statement, &params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}
