/* A digest is 32 bytes in a row and its 64 digits everywhere else. */
#include "actors/catalog/catalog_picture_store.h"

#include "storage/values.h"

static const struct statement pictures_load = {
    .name = "catalog_pictures_load",
    .sql = "SELECT id, encode(digest, 'hex'), width, height, alt FROM catalog.product_picture"
           " WHERE product_id = $1 ORDER BY place, id LIMIT 20",
};

enum status catalog_picture_store_load(struct request *request, struct catalog_item *item)
{
    static_assert(CATALOG_PICTURES_MAX == 20, "the LIMIT of pictures_load");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, item->id);
    TRY(request_query(request, &pictures_load, params, &rows));
    struct catalog_picture *pictures = arena_allocate_array(arena, rows.count, sizeof *pictures);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        pictures[i].id = row_uuid(&row);
        pictures[i].digest = row_text(&row);
        pictures[i].width = row_int(&row);
        pictures[i].height = row_int(&row);
        pictures[i].alt = row_text(&row);
    }
    item->pictures = pictures;
    item->pictures_count = rows.count;
    return STATUS_OK;
}

static const struct statement pictures_save = {
    .name = "catalog_pictures_save",
    .sql =
        "WITH gone AS (DELETE FROM catalog.product_picture WHERE product_id = $1"
        " AND id <> ALL ($2::uuid[])),"
        " first AS (UPDATE catalog.product SET picture = $7 WHERE id = $1)"
        " INSERT INTO catalog.product_picture (product_id, id, place, digest, width, height, alt)"
        " SELECT $1, u.id, u.place, decode(u.digest, 'hex'), u.width, u.height, u.alt"
        " FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])"
        " WITH ORDINALITY AS u (id, digest, width, height, alt, place)"
        " ON CONFLICT (product_id, id) DO UPDATE SET place = excluded.place, alt = excluded.alt",
};

void catalog_picture_store_save(struct request *request, const struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const size_t count = item->pictures_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct text *digests = arena_allocate_array(arena, count, sizeof *digests);
    struct text *alts = arena_allocate_array(arena, count, sizeof *alts);
    int64_t *widths = arena_allocate_array(arena, count, sizeof *widths);
    int64_t *heights = arena_allocate_array(arena, count, sizeof *heights);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_picture *picture = &item->pictures[i];
        ids[i] = picture->id;
        digests[i] = picture->digest;
        alts[i] = picture->alt;
        widths[i] = picture->width;
        heights[i] = picture->height;
    }
    struct store_params *params = request_write(request, &pictures_save);
    param_uuid(params, arena, item->id);
    param_uuid_array(params, arena, ids, count);
    param_text_array(params, arena, digests, count);
    param_int_array(params, arena, widths, count);
    param_int_array(params, arena, heights, count);
    param_text_array(params, arena, alts, count);
    const struct text first = catalog_picture_first(arena, item);
    if (first.length > 0)
        param_text(params, arena, first);
    else
        param_null_text(params);
}

/* ---- files ---- */

static const struct statement file_check = {
    .name = "catalog_picture_file_check",
    .sql = "SELECT is_going FROM catalog.picture_file WHERE digest = decode($1, 'hex')",
};

enum status catalog_picture_store_check_file(struct request *request, struct text digest)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, digest);
    TRY(request_query(request, &file_check, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return row_bool(&row) ? STATUS_UNAVAILABLE : STATUS_OK;
}

/* The lock of the row makes whoever retires it wait, and look again. */
static const struct statement file_touch = {
    .name = "catalog_picture_file_touch",
    .sql = "WITH u AS (UPDATE catalog.picture_file SET touched_at = $2"
           " WHERE digest = decode($1, 'hex') AND NOT is_going RETURNING 1)"
           " SELECT require_one(count(*)) FROM u",
};

static const struct statement file_note = {
    .name = "catalog_picture_file_note",
    .sql = "WITH u AS (INSERT INTO catalog.picture_file AS f (digest, touched_at)"
           " VALUES (decode($1, 'hex'), $2) ON CONFLICT (digest) DO UPDATE SET touched_at = $2"
           " WHERE NOT f.is_going RETURNING 1) SELECT require_one(count(*)) FROM u",
};

void catalog_picture_store_touch(struct request *request, struct text digest, bool is_new)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, is_new ? &file_note : &file_touch);
    param_text(params, arena, digest);
    param_int(params, arena, request_now_us(request));
}

static const struct statement files_going = {
    .name = "catalog_picture_files_going",
    .sql = "SELECT encode(digest, 'hex') FROM catalog.picture_file WHERE is_going"
           " AND coalesce(told_at, 0) < $1 LIMIT 64",
};

enum status catalog_picture_store_going(struct request *request, int64_t told_before_us,
                                        const struct text **ret_digests, size_t *ret_count)
{
    static_assert(CATALOG_RETIRED_MAX == 64, "the LIMITs of these statements");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, told_before_us);
    TRY(request_query(request, &files_going, params, &rows));
    struct text *digests = arena_allocate_array(arena, rows.count, sizeof *digests);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        digests[i] = row_text(&row);
    }
    *ret_digests = digests;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement files_tell = {
    .name = "catalog_picture_files_tell",
    .sql = "UPDATE catalog.picture_file SET told_at = $2 WHERE is_going AND digest IN"
           " (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)",
};

void catalog_picture_store_tell(struct request *request, const struct text *digests, size_t count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &files_tell);
    param_text_array(params, arena, digests, count);
    param_int(params, arena, request_now_us(request));
}

/* Whoever has touched one while this waited for its lock has made it young: the row is looked at
 * again then. */
static const struct statement files_retire = {
    .name = "catalog_picture_files_retire",
    .sql = "UPDATE catalog.picture_file f SET is_going = true FROM ("
           "SELECT digest FROM catalog.picture_file o WHERE touched_at < $1 AND NOT is_going"
           " AND NOT EXISTS (SELECT FROM catalog.product_picture p WHERE p.digest = o.digest)"
           " ORDER BY touched_at LIMIT 64) AS old"
           " WHERE f.digest = old.digest AND f.touched_at < $1 AND NOT f.is_going"
           " AND NOT EXISTS (SELECT FROM catalog.product_picture p WHERE p.digest = f.digest)",
};

void catalog_picture_store_retire(struct request *request, int64_t touched_before_us)
{
    struct store_params *params = request_write(request, &files_retire);
    param_int(params, request_arena(request), touched_before_us);
}

static const struct statement files_forget = {
    .name = "catalog_picture_files_forget",
    .sql = "DELETE FROM catalog.picture_file WHERE is_going AND digest IN"
           " (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)",
};

void catalog_picture_store_forget(struct request *request, const struct text *digests, size_t count)
{
    struct store_params *params = request_write(request, &files_forget);
    param_text_array(params, request_arena(request), digests, count);
}
