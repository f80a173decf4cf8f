/* SQL of the audit trail. The narrowest filter of a question picks the index; the other filters
 * only drop rows. */
#include "actors/admin/admin_audit_store.h"

void admin_audit_store_add(struct request *request, const struct common_audit_entry *entry)
{
    assert(entry != NULL);
    static const struct statement add = {
        .name = "admin_add_audit_entry",
        .sql = "INSERT INTO admin.audit_entry (id, at, request_id, action, principal, actor,"
               " subject, reason, before, request, client)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, request_new_id(request));
    param_int(params, arena, entry->at_us);
    param_text(params, arena, entry->request_id);
    param_text(params, arena, entry->action);
    param_text(params, arena, entry->principal);
    param_text(params, arena, entry->has_actor ? entry->actor : entry->principal);
    param_text(params, arena, entry->subject);
    param_optional_text(params, arena, entry->has_reason, entry->reason);
    param_optional_text(params, arena, entry->has_before, entry->before);
    param_text(params, arena, entry->request);
    param_optional_text(params, arena, entry->has_client, entry->client);
}

#define SELECT_AUDIT                                                                               \
    "SELECT id, at, request_id, action, principal, actor, subject, reason, before, request,"       \
    " client FROM admin.audit_entry WHERE at >= $1 AND (at, id) < ($2, $3)"
#define SIFT_AUDIT                                                                                 \
    " AND ($5::text IS NULL OR request_id = $5) AND ($6::text IS NULL OR subject = $6)"            \
    " AND ($7::text IS NULL OR actor = $7) AND ($8::text IS NULL OR principal = $8)"               \
    " AND ($9::text IS NULL OR action = $9) ORDER BY at DESC, id DESC LIMIT $4"

static const struct statement *choose_list(const struct admin_list_audit *query)
{
    static const struct statement of_request = {
        .name = "admin_list_audit_of_request",
        .sql = SELECT_AUDIT " AND request_id = $5" SIFT_AUDIT,
    };
    static const struct statement of_subject = {
        .name = "admin_list_audit_of_subject",
        .sql = SELECT_AUDIT " AND subject = $6" SIFT_AUDIT,
    };
    static const struct statement of_actor = {
        .name = "admin_list_audit_of_actor",
        .sql = SELECT_AUDIT " AND actor = $7" SIFT_AUDIT,
    };
    static const struct statement of_principal = {
        .name = "admin_list_audit_of_principal",
        .sql = SELECT_AUDIT " AND principal = $8" SIFT_AUDIT,
    };
    static const struct statement of_action = {
        .name = "admin_list_audit_of_action",
        .sql = SELECT_AUDIT " AND action = $9" SIFT_AUDIT,
    };
    static const struct statement of_all = {
        .name = "admin_list_audit",
        .sql = SELECT_AUDIT SIFT_AUDIT,
    };
    if (query->has_request_id) return &of_request;
    if (query->has_subject) return &of_subject;
    if (query->has_actor) return &of_actor;
    if (query->has_principal) return &of_principal;
    return query->has_action ? &of_action : &of_all;
}

static void read_record(struct row *row, struct admin_audit_record *ret_record)
{
    *ret_record = (struct admin_audit_record){ .id = row_uuid(row) };
    ret_record->created_at_us = row_int(row);
    ret_record->request_id = row_text(row);
    ret_record->action = row_text(row);
    ret_record->principal = row_text(row);
    ret_record->actor = row_text(row);
    ret_record->subject = row_text(row);
    ret_record->has_reason = !row_skip_null(row);
    if (ret_record->has_reason) ret_record->reason = row_text(row);
    ret_record->has_before = !row_skip_null(row);
    if (ret_record->has_before) ret_record->before = row_text(row);
    ret_record->request = row_text(row);
    ret_record->has_client = !row_skip_null(row);
    if (ret_record->has_client) ret_record->client = row_text(row);
}

enum status admin_audit_store_list(struct request *request, const struct admin_list_audit *query,
                                   const struct list_place *place, int64_t limit,
                                   struct admin_audit_record **ret_records, size_t *ret_count)
{
    assert(query != NULL);
    assert(place != NULL);
    assert(ret_records != NULL);
    assert(ret_count != NULL);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, query->has_from ? query->from_us : 0);
    param_int(params, arena, place->at_us);
    param_uuid(params, arena, place->id);
    param_int(params, arena, limit);
    param_optional_text(params, arena, query->has_request_id, query->request_id);
    param_optional_text(params, arena, query->has_subject, query->subject);
    param_optional_text(params, arena, query->has_actor, query->actor);
    param_optional_text(params, arena, query->has_principal, query->principal);
    param_optional_text(params, arena, query->has_action, query->action);
    struct rows rows;
    TRY(request_query(request, choose_list(query), params, &rows));
    struct admin_audit_record *records = arena_allocate_array(arena, rows.count, sizeof *records);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_record(&row, &records[i]);
    }
    *ret_records = records;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status admin_audit_store_find_missing(struct request *request, const struct text *request_ids,
                                           size_t count, int64_t limit, struct text **ret_missing,
                                           size_t *ret_count)
{
    static const struct statement find = {
        .name = "admin_find_unaudited",
        .sql = "SELECT asked.id FROM unnest($1::text[]) AS asked (id) WHERE NOT EXISTS "
               "(SELECT 1 FROM admin.audit_entry e WHERE e.request_id = asked.id) LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text_array(params, arena, request_ids, count);
    param_int(params, arena, limit);
    TRY(request_query(request, &find, params, &rows));
    struct text *missing = arena_allocate_array(arena, rows.count, sizeof *missing);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        missing[i] = row_text(&row);
    }
    *ret_missing = missing;
    *ret_count = rows.count;
    return STATUS_OK;
}
