/* SQL of the provider's reports. */
#include "actors/payment/reconcile_store.h"

#include <string.h>

#include "actors/payment/payment_store.h"

#define DAY_US (INT64_C(86400) * 1000000)
/* What was longer ago than the provider's reports are kept in mind, nobody reads any more. */
enum { DAYS_MAX = 400 };

/* ---- days ---- */

enum status reconcile_store_load(struct request *request, int64_t day,
                                 struct reconcile_day *ret_day)
{
    static const struct statement load = {
        .name = "payment_load_reconciliation",
        .sql = "SELECT state, cursor, version FROM payment.reconciliation WHERE day = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, day);
    TRY(request_query(request, &load, params, &rows));
    *ret_day = (struct reconcile_day){ .day = day };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_day->state = (enum payment_reconciliation_state)payment_store_find_name(
        row_text(&row), payment_reconciliation_state_names, PAYMENT_RECONCILIATION_STATE_COUNT);
    ret_day->cursor = row_text(&row);
    ret_day->version = row_int(&row);
    return STATUS_OK;
}

static void save_sums(struct request *request, int64_t day)
{
    static const struct statement sum = {
        .name = "payment_sum_movements",
        .sql = "INSERT INTO payment.reconciled_sum (day, currency, charged, refunded, disputed,"
               " fees, others, movements) SELECT $1, settled_currency,"
               " coalesce(sum(settled) FILTER (WHERE kind = 'charge'), 0),"
               " coalesce(-sum(settled) FILTER (WHERE kind IN ('refund', 'refund_returned')), 0),"
               " coalesce(-sum(settled) FILTER (WHERE kind IN ('dispute', 'dispute_returned')), 0),"
               " sum(fee), coalesce(sum(settled) FILTER (WHERE kind = 'other'), 0), count(*)"
               " FROM payment.movement WHERE day = $1 GROUP BY settled_currency"
               " ON CONFLICT (day, currency) DO NOTHING",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &sum);
    param_int(params, arena, day);
}

void reconcile_store_save(struct request *request, const struct reconcile_day *day)
{
    static const struct statement save = {
        .name = "payment_save_reconciliation",
        .sql = "WITH u AS (UPDATE payment.reconciliation SET state = $2, cursor = $3,"
               " done_at = CASE WHEN $2 = 'done' THEN $5::bigint END, version = version + 1"
               " WHERE day = $1 AND version = $4 RETURNING 1),"
               " i AS (INSERT INTO payment.reconciliation (day, state, cursor, began_at, done_at)"
               " SELECT $1, $2, $3, $5, CASE WHEN $2 = 'done' THEN $5::bigint END WHERE $4 = 0"
               " RETURNING 1)"
               " SELECT host.require_one((SELECT count(*) FROM u) + (SELECT count(*) FROM i))",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_int(params, arena, day->day);
    param_text(params, arena, text_of(payment_reconciliation_state_names[day->state]));
    param_text(params, arena, day->cursor);
    param_int(params, arena, day->version);
    param_int(params, arena, request_now_us(request));
    if (day->state == PAYMENT_RECONCILIATION_STATE_DONE) save_sums(request, day->day);
}

enum status reconcile_store_list_due(struct request *request, const struct reconcile_due *due,
                                     int64_t max, const int64_t **ret_days, size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_due_days",
        .sql = "WITH beginning (day) AS (SELECT min(heard_at) / $6 FROM payment.fact"
               " WHERE heard_at > 0) SELECT d.day FROM beginning b, LATERAL"
               " generate_series(greatest(b.day, $1 - $5), $1) AS d (day)"
               " LEFT JOIN payment.reconciliation r ON r.day = d.day"
               " WHERE b.day IS NOT NULL AND r.state IS DISTINCT FROM 'done'"
               " UNION SELECT d.day FROM payment.difference d JOIN payment.reconciliation r"
               " ON r.day = d.day WHERE r.state = 'done' AND d.state = 'open'"
               " AND d.checked_at < $2 AND d.found_at >= $3 ORDER BY 1 LIMIT $4",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, due->last_day);
    param_int(params, arena, due->checked_before_us);
    param_int(params, arena, due->found_since_us);
    param_int(params, arena, max);
    param_int(params, arena, DAYS_MAX);
    param_int(params, arena, DAY_US);
    TRY(request_query(request, &list, params, &rows));
    int64_t *days = arena_allocate_array(arena, rows.count, sizeof *days);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        days[i] = row_int(&row);
    }
    *ret_days = days;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- what is known of payments ---- */

/* The charge that the movement is about. */
static struct text charge_of(const struct provider_movement *movement)
{
    return movement->kind == PAYMENT_MOVEMENT_KIND_CHARGE ? movement->source
                                                          : movement->says.charge;
}

/* $1 the provider's ids of payments, $2 of charges, $3 of refunds and disputes, $4 what it says of
 * whose they are. */
static const struct statement find_statement = {
    .name = "payment_find_known",
    .sql = "SELECT p.id, s.reference, '', p.currency, true FROM payment.stray s"
           " JOIN payment.payment p ON p.id = s.payment_id WHERE s.reference = ANY ($1)"
           " UNION ALL SELECT p.id, p.reference, p.charge, p.currency, false FROM payment.payment p"
           " WHERE p.amount > 0 AND ((p.reference <> '' AND p.reference = ANY ($1))"
           " OR (p.charge <> '' AND p.charge = ANY ($2)) OR p.id = ANY ($4)"
           " OR p.id IN (SELECT f.payment_id FROM payment.fact f WHERE f.ref <> ''"
           " AND f.ref = ANY ($3)))",
};
static const struct statement facts_statement = {
    .name = "payment_find_known_facts",
    .sql = "SELECT f.payment_id, coalesce(s.reference, ''), f.fact, f.ref, f.amount, f.currency,"
           " f.at, f.source, f.code FROM payment.fact f LEFT JOIN payment.stray s"
           " ON s.reference = f.reference WHERE f.payment_id = ANY ($1) ORDER BY 1, 2",
};

static enum status query_known(struct request *request, const struct provider_movement *movements,
                               size_t count, struct rows *ret_rows)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct text *references = arena_allocate_array(arena, count, sizeof *references);
    struct text *charges = arena_allocate_array(arena, count, sizeof *charges);
    struct text *sources = arena_allocate_array(arena, count, sizeof *sources);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        references[i] = movements[i].says.reference;
        charges[i] = charge_of(&movements[i]);
        sources[i] = movements[i].source;
        ids[i] = movements[i].says.payment_id;
    }
    param_text_array(params, arena, references, count);
    param_text_array(params, arena, charges, count);
    param_text_array(params, arena, sources, count);
    param_uuid_array(params, arena, ids, count);
    return request_query(request, &find_statement, params, ret_rows);
}

