/* A cart changes to another currency. Nothing is exchanged: its lines have the prices that the
 * catalogue has in the new one, or none. */
#include <string.h>

#include "actors/host/market_currency.h"
#include "actors/order/cart_answer.h"
#include "actors/order/cart_store.h"
#include "order_handlers.h"

static enum status change_currency(struct request *request, struct cart *cart, struct text currency,
                                   struct text accept_language, struct order_cart *ret_reply)
{
    const bool is_other = !text_equals_string(currency, cart->currency);
    assert(currency.length < sizeof cart->currency);
    memcpy(cart->currency, currency.data, currency.length);
    cart->currency[currency.length] = '\0';
    /* What a line remembers is an amount of the currency before. */
    for (size_t i = 0; is_other && i < cart->lines_count; i++)
        cart->lines[i].unit_amount = 0;
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, accept_language, &offers));
    const struct cart_quote_wish wish = { .customer = cart->user_id };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, &offers, &wish, &quote));
    for (size_t i = 0; is_other && i < cart->lines_count; i++)
        cart->lines[i].unit_amount = quote->result.lines[i].unit_amount;
    if (is_other) cart_store_set_currency(request, cart);
    return cart_answer_quote(request, cart, quote, ret_reply);
}

enum status order_handle_set_currency(struct request *request,
                                      const struct order_set_currency *command,
                                      struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_VALUE, command->currency));
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    if (cart_is_draft(cart))
        return request_refuse(request, "", STATUS_FORBIDDEN,
                              "It was prepared in its currency, and stays in it.");
    return change_currency(request, cart, command->currency, LANGUAGE_OF(command), ret_reply);
}

enum status order_handle_move_cart(struct request *request, const struct order_move_cart *command,
                                   struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    if (!uuid_equals(cart->user_id, command->user_id)) return STATUS_NOT_FOUND;
    TRY(cart_refuse_inactive(request, cart));
    return change_currency(request, cart, command->currency, TEXT(""), ret_reply);
}

enum status cart_ask_move(struct request *request, const struct cart *cart, const char *currency,
                          struct order_cart *ret_reply)
{
    const struct order_move_cart command = { .cart_id = cart->id,
                                             .user_id = cart->user_id,
                                             .currency = text_of(currency) };
    return request_ask(request, &order_move_cart_message, &command, ret_reply);
}
