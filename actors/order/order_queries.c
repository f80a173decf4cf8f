/* What shoppers and guests may read: carts, checkouts and orders, as they are committed. What
 * belongs to somebody else is NOT_FOUND. */
#include "actors/order/card_show.h"
#include "actors/order/cart_answer.h"
#include "actors/order/cart_store.h"
#include "actors/order/claim_store.h"
#include "actors/order/order_back_store.h"
#include "actors/order/order_cursor.h"
#include "actors/order/order_guest_store.h"
#include "actors/order/order_store.h"
#include "actors/order/order_token.h"
#include "actors/order/return_store.h"
#include "actors/order/shipment_store.h"
#include "order_handlers.h"

static enum status answer_cart(struct request *request, const struct cart *cart,
                               struct text accept_language, struct order_cart *ret_reply)
{
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, accept_language, &offers));
    return cart_answer(request, cart, &offers, ret_reply);
}

enum status order_handle_get_active_cart(struct request *request,
                                         const struct order_get_active_cart *query,
                                         struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_store_find_active(request, request_principal(request)->id, &cart));
    return answer_cart(request, cart, LANGUAGE_OF(query), ret_reply);
}

enum status order_handle_get_cart(struct request *request, const struct order_get_cart *query,
                                  struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_store_read(request, query->cart_id, &cart));
    if (!cart_is_own(request, cart, query->token)) return STATUS_NOT_FOUND;
    if (!query->has_explain || !query->explain)
        return answer_cart(request, cart, LANGUAGE_OF(query), ret_reply);
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(query), &offers));
    return cart_answer_explained(request, cart, &offers, ret_reply);
}

/* The checkout's own uses do not exhaust what it is priced with. Without an address nobody knows
 * whether an order of a guest would be the first. */
enum status order_handle_requote_cart(struct request *request,
                                      const struct order_requote_cart *query,
                                      struct order_requoted_total *ret_reply)
{
    struct cart *cart;
    struct catalog_offers offers;
    struct order_guest_contact guest;
    bool are_many;
    TRY(cart_store_read(request, query->cart_id, &cart));
    TRY(cart_ask_offers(request, cart, NULL, &offers));
    TRY(order_guest_find_contact(request, query->group_id, &guest, &are_many));
    const struct cart_quote_wish wish = { .customer = query->customer,
                                          .guest_email = guest.email,
                                          .group_id = query->group_id };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, &offers, &wish, &quote));
    ret_reply->total = money_make(quote->result.group.sums.total, cart->currency);
    return STATUS_OK;
}

enum status order_handle_get_group(struct request *request, const struct order_get_group *query,
                                   struct order_group *ret_reply)
{
    struct stored_group stored;
    TRY(order_store_find_group(request, query->group_id, &stored));
    if (!order_is_readable(request, stored.user_id, query->group_id, query->token))
        return STATUS_NOT_FOUND;
    TRY(order_store_fill_group(request, &stored.group));
    TRY(card_show(request, stored.card_amount, &stored.group));
    *ret_reply = stored.group;
    return STATUS_OK;
}

enum status order_handle_get_group_owner(struct request *request,
                                         const struct order_get_group_owner *query,
                                         struct order_group_owner *ret_reply)
{
    struct stored_group stored;
    const enum status found = order_store_find_group(request, query->group_id, &stored);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    ret_reply->has_user_id = !uuid_is_zero(stored.user_id);
    ret_reply->user_id = stored.user_id;
    return STATUS_OK;
}

enum status order_handle_get_order(struct request *request, const struct order_get_order *query,
                                   struct order_order *ret_reply)
{
    struct order_list list;
    TRY(order_store_find_order(request, query->order_id, &list));
    if (list.count == 0) return STATUS_NOT_FOUND;
    const struct uuid group_id = list.orders[0].group_id;
    if (!order_is_readable(request, list.user_ids[0], group_id, query->token))
        return STATUS_NOT_FOUND;
    TRY(order_store_fill_lines(request, &list));
    TRY(shipment_store_fill(request, &list.orders[0]));
    TRY(order_back_store_fill(request, &list.orders[0]));
    TRY(return_store_fill(request, &list.orders[0]));
    TRY(claim_store_fill(request, &list.orders[0]));
    *ret_reply = list.orders[0];
    return STATUS_OK;
}

enum status order_handle_list_orders(struct request *request, const struct order_list_orders *query,
                                     struct order_order_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : ORDER_PAGE_DEFAULT;
    struct uuid before;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));

    /* One more than the page has, to know whether there is another page. */
    struct order_list list;
    TRY(order_store_list_of_user(request, request_principal(request)->id, before, limit + 1,
                                 &list));
    return order_page_answer(request, &list, (size_t)limit, ret_reply);
}

/* ---- asked by those that have set something aside ---- */

/* A group is committed before anything is set aside for it, so one that is not there has never
 * begun, or is long forgotten as a failed one. What sends goods again sets stock aside under the id
 * of the order that it makes, and an edit what it takes under that of its attempt, which the edit
 * keeps when it is applied. */
static const struct statement lapsed_statement = {
    .name = "order_groups_lapsed",
    .sql = "SELECT a.id FROM unnest($1::uuid[]) AS a (id) LEFT JOIN \"order\".order_group g "
           "ON g.id = a.id WHERE (g.id IS NULL OR g.status = 'failed') "
           "AND NOT EXISTS (SELECT 1 FROM \"order\".vendor_order o WHERE o.id = a.id) "
           "AND NOT EXISTS (SELECT 1 FROM \"order\".order_edit e WHERE e.attempt_id = a.id)",
};

enum status order_handle_find_lapsed_groups(struct request *request,
                                            const struct order_find_lapsed_groups *query,
                                            struct order_lapsed_groups *ret_reply)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid_array(&params, request_arena(request), query->group_ids, query->group_ids_count);
    TRY(request_query(request, &lapsed_statement, &params, &rows));
    assert(rows.count <= query->group_ids_count);
    struct uuid *ids = arena_allocate_array(request_arena(request), rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    ret_reply->group_ids = ids;
    ret_reply->group_ids_count = rows.count;
    return STATUS_OK;
}
