/* SQL of host.approval. */
#include "actors/host/approval_store.h"

#include "actors/host/request_internal.h"

static struct text subject_text(struct arena *arena, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(arena, ID_TEXT_MAX + 1);
    return (struct text){ text, id_format(prefix, id, text) };
}

/* ---- counted ---- */

static const struct statement count_statement = {
    .name = "approval_count",
    .sql = "SELECT host.alone_total($1, $2, $3), (SELECT count(*) FROM host.approval a "
           "WHERE a.requested_by = $4 AND a.state = 'open' AND a.expires_at > $5)",
};

enum status approval_store_count(struct request *request, const struct approval_wish *wish,
                                 struct uuid staff_id, int64_t *ret_alone, int64_t *ret_open)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, wish->counted);
    param_text(params, arena, text_of(wish->amount.currency));
    param_int(params, arena, wish->since_us);
    param_uuid(params, arena, staff_id);
    param_int(params, arena, request_now_us(request));
    TRY(request_query(request, &count_statement, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_alone = row_int(&row);
    *ret_open = row_int(&row);
    return STATUS_OK;
}

static const struct statement note_statement = {
    .name = "approval_note_alone",
    .sql = "SELECT host.note_alone($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
};

void approval_store_note(struct request *request, const struct approval_wish *wish, int64_t from)
{
    struct arena *arena = request_arena(request);
    const uint16_t number = request->envelope->number;
    const struct message *message = message_find(number);
    struct store_params *params = request_write(request, &note_statement);
    param_uuid(params, arena, request_new_id(request));
    param_small(params, arena, (int16_t)number);
    param_text(params, arena, message == NULL ? TEXT("") : text_of(message->name));
    param_text(params, arena, subject_text(arena, wish->prefix, wish->subject));
    param_uuid(params, arena, wish->subject);
    param_uuid(params, arena, wish->counted);
    param_text(params, arena, text_of(wish->amount.currency));
    param_int(params, arena, wish->amount.amount);
    param_uuid(params, arena, request_principal(request)->id);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, wish->since_us);
    param_int(params, arena, from);
}

/* ---- asked for, and decided ---- */

static const struct statement add_statement = {
    .name = "approval_add",
    .sql = "INSERT INTO host.approval (id, state, number, action, body, subject, subject_id, "
           "counted, currency, amount, reason, requested_by, requested_at, expires_at) "
           "VALUES ($1, 'open', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
};

void approval_store_add(struct request *request, const struct approval *approval)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_statement);
    const struct common_approval *shown = &approval->shown;
    param_uuid(params, arena, shown->id);
    param_small(params, arena, (int16_t)approval->number);
    param_text(params, arena, shown->action);
    param_bytes(params, arena, approval->body);
    param_text(params, arena, shown->subject);
    param_uuid(params, arena, approval->subject_id);
    param_uuid(params, arena, approval->counted);
    param_text(params, arena, text_of(shown->amount.currency));
    param_int(params, arena, shown->amount.amount);
    param_text(params, arena, shown->reason);
    param_uuid(params, arena, shown->requested_by);
    param_int(params, arena, shown->requested_at_us);
    param_int(params, arena, shown->expires_at_us);
}

static const struct statement decide_statement = {
    .name = "approval_decide",
    .sql = "WITH q AS (UPDATE host.approval SET state = $2, decided_by = $3, decided_at = $4, "
           "decision = $5 WHERE id = $1 AND state = 'open' RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM q",
};

void approval_store_decide(struct request *request, const struct common_approval *decided)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &decide_statement);
    assert(decided->has_decided_by);
    param_uuid(params, arena, decided->id);
    param_text(params, arena, text_of(common_approval_state_names[decided->state]));
    param_uuid(params, arena, decided->decided_by);
    param_int(params, arena, decided->decided_at_us);
    param_text(params, arena, decided->decision);
}

/* ---- read ---- */

/* $1 is now. */
#define STATE "CASE WHEN a.state = 'open' AND a.expires_at <= $1 THEN 'expired' ELSE a.state END"
#define APPROVAL_SELECT                                                                            \
    "SELECT a.id, " STATE ", a.number, a.action, a.body, a.subject, a.subject_id, a.counted, "     \
    "a.amount, a.currency, a.reason, a.requested_by, a.requested_at, a.expires_at, "               \
    "coalesce(a.decided_at, 0), a.decision, a.decided_by FROM host.approval a "

static enum status read_state(struct text name, enum common_approval_state *ret_state)
{
    for (int i = 0; i < COMMON_APPROVAL_STATE_COUNT; i++) {
        if (!text_equals_string(name, common_approval_state_names[i])) continue;
        *ret_state = (enum common_approval_state)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

static enum status read_approval(struct row *row, struct arena *arena,
                                 struct approval *ret_approval)
{
    struct common_approval shown = { .id = row_uuid(row) };
    TRY(read_state(row_text(row), &shown.state));
    ret_approval->number = (uint16_t)row_int(row);
    shown.action = row_text(row);
    ret_approval->body = row_bytes(row);
    shown.subject = row_text(row);
    ret_approval->subject_id = row_uuid(row);
    ret_approval->counted = row_uuid(row);
    const int64_t amount = row_int(row);
    shown.amount = money_make(amount, text_string(arena, row_text(row)));
    shown.reason = row_text(row);
    shown.requested_by = row_uuid(row);
    shown.requested_at_us = row_int(row);
    shown.expires_at_us = row_int(row);
    shown.decided_at_us = row_int(row);
    shown.has_decided_at = shown.decided_at_us > 0;
    shown.decision = row_text(row);
    shown.has_decision = shown.decision.length > 0;
    shown.has_decided_by = !row_skip_null(row);
    if (shown.has_decided_by) shown.decided_by = row_uuid(row);
    ret_approval->shown = shown;
    return STATUS_OK;
}

static enum status query(struct request *request, const struct statement *statement,
                         const struct store_params *params, struct approval **ret_approvals,
                         size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct approval *approvals = arena_allocate_array(arena, rows.count, sizeof *approvals);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_approval(&row, arena, &approvals[i]));
    }
    *ret_approvals = approvals;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement find_statement = {
    .name = "approval_find",
    .sql = APPROVAL_SELECT "WHERE a.id = $2 AND a.state <> 'alone'",
};

enum status approval_store_find(struct request *request, struct uuid id,
                                struct approval *ret_approval)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct approval *found;
    size_t count;
    param_int(params, arena, request_now_us(request));
    param_uuid(params, arena, id);
    TRY(query(request, &find_statement, params, &found, &count));
    if (count == 0) return STATUS_NOT_FOUND;
    *ret_approval = found[0];
    return STATUS_OK;
}

static const struct statement list_statement = {
    .name = "approval_list",
    .sql = APPROVAL_SELECT "WHERE a.state <> 'alone' AND (a.requested_at, a.id) < ($2, $3) "
                           "AND ($4 = '' OR $4 = " STATE ") AND ($5 = '' OR $5 = a.subject) "
                           "ORDER BY a.requested_at DESC, a.id DESC LIMIT $6",
};

enum status approval_store_list(struct request *request,
                                const struct approvals_list_requests *filter,
                                const struct list_place *place, int64_t max,
                                struct approval **ret_approvals, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    assert(max >= 1);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, place->at_us);
    param_uuid(params, arena, place->id);
    param_text(params, arena,
               filter->has_state ? text_of(common_approval_state_names[filter->state]) : TEXT(""));
    param_text(params, arena, filter->has_subject ? filter->subject : TEXT(""));
    param_int(params, arena, max);
    return query(request, &list_statement, params, ret_approvals, ret_count);
}
