/* Orders as vendors and staff see them: a vendor sees its own, and nothing of who bought. */
#include "actors/order/card_share.h"
#include "actors/order/claim_store.h"
#include "actors/order/order_back_store.h"
#include "actors/order/order_cursor.h"
#include "actors/order/order_store.h"
#include "actors/order/return_store.h"
#include "actors/order/shipment_store.h"
#include "order_handlers.h"

static struct text status_text(bool has_status, enum order_order_status status)
{
    return has_status ? text_of(order_order_status_names[status]) : TEXT("");
}

static struct text payment_text(bool has_status, enum order_payment_status status)
{
    return has_status ? text_of(order_payment_status_names[status]) : TEXT("");
}

static struct text fulfilment_text(bool has_status, enum order_fulfilment_status status)
{
    return has_status ? text_of(order_fulfilment_status_names[status]) : TEXT("");
}

static enum status answer_page(struct request *request, const struct order_filter *filter,
                               size_t limit, struct uuid before, struct order_list *ret_list,
                               struct order_order_page *ret_reply)
{
    TRY(order_store_list_by(request, filter, before, (int64_t)limit + 1, ret_list));
    return order_page_answer(request, ret_list, limit, ret_reply);
}

enum status order_handle_list_vendor_orders(struct request *request,
                                            const struct order_list_vendor_orders *query,
                                            struct order_order_page *ret_reply)
{
    const struct order_filter filter = {
        .vendor_id = request_principal(request)->id,
        .status = status_text(query->has_status, query->status),
        .payment_status = payment_text(query->has_payment_status, query->payment_status),
        .fulfilment_status =
            fulfilment_text(query->has_fulfilment_status, query->fulfilment_status),
        .number = query->has_number ? query->number : TEXT(""),
        .has_placed_from = query->has_placed_from,
        .has_placed_to = query->has_placed_to,
        .placed_from_us = query->placed_from_us,
        .placed_to_us = query->placed_to_us,
    };
    struct order_list list;
    struct uuid before;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    return answer_page(request, &filter,
                       (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT), before,
                       &list, ret_reply);
}

/* Finds an order with its lines, parcels and cancellations. */
static enum status find_order(struct request *request, struct uuid order_id,
                              struct order_list *ret_list)
{
    TRY(order_store_find_order(request, order_id, ret_list));
    if (ret_list->count == 0) return STATUS_NOT_FOUND;
    TRY(order_store_fill_lines(request, ret_list));
    TRY(shipment_store_fill(request, &ret_list->orders[0]));
    TRY(order_back_store_fill(request, &ret_list->orders[0]));
    TRY(return_store_fill(request, &ret_list->orders[0]));
    return claim_store_fill(request, &ret_list->orders[0]);
}

enum status order_handle_get_vendor_order(struct request *request,
                                          const struct order_get_vendor_order *query,
                                          struct order_order *ret_reply)
{
    struct order_list list;
    TRY(find_order(request, query->order_id, &list));
    if (!uuid_equals(list.orders[0].vendor.id, request_principal(request)->id))
        return STATUS_NOT_FOUND;
    *ret_reply = list.orders[0];
    return card_share_show(request, ret_reply);
}

/* ---- staff ---- */

static void tell_buyers(struct order_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        list->orders[i].has_user_id = !uuid_is_zero(list->user_ids[i]);
        list->orders[i].user_id = list->user_ids[i];
    }
}

enum status order_handle_list_all_orders(struct request *request,
                                         const struct order_list_all_orders *query,
                                         struct order_order_page *ret_reply)
{
    const struct order_filter filter = {
        .vendor_id = query->vendor,
        .user_id = query->user,
        .status = status_text(query->has_status, query->status),
        .payment_status = payment_text(query->has_payment_status, query->payment_status),
        .fulfilment_status =
            fulfilment_text(query->has_fulfilment_status, query->fulfilment_status),
        .number = query->has_number ? query->number : TEXT(""),
        .has_placed_from = query->has_placed_from,
        .has_placed_to = query->has_placed_to,
        .placed_from_us = query->placed_from_us,
        .placed_to_us = query->placed_to_us,
    };
    struct order_list list;
    struct uuid before;
    if (query->has_vendor && query->has_user)
        return request_refuse(request, "/user", STATUS_INVALID_PARAMETER,
                              "Ask for a vendor's orders or for a shopper's.");
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(answer_page(request, &filter,
                    (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT), before, &list,
                    ret_reply));
    tell_buyers(&list);
    return STATUS_OK;
}

enum status order_handle_get_any_order(struct request *request,
                                       const struct order_get_any_order *query,
                                       struct order_order *ret_reply)
{
    struct order_list list;
    TRY(find_order(request, query->order_id, &list));
    tell_buyers(&list);
    *ret_reply = list.orders[0];
    return card_share_show(request, ret_reply);
}
