/* SQL of what is paid outside of the market. */
#include "actors/order/order_offline_store.h"

bool order_offline_show(struct request *request, const struct order_offline_state *state,
                        const char *currency, struct order_offline_payment *ret_shown)
{
    *ret_shown = (struct order_offline_payment){
        .method = state->method,
        .owed = money_make(state->owed, currency),
        .paid = money_make(state->paid, currency),
    };
    if (state->agreed == 0) return false;
    /* What went back before anybody paid it was never paid at the door, nor was what an edit added
     * in its place. */
    if (state->method == ORDER_OFFLINE_METHOD_ON_DELIVERY)
        return state->owed > 0 || state->paid > 0;
    ret_shown->account =
        text_of(config_text(request_config(request), SETTING_MARKET_TRANSFER_ACCOUNT));
    ret_shown->has_account = ret_shown->account.length > 0;
    ret_shown->has_reference = true;
    ret_shown->reference = order_offline_reference(state->number);
    ret_shown->has_due_at = state->due_at_us > 0;
    ret_shown->due_at_us = state->due_at_us;
    return true;
}

/* ---- placed ---- */

static const struct statement place_statement = {
    .name = "order_offline_place",
    .sql = "WITH g AS (UPDATE \"order\".order_group SET offline_method = $2, payment_due_at = $3, "
           "invoice_remind_at = CASE $2 WHEN 'invoice' THEN $3 END WHERE id = $1) "
           "UPDATE \"order\".vendor_order SET offline_method = $2, is_asked = id = ANY ($4), "
           "payment_due_at = CASE WHEN on_delivery > 0 THEN $3 END WHERE group_id = $1",
};

void order_offline_store_place(struct request *request, const struct order_checkout_data *checkout,
                               const struct order_group *group)
{
    if (!group->has_offline || group->offline.method == ORDER_OFFLINE_METHOD_ON_DELIVERY) return;
    struct arena *arena = request_arena(request);
    struct uuid *asked = arena_allocate_array(arena, group->orders_count, sizeof *asked);
    size_t count = 0;
    for (size_t i = 0; i < group->orders_count; i++)
        if (order_life_asks_vendor(request, checkout, group->orders[i].vendor.id))
            asked[count++] = group->orders[i].id;
    struct store_params *params = request_write(request, &place_statement);
    param_uuid(params, arena, group->id);
    param_text(params, arena, text_of(order_offline_method_names[group->offline.method]));
    param_int(params, arena, group->offline.due_at_us);
    param_uuid_array(params, arena, asked, count);
}

/* ---- read ---- */

static const struct statement waiting_statement = {
    .name = "order_offline_waiting",
    .sql = "SELECT count(*), count(*) FILTER (WHERE id < $2), "
           "coalesce(sum(on_delivery - waived - collected), 0)::bigint "
           "FROM \"order\".vendor_order "
           "WHERE group_id = $1 AND id <> $2 AND status = 'pending_payment'",
};

