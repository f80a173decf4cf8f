/* SQL of what staff sees of payments. */
#include "actors/payment/payment_office_store.h"

#include <string.h>

#include "actors/payment/payment_store.h"

/* ---- lists ---- */

#define MANAGED                                                                                    \
    "SELECT id, status, goal, purpose, subject_id, user_id, currency, amount, captured, refunded," \
    " refunding, disputed, lost, has_mismatch, reference, created_at, updated_at"                  \
    " FROM payment.payment"
#define SIFT                                                                                       \
    " AND amount > 0 AND created_at >= $1 AND (created_at, id) < ($2, $3)"                         \
    " AND ($5 = '' OR status = $5) AND ($6 = '' OR purpose = $6)"                                  \
    " AND ($7::uuid IS NULL OR user_id = $7) AND ($8 = '' OR reference = $8)"                      \
    " AND CASE $9 WHEN 'mismatch' THEN has_mismatch WHEN 'disputed' THEN disputed + lost > 0"      \
    " WHEN 'lost' THEN lost > 0"                                                                   \
    " WHEN 'refunding' THEN refunding > 0"                                                         \
    " WHEN 'pending' THEN status IN ('created', 'requires_action', 'processing') ELSE true END"    \
    " ORDER BY created_at DESC, id DESC LIMIT $4"

static void read_managed(struct row *row, struct payment_managed_payment *payment)
{
    struct money none = { .amount = 0 };
    payment->id = row_uuid(row);
    payment->status = (enum payment_status)payment_store_find_name(
        row_text(row), payment_status_names, PAYMENT_STATUS_COUNT);
    payment->goal = (enum payment_goal)payment_store_find_name(row_text(row), payment_goal_names,
                                                               PAYMENT_GOAL_COUNT);
    payment->purpose = (enum payment_purpose)payment_store_find_name(
        row_text(row), payment_purpose_names, PAYMENT_PURPOSE_COUNT);
    payment->subject_id = row_uuid(row);
    payment->has_user_id = !row_skip_null(row);
    if (payment->has_user_id) payment->user_id = row_uuid(row);
    const struct text currency = row_text(row);
    assert(currency.length < sizeof none.currency);
    memcpy(none.currency, currency.data, currency.length);
    payment->amount = money_make(row_int(row), none.currency);
    payment->captured = money_make(row_int(row), none.currency);
    payment->refunded = money_make(row_int(row), none.currency);
    payment->refunding = money_make(row_int(row), none.currency);
    payment->disputed = money_make(row_int(row), none.currency);
    payment->lost = money_make(row_int(row), none.currency);
    payment->has_mismatch = row_bool(row);
    payment->reference = row_text(row);
    payment->created_at_us = row_int(row);
    payment->updated_at_us = row_int(row);
}

/* A list begins with the filter that lets the least through, so that an index finds it. */
static const struct statement *choose_list(const struct payment_list_payments *query)
{
    static const struct statement by_reference = {
        .name = "payment_list_by_reference",
        .sql = MANAGED " WHERE reference = $8 AND reference <> ''" SIFT,
    };
    static const struct statement by_user = {
        .name = "payment_list_by_user",
        .sql = MANAGED " WHERE user_id = $7" SIFT,
    };
    static const struct statement by_status = {
        .name = "payment_list_by_status",
        .sql = MANAGED " WHERE status = $5" SIFT,
    };
    static const struct statement of_all = {
        .name = "payment_list",
        .sql = MANAGED " WHERE true" SIFT,
    };
    if (query->has_reference) return &by_reference;
    if (query->has_user_id) return &by_user;
    return query->has_status ? &by_status : &of_all;
}

