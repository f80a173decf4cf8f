/* Reads and writes cursors. */
#include "actors/notification/notification_page.h"

#include <string.h>

#include "runtime/secret.h"

static enum status decode(struct request *request, struct text after, size_t length, void *ret_key)
{
    struct text bytes;
    if (base64url_decode(request_arena(request), after, &bytes) == STATUS_OK &&
        bytes.length == length) {
        memcpy(ret_key, bytes.data, length);
        return STATUS_OK;
    }
    return request_refuse_cursor(request);
}

enum status notification_page_start(struct request *request, bool has_after, struct text after,
                                    struct uuid *ret_before)
{
    struct uuid before;
    memset(before.bytes, 0xff, sizeof before.bytes);
    if (has_after) TRY(decode(request, after, sizeof before.bytes, before.bytes));
    *ret_before = before;
    return STATUS_OK;
}

struct text notification_page_next(struct request *request, struct uuid last)
{
    return base64url_encode(request_arena(request),
                            (struct text){ (const char *)last.bytes, sizeof last.bytes });
}

enum status notification_page_start_seq(struct request *request, bool has_after, struct text after,
                                        int64_t *ret_before)
{
    uint8_t bytes[8];
    int64_t before = INT64_MAX;
    if (has_after) {
        TRY(decode(request, after, sizeof bytes, bytes));
        uint64_t seq = 0;
        for (size_t i = 0; i < sizeof bytes; i++)
            seq = seq << 8 | bytes[i];
        before = (int64_t)seq;
    }
    *ret_before = before;
    return STATUS_OK;
}

struct text notification_page_next_seq(struct request *request, int64_t last)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((uint64_t)last >> (56 - 8 * i));
    return base64url_encode(request_arena(request),
                            (struct text){ (const char *)bytes, sizeof bytes });
}
