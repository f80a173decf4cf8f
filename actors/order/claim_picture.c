/* SQL of pictures of claims, and of their files. */
#include "actors/order/claim_picture.h"

#include "storage/values.h"

/* ---- pictures ---- */

static const struct statement list_statement = {
    .name = "order_claim_pictures",
    .sql = "SELECT p.claim_id, p.id, p.width, p.height FROM \"order\".claim_picture p "
           "JOIN \"order\".order_claim c ON c.id = p.claim_id WHERE c.order_id = $1 "
           "ORDER BY p.claim_id, p.place LIMIT 100",
};

enum status claim_picture_fill(struct request *request, struct uuid order_id,
                               struct order_claim *claims, size_t count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    if (count == 0) return STATUS_OK;
    param_uuid(&params, arena, order_id);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct order_claim_picture *all = arena_allocate_array(arena, rows.count, sizeof *all);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid claim_id = row_uuid(&row);
        all[i].id = row_uuid(&row);
        all[i].width = row_int(&row);
        all[i].height = row_int(&row);
        for (size_t k = 0; k < count; k++) {
            if (!uuid_equals(claims[k].id, claim_id)) continue;
            if (claims[k].pictures_count == 0) claims[k].pictures = &all[i];
            claims[k].pictures_count++;
        }
    }
    return STATUS_OK;
}

static const struct statement count_statement = {
    .name = "order_claim_picture_count",
    .sql = "SELECT coalesce(max(place), 0) FROM \"order\".claim_picture WHERE claim_id = $1",
};

enum status claim_picture_count(struct request *request, struct uuid claim_id, int64_t *ret_count)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), claim_id);
    TRY(request_query(request, &count_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

static const struct statement add_statement = {
    .name = "order_claim_picture_add",
    .sql = "INSERT INTO \"order\".claim_picture (claim_id, place, id, digest, width, height) "
           "VALUES ($1, $2, $3, decode($4, 'hex'), $5, $6)",
    .on_duplicate = STATUS_CONFLICT,
};

void claim_picture_add(struct request *request, struct uuid claim_id, int64_t place,
                       const struct order_claim_picture *picture, struct text digest)
{
    struct arena *arena = request_arena(request);
    picture_files_touch(request, &claim_picture_files, digest);
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, claim_id);
    param_int(params, arena, place);
    param_uuid(params, arena, picture->id);
    param_text(params, arena, digest);
    param_int(params, arena, picture->width);
    param_int(params, arena, picture->height);
}

static const struct statement find_statement = {
    .name = "order_claim_picture_find",
    .sql = "SELECT encode(p.digest, 'hex') FROM \"order\".claim_picture p "
           "JOIN \"order\".order_claim c ON c.id = p.claim_id "
           "JOIN \"order\".vendor_order o ON o.id = c.order_id "
           "WHERE c.id = $1 AND o.id = $2 AND p.id = $3 "
           "AND ($4::uuid IS NULL OR o.user_id = $4) AND ($5::uuid IS NULL OR o.vendor_id = $5)",
};

enum status claim_picture_find(struct request *request, const struct claim_picture_reader *reader,
                               const struct order_get_claim_picture *query, struct text *ret_digest)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, query->claim_id);
    param_uuid(&params, arena, query->order_id);
    param_uuid(&params, arena, query->picture_id);
    param_uuid_or_null(&params, arena, reader->user_id);
    param_uuid_or_null(&params, arena, reader->vendor_id);
    TRY(request_query(request, &find_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_digest = row_text(&row);
    return STATUS_OK;
}

/* ---- files ---- */

static const struct statement files_check = {
    .name = "order_picture_file_check",
    .sql = PICTURE_FILES_CHECK_SQL("\"order\".picture_file"),
};

static const struct statement files_touch = {
    .name = "order_picture_file_touch",
    .sql = PICTURE_FILES_TOUCH_SQL("\"order\".picture_file"),
};

static const struct statement files_note = {
    .name = "order_picture_file_note",
    .sql = PICTURE_FILES_NOTE_SQL("\"order\".picture_file"),
};

static const struct statement files_going = {
    .name = "order_picture_files_going",
    .sql = PICTURE_FILES_GOING_SQL("\"order\".picture_file"),
};

static const struct statement files_tell = {
    .name = "order_picture_files_tell",
    .sql = PICTURE_FILES_TELL_SQL("\"order\".picture_file"),
};

static const struct statement files_retire = {
    .name = "order_picture_files_retire",
    .sql = PICTURE_FILES_RETIRE_SQL("\"order\".picture_file", "\"order\".claim_picture"),
};

static const struct statement files_forget = {
    .name = "order_picture_files_forget",
    .sql = PICTURE_FILES_FORGET_SQL("\"order\".picture_file"),
};

const struct picture_files claim_picture_files = {
    .check = &files_check,
    .touch = &files_touch,
    .note = &files_note,
    .going = &files_going,
    .tell = &files_tell,
    .retire = &files_retire,
    .forget = &files_forget,
};