enum status payment_store_list(struct request *request, const struct payment_list_payments *query,
                               const struct list_place *place, int64_t max,
                               struct payment_managed_payment **ret_payments, size_t *ret_count)
{
    assert(max >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, query->has_from ? query->from_us : 0);
    param_int(params, arena, place->at_us);
    param_uuid(params, arena, place->id);
    param_int(params, arena, max);
    param_text(params, arena,
               text_of(query->has_status ? payment_status_names[query->status] : ""));
    param_text(params, arena,
               text_of(query->has_purpose ? payment_purpose_names[query->purpose] : ""));
    param_uuid_or_null(params, arena, query->has_user_id ? query->user_id : (struct uuid){ 0 });
    param_text(params, arena, query->has_reference ? query->reference : TEXT(""));
    param_text(params, arena,
               text_of(query->has_only ? payment_payment_trait_names[query->only] : ""));
    TRY(request_query(request, choose_list(query), params, &rows));
    struct payment_managed_payment *payments =
        arena_allocate_array(arena, rows.count, sizeof *payments);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_managed(&row, &payments[i]);
    }
    *ret_payments = payments;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status payment_store_find_managed(struct request *request, struct uuid payment_id,
                                       struct payment_managed_payment *ret_payment)
{
    static const struct statement find = {
        .name = "payment_find_managed",
        .sql = MANAGED " WHERE id = $1 AND amount > 0",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, payment_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_managed(&row, ret_payment);
    return STATUS_OK;
}

static void read_operation(struct row *row, const char *currency,
                           struct payment_payment_operation *operation)
{
    operation->id = row_uuid(row);
    operation->operation = (enum payment_operation)payment_store_find_name(
        row_text(row), payment_operation_names, PAYMENT_OPERATION_COUNT);
    operation->amount = money_make(row_int(row), currency);
    const struct text state = row_text(row);
    operation->has_outcome = !text_equals_string(state, "open");
    if (operation->has_outcome)
        operation->outcome = (enum payment_verdict)payment_store_find_name(
            state, payment_verdict_names, PAYMENT_VERDICT_COUNT);
    operation->code = row_text(row);
    operation->began_at_us = row_int(row);
    operation->has_ended_at = !row_skip_null(row);
    if (operation->has_ended_at) operation->ended_at_us = row_int(row);
}

enum status payment_store_list_operations(struct request *request, struct uuid payment_id,
                                          const char *currency, int64_t max,
                                          struct payment_payment_operation **ret_operations,
                                          size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_operations",
        .sql = "SELECT id, operation, amount, state, code, began_at, ended_at"
               " FROM payment.operation WHERE payment_id = $1 ORDER BY began_at DESC, id DESC"
               " LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, payment_id);
    param_int(params, arena, max);
    TRY(request_query(request, &list, params, &rows));
    struct payment_payment_operation *operations =
        arena_allocate_array(arena, rows.count, sizeof *operations);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_operation(&row, currency, &operations[i]);
    }
    *ret_operations = operations;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- acts ---- */

void payment_store_see_mismatches(struct request *request, struct uuid payment_id, int64_t count)
{
    static const struct statement see = {
        .name = "payment_see_mismatches",
        .sql = "UPDATE payment.payment SET mismatches_seen = $2 WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &see);
    param_uuid(params, arena, payment_id);
    param_int(params, arena, count);
}

void payment_store_discard_event(struct request *request, struct text event_id)
{
    static const struct statement discard = {
        .name = "payment_discard_event",
        .sql = "DELETE FROM payment.parked_event WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &discard);
    param_text(params, arena, event_id);
}

/* ---- what waits for staff ---- */

/* Providers void what is not captured within some days (https://docs.stripe.com/payments/
 * place-a-hold-on-a-payment-method); a checkout that ends in time takes it within minutes. */
#define NOT_TAKEN_AFTER_US (INT64_C(3600) * 1000000)

/* $1, $2 the place; $3 how many; $4 cause or ''; $5 not taken since before. An operation that
 * nobody knows the end of is settled by a later one that brought something; a difference, which may
 * heal by itself, is shown once it was judged again. */
static const struct statement stuck_statement = {
    .name = "payment_stuck",
    .sql =
        "WITH found (cause, since, payment_id, event_id, detail, difference_id) AS ("
        "SELECT 'payment_unknown', o.ended_at, o.payment_id, NULL::text,"
        " 'Nobody knows what came of the ' || o.operation || '.', NULL::uuid"
        " FROM payment.operation o"
        " WHERE o.state = 'unknown' AND NOT EXISTS (SELECT FROM payment.operation n"
        " WHERE n.payment_id = o.payment_id AND n.state = 'said' AND n.began_at > o.began_at)"
        " UNION ALL SELECT 'payment_mismatch', p.updated_at, p.id, NULL,"
        " 'The provider speaks of another amount or currency than was asked for.', NULL"
        " FROM payment.payment p WHERE p.has_mismatch AND p.mismatches_seen < (SELECT count(*)"
        " FROM payment.fact f WHERE f.payment_id = p.id AND f.fact = 'mismatch')"
        " UNION ALL SELECT 'payment_not_wanted', p.updated_at, p.id, NULL,"
        " 'Captured, not wanted, and not yet given back.', NULL FROM payment.payment p"
        " WHERE p.captured > 0 AND p.goal <> 'take'"
        " AND p.refunded + p.refunding + p.disputed + p.lost < p.captured"
        " AND EXISTS (SELECT FROM payment.operation o WHERE o.payment_id = p.id"
        " AND o.state IN ('unknown', 'not_taken', 'shut'))"
        " UNION ALL SELECT 'payment_not_wanted', x.found_at, x.payment_id, NULL, 'A second charge "
        "of"
        " it ('|| x.reference || '), not yet given back.', NULL FROM payment.stray x"
        " WHERE x.returned < x.captured AND EXISTS (SELECT FROM payment.operation o"
        " WHERE o.payment_id = x.payment_id AND o.state IN ('unknown', 'not_taken', 'shut'))"
        " UNION ALL SELECT 'payment_not_taken', p.created_at, p.id, NULL,"
        " 'Set aside, and neither taken nor let go: the bank lets go of it by itself some day.', "
        "NULL"
        " FROM payment.payment p WHERE p.status = 'authorised' AND p.created_at < $5"
        " UNION ALL SELECT 'dispute_open', p.updated_at, p.id, NULL,"
        " 'A bank holds ' || p.disputed || ' minor units of ' || p.currency || '.', NULL"
        " FROM payment.payment p WHERE p.disputed > 0"
        " UNION ALL SELECT 'provider_shut', min(o.ended_at), (array_agg(o.payment_id ORDER BY o.id"
        " DESC))[1], NULL, 'The provider refuses our key or its version, or does not know our"
        " payments: no card is taken before that is mended. Then ask it.', NULL"
        " FROM payment.operation o WHERE o.state = 'shut' AND NOT EXISTS (SELECT"
        " FROM payment.operation n WHERE n.id > o.id AND n.state IN ('said', 'not_taken'))"
        " HAVING count(*) > 0"
        " UNION ALL SELECT 'provider_event_parked', e.at, NULL, e.id,"
        " 'A ' || left(e.type, 60) || ' about nothing of this market.', NULL"
        " FROM payment.parked_event e"
        " UNION ALL SELECT 'payment_difference', d.found_at, NULL, NULL,"
        " 'The report of ' || to_char(date '1970-01-01' + d.day, 'YYYY-MM-DD') || ' and this market"
        " differ (' || d.kind || ').', d.id FROM payment.difference d"
        " WHERE d.state = 'open' AND d.checks > 0),"
        " named AS (SELECT f.*, (f.cause || '.' || coalesce(encode(uuid_send(coalesce("
        " f.payment_id, f.difference_id)), 'hex'), md5(f.event_id))) COLLATE \"C\" AS id FROM "
        "found f WHERE $4 IN ('', f.cause))"
        " SELECT DISTINCT ON (n.since, n.id) n.id, n.cause, n.since, n.payment_id,"
        " n.difference_id, n.event_id, n.detail FROM named n WHERE $2 = '' OR (n.since, n.id) > "
        "($1, $2)"
        " ORDER BY n.since, n.id LIMIT $3",
};

static void read_subject(struct row *row, const char *prefix, struct arena *arena,
                         struct common_stuck_item *item)
{
    if (row_skip_null(row)) return;
    char *id = arena_allocate(arena, ID_TEXT_MAX + 1);
    item->subject = (struct text){ id, id_format(prefix, row_uuid(row), id) };
}

static void read_item(struct row *row, struct arena *arena, struct common_stuck_item *ret_item)
{
    struct common_stuck_item item = { .id = row_text(row) };
    item.cause = (enum common_stuck_cause)payment_store_find_name(
        row_text(row), common_stuck_cause_names, COMMON_STUCK_CAUSE_COUNT);
    item.since_us = row_int(row);
    read_subject(row, "pay", arena, &item);
    read_subject(row, "dif", arena, &item);
    if (!row_skip_null(row)) item.subject = row_text(row);
    item.detail = row_text(row);
    *ret_item = item;
}

enum status payment_store_list_stuck(struct request *request, const struct queue_list_stuck *query,
                                     struct common_stuck_items *ret_items)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, query->after_since_us);
    param_text(params, arena, query->after_id);
    param_int(params, arena, query->limit);
    param_text(params, arena,
               text_of(query->has_cause ? common_stuck_cause_names[query->cause] : ""));
    param_int(params, arena, request_now_us(request) - NOT_TAKEN_AFTER_US);
    TRY(request_query(request, &stuck_statement, params, &rows));
    struct common_stuck_item *items = arena_allocate_array(arena, rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_item(&row, arena, &items[i]);
    }
    *ret_items = (struct common_stuck_items){ .items = items, .items_count = rows.count };
    return STATUS_OK;
}
