/* SQL of claims. */
#include "actors/order/claim_store.h"

#include "actors/order/claim_picture.h"
#include "actors/order/order_back_store.h"
#include "actors/order/order_refund_money.h"
#include "actors/order/return_store.h"

static_assert((int)ORDER_CLAIM_STATUS_COUNT ==
                  ORDER_STATE_CLAIM_WITHDRAWN - ORDER_STATE_CLAIM_OPEN + 1,
              "the contract has the machine's states but the first, in its order");
static_assert((int)ORDER_CLAIM_KIND_COUNT == CLAIM_NOT_AS_DESCRIBED + 1,
              "the contract has the kinds, in their order");

/* ---- reading ---- */

static const struct statement list_statement = {
    .name = "order_claims",
    .sql =
        "SELECT c.id, c.status, c.kind, c.reason, c.filed_at, coalesce(c.due_at, 0), "
        "coalesce(c.escalated_at, 0), coalesce(c.ended_at, 0), c.answer, c.decision, "
        "c.replacement_id, c.refund_id, " ORDER_REFUND_MONEY(
            "f") ", l.ids, l.quantities, l.granted, "
                 "l.given_back, l.declined "
                 "FROM \"order\".order_claim c LEFT JOIN \"order\".order_refund f ON f.id = "
                 "c.refund_id, "
                 "LATERAL (SELECT array_agg(l.line_id ORDER BY l.line_id) AS ids, "
                 "array_agg(l.quantity ORDER BY l.line_id) AS quantities, "
                 "array_agg(l.granted ORDER BY l.line_id) AS granted, "
                 "array_agg(l.given_back::bigint ORDER BY l.line_id) AS given_back, "
                 "array_agg(l.declined ORDER BY l.line_id) AS declined "
                 "FROM \"order\".order_claim_line l WHERE l.claim_id = c.id HAVING count(*) > 0) l "
                 "WHERE c.order_id = $1 ORDER BY c.position LIMIT $2",
};

static enum status read_lines(struct row *row, struct arena *arena, struct order_claim *shown)
{
    const struct uuid *ids;
    const int64_t *quantities, *granted, *given_back, *declined;
    const size_t count = row_uuid_array(row, arena, &ids);
    if (row_int_array(row, arena, &quantities) != count) return STATUS_CORRUPT;
    if (row_int_array(row, arena, &granted) != count) return STATUS_CORRUPT;
    if (row_int_array(row, arena, &given_back) != count) return STATUS_CORRUPT;
    if (row_int_array(row, arena, &declined) != count) return STATUS_CORRUPT;
    if (count > ORDER_LINES_MAX) return STATUS_CORRUPT;
    struct order_claim_line *lines = arena_allocate_array(arena, count, sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct order_claim_line){ .line_id = ids[i],
                                              .quantity = quantities[i],
                                              .granted = granted[i],
                                              .given_back = given_back[i],
                                              .has_declined = declined[i] > 0,
                                              .declined = declined[i] };
    shown->lines = lines;
    shown->lines_count = count;
    return STATUS_OK;
}

