/* SQL of what staff sees of reports. */
#include "actors/payment/reconcile_office_store.h"

#include <string.h>

#include "actors/payment/payment_store.h"

enum { SUMS_MAX = 40 /* of the record */ };

static struct text day_text(struct arena *arena, int64_t day)
{
    char *text = arena_allocate(arena, RECONCILE_DAY_TEXT + 1);
    reconcile_day_format(day, text);
    return text_of(text);
}

static struct money money_of(int64_t amount, struct text currency)
{
    struct money money = { .amount = amount };
    assert(currency.length < sizeof money.currency);
    memcpy(money.currency, currency.data, currency.length);
    return money;
}

/* ---- days ---- */

static void read_day(struct row *row, struct arena *arena, struct payment_reconciliation *day,
                     int64_t *ret_number)
{
    *ret_number = row_int(row);
    day->day = day_text(arena, *ret_number);
    day->state = (enum payment_reconciliation_state)payment_store_find_name(
        row_text(row), payment_reconciliation_state_names, PAYMENT_RECONCILIATION_STATE_COUNT);
    day->began_at_us = row_int(row);
    day->has_done_at = !row_skip_null(row);
    if (day->has_done_at) day->done_at_us = row_int(row);
    day->differences = row_int(row);
    day->open = row_int(row);
}

static void read_sum(struct row *row, struct payment_reconciled_sum *sum)
{
    const struct text currency = row_text(row);
    sum->charged = money_of(row_int(row), currency);
    sum->refunded = money_of(row_int(row), currency);
    sum->disputed = money_of(row_int(row), currency);
    sum->fees = money_of(row_int(row), currency);
    sum->others = money_of(row_int(row), currency);
    sum->movements = row_int(row);
}

/* The sums of a day stand side by side. */
static enum status load_sums(struct request *request, const int64_t *numbers,
                             struct payment_reconciliation *days, size_t count)
{
    static const struct statement load = {
        .name = "payment_load_sums",
        .sql = "SELECT day, currency, charged, refunded, disputed, fees, others, movements"
               " FROM payment.reconciled_sum WHERE day = ANY ($1) ORDER BY day, currency",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int_array(params, arena, numbers, count);
    TRY(request_query(request, &load, params, &rows));
    struct payment_reconciled_sum *sums = arena_allocate_array(arena, rows.count, sizeof *sums);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const int64_t number = row_int(&row);
        read_sum(&row, &sums[i]);
        for (size_t at = 0; at < count; at++) {
            if (numbers[at] != number || days[at].sums_count == SUMS_MAX) continue;
            if (days[at].sums_count++ == 0) days[at].sums = &sums[i];
        }
    }
    return STATUS_OK;
}

enum status reconcile_store_list_days(struct request *request, int64_t before_day, int64_t max,
                                      struct payment_reconciliation **ret_days, size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_reconciliations",
        .sql = "SELECT r.day, r.state, r.began_at, r.done_at,"
               " (SELECT count(*) FROM payment.difference d WHERE d.day = r.day),"
               " (SELECT count(*) FROM payment.difference d WHERE d.day = r.day"
               " AND d.state = 'open') FROM payment.reconciliation r WHERE r.day < $1"
               " ORDER BY r.day DESC LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, before_day);
    param_int(params, arena, max);
    TRY(request_query(request, &list, params, &rows));
    struct payment_reconciliation *days = arena_allocate_array(arena, rows.count, sizeof *days);
    int64_t *numbers = arena_allocate_array(arena, rows.count, sizeof *numbers);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_day(&row, arena, &days[i], &numbers[i]);
    }
    *ret_days = days;
    *ret_count = rows.count;
    return load_sums(request, numbers, days, rows.count);
}

/* ---- differences ---- */

static void read_difference(struct row *row, struct arena *arena, struct payment_difference *one)
{
    one->id = row_uuid(row);
    one->day = day_text(arena, row_int(row));
    one->kind = (enum payment_difference_kind)payment_store_find_name(
        row_text(row), payment_difference_kind_names, PAYMENT_DIFFERENCE_KIND_COUNT);
    one->state = (enum payment_difference_state)payment_store_find_name(
        row_text(row), payment_difference_state_names, PAYMENT_DIFFERENCE_STATE_COUNT);
    one->has_payment_id = !row_skip_null(row);
    if (one->has_payment_id) one->payment_id = row_uuid(row);
    one->movement = (enum payment_movement_kind)payment_store_find_name(
        row_text(row), payment_movement_kind_names, PAYMENT_MOVEMENT_KIND_COUNT);
    one->has_movement_id = !row_skip_null(row);
    if (one->has_movement_id) one->movement_id = row_text(row);
    one->source = row_text(row);
    const struct text currency = row_text(row);
    one->has_reported = !row_skip_null(row);
    if (one->has_reported) one->reported = money_of(row_int(row), currency);
    one->has_known = !row_skip_null(row);
    if (one->has_known) one->known = money_of(row_int(row), currency);
    one->found_at_us = row_int(row);
    one->checked_at_us = row_int(row);
    one->has_over_at = !row_skip_null(row);
    if (one->has_over_at) one->over_at_us = row_int(row);
    one->reason = row_text(row);
    one->has_reason = one->reason.length > 0;
}

enum status reconcile_store_list_differences(struct request *request,
                                             const struct reconcile_filter *filter, int64_t max,
                                             struct payment_difference **ret_differences,
                                             size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_differences",
        .sql = "SELECT id, day, kind, state, payment_id, movement, movement_id, source, currency,"
               " reported, known, found_at, checked_at, over_at, reason FROM payment.difference"
               " WHERE (found_at, id) < ($1, $2) AND ($3::uuid IS NULL OR id = $3)"
               " AND CASE $4 WHEN 'open' THEN state = 'open' WHEN 'over' THEN state <> 'open'"
               " ELSE true END AND ($5 < 0 OR day = $5) AND ($6 = '' OR kind = $6)"
               " ORDER BY found_at DESC, id DESC LIMIT $7",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, filter->before.at_us);
    param_uuid(params, arena, filter->before.id);
    param_uuid_or_null(params, arena, filter->difference_id);
    param_text(params, arena, text_of(filter->state));
    param_int(params, arena, filter->day);
    param_text(params, arena, text_of(filter->kind));
    param_int(params, arena, max);
    TRY(request_query(request, &list, params, &rows));
    struct payment_difference *differences =
        arena_allocate_array(arena, rows.count, sizeof *differences);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_difference(&row, arena, &differences[i]);
    }
    *ret_differences = differences;
    *ret_count = rows.count;
    return STATUS_OK;
}

void reconcile_store_settle(struct request *request, struct uuid difference_id, struct text reason)
{
    static const struct statement settle = {
        .name = "payment_settle_difference",
        .sql = "WITH u AS (UPDATE payment.difference SET state = 'settled', reason = $2,"
               " over_at = $3 WHERE id = $1 AND state = 'open' RETURNING 1)"
               " SELECT host.require_one(count(*)) FROM u",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &settle);
    param_uuid(params, arena, difference_id);
    param_text(params, arena, reason);
    param_int(params, arena, request_now_us(request));
}
