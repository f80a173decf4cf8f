/* SQL of payments. A save names the version that the rules have seen; what it finds otherwise ends
 * the unit with CONFLICT. */
#include "actors/payment/payment_store.h"

#include <string.h>

/* ---- reading ---- */

size_t payment_store_find_name(struct text name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals_string(name, names[i])) return i;
    assert(false && "the table's check, or who wrote it, allows no other name");
    return 0;
}

static void read_payment(struct row *row, struct payment *payment)
{
    payment->purpose = (enum payment_purpose)payment_store_find_name(
        row_text(row), payment_purpose_names, PAYMENT_PURPOSE_COUNT);
    payment->subject_id = row_uuid(row);
    if (!row_skip_null(row)) payment->user_id = row_uuid(row);
    const struct text currency = row_text(row);
    payment->is_mark = currency.length == 0;
    assert(currency.length < sizeof payment->amount.currency);
    if (!payment->is_mark) memcpy(payment->amount.currency, currency.data, currency.length);
    payment->amount.amount = row_int(row);
    payment->method = row_text(row);
    payment->return_url = row_text(row);
    payment->description = row_text(row);
    payment->goal = (enum payment_goal)payment_store_find_name(row_text(row), payment_goal_names,
                                                               PAYMENT_GOAL_COUNT);
    payment->take = row_int(row);
    payment->is_tried = row_bool(row);
    if (!row_skip_null(row)) payment->operation_id = row_uuid(row);
    payment->reference = row_text(row);
    payment->charge = row_text(row);
    payment->next_url = row_text(row);
    payment->due_at_us = row_int(row);
    payment->version = row_int(row);
    payment->created_at_us = row_int(row);
    payment->updated_at_us = row_int(row);
    payment->refunds_asked = row_int(row);
    if (!row_skip_null(row)) payment->next_refund_id = row_uuid(row);
    payment->next_refund_amount = row_int(row);
    payment->customer = row_text(row);
    payment->is_off_session = row_bool(row);
    payment->own = row_text(row);
}

static void read_fact(struct row *row, struct payment *payment)
{
    assert(payment->facts_count < PAYMENT_FACTS_MAX);
    struct payment_provider_fact *fact = &payment->facts[payment->facts_count++];
    fact->fact = (enum payment_fact)payment_store_find_name(row_text(row), payment_fact_names,
                                                            PAYMENT_FACT_COUNT);
    fact->ref = row_text(row);
    fact->amount = row_int(row);
    fact->currency = row_text(row);
    fact->at_us = row_int(row);
    fact->source = row_text(row);
    fact->code = row_text(row);
    fact->reference = row_text(row);
    fact->has_reference = fact->reference.length > 0;
}

