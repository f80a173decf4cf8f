/* What the handlers of carts share: whose cart it is, what its price is made of today, and the
 * answer. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/cart_quote.h"

/* True if the request comes from the cart's owner: the shopper who is signed in, or anybody with
 * the token of a guest's cart, signed in or not; for a draft staff, and once it was sent its
 * customer, a guest with the token that was mailed. Handlers answer everybody else NOT_FOUND. */
bool cart_is_own(struct request *request, const struct cart *cart, struct text token);
/* The currency of a new cart: what is said, or the market's. Statuses: OK, INVALID_VALUE
 * (explained). */
MUST_CHECK enum status cart_choose_currency(struct request *request, bool is_said, struct text said,
                                            char ret_currency[4]);
/* Asks the actor of a shopper's cart, which this one is not, to bring the cart into a currency that
 * the market sells in. WAITS. Statuses: those of request_ask(), NOT_FOUND, CHECKOUT_IN_PROGRESS,
 * CART_ALREADY_ORDERED. */
MUST_CHECK enum status cart_ask_move(struct request *request, const struct cart *cart,
                                     const char *currency, struct order_cart *ret_reply);
/* What every change of a cart names. */
struct cart_change {
    struct uuid cart_id;
    struct text token; /* empty, or a guest's */
    struct versions versions;
};
#define CART_CHANGE_OF(command)                                                                    \
    (&(struct cart_change){ (command)->cart_id, (command)->token, VERSIONS_OF(command) })
/* The cart, if it is the owner's, has a version that the change names if it names one, and is
 * active. WAITS. Statuses: those of cart_store_load() and cart_check_active(), NOT_FOUND,
 * PRECONDITION_FAILED. */
MUST_CHECK enum status cart_load_for_change(struct request *request,
                                            const struct cart_change *change,
                                            struct cart **ret_cart);
/* Asks the catalogue for the offers of the cart's variants and, unless NULL, of one more: one ask,
 * or none if there are no variants. Variants that the catalogue does not know have no offer. WAITS.
 * Statuses: those of request_ask(). */
MUST_CHECK enum status cart_ask_offers(struct request *request, const struct cart *cart,
                                       const struct uuid *more_variant_id,
                                       struct catalog_offers *ret_offers);

/* The same in a language that their reader prefers: names are those of the best of the market's, as
 * far as they are translated. `accept_language` empty: the first. */
MUST_CHECK enum status cart_ask_offers_in(struct request *request, const struct cart *cart,
                                          const struct uuid *more_variant_id,
                                          struct text accept_language,
                                          struct catalog_offers *ret_offers);
/* What a command or query says of it. */
#define LANGUAGE_OF(message)                                                                       \
    ((message)->has_accept_language ? (message)->accept_language : TEXT(""))

/* For whom, and how, a price is asked. */
struct cart_quote_wish {
    struct uuid customer;    /* whose uses of promotions count; zero: not known yet */
    struct text guest_email; /* of a guest who checks out, in its normal form; else empty */
    struct uuid group_id;    /* the checkout under way, whose own uses do not count; zero: none */
    bool is_explained;
};
/* Prices the cart as it is in memory, by the offers and what vendors and the market say now. The
 * quote lives in the request's arena. WAITS. Statuses: those of cart_quote_make(), of
 * request_ask() and of request_query(). */
MUST_CHECK enum status cart_ask_quote(struct request *request, const struct cart *cart,
                                      const struct catalog_offers *offers,
                                      const struct cart_quote_wish *wish,
                                      struct cart_quote **ret_quote);
/* Goods that are added to an order: priced as of now by themselves, as the groups of its buyer pay,
 * without promotions and delivery, taxed where the cart says; a business whose number is given (or
 * empty) is exempt where its country says so. WAITS. Statuses: as cart_ask_quote(). */
MUST_CHECK enum status cart_ask_goods_quote(struct request *request, const struct cart *cart,
                                            const struct catalog_offers *offers,
                                            struct text business_number,
                                            struct cart_quote **ret_quote);
/* Prices a cart that has changed since by the sources of a quote. Statuses as cart_quote_make(). */
MUST_CHECK enum status cart_quote_again(struct request *request, const struct cart *cart,
                                        struct cart_quote *quote);
/* Adds to an answer what a draft is beside a cart. WAITS. Statuses: those of draft_store_find(). */
MUST_CHECK enum status cart_answer_draft(struct request *request, const struct cart *cart,
                                         struct order_cart *ret_reply);
/* Shows the cart as it was priced. WAITS for its address. Statuses: those of request_query(). */
MUST_CHECK enum status cart_answer_quote(struct request *request, const struct cart *cart,
                                         const struct cart_quote *quote,
                                         struct order_cart *ret_reply);
/* Shows the cart at the prices of now, in the request's arena. WAITS. Statuses as cart_ask_quote().
 */
MUST_CHECK enum status cart_answer(struct request *request, const struct cart *cart,
                                   const struct catalog_offers *offers,
                                   struct order_cart *ret_reply);
/* The same, with the explanation of the price. */
MUST_CHECK enum status cart_answer_explained(struct request *request, const struct cart *cart,
                                             const struct catalog_offers *offers,
                                             struct order_cart *ret_reply);
/* Refuses a cart that is not active; of an ordered one, the fault names its group. Statuses as
 * cart_check_active(). */
MUST_CHECK enum status cart_refuse_inactive(struct request *request, const struct cart *cart);
/* Adds the fault that says how many units there are. */
void cart_explain_shortage(struct request *request, int64_t requested, int64_t available);
/* Queues a line of the cart that is new or has changed, at the price that its owner is shown, and
 * answers. WAITS. Statuses as cart_answer(). */
MUST_CHECK enum status cart_put_and_answer(struct request *request, struct cart *cart,
                                           struct cart_line *line,
                                           const struct catalog_offers *offers,
                                           struct order_cart *ret_reply);
/* Adds units (>= 1) of a variant to the cart, and answers. WAITS. Statuses: those of
 * cart_check_offer(), of cart_add_units() (explained) and of cart_answer(). */
MUST_CHECK enum status cart_add_and_answer(struct request *request, struct cart *cart,
                                           struct uuid variant_id, int64_t quantity,
                                           struct text accept_language,
                                           struct order_cart *ret_reply);