enum status order_offline_store_find_waiting(struct request *request, const struct order_life *life,
                                             struct order_offline_waiting *ret_waiting)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, life->group_id);
    param_uuid(&params, arena, life->order_id);
    TRY(request_query(request, &waiting_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    ret_waiting->count = row_int(&row);
    ret_waiting->before_count = row_int(&row);
    ret_waiting->owed = row_int(&row);
    return STATUS_OK;
}

static const struct statement owing_statement = {
    .name = "order_offline_owing",
    .sql = "SELECT g.id, o.id FROM \"order\".order_group g LEFT JOIN \"order\".vendor_order o "
           "ON o.group_id = g.id AND o.on_delivery > o.waived + o.collected "
           "WHERE g.id = $1 AND g.status = 'placed' ORDER BY o.id LIMIT $2",
};

enum status order_offline_store_list_owing(struct request *request, struct uuid group_id,
                                           const struct uuid **ret_ids, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, group_id);
    param_int(&params, arena, ORDER_LINES_MAX);
    TRY(request_query(request, &owing_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        (void)row_uuid(&row);
        if (!row_skip_null(&row)) ids[count++] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = count;
    return STATUS_OK;
}

static const struct statement known_statement = {
    .name = "order_offline_known",
    .sql = "SELECT EXISTS (SELECT 1 FROM \"order\".vendor_order WHERE user_id = $1 "
           "AND status = 'completed' AND payment_status = 'paid') "
           "AND NOT EXISTS (SELECT 1 FROM \"order\".vendor_order WHERE user_id = $1 "
           "AND offline_method = 'invoice' AND payment_due_at < $2 "
           "AND on_delivery > waived + collected)",
};

enum status order_offline_store_is_known(struct request *request, struct uuid user_id,
                                         bool *ret_is_known)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, user_id);
    param_int(&params, arena, request_now_us(request));
    TRY(request_query(request, &known_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_known = row_bool(&row);
    return STATUS_OK;
}

static const struct statement mark_statement = {
    .name = "order_offline_mark",
    .sql = "SELECT trigger <> 'mark_unpaid', actor_kind = 'vendor', at "
           "FROM \"order\".order_history WHERE order_id = $1 "
           "AND trigger IN ('pay', 'mark_paid', 'mark_unpaid') ORDER BY sequence DESC LIMIT 1",
};

enum status order_offline_store_find_mark(struct request *request, struct uuid order_id,
                                          struct order_offline_mark *ret_mark)
{
    struct store_params params = { 0 };
    struct rows rows;
    *ret_mark = (struct order_offline_mark){ .is_paid = false };
    param_uuid(&params, request_arena(request), order_id);
    TRY(request_query(request, &mark_statement, &params, &rows));
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_mark->is_paid = row_bool(&row);
    ret_mark->is_vendors = row_bool(&row);
    ret_mark->marked_at_us = row_int(&row);
    return STATUS_OK;
}

/* ---- invoices that are due ---- */

static const struct statement invoice_statement = {
    .name = "order_offline_invoice",
    .sql = "SELECT g.payment_due_at, g.invoice_remind_at, "
           "coalesce(sum(o.on_delivery - o.waived - o.collected), 0)::bigint, (array_agg(o.id "
           "ORDER BY o.id))[1] "
           "FROM \"order\".order_group g LEFT JOIN \"order\".vendor_order o ON o.group_id = g.id "
           "AND o.on_delivery > o.waived + o.collected "
           "WHERE g.id = $1 AND g.invoice_remind_at IS NOT NULL GROUP BY g.id",
};

enum status order_offline_store_find_invoice(struct request *request, struct uuid group_id,
                                             struct order_invoice_due *ret_due)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), group_id);
    TRY(request_query(request, &invoice_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct order_invoice_due due = { .payment_due_at_us = row_int(&row) };
    due.remind_at_us = row_int(&row);
    due.owed = row_int(&row);
    if (!row_skip_null(&row)) due.order_id = row_uuid(&row);
    *ret_due = due;
    return STATUS_OK;
}

static const struct statement remind_statement = {
    .name = "order_offline_remind",
    .sql = "WITH g AS (UPDATE \"order\".order_group SET invoice_remind_at = nullif($3::bigint, 0) "
           "WHERE id = $1 AND invoice_remind_at = $2 RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM g",
};

void order_offline_store_remind(struct request *request, struct uuid group_id, int64_t before_us,
                                int64_t next_us)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remind_statement);
    param_uuid(params, arena, group_id);
    param_int(params, arena, before_us);
    param_int(params, arena, next_us);
}

/* ---- handed back ---- */

static const struct statement find_refund_statement = {
    .name = "order_offline_find_refund",
    .sql = "SELECT settled_at IS NOT NULL, card_by_hand > 0 FROM \"order\".order_refund "
           "WHERE id = $1 AND order_id = $2 AND manual > 0",
};

enum status order_offline_store_require_unsettled(struct request *request, struct uuid order_id,
                                                  struct uuid refund_id, bool *ret_is_of_card)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, refund_id);
    param_uuid(&params, arena, order_id);
    TRY(request_query(request, &find_refund_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    if (row_bool(&row)) return STATUS_ALREADY_SETTLED;
    *ret_is_of_card = row_bool(&row);
    return STATUS_OK;
}

static const struct statement settle_statement = {
    .name = "order_offline_settle",
    .sql = "WITH r AS (UPDATE \"order\".order_refund SET settled_at = $2, settled = manual "
           "WHERE id = $1 AND settled_at IS NULL RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM r",
};

void order_offline_store_settle(struct request *request, struct uuid refund_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &settle_statement);
    param_uuid(params, arena, refund_id);
    param_int(params, arena, request_now_us(request));
}

static const struct statement open_statement = {
    .name = "order_offline_open_refunds",
    .sql = "SELECT r.id, r.manual - r.settled, least(r.card_by_hand, r.manual - r.settled), o.id, "
           "o.number, o.vendor_id, o.vendor_name, o.currency, "
           "coalesce(o.offline_method, 'on_delivery') FROM \"order\".order_refund r "
           "JOIN \"order\".vendor_order o ON o.id = r.order_id "
           "WHERE r.manual > 0 AND r.settled_at IS NULL AND r.id < $1 ORDER BY r.id DESC LIMIT $2",
};

enum status order_offline_store_list_open(struct request *request, struct uuid before,
                                          int64_t limit,
                                          const struct order_manual_refund **ret_refunds,
                                          size_t *ret_count)
{
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, before);
    param_int(&params, arena, limit);
    TRY(request_query(request, &open_statement, &params, &rows));
    struct order_manual_refund *refunds = arena_allocate_array(arena, rows.count, sizeof *refunds);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct order_manual_refund refund = { .refund_id = row_uuid(&row) };
        const int64_t amount = row_int(&row), of_card = row_int(&row);
        refund.order_id = row_uuid(&row);
        refund.number = row_text(&row);
        refund.vendor.id = row_uuid(&row);
        refund.vendor.name = row_text(&row);
        refund.amount = money_make(amount, text_string(arena, row_text(&row)));
        refund.has_of_card = of_card > 0;
        refund.of_card = money_make(of_card, refund.amount.currency);
        TRY(order_offline_method_find(row_text(&row), &refund.method));
        refunds[i] = refund;
    }
    *ret_refunds = refunds;
    *ret_count = rows.count;
    return STATUS_OK;
}