static enum status load_facts(struct request *request, struct payment *payment)
{
    static const struct statement load = {
        .name = "payment_load_facts",
        .sql = "SELECT fact, ref, amount, currency, at, source, code, reference FROM payment.fact"
               " WHERE payment_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, payment->id);
    TRY(request_query(request, &load, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_fact(&row, payment);
    }
    return STATUS_OK;
}

/* The facts may be newer than the row; a save of what follows is refused then, by its version. */
enum status payment_store_load(struct request *request, struct uuid payment_id,
                               struct payment **ret_payment)
{
    static const struct statement load = {
        .name = "payment_load",
        .sql = "SELECT purpose, subject_id, user_id, currency, p.amount, method, return_url,"
               " description, goal, take, is_tried, operation_id, reference, charge, next_url,"
               " coalesce(due_at, 0), version, created_at, updated_at,"
               " (SELECT coalesce(sum(r.amount), 0)::bigint FROM payment.refund r"
               " WHERE r.payment_id = p.id AND r.state IN ('requested', 'unknown')), r.id,"
               " coalesce(r.amount, 0), p.customer, p.is_off_session, p.own FROM payment.payment p "
               "LEFT "
               "JOIN LATERAL (SELECT x.id,"
               " x.amount FROM payment.refund x WHERE x.payment_id = p.id AND x.state = 'requested'"
               " ORDER BY x.created_at, x.id LIMIT 1) r ON true WHERE p.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, payment_id);
    TRY(request_query(request, &load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct payment *payment = arena_allocate(arena, sizeof *payment);
    struct row row = rows_at(&rows, 0);
    payment->id = payment_id;
    read_payment(&row, payment);
    TRY(load_facts(request, payment));
    *ret_payment = payment;
    return STATUS_OK;
}

/* ---- writing ---- */

void payment_store_insert(struct request *request, const struct payment *payment)
{
    static const struct statement insert = {
        .name = "payment_insert",
        .sql = "INSERT INTO payment.payment (id, shard, purpose, subject_id, user_id, currency,"
               " amount, method, return_url, description, goal, take, is_tried, operation_id,"
               " status, created_at, updated_at, customer, is_off_session)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
               " $16, $17, $18)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &insert);
    param_uuid(params, arena, payment->id);
    param_small(params, arena, (int16_t)request_shard(request));
    param_text(params, arena, text_of(payment_purpose_names[payment->purpose]));
    param_uuid(params, arena, payment->subject_id);
    param_uuid_or_null(params, arena, payment->user_id);
    param_text(params, arena, text_of(payment->is_mark ? "" : payment->amount.currency));
    param_int(params, arena, payment->is_mark ? 0 : payment->amount.amount);
    param_text(params, arena, payment->method);
    param_text(params, arena, payment->return_url);
    param_text(params, arena, payment->description);
    param_text(params, arena, text_of(payment_goal_names[payment->goal]));
    param_int(params, arena, payment->take);
    param_bool(params, arena, payment->is_tried);
    param_uuid_or_null(params, arena, payment->operation_id);
    param_text(params, arena, text_of(payment_status_names[payment_standing(payment)]));
    param_int(params, arena, request_now_us(request));
    param_text(params, arena, payment->customer);
    param_bool(params, arena, payment->is_off_session);
}

static void save_fact(struct request *request, const struct payment *payment,
                      const struct payment_provider_fact *fact)
{
    static const struct statement keep = {
        .name = "payment_keep_fact",
        .sql =
            "INSERT INTO payment.fact (payment_id, fact, ref, amount, currency, at, source, code,"
            " heard_at, reference) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (payment_id, reference, fact, ref)"
            " DO UPDATE SET amount = $4, currency = $5, at = $6, source = $7, code = $8",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &keep);
    param_uuid(params, arena, payment->id);
    param_text(params, arena, text_of(payment_fact_names[fact->fact]));
    param_text(params, arena, fact->ref);
    param_int(params, arena, fact->amount);
    param_text(params, arena, fact->currency);
    param_int(params, arena, fact->at_us);
    param_text(params, arena, fact->source);
    param_text(params, arena, fact->code);
    param_int(params, arena, request_real_us(request)); /* as the provider's days go */
    param_text(params, arena, payment_fact_reference(fact));
}

static void save_stray(struct request *request, const struct payment *payment,
                       struct text reference)
{
    static const struct statement keep = {
        .name = "payment_keep_stray",
        .sql = "INSERT INTO payment.stray (reference, payment_id, status, captured, returned,"
               " found_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (reference)"
               " DO UPDATE SET status = $3, captured = $4, returned = $5",
    };
    const struct payment_sum sum = payment_sum_of(payment->facts, payment->facts_count, reference);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &keep);
    param_text(params, arena, reference);
    param_uuid(params, arena, payment->id);
    param_text(params, arena, text_of(payment_status_names[sum.status]));
    param_int(params, arena, sum.captured);
    param_int(params, arena, sum.refunded + sum.refunding + sum.disputed + sum.lost);
    param_int(params, arena, request_now_us(request));
}

/* Seldom there are any: the provider has broken off in the middle of a call, and made two of one.
 */
static void save_strays(struct request *request, const struct payment *payment)
{
    static const struct statement forget = {
        .name = "payment_forget_stray",
        .sql = "DELETE FROM payment.stray WHERE reference = $1",
    };
    size_t at = payment_next_stray(payment->facts, payment->facts_count, payment->reference, 0);
    /* The one that is ours may have been told of before it was known to be. */
    if (payment->has_moved)
        param_text(request_write(request, &forget), request_arena(request), payment->reference);
    while (at < payment->facts_count) {
        const struct text reference = payment_fact_reference(&payment->facts[at]);
        save_stray(request, payment, reference);
        at = payment_next_stray(payment->facts, payment->facts_count, payment->reference, at + 1);
    }
}

void payment_store_save(struct request *request, struct payment *payment)
{
    static const struct statement update = {
        .name = "payment_update",
        .sql = "WITH u AS (UPDATE payment.payment SET goal = $3, take = $4, is_tried = $5,"
               " operation_id = $6, reference = $7, charge = $8, next_url = $9, status = $10,"
               " authorised = $11, captured = $12, refunded = $13, refunding = $14, disputed = $15,"
               " lost = $16, has_mismatch = $17, due_at = nullif($18, 0), updated_at = $19,"
               " own = $20,"
               " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT host.require_one(count(*)) FROM u",
        .on_duplicate = STATUS_CONFLICT,
    };
    const struct payment_sum sum = payment_sum(payment);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &update);
    param_uuid(params, arena, payment->id);
    param_int(params, arena, payment->version++);
    param_text(params, arena, text_of(payment_goal_names[payment->goal]));
    param_int(params, arena, payment->take);
    param_bool(params, arena, payment->is_tried);
    param_uuid_or_null(params, arena, payment->operation_id);
    param_text(params, arena, payment->reference);
    param_text(params, arena, payment->charge);
    param_text(params, arena, payment->next_url);
    param_text(params, arena, text_of(payment_status_names[payment_standing(payment)]));
    param_int(params, arena, sum.authorised);
    param_int(params, arena, sum.captured);
    param_int(params, arena, sum.refunded);
    param_int(params, arena, sum.refunding);
    param_int(params, arena, sum.disputed);
    param_int(params, arena, sum.lost);
    param_bool(params, arena, payment_has_mismatch(payment));
    param_int(params, arena, payment->due_at_us);
    param_int(params, arena, request_now_us(request));
    param_text(params, arena, payment->own);
    payment->updated_at_us = request_now_us(request);
    save_strays(request, payment);
    for (size_t i = 0; i < payment->facts_count; i++)
        if (payment->is_news[i]) save_fact(request, payment, &payment->facts[i]);
}

/* ---- operations ---- */

void payment_store_begin_operation(struct request *request,
                                   const struct payment_provider_call *call)
{
    static const struct statement begin = {
        .name = "payment_begin_operation",
        .sql = "INSERT INTO payment.operation (id, payment_id, operation, amount, began_at,"
               " refund_id) VALUES ($1, $2, $3, $4, $5, $6)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &begin);
    param_uuid(params, arena, call->operation_id);
    param_uuid(params, arena, call->payment_id);
    param_text(params, arena, text_of(payment_operation_names[call->operation]));
    param_int(params, arena, call->amount.amount);
    param_int(params, arena, request_now_us(request));
    param_uuid_or_null(params, arena, call->has_refund_id ? call->refund_id : (struct uuid){ 0 });
}

void payment_store_end_operation(struct request *request, struct uuid operation_id,
                                 enum payment_verdict verdict, struct text code)
{
    static const struct statement end = {
        .name = "payment_end_operation",
        .sql = "UPDATE payment.operation SET state = $2, code = $3, ended_at = $4"
               " WHERE id = $1 AND state = 'open'",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, operation_id);
    param_text(params, arena, text_of(payment_verdict_names[verdict]));
    param_text(params, arena, code);
    param_int(params, arena, request_now_us(request));
}

enum status payment_store_count(struct request *request, const struct statement *statement,
                                struct uuid user_id, int64_t since_us, int64_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, user_id);
    param_int(params, arena, since_us);
    TRY(request_query(request, statement, params, &rows));
    assert(rows.count == 1);
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

/* Let go, a refused payment is voided; what its bank has said stays. */
enum status payment_store_count_declined(struct request *request, struct uuid user_id,
                                         int64_t since_us, int64_t *ret_count)
{
    static const struct statement count = {
        .name = "payment_count_declined",
        .sql = "SELECT (SELECT count(*) FROM payment.payment p"
               " WHERE p.user_id = $1 AND p.created_at >= $2"
               " AND p.authorised = 0 AND EXISTS (SELECT FROM payment.fact f"
               " WHERE f.payment_id = p.id AND f.fact = 'failed' AND f.code <> '" PAYMENT_SHUT "'))"
               " + (SELECT count(*) FROM payment.card_try t"
               " WHERE t.user_id = $1 AND t.tried_at >= $2 AND t.is_declined)",
    };
    return payment_store_count(request, &count, user_id, since_us, ret_count);
}

enum status payment_store_find_last_operation(struct request *request, struct uuid payment_id,
                                              int64_t *ret_began_at_us)
{
    static const struct statement find = {
        .name = "payment_last_operation",
        .sql = "SELECT coalesce(max(began_at), 0) FROM payment.operation WHERE payment_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, payment_id);
    TRY(request_query(request, &find, params, &rows));
    assert(rows.count == 1);
    struct row row = rows_at(&rows, 0);
    *ret_began_at_us = row_int(&row);
    return STATUS_OK;
}

/* ---- what is due ---- */

enum status payment_store_list_due(struct request *request, unsigned shard_first,
                                   unsigned shard_last, size_t count_max,
                                   const struct uuid **ret_ids, size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_due",
        .sql = "SELECT id FROM payment.payment WHERE due_at <= $1 AND shard BETWEEN $2 AND $3"
               " ORDER BY due_at LIMIT $4",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, (int64_t)count_max);
    TRY(request_query(request, &list, params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}
