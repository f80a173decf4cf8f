/* What orders keep of their price, line by line, and what went back of it. Nothing but SQL and its
 * mapping. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order_back.h"
#include "order_messages.h"

enum { ORDER_CANCELLATIONS_MAX = 20 }; /* in parts; the end of the order may be one more */

/* The lines of an order in their order, then its deliveries, with what went back before, as it is
 * committed, in the request's arena. WAITS. Statuses: OK, CORRUPT, and those of request_query(). */
MUST_CHECK enum status order_back_store_load(struct request *request, struct uuid order_id,
                                             const struct order_subject **ret_subjects,
                                             size_t *ret_count);
/* What is left of what holds of edits have paid of an order, those of the newest edits first, in
 * the request's arena. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_back_store_load_holds(struct request *request, struct uuid order_id,
                                                   const struct order_back_hold **ret_left,
                                                   size_t *ret_count);
/* Queues a refund, its shares, and what goes back by which holds. The order's own sums are saved
 * with its life. */
void order_back_store_add(struct request *request, struct uuid order_id,
                          const struct order_back *back);
/* Gives an order that is shown with its lines its cancellations, and what staff has refunded
 * without. WAITS. Statuses likewise. */
MUST_CHECK enum status order_back_store_fill(struct request *request, struct order_order *order);
/* Gives its returns and claims, with which it is shown, what went back of what was sent again for
 * them. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_back_store_fill_given(struct request *request,
                                                   struct order_order *order);
