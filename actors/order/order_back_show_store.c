/* SQL of what went back, as it is shown with its order. */
#include "actors/order/order_back_store.h"
#include "actors/order/order_refund_money.h"
#include "actors/order/order_refund_plan.h"

/* ---- what is shown ---- */

/* Those of staff are for no line, where they are a plain amount. */
static const struct statement list_statement = {
    .name = "order_refunds",
    .sql = "SELECT r.id, r.is_kept, r.goodwill, r.sequence, h.actor_kind, h.at, "
           "h.note, " ORDER_REFUND_MONEY(
               "r") ", p.ids, p.quantities, p.discounts, p.taxes, p.totals "
                    "FROM \"order\".order_refund r JOIN \"order\".order_history h "
                    "ON h.order_id = r.order_id AND h.sequence = r.sequence, "
                    "LATERAL (SELECT coalesce(array_agg(p.subject_id ORDER BY l.position), '{}') "
                    "AS ids, "
                    "coalesce(array_agg((p.quantity + p.refunded_before)::bigint ORDER BY "
                    "l.position), '{}') "
                    "AS quantities, coalesce(array_agg(p.discount ORDER BY l.position), '{}') AS "
                    "discounts, "
                    "coalesce(array_agg(p.tax ORDER BY l.position), '{}') AS taxes, "
                    "coalesce(array_agg(p.total ORDER BY l.position), '{}') AS totals "
                    "FROM \"order\".order_refund_part p JOIN \"order\".order_line l ON l.id = "
                    "p.subject_id "
                    "WHERE p.refund_id = r.id) p "
                    "WHERE r.order_id = $1 AND h.machine = 'vendor_order' AND (r.is_kept OR p.ids "
                    "<> '{}') "
                    "ORDER BY r.sequence LIMIT $2",
};

static enum status read_actor(struct text name, enum order_history_actor *ret_actor)
{
    for (int i = 0; i < (int)ORDER_HISTORY_ACTOR_COUNT; i++) {
        if (!text_equals_string(name, order_history_actor_names[i])) continue;
        *ret_actor = (enum order_history_actor)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

/* The lines; what is left of the total then was for deliveries. */
static enum status read_lines(struct row *row, struct arena *arena, int64_t goodwill,
                              struct order_cancellation *shown)
{
    const char *currency = shown->total.currency;
    const struct uuid *ids;
    const int64_t *numbers[4]; /* quantity, discount, tax, total */
    const size_t count = row_uuid_array(row, arena, &ids);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (row_int_array(row, arena, &numbers[i]) != count) return STATUS_CORRUPT;
    if (count > ORDER_LINES_MAX) return STATUS_CORRUPT;
    struct order_cancelled_line *lines = arena_allocate_array(arena, count, sizeof *lines);
    int64_t delivery = shown->total.amount - goodwill;
    for (size_t i = 0; i < count; i++) {
        lines[i] = (struct order_cancelled_line){ .line_id = ids[i],
                                                  .quantity = numbers[0][i],
                                                  .discount = money_make(numbers[1][i], currency),
                                                  .tax = money_make(numbers[2][i], currency),
                                                  .total = money_make(numbers[3][i], currency) };
        delivery -= numbers[3][i];
    }
    shown->lines = lines;
    shown->lines_count = count;
    shown->delivery = money_make(delivery, currency);
    return STATUS_OK;
}

static enum status read_cancellation(struct row *row, struct arena *arena, const char *currency,
                                     struct order_cancellation *ret_shown, bool *ret_is_kept)
{
    struct order_cancellation shown = { .id = row_uuid(row) };
    const bool is_kept = row_bool(row);
    const int64_t goodwill = row_int(row);
    shown.sequence = row_int(row);
    TRY(read_actor(row_text(row), &shown.actor));
    shown.at_us = row_int(row);
    shown.reason = row_text(row);
    shown.has_reason = shown.reason.length > 0;
    struct order_refund_money money;
    TRY(order_refund_money_read(row, currency, &money));
    ORDER_REFUND_MONEY_SHOW_ALL(&shown, &money);
    shown.has_refund_id = shown.has_manual || shown.has_card;
    shown.refund_id = shown.id;
    TRY(read_lines(row, arena, goodwill, &shown));
    *ret_shown = shown;
    *ret_is_kept = is_kept;
    return STATUS_OK;
}

static struct order_refund refund_of(const struct order_cancellation *shown)
{
    return (struct order_refund){ .id = shown->id,
                                  .sequence = shown->sequence,
                                  .at_us = shown->at_us,
                                  .has_reason = shown->has_reason,
                                  .reason = shown->reason,
                                  .lines = shown->lines,
                                  .lines_count = shown->lines_count,
                                  .delivery = shown->delivery,
                                  .total = shown->total,
                                  .has_set_off = shown->has_set_off,
                                  .set_off = shown->set_off,
                                  .waived = shown->waived,
                                  .refunded = shown->refunded,
                                  .has_card = shown->has_card,
                                  .card = shown->card,
                                  .has_manual = shown->has_manual,
                                  .manual = shown->manual,
                                  .has_settled_at = shown->has_settled_at,
                                  .settled_at_us = shown->settled_at_us };
}

/* An order of which all is paid and nothing went back has neither. */
static bool may_have_any(const struct order_order *order)
{
    for (size_t i = 0; i < order->lines_count; i++)
        if (order->lines[i].cancelled > 0) return true;
    return order->payment_status != ORDER_PAYMENT_STATUS_PAID;
}

enum status order_back_store_fill(struct request *request, struct order_order *order)
{
    enum { SHOWN_MAX = ORDER_CANCELLATIONS_MAX + 1 + ORDER_STAFF_REFUNDS_MAX };
    if (!may_have_any(order)) return STATUS_OK;
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order->id);
    param_int(&params, arena, SHOWN_MAX);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct order_cancellation *shown = arena_allocate_array(arena, rows.count, sizeof *shown);
    struct order_refund *refunds = arena_allocate_array(arena, rows.count, sizeof *refunds);
    order->cancellations_count = order->refunds_count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct order_cancellation one;
        bool is_kept;
        TRY(read_cancellation(&row, arena, order->totals.total.currency, &one, &is_kept));
        if (is_kept)
            refunds[order->refunds_count++] = refund_of(&one);
        else
            shown[order->cancellations_count++] = one;
    }
    order->cancellations = shown;
    order->refunds = refunds;
    return STATUS_OK;
}

