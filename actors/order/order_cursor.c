/* Ids as cursors. */
#include "actors/order/order_cursor.h"

#include <string.h>

#include "runtime/secret.h"

enum status order_cursor_read(struct request *request, bool has_cursor, struct text cursor,
                              struct uuid *ret_id)
{
    struct text bytes;
    memset(ret_id->bytes, 0xff, sizeof ret_id->bytes);
    if (!has_cursor) return STATUS_OK;
    if (base64url_decode(request_arena(request), cursor, &bytes) != STATUS_OK ||
        bytes.length != sizeof ret_id->bytes)
        return request_refuse_cursor(request);
    memcpy(ret_id->bytes, bytes.data, sizeof ret_id->bytes);
    return STATUS_OK;
}

struct text order_cursor_write(struct request *request, struct uuid id)
{
    return base64url_encode(request_arena(request),
                            (struct text){ (const char *)id.bytes, sizeof id.bytes });
}
