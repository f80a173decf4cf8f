/* SQL of refunds that wait for a second member of the staff. */
#include "actors/order/refund_request_store.h"

#include "actors/order/order_refund_plan.h"
#include "storage/values.h"

/* ---- asked for ---- */

static const struct statement add_statement = {
    .name = "refund_request_add",
    .sql = "INSERT INTO \"order\".refund_request (id, order_id, amount, line_ids, quantities, "
           "delivery, destinations, destination_amounts, total, reason, requested_by, "
           "requested_at, expires_at) VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7, $8, "
           "$9, $10, $11, $12, $13)",
};

static void add_lines(struct store_params *params, struct arena *arena,
                      const struct order_refund_request *asked)
{
    struct uuid *ids = arena_allocate_array(arena, asked->lines_count, sizeof *ids);
    int64_t *quantities = arena_allocate_array(arena, asked->lines_count, sizeof *quantities);
    for (size_t i = 0; i < asked->lines_count; i++) {
        ids[i] = asked->lines[i].line_id;
        quantities[i] = asked->lines[i].quantity;
    }
    param_uuid_array(params, arena, ids, asked->lines_count);
    param_int_array(params, arena, quantities, asked->lines_count);
}

static void add_ways(struct store_params *params, struct arena *arena,
                     const struct order_refund_request *asked)
{
    struct text *names = arena_allocate_array(arena, asked->destinations_count, sizeof *names);
    int64_t *amounts = arena_allocate_array(arena, asked->destinations_count, sizeof *amounts);
    for (size_t i = 0; i < asked->destinations_count; i++) {
        names[i] = text_of(order_refund_destination_names[asked->destinations[i].destination]);
        amounts[i] = asked->destinations[i].amount.amount;
    }
    param_text_array(params, arena, names, asked->destinations_count);
    param_int_array(params, arena, amounts, asked->destinations_count);
}

void refund_request_store_add(struct request *request, const struct order_refund_request *asked)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, asked->id);
    param_uuid(params, arena, asked->order_id);
    param_int(params, arena, asked->has_amount ? asked->amount.amount : 0);
    add_lines(params, arena, asked);
    param_bool(params, arena, asked->delivery);
    add_ways(params, arena, asked);
    param_int(params, arena, asked->total.amount);
    param_text(params, arena, asked->reason);
    param_uuid(params, arena, asked->requested_by);
    param_int(params, arena, asked->requested_at_us);
    param_int(params, arena, asked->expires_at_us);
}

/* ---- decided ---- */

static const struct statement decide_statement = {
    .name = "refund_request_decide",
    .sql = "WITH q AS (UPDATE \"order\".refund_request SET state = $2, decided_by = $3, "
           "decided_at = $4, decision = $5, refund_id = $6 "
           "WHERE id = $1 AND state = 'open' RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM q",
};

void refund_request_store_decide(struct request *request,
                                 const struct order_refund_request *decided)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &decide_statement);
    assert(decided->has_decided_by);
    param_uuid(params, arena, decided->id);
    param_text(params, arena, text_of(order_refund_request_state_names[decided->state]));
    param_uuid(params, arena, decided->decided_by);
    param_int(params, arena, decided->decided_at_us);
    param_text(params, arena, decided->has_decision ? decided->decision : TEXT(""));
    param_uuid_or_null(params, arena, decided->refund_id);
}

/* ---- read ---- */

#define REQUEST_SELECT                                                                             \
    "SELECT q.id, q.order_id, o.number, o.currency, "                                              \
    "CASE WHEN q.state = 'open' AND q.expires_at <= $1 THEN 'expired' ELSE q.state END AS state, " \
    "coalesce(q.amount, 0), q.line_ids, q.quantities, q.delivery, q.destinations, "                \
    "q.destination_amounts, q.total, q.reason, q.requested_by, q.requested_at, q.expires_at, "     \
    "q.decided_by, coalesce(q.decided_at, 0), q.decision, q.refund_id "                            \
    "FROM \"order\".refund_request q JOIN \"order\".vendor_order o ON o.id = q.order_id "

static enum status read_lines(struct row *row, struct arena *arena,
                              struct order_refund_request *asked)
{
    const struct uuid *ids;
    const int64_t *quantities;
    const size_t count = row_uuid_array(row, arena, &ids);
    if (row_int_array(row, arena, &quantities) != count) return STATUS_CORRUPT;
    if (count > ORDER_LINES_MAX) return STATUS_CORRUPT;
    struct order_shipment_line *lines = arena_allocate_array(arena, count, sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct order_shipment_line){ ids[i], quantities[i] };
    asked->lines = lines;
    asked->lines_count = count;
    return STATUS_OK;
}

