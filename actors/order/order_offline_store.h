/* What is paid outside of the market, in the database and as it is shown. */
#pragma once

#include "actors/order/order_life_store.h"
#include "actors/order/order_offline.h"

/* Of a group or an order; amounts are minor units. */
struct order_offline_state {
    enum order_offline_method method;
    int64_t agreed; /* when it was placed */
    int64_t owed, paid;
    int64_t due_at_us;  /* 0: at no time */
    struct text number; /* its own, for people */
};
/* As it is shown, with where to pay to by the market's settings; false: nothing of it is paid
 * outside of the market. */
bool order_offline_show(struct request *request, const struct order_offline_state *state,
                        const char *currency, struct order_offline_payment *ret_shown);

/* Queues, behind the orders of a placed group, how it is paid, if not at the door, until when, and
 * which vendors are asked then. */
void order_offline_store_place(struct request *request, const struct order_checkout_data *checkout,
                               const struct order_group *group);

/* The other orders of its group that wait for the same transfer. */
struct order_offline_waiting {
    int64_t count;
    int64_t before_count; /* of these: with smaller ids */
    int64_t owed;         /* by all of them, in minor units */
};
/* WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_offline_store_find_waiting(struct request *request,
                                                        const struct order_life *life,
                                                        struct order_offline_waiting *ret_waiting);
/* The orders of a group of which something is owed, at most ORDER_LINES_MAX, in the request's
 * arena. WAITS. Statuses: NOT_FOUND (no such placed group), and those of request_query(). */
MUST_CHECK enum status order_offline_store_list_owing(struct request *request, struct uuid group_id,
                                                      const struct uuid **ret_ids,
                                                      size_t *ret_count);
/* Whether an order of the shopper's was completed and paid, and nothing that is overdue is owed for
 * an invoice. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_offline_store_is_known(struct request *request, struct uuid user_id,
                                                    bool *ret_is_known);

/* What was last said of the order's money; all zero: nothing. WAITS. Statuses: those of
 * request_query(). */
MUST_CHECK enum status order_offline_store_find_mark(struct request *request, struct uuid order_id,
                                                     struct order_offline_mark *ret_mark);
/* The invoice of a checkout whose buyer is to be reminded at some time. WAITS. Statuses: OK,
 * NOT_FOUND, and those of request_query(). */
MUST_CHECK enum status order_offline_store_find_invoice(struct request *request,
                                                        struct uuid group_id,
                                                        struct order_invoice_due *ret_due);
/* Queues when the buyer is reminded next (0: not any more). The unit ends with CONFLICT when it is
 * not `before_us` any more. */
void order_offline_store_remind(struct request *request, struct uuid group_id, int64_t before_us,
                                int64_t next_us);

/* --- refunds of which a part is handed back --- */

/* And whether some of it is a card's. Statuses: OK, NOT_FOUND (no such refund of the order, or
 * nothing of it is handed back), ALREADY_SETTLED, and those of request_query(). WAITS. */
MUST_CHECK enum status order_offline_store_require_unsettled(struct request *request,
                                                             struct uuid order_id,
                                                             struct uuid refund_id,
                                                             bool *ret_is_of_card);
/* Queues that it was handed back. The unit ends with CONFLICT when it was before. */
void order_offline_store_settle(struct request *request, struct uuid refund_id);
/* Those that are open, the newest first, at most `limit` with smaller ids than `before`. WAITS.
 * Statuses: OK, CORRUPT, and those of request_query(). */
MUST_CHECK enum status order_offline_store_list_open(struct request *request, struct uuid before,
                                                     int64_t limit,
                                                     const struct order_manual_refund **ret_refunds,
                                                     size_t *ret_count);
