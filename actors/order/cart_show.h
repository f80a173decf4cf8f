/* A cart as its owner sees it: lines at today's prices, how they are sent, what is taken off,
 * taxes, what keeps it from being ordered, and how the price came to be. Pure; everything is in the
 * arena or points to the cart and its quote. */
#pragma once

#include "actors/order/cart_quote.h"

/* Fills in all but the address, the token and the explanation. */
void cart_show(const struct cart *cart, const struct cart_quote *quote, struct arena *arena,
               struct order_cart *ret_cart);
/* Fills in the explanation of a quote that was made with one, in at most CART_STEPS_MAX steps. Of a
 * longer trace those that move nothing are left out, and where that is not enough what moves is
 * summed up by vendor and rule; so what is told adds up to the totals in any case. */
enum { CART_STEPS_MAX = 1000 };
void cart_explain(const struct cart_quote *quote, struct arena *arena, struct order_cart *ret_cart);

/* Sums of a price as they are answered; also used for what orders keep. */
struct order_totals cart_totals(const struct price_request *request, const struct price_cost *cost,
                                const char *currency, struct arena *arena);
