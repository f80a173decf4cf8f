/* Judged by the rows of groups when it is asked, so that what fits by now waits for nobody. */
#include "actors/order/card_stray_store.h"

#include "actors/host/card_books.h"
#include "storage/values.h"

/* A group that is pending has a process that takes the payment or lets it go. */
static const struct statement judge_statement = {
    .name = "order_card_stray_judge",
    .sql = "SELECT EXISTS (SELECT FROM \"order\".order_group g WHERE g.id = $1 AND (g.status = "
           "'pending' OR (g.status = 'placed' AND g.card_lost_at IS NULL AND g.card_amount = $2 "
           "AND g.currency = $3))), "
           "EXISTS (SELECT FROM \"order\".stray_payment s WHERE s.payment_id = $1)",
};

enum status card_stray_store_judge(struct request *request, struct uuid payment_id,
                                   struct money captured, bool *ret_fits, bool *ret_is_known)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, payment_id);
    param_int(&params, arena, captured.amount);
    param_text(&params, arena, text_of(captured.currency));
    TRY(request_query(request, &judge_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_fits = row_bool(&row);
    *ret_is_known = row_bool(&row);
    return STATUS_OK;
}

static const struct statement note_statement = {
    .name = "order_card_stray_note",
    .sql = "INSERT INTO \"order\".stray_payment AS s "
           "(payment_id, currency, captured, gone, version, found_at) "
           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (payment_id) DO UPDATE SET "
           "captured = $3, gone = $4, version = $5 WHERE s.version < $5",
};

void card_stray_store_note(struct request *request, const struct order_note_card_payment *command)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &note_statement);
    param_uuid(params, arena, command->payment_id);
    param_text(params, arena, text_of(command->captured.currency));
    param_int(params, arena, command->captured.amount);
    param_int(params, arena, command->gone);
    param_int(params, arena, command->version);
    param_int(params, arena, request_now_us(request));
}

static const struct statement has_statement = {
    .name = "order_card_stray_has",
    .sql = "SELECT EXISTS (SELECT FROM \"order\".card_without_order w WHERE w.payment_id = $1)",
};

enum status card_stray_store_has(struct request *request, struct uuid payment_id, bool *ret_has)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, payment_id);
    TRY(request_query(request, &has_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_has = row_bool(&row);
    return STATUS_OK;
}

/* A group that is not decided says nothing yet. What was never captured counts as given back to
 * nobody. A payment that waits for staff is open whatever its group says. */
static const struct statement books_statement = {
    .name = "order_card_books",
    .sql =
        "WITH g AS MATERIALIZED (SELECT g.id, g.currency, g.status <> 'placed' AS is_open, "
        "CASE WHEN g.status = 'placed' AND g.card_lost_at IS NULL THEN g.card_amount ELSE 0 END "
        "AS captured FROM \"order\".order_group g WHERE g.card_amount > 0 AND g.status <> 'failed' "
        "AND g.id > $1 ORDER BY g.id LIMIT $2), "
        "w AS (SELECT w.payment_id AS id, w.currency FROM \"order\".card_without_order w "
        "WHERE w.payment_id > $1 ORDER BY w.payment_id LIMIT $2) "
        "SELECT coalesce(g.id, w.id), coalesce(g.currency, w.currency), "
        "false, coalesce(g.is_open, false) OR w.id IS NOT NULL, coalesce(g.captured, 0), "
        "r.refunded, r.refunding, 0::bigint, r.closed, 0::bigint FROM g FULL JOIN w ON w.id = "
        "g.id, LATERAL (SELECT "
        "coalesce(sum(r.card) FILTER (WHERE r.card_state = 'succeeded' AND r.card_code <> "
        "'not_captured'), 0)::bigint AS refunded, coalesce(sum(r.card) FILTER (WHERE r.card_state "
        "IN ('requested', 'pending')), 0)::bigint AS refunding, "
        "coalesce(sum(r.by_bank), 0)::bigint AS closed FROM \"order\".vendor_order o "
        "JOIN \"order\".order_refund r ON r.order_id = o.id WHERE o.group_id = g.id "
        "AND (r.card > 0 OR r.by_bank > 0)) r ORDER BY 1 LIMIT $2",
};

enum status card_stray_store_list_books(struct request *request,
                                        const struct books_list_card_books *query,
                                        struct common_card_books *ret_books)
{
    return card_books_list(request, &books_statement, query, ret_books);
}