static void read_known(struct row *row, struct reconcile_known *known)
{
    known->is_found = true;
    known->payment_id = row_uuid(row);
    known->reference = row_text(row);
    known->charge = row_text(row);
    const struct text currency = row_text(row);
    assert(currency.length < sizeof known->currency);
    memcpy(known->currency, currency.data, currency.length);
    known->is_stray = row_bool(row);
}

static void read_fact(struct row *row, struct payment_provider_fact *fact)
{
    fact->fact = (enum payment_fact)payment_store_find_name(row_text(row), payment_fact_names,
                                                            PAYMENT_FACT_COUNT);
    fact->ref = row_text(row);
    fact->amount = row_int(row);
    fact->currency = row_text(row);
    fact->at_us = row_int(row);
    fact->source = row_text(row);
    fact->code = row_text(row);
}

static struct text stray_of(const struct reconcile_known *known)
{
    return known->is_stray ? known->reference : (struct text){ 0 };
}

/* Facts come by payment, those of what was made beside it by themselves, so those of one stand side
 * by side. */
static enum status load_facts(struct request *request, struct reconcile_known *found, size_t count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct rows rows;
    for (size_t i = 0; i < count; i++)
        ids[i] = found[i].payment_id;
    param_uuid_array(params, arena, ids, count);
    TRY(request_query(request, &facts_statement, params, &rows));
    struct payment_provider_fact *facts = arena_allocate_array(arena, rows.count, sizeof *facts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid id = row_uuid(&row);
        const struct text stray = row_text(&row);
        size_t at = 0;
        while (at < count &&
               !(uuid_equals(found[at].payment_id, id) && text_equals(stray_of(&found[at]), stray)))
            at++;
        read_fact(&row, &facts[i]);
        if (at == count) continue;
        if (found[at].facts_count == 0) found[at].facts = &facts[i];
        if (found[at].facts_count < PAYMENT_FACTS_MAX) found[at].facts_count++;
    }
    return STATUS_OK;
}

static bool has_ref(const struct reconcile_known *known, struct text ref)
{
    for (size_t i = 0; ref.length > 0 && i < known->facts_count; i++)
        if (text_equals(known->facts[i].ref, ref)) return true;
    return false;
}

/* The provider's own ids come first; what we wrote beside an object stands there of a second
 * charge, too. */
static bool fits(const struct provider_movement *movement, const struct reconcile_known *known,
                 int rank)
{
    const struct text charge = charge_of(movement);
    if (rank == 0)
        return (known->reference.length > 0 &&
                text_equals(known->reference, movement->says.reference)) ||
               (known->charge.length > 0 && text_equals(known->charge, charge));
    if (rank == 1) return has_ref(known, movement->source);
    return uuid_equals(known->payment_id, movement->says.payment_id);
}

enum status reconcile_store_find_known(struct request *request,
                                       const struct provider_movement *movements, size_t count,
                                       struct reconcile_known *ret_known)
{
    enum { RANKS = 3 };
    struct rows rows;
    TRY(query_known(request, movements, count, &rows));
    struct reconcile_known *found =
        arena_allocate_array(request_arena(request), rows.count, sizeof *found);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_known(&row, &found[i]);
    }
    TRY(load_facts(request, found, rows.count));
    for (size_t i = 0; i < count; i++) {
        ret_known[i] = (struct reconcile_known){ .is_found = false };
        for (int rank = 0; rank < RANKS && !ret_known[i].is_found; rank++)
            for (size_t at = 0; at < rows.count && !ret_known[i].is_found; at++)
                if (fits(&movements[i], &found[at], rank)) ret_known[i] = found[at];
    }
    return STATUS_OK;
}
