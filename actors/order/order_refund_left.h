/* What is left at the card of an order: what may still go back of it, to the card or elsewhere. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order_life.h"
#include "actors/order/order_refund_store.h"

/* Whether the card's money is here. */
enum order_refund_standing {
    ORDER_STANDING_UNKNOWN, /* not yet, or nobody says */
    ORDER_STANDING_TAKEN,
    ORDER_STANDING_NEVER /* it will not be: the card was not charged */
};

/* How the payment of the order's group stands, and what is left of it, in minor units: captured
 * less what has gone back, is on its way or asked for, and what a bank holds or has taken back; and
 * less what of the whole group goes to a wallet or by hand instead, of which the payment does not
 * know. Negative: more goes elsewhere than there is. WAITS, not longer than an order may. Statuses:
 * OK, those of request_query(), and those of an outage. A payment that nobody knows has nothing. */
MUST_CHECK enum status order_refund_find_left(struct request *request,
                                              const struct order_life *life,
                                              enum order_refund_standing *ret_standing,
                                              int64_t *ret_left);

/* What has gone of the payment for good without a refund of ours, less what refunds were closed
 * with: its bank has taken it, or somebody has given it back at the provider itself. 0 while a
 * dispute is open, or a refund on its way. The payment does not have the refund `but_id`: nil, or
 * one that it has refused. WAITS. Statuses: as above. */
MUST_CHECK enum status order_refund_find_lost(struct request *request,
                                              const struct order_life *life, struct uuid but_id,
                                              int64_t *ret_lost);
/* How much of a refund that the payment has refused its buyer has already: what is not left for it,
 * and has gone so; and what is left. WAITS. Statuses: as above. */
MUST_CHECK enum status order_refund_find_gone(struct request *request,
                                              const struct order_life *life, struct uuid refund_id,
                                              int64_t amount, int64_t *ret_gone, int64_t *ret_left);
/* Takes off the card's part of a failed refund what has gone: it is neither owed nor on its way any
 * more. Queues the row. Statuses: those of order_refund_redirect(). */
MUST_CHECK enum status order_refund_close_gone(struct request *request, struct order_life *life,
                                               struct order_refund_row *refund, int64_t gone,
                                               struct text reason);
/* Refuses an amount of which less is left, as a fault at `pointer`. Statuses: OK,
 * REFUND_EXCEEDS_CAPTURED (told why). */
MUST_CHECK enum status order_refund_refuse_short(struct request *request, const char *pointer,
                                                 int64_t amount, int64_t left);
/* The same of what is left now. WAITS. Statuses: as above, and those of order_refund_find_left().
 */
MUST_CHECK enum status order_refund_require_left(struct request *request,
                                                 const struct order_life *life, const char *pointer,
                                                 int64_t amount);
/* Refuses a wallet that is nobody's, or whose owner may not use it any more: a guest's, and one of
 * an account that is not active, or is being erased. WAITS. Statuses: OK, INVALID_VALUE (told why),
 * and those of request_query() and request_ask(). */
MUST_CHECK enum status order_refund_require_wallet(struct request *request,
                                                   const struct order_life *life,
                                                   const char *pointer);
