/* Asks the catalogue for a cart's offers and fills in the answer. */
#include "actors/order/cart_answer.h"

#include "actors/order/order_token.h"

bool cart_is_own(struct request *request, const struct cart *cart, struct text token)
{
    if (cart_is_guests(cart))
        return order_token_is_good(request, ORDER_TOKEN_CART, cart->id, token);
    const struct principal *principal = request_principal(request);
    return principal->kind == PRINCIPAL_SHOPPER && uuid_equals(principal->id, cart->user_id);
}

enum status cart_ask_offers(struct request *request, const struct cart *cart,
                            const struct uuid *more_variant_id, struct catalog_offers *ret_offers)
{
    assert(cart->lines_count <= CART_LINES_MAX);
    struct uuid *ids =
        arena_allocate_array(request_arena(request), CART_LINES_MAX + 1, sizeof *ids);
    size_t count = 0;
    /* The catalogue is asked for each variant once, also when the one to be added is there. */
    bool is_more_there = more_variant_id == NULL;
    for (size_t i = 0; i < cart->lines_count; i++) {
        ids[count++] = cart->lines[i].variant_id;
        if (!is_more_there && uuid_equals(*more_variant_id, cart->lines[i].variant_id))
            is_more_there = true;
    }
    if (!is_more_there) ids[count++] = *more_variant_id;
    assert(count <= CART_LINES_MAX + 1);
    if (count == 0) {
        *ret_offers = (struct catalog_offers){ 0 };
        return STATUS_OK;
    }
    const struct catalog_get_offers query = { .variant_ids = ids,
                                              .variant_ids_count = count,
                                              .currency = text_of(cart->currency) };
    return request_ask(request, &catalog_get_offers_message, &query, ret_offers);
}

enum status cart_answer(struct request *request, const struct cart *cart,
                        const struct catalog_offers *offers, struct order_cart *ret_reply)
{
    struct cart_view *view = arena_allocate(request_arena(request), sizeof *view);
    return cart_show(cart, offers, view, ret_reply);
}

enum status cart_refuse_inactive(struct request *request, const struct cart *cart)
{
    const enum status status = cart_check_active(cart);
    if (status != STATUS_CART_ALREADY_ORDERED) return status;
    char group_id[ID_TEXT_MAX + 1];
    (void)id_format("og", cart->group_id, group_id);
    const struct request_fault fault = { .pointer = "",
                                         .code = status,
                                         .detail = text_format(request_arena(request),
                                                               "It was ordered as %s.", group_id) };
    request_add_fault(request, &fault);
    return status;
}
