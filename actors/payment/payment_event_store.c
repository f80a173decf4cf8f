/* SQL of refunds that were asked for, and of events that the provider has sent. */
#include "actors/payment/payment_store.h"

/* ---- refunds ---- */

void payment_store_ask_refund(struct request *request, struct uuid payment_id,
                              struct uuid refund_id, int64_t amount)
{
    static const struct statement ask = {
        .name = "payment_ask_refund",
        .sql = "INSERT INTO payment.refund (id, payment_id, amount, state, created_at)"
               " VALUES ($1, $2, $3, 'requested', $4)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &ask);
    param_uuid(params, arena, refund_id);
    param_uuid(params, arena, payment_id);
    param_int(params, arena, amount);
    param_int(params, arena, request_now_us(request));
}

void payment_store_settle_refund(struct request *request, struct uuid operation_id,
                                 const char *state, struct text ref, struct text code)
{
    static const struct statement settle = {
        .name = "payment_settle_refund",
        .sql = "UPDATE payment.refund r SET state = $2, ref = $3, code = $4"
               " FROM payment.operation o WHERE o.id = $1 AND o.operation = 'refund'"
               " AND r.id = o.refund_id AND r.state = 'requested'",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &settle);
    param_uuid(params, arena, operation_id);
    param_text(params, arena, text_of(state));
    param_text(params, arena, ref);
    param_text(params, arena, code);
}

enum status payment_store_find_refund(struct request *request, struct uuid payment_id,
                                      struct uuid refund_id, struct payment_refund_row *ret_refund)
{
    static const struct statement find = {
        .name = "payment_find_refund",
        .sql = "SELECT amount, state, ref, code FROM payment.refund"
               " WHERE id = $1 AND payment_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, refund_id);
    param_uuid(params, arena, payment_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_refund->amount = row_int(&row);
    ret_refund->state = row_text(&row);
    ret_refund->ref = row_text(&row);
    ret_refund->code = row_text(&row);
    return STATUS_OK;
}

/* ---- events ---- */

enum status payment_store_find(struct request *request, struct text event_id, struct text reference,
                               struct uuid *ret_payment_id, bool *ret_knows_event)
{
    static const struct statement find = {
        .name = "payment_find",
        .sql = "SELECT EXISTS (SELECT FROM payment.event WHERE id = $1), coalesce("
               "(SELECT id FROM payment.payment WHERE reference = $2 AND reference <> ''),"
               " (SELECT payment_id FROM payment.stray WHERE reference = $2))",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, event_id);
    param_text(params, arena, reference);
    TRY(request_query(request, &find, params, &rows));
    assert(rows.count == 1);
    struct row row = rows_at(&rows, 0);
    *ret_knows_event = row_bool(&row);
    *ret_payment_id = row_skip_null(&row) ? (struct uuid){ { 0 } } : row_uuid(&row);
    return STATUS_OK;
}

static enum status is_there(struct request *request, const struct statement *find,
                            struct text event_id, bool *ret_is)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, event_id);
    TRY(request_query(request, find, params, &rows));
    *ret_is = rows.count > 0;
    return STATUS_OK;
}

enum status payment_store_knows_event(struct request *request, struct text event_id,
                                      bool *ret_knows)
{
    static const struct statement find = {
        .name = "payment_find_event",
        .sql = "SELECT 1::bigint FROM payment.event WHERE id = $1",
    };
    return is_there(request, &find, event_id, ret_knows);
}

enum status payment_store_has_parked(struct request *request, struct text event_id, bool *ret_has)
{
    static const struct statement find = {
        .name = "payment_find_parked",
        .sql = "SELECT 1::bigint FROM payment.parked_event WHERE id = $1",
    };
    return is_there(request, &find, event_id, ret_has);
}

void payment_store_add_event(struct request *request, struct text event_id, struct uuid payment_id)
{
    static const struct statement add = {
        .name = "payment_add_event",
        .sql = "INSERT INTO payment.event (id, payment_id, at) VALUES ($1, $2, $3)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_text(params, arena, event_id);
    param_uuid(params, arena, payment_id);
    param_int(params, arena, request_now_us(request));
}

void payment_store_park_event(struct request *request, struct text event_id, struct text type,
                              struct text reference)
{
    static const struct statement park = {
        .name = "payment_park_event",
        .sql = "INSERT INTO payment.parked_event (id, type, reference, at) VALUES ($1, $2, $3, $4)"
               " ON CONFLICT (id) DO NOTHING",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &park);
    param_text(params, arena, event_id);
    param_text(params, arena, type);
    param_text(params, arena, reference);
    param_int(params, arena, request_now_us(request));
}
