/* SQL of changes that wait for staff. Contents are messages of their own, as they are sent. */
#include "actors/catalog/catalog_change_store.h"

#include "messages/codec_msgpack.h"

static const struct statement change_load = {
    .name = "catalog_change_load",
    .sql = "SELECT id, vendor_id, status, content_before, content_after, reason, version,"
           " opened_at, changed_at, coalesce(ended_at, 0) FROM catalog.product_change"
           " WHERE product_id = $1",
};

static enum status decode(struct request *request, struct text bytes,
                          struct catalog_product_content *ret_content)
{
    const enum status status =
        msgpack_decode(&catalog_product_content_schema, bytes, request_arena(request), ret_content);
    return status == STATUS_OK ? STATUS_OK : STATUS_INTERNAL;
}

enum status catalog_change_store_load(struct request *request, struct uuid product_id,
                                      struct catalog_change *ret_change)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, product_id);
    TRY(request_query(request, &change_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct catalog_change *change = ret_change;
    *change = (struct catalog_change){ .product_id = product_id };
    change->id = row_uuid(&row);
    change->vendor_id = row_uuid(&row);
    change->status = (enum catalog_change_status)row_int(&row);
    assert((unsigned)change->status < CATALOG_CHANGE_STATUS_COUNT);
    TRY(decode(request, row_bytes(&row), &change->content.before));
    TRY(decode(request, row_bytes(&row), &change->content.after));
    change->reason = row_text(&row);
    change->version = row_int(&row);
    change->opened_at_us = row_int(&row);
    change->changed_at_us = row_int(&row);
    change->ended_at_us = row_int(&row);
    return STATUS_OK;
}

/* $12 is the version that was read: 0 of a product that had no change before. */
static const struct statement change_save = {
    .name = "catalog_change_save",
    .sql = "WITH u AS (INSERT INTO catalog.product_change AS c (product_id, id, vendor_id, status,"
           " fields, content_before, content_after, reason, opened_at, changed_at, ended_at,"
           " version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 + 1)"
           " ON CONFLICT (product_id) DO UPDATE SET id = excluded.id,"
           " vendor_id = excluded.vendor_id, status = excluded.status, fields = excluded.fields,"
           " content_before = excluded.content_before, content_after = excluded.content_after,"
           " reason = excluded.reason, opened_at = excluded.opened_at,"
           " changed_at = excluded.changed_at, ended_at = excluded.ended_at,"
           " version = excluded.version WHERE c.version = $12 RETURNING 1)"
           " SELECT require_one(count(*)) FROM u",
};

/* After the row. */
static const struct statement pictures_save = {
    .name = "catalog_change_pictures_save",
    .sql = "WITH gone AS (DELETE FROM catalog.change_picture WHERE product_id = $1"
           " AND digest <> ALL (ARRAY(SELECT decode(d, 'hex') FROM unnest($2::text[]) AS d)))"
           " INSERT INTO catalog.change_picture (product_id, digest)"
           " SELECT DISTINCT $1::uuid, decode(d, 'hex') FROM unnest($2::text[]) AS d"
           " ON CONFLICT DO NOTHING",
};

static void save_pictures(struct request *request, const struct catalog_change *change)
{
    struct arena *arena = request_arena(request);
    const struct catalog_product_content *after = &change->content.after;
    const bool is_open = change->status == CATALOG_CHANGE_STATUS_OPEN;
    struct text *digests = arena_allocate_array(arena, after->pictures_count, sizeof *digests);
    for (size_t i = 0; i < after->pictures_count; i++)
        digests[i] = after->pictures[i].digest;
    struct store_params *params = request_write(request, &pictures_save);
    param_uuid(params, arena, change->product_id);
    param_text_array(params, arena, digests, is_open ? after->pictures_count : 0);
}

enum status catalog_change_store_save(struct request *request, struct catalog_change *change)
{
    struct arena *arena = request_arena(request);
    struct text before, after;
    TRY(msgpack_encode(&catalog_product_content_schema, &change->content.before, arena,
                       ENVELOPE_BODY_MAX, &before));
    TRY(msgpack_encode(&catalog_product_content_schema, &change->content.after, arena,
                       ENVELOPE_BODY_MAX, &after));
    struct store_params *params = request_write(request, &change_save);
    param_uuid(params, arena, change->product_id);
    param_uuid(params, arena, change->id);
    param_uuid(params, arena, change->vendor_id);
    param_small(params, arena, (int16_t)change->status);
    param_int(params, arena,
              catalog_content_difference(&change->content.before, &change->content.after));
    param_bytes(params, arena, before);
    param_bytes(params, arena, after);
    param_text(params, arena, change->reason);
    param_int(params, arena, change->opened_at_us);
    param_int(params, arena, change->changed_at_us);
    param_optional_int(params, arena, change->status != CATALOG_CHANGE_STATUS_OPEN,
                       change->ended_at_us);
    param_int(params, arena, change->version);
    save_pictures(request, change);
    change->version++;
    return STATUS_OK;
}

static const struct statement change_withdraw = {
    .name = "catalog_change_withdraw",
    .sql = "WITH u AS (UPDATE catalog.product_change SET status = 3, ended_at = $2,"
           " version = version + 1 WHERE product_id = $1 AND status = 0 RETURNING product_id)"
           " DELETE FROM catalog.change_picture p USING u WHERE p.product_id = u.product_id",
};

void catalog_change_store_withdraw(struct request *request, struct uuid product_id)
{
    static_assert(CATALOG_CHANGE_STATUS_OPEN == 0, "the 0 of the statements");
    static_assert(CATALOG_CHANGE_STATUS_WITHDRAWN == 3, "the 3 of change_withdraw");
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &change_withdraw);
    param_uuid(params, arena, product_id);
    param_int(params, arena, request_now_us(request));
}

