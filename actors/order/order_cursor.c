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

enum status order_page_answer(struct request *request, struct order_list *list, size_t limit,
                              struct order_order_page *ret_reply)
{
    const bool has_more = list->count > limit;
    if (has_more) list->count = limit;
    TRY(order_store_fill_lines(request, list));
    *ret_reply = (struct order_order_page){
        .data = list->orders, .data_count = list->count, .has_more = has_more, .has_next = has_more
    };
    if (has_more) ret_reply->next = order_cursor_write(request, list->orders[limit - 1].id);
    return STATUS_OK;
}