/* ---- what went back of what was sent again ---- */

enum { GIVEN_BACK_MAX = 50 }; /* of one return or claim that are shown: the last ones */

/* A return or a claim that stays where it is by being refunded. */
static const struct statement given_statement = {
    .name = "order_given_back",
    .sql = "SELECT g.object_id, g.id, g.at, " ORDER_REFUND_MONEY(
        "g") "FROM ("
             "SELECT r.*, h.object_id, h.at, row_number() "
             "OVER (PARTITION BY h.object_id ORDER BY r.sequence DESC) AS place "
             "FROM \"order\".order_refund r JOIN \"order\".order_history h "
             "ON h.order_id = r.order_id AND h.sequence = r.sequence "
             "WHERE r.order_id = $1 AND h.machine IN ('return', 'claim') "
             "AND h.from_state = h.to_state) g WHERE g.place <= $2 ORDER BY g.sequence",
};

static enum status read_given(struct row *row, const char *currency,
                              struct order_given_back *ret_given)
{
    struct order_given_back given = { .refund_id = row_uuid(row) };
    struct order_refund_money money;
    given.at_us = row_int(row);
    TRY(order_refund_money_read(row, currency, &money));
    ORDER_REFUND_MONEY_SHOW_ALL(&given, &money);
    *ret_given = given;
    return STATUS_OK;
}

/* Those of one return or claim. */
static enum status pick_given(const struct rows *rows, struct uuid object_id, const char *currency,
                              struct arena *arena, const struct order_given_back **ret_given,
                              size_t *ret_count)
{
    struct order_given_back *picked = arena_allocate_array(arena, GIVEN_BACK_MAX, sizeof *picked);
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct row row = rows_at(rows, i);
        if (!uuid_equals(row_uuid(&row), object_id)) continue;
        assert(count < GIVEN_BACK_MAX);
        TRY(read_given(&row, currency, &picked[count++]));
    }
    *ret_given = picked;
    *ret_count = count;
    return STATUS_OK;
}

static bool has_given_back(const struct order_order *order)
{
    for (size_t i = 0; i < order->returns_count; i++)
        for (size_t k = 0; k < order->returns[i].lines_count; k++)
            if (order->returns[i].lines[k].given_back > 0) return true;
    for (size_t i = 0; i < order->claims_count; i++)
        for (size_t k = 0; k < order->claims[i].lines_count; k++)
            if (order->claims[i].lines[k].given_back > 0) return true;
    return false;
}

enum status order_back_store_fill_given(struct request *request, struct order_order *order)
{
    if (!has_given_back(order)) return STATUS_OK;
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    const char *currency = order->totals.total.currency;
    param_uuid(&params, arena, order->id);
    param_int(&params, arena, GIVEN_BACK_MAX);
    TRY(request_query(request, &given_statement, &params, &rows));
    struct order_return_request *returns = (struct order_return_request *)order->returns;
    struct order_claim *claims = (struct order_claim *)order->claims;
    for (size_t i = 0; i < order->returns_count; i++)
        TRY(pick_given(&rows, returns[i].id, currency, arena, &returns[i].given_back,
                       &returns[i].given_back_count));
    for (size_t i = 0; i < order->claims_count; i++)
        TRY(pick_given(&rows, claims[i].id, currency, arena, &claims[i].given_back,
                       &claims[i].given_back_count));
    return STATUS_OK;
}