static enum status read_kind(struct text name, enum order_claim_kind *ret_kind)
{
    for (int i = 0; i < (int)ORDER_CLAIM_KIND_COUNT; i++) {
        if (!text_equals_string(name, order_claim_kind_names[i])) continue;
        *ret_kind = (enum order_claim_kind)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

static enum status read_status(struct text name, enum order_claim_status *ret_status)
{
    enum order_state state;
    if (!order_machine_find_state(ORDER_MACHINE_CLAIM, name, &state) ||
        state < ORDER_STATE_CLAIM_OPEN)
        return STATUS_CORRUPT;
    *ret_status = (enum order_claim_status)(state - ORDER_STATE_CLAIM_OPEN);
    return STATUS_OK;
}

static enum status read_claim(struct row *row, struct arena *arena, const char *currency,
                              struct order_claim *ret_shown)
{
    struct order_claim shown = { .id = row_uuid(row) };
    TRY(read_status(row_text(row), &shown.status));
    TRY(read_kind(row_text(row), &shown.kind));
    shown.reason = row_text(row);
    shown.filed_at_us = row_int(row);
    shown.due_at_us = row_int(row);
    shown.has_due_at = shown.due_at_us > 0;
    shown.escalated_at_us = row_int(row);
    shown.has_escalated_at = shown.escalated_at_us > 0;
    shown.ended_at_us = row_int(row);
    shown.has_ended_at = shown.ended_at_us > 0;
    shown.answer = row_text(row);
    shown.has_answer = shown.answer.length > 0;
    shown.decision = row_text(row);
    shown.has_decision = shown.decision.length > 0;
    shown.has_replacement_id = !row_skip_null(row);
    if (shown.has_replacement_id) shown.replacement_id = row_uuid(row);
    shown.has_refund_id = !row_skip_null(row);
    if (shown.has_refund_id) shown.refund_id = row_uuid(row);
    struct order_refund_money money;
    TRY(order_refund_money_read(row, currency, &money));
    ORDER_REFUND_MONEY_SHOW_ALL(&shown, &money);
    shown.has_total = shown.has_waived = shown.has_refunded = shown.has_refund_id;
    TRY(read_lines(row, arena, &shown));
    *ret_shown = shown;
    return STATUS_OK;
}

static enum status list(struct request *request, struct uuid order_id, const char *currency,
                        struct order_claim **ret_shown, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    param_int(&params, arena, ORDER_CLAIMS_MAX);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct order_claim *shown = arena_allocate_array(arena, rows.count, sizeof *shown);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_claim(&row, arena, currency, &shown[i]));
    }
    *ret_shown = shown;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status claim_store_fill(struct request *request, struct order_order *order)
{
    if (!return_store_has_arrived(order)) return STATUS_OK;
    struct order_claim *shown;
    const char *currency = order->totals.total.currency;
    TRY(list(request, order->id, currency, &shown, &order->claims_count));
    TRY(claim_picture_fill(request, order->id, shown, order->claims_count));
    order->claims = shown;
    return order_back_store_fill_given(request, order);
}

static enum status place_parts(const struct order_life *life, const struct order_claim *shown,
                               struct claim *placed)
{
    for (size_t i = 0; i < shown->lines_count; i++) {
        size_t line;
        if (!order_life_find_line(life, shown->lines[i].line_id, &line)) return STATUS_CORRUPT;
        placed->parts[placed->parts_count++] =
            (struct claim_part){ .line = line,
                                 .quantity = shown->lines[i].quantity,
                                 .granted = shown->lines[i].granted,
                                 .given_back = shown->lines[i].given_back,
                                 .declined = shown->lines[i].declined };
    }
    return STATUS_OK;
}

enum status claim_store_load(struct request *request, const struct order_life *life,
                             struct claim **ret_claims, size_t *ret_count)
{
    struct order_claim *shown;
    size_t count;
    TRY(list(request, life->order_id, life->currency, &shown, &count));
    struct claim *claims = arena_allocate_array(request_arena(request), count, sizeof *claims);
    for (size_t i = 0; i < count; i++) {
        claims[i] = (struct claim){ .id = shown[i].id,
                                    .state = (enum order_state)((int)shown[i].status +
                                                                ORDER_STATE_CLAIM_OPEN),
                                    .kind = (enum claim_kind)shown[i].kind,
                                    .reason = shown[i].reason,
                                    .answer = shown[i].answer,
                                    .decision = shown[i].decision,
                                    .filed_at_us = shown[i].filed_at_us,
                                    .due_at_us = shown[i].due_at_us,
                                    .escalated_at_us = shown[i].escalated_at_us,
                                    .ended_at_us = shown[i].ended_at_us,
                                    .refund_id = shown[i].refund_id,
                                    .replacement_id = shown[i].replacement_id };
        TRY(place_parts(life, &shown[i], &claims[i]));
    }
    *ret_claims = claims;
    *ret_count = count;
    return STATUS_OK;
}

enum status claim_store_block(struct request *request, struct order_life *life)
{
    struct claim *claims;
    size_t count;
    TRY(claim_store_load(request, life, &claims, &count));
    claim_block(life, claims, count);
    return STATUS_OK;
}

/* ---- writing ---- */

static const struct statement add_statement = {
    .name = "order_claim_add",
    .sql = "WITH c AS (INSERT INTO \"order\".order_claim (id, order_id, position, status, kind, "
           "reason, filed_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0))) "
           "INSERT INTO \"order\".order_claim_line (claim_id, line_id, quantity) "
           "SELECT $1, l.* FROM unnest($9::uuid[], $10::bigint[]) AS l",
    .on_duplicate = STATUS_CONFLICT,
};

/* The last parameters: lines, and a number of each, or three. */
static void add_parts(struct store_params *params, struct arena *arena,
                      const struct order_life *life, const struct claim *claim, bool with_granted)
{
    const size_t count = claim->parts_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *numbers = arena_allocate_array(arena, count, sizeof *numbers);
    int64_t *given_back = arena_allocate_array(arena, count, sizeof *given_back);
    int64_t *declined = arena_allocate_array(arena, count, sizeof *declined);
    for (size_t i = 0; i < count; i++) {
        ids[i] = life->lines[claim->parts[i].line].id;
        numbers[i] = with_granted ? claim->parts[i].granted : claim->parts[i].quantity;
        given_back[i] = claim->parts[i].given_back;
        declined[i] = claim->parts[i].declined;
    }
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, numbers, count);
    if (!with_granted) return;
    param_int_array(params, arena, given_back, count);
    param_int_array(params, arena, declined, count);
}