static enum status find_name(struct text name, const char *const *names, int count, int *ret_value)
{
    for (int i = 0; i < count; i++) {
        if (!text_equals_string(name, names[i])) continue;
        *ret_value = i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

static enum status read_ways(struct row *row, struct arena *arena, const char *currency,
                             struct order_refund_request *asked)
{
    const struct text *names;
    const int64_t *amounts;
    const size_t count = row_text_array(row, arena, &names);
    if (row_int_array(row, arena, &amounts) != count) return STATUS_CORRUPT;
    if (count > ORDER_REFUND_WAYS_MAX) return STATUS_CORRUPT;
    struct order_refund_way *ways = arena_allocate_array(arena, count, sizeof *ways);
    for (size_t i = 0; i < count; i++) {
        int destination;
        TRY(find_name(names[i], order_refund_destination_names, ORDER_REFUND_DESTINATION_COUNT,
                      &destination));
        ways[i] = (struct order_refund_way){ (enum order_refund_destination)destination,
                                             money_make(amounts[i], currency) };
    }
    asked->destinations = ways;
    asked->destinations_count = count;
    return STATUS_OK;
}

static enum status read_request(struct row *row, struct arena *arena,
                                struct order_refund_request *ret_asked)
{
    struct order_refund_request asked = { .id = row_uuid(row) };
    int state;
    asked.order_id = row_uuid(row);
    asked.number = row_text(row);
    const char *currency = text_string(arena, row_text(row));
    TRY(find_name(row_text(row), order_refund_request_state_names, ORDER_REFUND_REQUEST_STATE_COUNT,
                  &state));
    asked.state = (enum order_refund_request_state)state;
    asked.amount = money_make(row_int(row), currency);
    asked.has_amount = asked.amount.amount > 0;
    TRY(read_lines(row, arena, &asked));
    asked.delivery = row_bool(row);
    TRY(read_ways(row, arena, currency, &asked));
    asked.total = money_make(row_int(row), currency);
    asked.reason = row_text(row);
    asked.requested_by = row_uuid(row);
    asked.requested_at_us = row_int(row);
    asked.expires_at_us = row_int(row);
    asked.has_decided_by = !row_skip_null(row);
    if (asked.has_decided_by) asked.decided_by = row_uuid(row);
    asked.decided_at_us = row_int(row);
    asked.has_decided_at = asked.decided_at_us > 0;
    asked.decision = row_text(row);
    asked.has_decision = asked.decision.length > 0;
    asked.has_refund_id = !row_skip_null(row);
    if (asked.has_refund_id) asked.refund_id = row_uuid(row);
    *ret_asked = asked;
    return STATUS_OK;
}

static enum status query(struct request *request, const struct statement *statement,
                         const struct store_params *params, struct order_refund_request **ret_asked,
                         size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct order_refund_request *asked = arena_allocate_array(arena, rows.count, sizeof *asked);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_request(&row, arena, &asked[i]));
    }
    *ret_asked = asked;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement find_statement = { .name = "refund_request_find",
                                                 .sql = REQUEST_SELECT "WHERE q.id = $2" };

enum status refund_request_store_find(struct request *request, struct uuid request_id,
                                      struct order_refund_request *ret_asked)
{
    struct store_params params = { 0 };
    struct order_refund_request *asked;
    size_t count;
    param_int(&params, request_arena(request), request_now_us(request));
    param_uuid(&params, request_arena(request), request_id);
    TRY(query(request, &find_statement, &params, &asked, &count));
    if (count == 0) return STATUS_NOT_FOUND;
    *ret_asked = asked[0];
    return STATUS_OK;
}

static const struct statement list_statement = {
    .name = "refund_request_list",
    .sql = REQUEST_SELECT "WHERE q.id < $2 AND ($3::uuid IS NULL OR q.order_id = $3) "
                          "AND ($4 = '' OR $4 = CASE WHEN q.state = 'open' AND q.expires_at <= $1 "
                          "THEN 'expired' ELSE q.state END) ORDER BY q.id DESC LIMIT $5",
};

enum status refund_request_store_list(struct request *request,
                                      const struct refund_request_filter *filter,
                                      struct uuid before, int64_t limit,
                                      struct order_refund_request **ret_asked, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    assert(limit >= 1);
    param_int(&params, arena, request_now_us(request));
    param_uuid(&params, arena, before);
    param_uuid_or_null(&params, arena, filter->order_id);
    param_text(&params, arena,
               text_of(filter->has_state ? order_refund_request_state_names[filter->state] : ""));
    param_int(&params, arena, limit);
    return query(request, &list_statement, &params, ret_asked, ret_count);
}

/* ---- counted ---- */

static const struct statement count_statement = {
    .name = "refund_request_count",
    .sql = "SELECT count(*), (SELECT count(*) FROM \"order\".refund_request q "
           "WHERE q.order_id = $1 AND q.state = 'open' AND q.expires_at > $2), "
           "coalesce(sum(r.total - r.set_off) FILTER (WHERE NOT EXISTS (SELECT 1 "
           "FROM \"order\".refund_request q WHERE q.order_id = $1 AND q.refund_id = r.id)), "
           "0)::bigint FROM \"order\".order_refund r WHERE r.order_id = $1 AND r.is_kept",
};

enum status refund_request_store_count(struct request *request, struct uuid order_id,
                                       struct refund_request_counts *ret_counts)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), order_id);
    param_int(&params, request_arena(request), request_now_us(request));
    TRY(request_query(request, &count_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    ret_counts->refunds = row_int(&row);
    ret_counts->open = row_int(&row);
    ret_counts->alone = row_int(&row);
    return STATUS_OK;
}
