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

static const struct statement files_check = {
    .name = "catalog_picture_file_check",
    .sql = PICTURE_FILES_CHECK_SQL("catalog.picture_file"),
};

static const struct statement files_touch = {
    .name = "catalog_picture_file_touch",
    .sql = PICTURE_FILES_TOUCH_SQL("catalog.picture_file"),
};

static const struct statement files_note = {
    .name = "catalog_picture_file_note",
    .sql = PICTURE_FILES_NOTE_SQL("catalog.picture_file"),
};

static const struct statement files_going = {
    .name = "catalog_picture_files_going",
    .sql = PICTURE_FILES_GOING_SQL("catalog.picture_file"),
};

static const struct statement files_tell = {
    .name = "catalog_picture_files_tell",
    .sql = PICTURE_FILES_TELL_SQL("catalog.picture_file"),
};

static const struct statement files_retire = {
    .name = "catalog_picture_files_retire",
    .sql = PICTURE_FILES_RETIRE_SQL("catalog.picture_file", "catalog.picture_use"),
};

static const struct statement files_forget = {
    .name = "catalog_picture_files_forget",
    .sql = PICTURE_FILES_FORGET_SQL("catalog.picture_file"),
};

const struct picture_files catalog_picture_files = {
    .check = &files_check,
    .touch = &files_touch,
    .note = &files_note,
    .going = &files_going,
    .tell = &files_tell,
    .retire = &files_retire,
    .forget = &files_forget,
};
