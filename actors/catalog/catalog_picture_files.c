/* What gateways ask about files of pictures: when they may be written, which may go. */
#include "actors/catalog/catalog_picture_store.h"
#include "catalog_handlers.h"

/* No gateway works on a list of files for so long. */
#define TOLD_LIFE_US (INT64_C(10) * 60 * 1000000)

/* Digits of nothing else: they stand in SQL's decode(). */
static bool is_digest(struct text text)
{
    if (text.length != CATALOG_PICTURE_DIGEST) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

enum status catalog_handle_note_picture(struct request *request,
                                        const struct pictures_note_picture *command)
{
    if (!is_digest(command->digest)) return STATUS_INVALID_VALUE;
    const enum status status = catalog_picture_store_check_file(request, command->digest);
    if (status != STATUS_NOT_FOUND) TRY(status);
    catalog_picture_store_touch(request, command->digest, true);
    return STATUS_OK;
}

enum status catalog_handle_retire_pictures(struct request *request,
                                           const struct pictures_retire_pictures *command,
                                           struct common_retired_pictures *ret_reply)
{
    for (size_t i = 0; i < command->gone_count; i++)
        if (!is_digest(command->gone[i])) return STATUS_INVALID_VALUE;
    if (command->gone_count > 0)
        catalog_picture_store_forget(request, command->gone, command->gone_count);
    const int64_t now_us = request_now_us(request);
    const int64_t kept_us =
        config_duration_us(request_config(request), SETTING_PICTURES_UNUSED_KEPT);
    const struct text *digests;
    size_t count;
    TRY(catalog_picture_store_going(request, now_us - TOLD_LIFE_US, &digests, &count));
    if (count > 0) catalog_picture_store_tell(request, digests, count);
    catalog_picture_store_retire(request, now_us - kept_us);
    ret_reply->digests = digests;
    ret_reply->digests_count = count;
    return STATUS_OK;
}
