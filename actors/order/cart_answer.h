/* What the handlers of carts share: whose cart it is, today's offers, and the answer. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/cart.h"

/* True if the request comes from the cart's owner: the signed-in shopper, or whoever has the token
 * of a guest's cart, signed in or not. To everybody else the cart is not there. */
bool cart_is_own(struct request *request, const struct cart *cart, struct text token);
/* What the catalogue has for the cart's variants and, unless NULL, one more: one ask, none for no
 * variants. WAITS. Statuses: those of request_ask(). */
MUST_CHECK enum status cart_ask_offers(struct request *request, const struct cart *cart,
                                       const struct uuid *more_variant_id,
                                       struct catalog_offers *ret_offers);
/* Shows the cart at the prices of the offers. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status cart_answer(struct request *request, const struct cart *cart,
                                   const struct catalog_offers *offers,
                                   struct order_cart *ret_reply);
/* Refuses what only an active cart allows, and says what became of the cart. Statuses as
 * cart_check_active(). */
MUST_CHECK enum status cart_refuse_inactive(struct request *request, const struct cart *cart);