/* ---- lists ---- */

#define LIST_SQL                                                                                   \
    "SELECT c.id, c.product_id, c.vendor_id, p.name, c.fields, c.version, c.opened_at,"            \
    " c.changed_at FROM catalog.product_change c JOIN catalog.product p ON p.id = c.product_id"    \
    " WHERE c.status = 0 AND c.id > $1"
#define LIST_END_SQL " ORDER BY c.id LIMIT $2"

static const struct statement list_all = {
    .name = "catalog_change_list",
    .sql = LIST_SQL LIST_END_SQL,
};

static const struct statement list_vendor = {
    .name = "catalog_change_list_vendor",
    .sql = LIST_SQL " AND c.vendor_id = $3" LIST_END_SQL,
};

static void read_summary(struct row *row, struct arena *arena, struct uuid *ret_id,
                         struct catalog_change_summary *change)
{
    *ret_id = row_uuid(row);
    change->product_id = row_uuid(row);
    change->vendor_id = row_uuid(row);
    change->name = row_text(row);
    const int64_t bits = row_int(row);
    enum catalog_content_field *fields =
        arena_allocate_array(arena, CATALOG_CONTENT_FIELD_COUNT, sizeof *fields);
    for (int field = 0; field < CATALOG_CONTENT_FIELD_COUNT; field++)
        if ((bits >> field & 1) != 0)
            fields[change->fields_count++] = (enum catalog_content_field)field;
    change->fields = fields;
    change->version = row_int(row);
    change->opened_at_us = row_int(row);
    change->changed_at_us = row_int(row);
}

enum status catalog_change_store_list(struct request *request, const struct uuid *vendor_id,
                                      struct uuid after, int64_t limit,
                                      struct catalog_change_summary **ret_changes,
                                      struct uuid **ret_ids, size_t *ret_count)
{
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, after);
    param_int(params, arena, limit + 1);
    if (vendor_id != NULL) param_uuid(params, arena, *vendor_id);
    TRY(request_query(request, vendor_id != NULL ? &list_vendor : &list_all, params, &rows));
    struct catalog_change_summary *changes =
        arena_allocate_array(arena, rows.count, sizeof *changes);
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        changes[i] = (struct catalog_change_summary){ 0 };
        read_summary(&row, arena, &ids[i], &changes[i]);
    }
    *ret_changes = changes;
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}
