/* What the handlers of carts share: whose cart it is, today's offers, and the answer. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/cart.h"

/* True if the request comes from the cart's owner: the shopper who is signed in, or anybody with
 * the token of a guest's cart, signed in or not. Handlers answer everybody else NOT_FOUND. */
bool cart_is_own(struct request *request, const struct cart *cart, struct text token);
/* Asks the catalogue for the offers of the cart's variants and, unless NULL, of one more: one ask,
 * or none if there are no variants. Variants that the catalogue does not know have no offer. WAITS.
 * Statuses: those of request_ask(). */
MUST_CHECK enum status cart_ask_offers(struct request *request, const struct cart *cart,
                                       const struct uuid *more_variant_id,
                                       struct catalog_offers *ret_offers);
/* Shows the cart at the prices of the offers, in the request's arena. Statuses as cart_show(). */
MUST_CHECK enum status cart_answer(struct request *request, const struct cart *cart,
                                   const struct catalog_offers *offers,
                                   struct order_cart *ret_reply);
/* Refuses a cart that is not active; of an ordered one, the fault names its group. Statuses as
 * cart_check_active(). */
MUST_CHECK enum status cart_refuse_inactive(struct request *request, const struct cart *cart);
