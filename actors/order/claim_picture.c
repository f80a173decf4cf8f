/* SQL of pictures of claims, and of their files. A digest is 32 bytes in a row and its 64 digits
 * everywhere else. */
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

/* The lock of the file's row makes whoever retires it wait, and look again. */
static const struct statement touch_statement = {
    .name = "order_picture_file_touch",
    .sql = "WITH u AS (UPDATE \"order\".picture_file SET touched_at = $2"
           " WHERE digest = decode($1, 'hex') AND NOT is_going RETURNING 1)"
           " SELECT require_one(count(*)) FROM u",
};

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
    struct store_params *touched = request_write(request, &touch_statement);
    param_text(touched, arena, digest);
    param_int(touched, arena, request_now_us(request));
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

static const struct statement check_statement = {
    .name = "order_picture_file_check",
    .sql = "SELECT is_going FROM \"order\".picture_file WHERE digest = decode($1, 'hex')",
};

enum status claim_picture_check_file(struct request *request, struct text digest)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_text(&params, request_arena(request), digest);
    TRY(request_query(request, &check_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return row_bool(&row) ? STATUS_UNAVAILABLE : STATUS_OK;
}

static const struct statement note_statement = {
    .name = "order_picture_file_note",
    .sql = "WITH u AS (INSERT INTO \"order\".picture_file AS f (digest, touched_at)"
           " VALUES (decode($1, 'hex'), $2) ON CONFLICT (digest) DO UPDATE SET touched_at = $2"
           " WHERE NOT f.is_going RETURNING 1) SELECT require_one(count(*)) FROM u",
};

void claim_picture_note_file(struct request *request, struct text digest)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &note_statement);
    param_text(params, arena, digest);
    param_int(params, arena, request_now_us(request));
}

static const struct statement going_statement = {
    .name = "order_picture_files_going",
    .sql = "SELECT encode(digest, 'hex') FROM \"order\".picture_file WHERE is_going"
           " AND coalesce(told_at, 0) < $1 LIMIT 64",
};

enum status claim_picture_list_going(struct request *request, int64_t told_before_us,
                                     const struct text **ret_digests, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_int(&params, arena, told_before_us);
    TRY(request_query(request, &going_statement, &params, &rows));
    struct text *digests = arena_allocate_array(arena, rows.count, sizeof *digests);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        digests[i] = row_text(&row);
    }
    *ret_digests = digests;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement tell_statement = {
    .name = "order_picture_files_tell",
    .sql = "UPDATE \"order\".picture_file SET told_at = $2 WHERE is_going AND digest IN"
           " (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)",
};

void claim_picture_tell(struct request *request, const struct text *digests, size_t count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &tell_statement);
    param_text_array(params, arena, digests, count);
    param_int(params, arena, request_now_us(request));
}

/* Whoever has touched one while this waited for its lock has made it young: the row is looked at
 * again then. */
static const struct statement retire_statement = {
    .name = "order_picture_files_retire",
    .sql = "UPDATE \"order\".picture_file f SET is_going = true FROM ("
           "SELECT digest FROM \"order\".picture_file o WHERE touched_at < $1 AND NOT is_going"
           " AND NOT EXISTS (SELECT FROM \"order\".claim_picture p WHERE p.digest = o.digest)"
           " ORDER BY touched_at LIMIT 64) AS old"
           " WHERE f.digest = old.digest AND f.touched_at < $1 AND NOT f.is_going"
           " AND NOT EXISTS (SELECT FROM \"order\".claim_picture p WHERE p.digest = f.digest)",
};

void claim_picture_retire(struct request *request, int64_t touched_before_us)
{
    param_int(request_write(request, &retire_statement), request_arena(request), touched_before_us);
}

static const struct statement forget_statement = {
    .name = "order_picture_files_forget",
    .sql = "DELETE FROM \"order\".picture_file WHERE is_going AND digest IN"
           " (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)",
};

void claim_picture_forget(struct request *request, const struct text *digests, size_t count)
{
    param_text_array(request_write(request, &forget_statement), request_arena(request), digests,
                     count);
}