void claim_store_add(struct request *request, const struct order_life *life,
                     const struct claim *made, size_t position)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, made->id);
    param_uuid(params, arena, life->order_id);
    param_int(params, arena, (int64_t)position);
    param_text(params, arena, text_of(order_machine_state_name(made->state)));
    param_text(params, arena, text_of(order_claim_kind_names[made->kind]));
    param_text(params, arena, made->reason);
    param_int(params, arena, made->filed_at_us);
    param_int(params, arena, made->due_at_us);
    add_parts(params, arena, life, made, false);
}

static const struct statement save_statement = {
    .name = "order_claim_save",
    .sql = "WITH l AS (UPDATE \"order\".order_claim_line l SET granted = n.granted, "
           "given_back = n.given_back, declined = n.declined "
           "FROM unnest($10::uuid[], $11::bigint[], $12::bigint[], $13::bigint[]) "
           "AS n (id, granted, given_back, declined) "
           "WHERE l.claim_id = $1 AND l.line_id = n.id "
           "AND (l.granted, l.given_back, l.declined) "
           "IS DISTINCT FROM (n.granted, n.given_back, n.declined)), "
           "c AS (UPDATE \"order\".order_claim SET status = $2, due_at = nullif($3, 0), "
           "escalated_at = nullif($4, 0), ended_at = nullif($5, 0), answer = $6, decision = $7, "
           "refund_id = nullif($8, '00000000-0000-0000-0000-000000000000'), "
           "replacement_id = nullif($9, '00000000-0000-0000-0000-000000000000') "
           "WHERE id = $1 RETURNING 1) SELECT require_one(count(*)) FROM c",
};

void claim_store_save(struct request *request, const struct order_life *life,
                      const struct claim *saved)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save_statement);
    param_uuid(params, arena, saved->id);
    param_text(params, arena, text_of(order_machine_state_name(saved->state)));
    param_int(params, arena, saved->due_at_us);
    param_int(params, arena, saved->escalated_at_us);
    param_int(params, arena, saved->ended_at_us);
    param_text(params, arena, saved->answer);
    param_text(params, arena, saved->decision);
    param_uuid(params, arena, saved->refund_id);
    param_uuid(params, arena, saved->replacement_id);
    add_parts(params, arena, life, saved, true);
}

/* ---- by the clock ---- */

static const struct statement due_statement = {
    .name = "order_claim_due",
    .sql = "SELECT order_id, id FROM \"order\".order_claim WHERE due_at <= $1 "
           "AND get_byte(uuid_send(order_id), 15) & 63 BETWEEN $2 AND $3 ORDER BY due_at LIMIT $4",
};

enum status claim_store_list_due(struct request *request, unsigned shard_first, unsigned shard_last,
                                 const struct due_object **ret_due, size_t *ret_count)
{
    return order_due_list(request, &due_statement, shard_first, shard_last, CLAIMS_DUE_MAX, ret_due,
                          ret_count);
}
