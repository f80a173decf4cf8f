/* What happens to all orders of a shopper, of a vendor, of the market. */
#include "actors/order/order_stream_store.h"
#include "order_handlers.h"

enum { PAGE_DEFAULT = 20 };

struct wish {
    bool has_after;
    struct text after;
    bool is_from_now;
    int64_t limit;
};
#define WISH_OF(query)                                                                             \
    (&(struct wish){ (query)->has_after, (query)->after,                                           \
                     (query)->has_from && (query)->from == ORDER_CHANGES_FROM_NOW,                 \
                     (query)->has_limit ? (query)->limit : PAGE_DEFAULT })

static enum status find_place(struct request *request, const struct wish *wish,
                              struct order_stream_place *ret_place)
{
    if (wish->has_after) {
        const enum status status =
            order_stream_place_read(wish->after, request_arena(request), ret_place);
        return status == STATUS_OK ? STATUS_OK : request_refuse_cursor(request);
    }
    if (wish->is_from_now) return order_stream_find_end(request, ret_place);
    *ret_place = (struct order_stream_place){ { 0 } };
    return STATUS_OK;
}

static enum status list(struct request *request, const struct order_stream_owner *owner,
                        const struct wish *wish, struct order_order_change_page *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct order_stream_place place;
    struct order_stream_row *rows;
    size_t count;
    TRY(find_place(request, wish, &place));
    TRY(order_stream_list(request, owner, &place, wish->limit + 1, &rows, &count));
    const bool has_more = count > (size_t)wish->limit;
    if (has_more) count = (size_t)wish->limit;
    struct order_order_change *changes = arena_allocate_array(arena, count, sizeof *changes);
    for (size_t i = 0; i < count; i++) {
        changes[i] = rows[i].change;
        place.after[rows[i].shard] = rows[i].position;
        changes[i].cursor = order_stream_place_write(&place, arena);
        /* Who exactly did it is for staff to know. */
        if (request_principal(request)->kind != PRINCIPAL_ADMIN)
            changes[i].event.has_actor_id = changes[i].event.has_request_id = false;
    }
    *ret_reply = (struct order_order_change_page){
        .data = changes, .data_count = count, .has_more = has_more, .has_next = true
    };
    ret_reply->next = order_stream_place_write(&place, arena);
    return STATUS_OK;
}

enum status order_handle_list_order_changes(struct request *request,
                                            const struct order_list_order_changes *query,
                                            struct order_order_change_page *ret_reply)
{
    const struct order_stream_owner owner = { .user_id = request_principal(request)->id };
    return list(request, &owner, WISH_OF(query), ret_reply);
}

enum status
order_handle_list_vendor_order_changes(struct request *request,
                                       const struct order_list_vendor_order_changes *query,
                                       struct order_order_change_page *ret_reply)
{
    const struct order_stream_owner owner = { .vendor_id = request_principal(request)->id };
    return list(request, &owner, WISH_OF(query), ret_reply);
}

enum status order_handle_list_all_order_changes(struct request *request,
                                                const struct order_list_all_order_changes *query,
                                                struct order_order_change_page *ret_reply)
{
    const struct order_stream_owner owner = { .vendor_id = { { 0 } } };
    return list(request, &owner, WISH_OF(query), ret_reply);
}
