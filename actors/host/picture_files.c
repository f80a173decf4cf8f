/* Rows of files, which outlive what uses them by a while. */
#include "actors/host/picture_files.h"

#include "storage/values.h"

enum { DIGEST_DIGITS = 64 };

/* No gateway works on a list of files for so long. */
#define TOLD_LIFE_US (INT64_C(10) * 60 * 1000000)

/* Digits of nothing else: they stand in SQL's decode(). */
static bool is_digest(struct text text)
{
    if (text.length != DIGEST_DIGITS) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

enum status picture_files_check(struct request *request, const struct picture_files *files,
                                struct text digest)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, digest);
    TRY(request_query(request, files->check, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return row_bool(&row) ? STATUS_UNAVAILABLE : STATUS_OK;
}

static void write_time(struct request *request, const struct statement *statement,
                       struct text digest)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, statement);
    param_text(params, arena, digest);
    param_int(params, arena, request_now_us(request));
}

void picture_files_touch(struct request *request, const struct picture_files *files,
                         struct text digest)
{
    write_time(request, files->touch, digest);
}

enum status picture_files_note(struct request *request, const struct picture_files *files,
                               struct text digest)
{
    if (!is_digest(digest)) return STATUS_INVALID_VALUE;
    const enum status status = picture_files_check(request, files, digest);
    if (status != STATUS_NOT_FOUND) TRY(status);
    write_time(request, files->note, digest);
    return STATUS_OK;
}

static enum status list_going(struct request *request, const struct picture_files *files,
                              struct common_retired_pictures *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request) - TOLD_LIFE_US);
    TRY(request_query(request, files->going, params, &rows));
    struct text *digests = arena_allocate_array(arena, rows.count, sizeof *digests);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        digests[i] = row_text(&row);
    }
    ret_reply->digests = digests;
    ret_reply->digests_count = rows.count;
    return STATUS_OK;
}

enum status picture_files_sweep(struct request *request, const struct picture_files *files,
                                const struct text *gone, size_t gone_count,
                                struct common_retired_pictures *ret_reply)
{
    struct arena *arena = request_arena(request);
    const int64_t now_us = request_now_us(request);
    const int64_t kept_us =
        config_duration_us(request_config(request), SETTING_PICTURES_UNUSED_KEPT);
    for (size_t i = 0; i < gone_count; i++)
        if (!is_digest(gone[i])) return STATUS_INVALID_VALUE;
    if (gone_count > 0)
        param_text_array(request_write(request, files->forget), arena, gone, gone_count);
    TRY(list_going(request, files, ret_reply));
    if (ret_reply->digests_count > 0) {
        struct store_params *params = request_write(request, files->tell);
        param_text_array(params, arena, ret_reply->digests, ret_reply->digests_count);
        param_int(params, arena, now_us);
    }
    param_int(request_write(request, files->retire), arena, now_us - kept_us);
    return STATUS_OK;
}
