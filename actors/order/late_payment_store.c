/* SQL of bank transfers that came too late. */
#include "actors/order/late_payment_store.h"

#include "storage/values.h"

/* ---- the checkout ---- */

static const struct statement group_statement = {
    .name = "order_late_payment_group",
    .sql = "SELECT g.number::text, g.user_id, g.currency, "
           "g.offline_method IS NOT DISTINCT FROM 'transfer', "
           "(SELECT count(*) FROM \"order\".vendor_order o WHERE o.group_id = g.id "
           "AND o.status = 'pending_payment'), "
           "e.count, coalesce(e.missed, 0), coalesce(e.ended_at, 0) "
           "FROM \"order\".order_group g CROSS JOIN LATERAL (SELECT count(*), "
           "sum(o.on_delivery)::bigint AS missed, max(o.ended_at) AS ended_at "
           "FROM \"order\".vendor_order o WHERE o.group_id = g.id "
           "AND o.status = 'cancelled' AND o.on_delivery > 0 AND o.collected = 0) e "
           "WHERE g.id = $1 AND g.status = 'placed'",
};

enum status late_payment_store_find_group(struct request *request, struct uuid group_id,
                                          struct late_payment_group *ret_group)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, group_id);
    TRY(request_query(request, &group_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct late_payment_group group = { .number = row_text(&row) };
    if (!row_skip_null(&row)) group.user_id = row_uuid(&row);
    group.currency = text_string(arena, row_text(&row));
    group.is_transfer = row_bool(&row);
    group.waiting = row_int(&row);
    group.ended = row_int(&row);
    group.missed = row_int(&row);
    group.ended_at_us = row_int(&row);
    *ret_group = group;
    return STATUS_OK;
}

/* ---- written ---- */

static const struct statement add_statement = {
    .name = "order_late_payment_add",
    .sql = "INSERT INTO \"order\".late_payment (id, group_id, amount, currency, destination, note, "
           "recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    .on_duplicate = STATUS_LATE_PAYMENT_RECORDED,
};

void late_payment_store_add(struct request *request, const struct order_late_payment *payment)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, payment->id);
    param_uuid(params, arena, payment->group_id);
    param_int(params, arena, payment->amount.amount);
    param_text(params, arena, text_of(payment->amount.currency));
    param_text(params, arena, text_of(order_late_payment_destination_names[payment->destination]));
    param_text(params, arena, payment->has_note ? payment->note : TEXT(""));
    param_uuid(params, arena, payment->recorded_by);
    param_int(params, arena, payment->recorded_at_us);
}

static const struct statement settle_statement = {
    .name = "order_late_payment_settle",
    .sql = "WITH l AS (UPDATE \"order\".late_payment SET settled_at = $2 "
           "WHERE id = $1 AND settled_at IS NULL RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM l",
};

void late_payment_store_settle(struct request *request, struct uuid payment_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &settle_statement);
    param_uuid(params, arena, payment_id);
    param_int(params, arena, request_now_us(request));
}

static const struct statement make_manual_statement = {
    .name = "order_late_payment_make_manual",
    .sql = "WITH l AS (UPDATE \"order\".late_payment SET destination = 'manual' "
           "WHERE id = $1 AND settled_at IS NULL RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM l",
};

void late_payment_store_make_manual(struct request *request, struct uuid payment_id)
{
    param_uuid(request_write(request, &make_manual_statement), request_arena(request), payment_id);
}

/* ---- read ---- */

#define PAYMENT_SELECT                                                                             \
    "SELECT l.id, l.group_id, g.number::text, g.user_id, l.amount, l.currency, l.destination, "    \
    "nullif(l.note, ''), l.recorded_by, l.recorded_at, l.settled_at "                              \
    "FROM \"order\".late_payment l JOIN \"order\".order_group g ON g.id = l.group_id "

static void read_payment(struct row *row, struct arena *arena,
                         struct order_late_payment *ret_payment)
{
    struct order_late_payment payment = { .id = row_uuid(row) };
    payment.group_id = row_uuid(row);
    payment.number = row_text(row);
    payment.has_user_id = !row_skip_null(row);
    if (payment.has_user_id) payment.user_id = row_uuid(row);
    const int64_t amount = row_int(row);
    payment.amount = money_make(amount, text_string(arena, row_text(row)));
    payment.destination = text_equals_string(row_text(row), "wallet")
                              ? ORDER_LATE_PAYMENT_DESTINATION_WALLET
                              : ORDER_LATE_PAYMENT_DESTINATION_MANUAL;
    payment.has_note = !row_skip_null(row);
    if (payment.has_note) payment.note = row_text(row);
    payment.recorded_by = row_uuid(row);
    payment.recorded_at_us = row_int(row);
    payment.has_settled_at = !row_skip_null(row);
    if (payment.has_settled_at) payment.settled_at_us = row_int(row);
    *ret_payment = payment;
}

static enum status query(struct request *request, const struct statement *statement,
                         const struct store_params *params,
                         struct order_late_payment **ret_payments, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct order_late_payment *payments = arena_allocate_array(arena, rows.count, sizeof *payments);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_payment(&row, arena, &payments[i]);
    }
    *ret_payments = payments;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement find_statement = { .name = "order_late_payment_find",
                                                 .sql = PAYMENT_SELECT "WHERE l.id = $1" };

enum status late_payment_store_find(struct request *request, struct uuid payment_id,
                                    struct order_late_payment *ret_payment)
{
    struct store_params params = { 0 };
    struct order_late_payment *payments;
    size_t count;
    param_uuid(&params, request_arena(request), payment_id);
    TRY(query(request, &find_statement, &params, &payments, &count));
    if (count == 0) return STATUS_NOT_FOUND;
    *ret_payment = payments[0];
    return STATUS_OK;
}

static const struct statement list_statement = {
    .name = "order_late_payment_list",
    .sql = PAYMENT_SELECT "WHERE l.id < $1 AND ($2::uuid IS NULL OR l.group_id = $2) "
                          "AND (NOT $3 OR (l.settled_at IS NOT NULL) = $4) "
                          "ORDER BY l.id DESC LIMIT $5",
};

enum status late_payment_store_list(struct request *request,
                                    const struct late_payment_filter *filter, struct uuid before,
                                    int64_t limit, struct order_late_payment **ret_payments,
                                    size_t *ret_count)
{
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, before);
    param_uuid_or_null(&params, arena, filter->group_id);
    param_bool(&params, arena, filter->has_settled);
    param_bool(&params, arena, filter->is_settled);
    param_int(&params, arena, limit);
    return query(request, &list_statement, &params, ret_payments, ret_count);
}

static const struct statement due_statement = {
    .name = "order_late_payment_due",
    .sql = "SELECT id FROM \"order\".late_payment WHERE settled_at IS NULL "
           "AND destination = 'wallet' AND get_byte(uuid_send(id), 15) & 63 BETWEEN $1 AND $2 "
           "ORDER BY id LIMIT $3",
};

enum status late_payment_store_list_due(struct request *request, unsigned shard_first,
                                        unsigned shard_last, const struct uuid **ret_ids,
                                        size_t *ret_count)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_small(&params, arena, (int16_t)shard_first);
    param_small(&params, arena, (int16_t)shard_last);
    param_int(&params, arena, LATE_PAYMENTS_SWEPT);
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
