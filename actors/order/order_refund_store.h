/* Refunds as they are looked after: what goes back to cards, what is credited instead. Nothing but
 * SQL and its mapping. */
#pragma once

#include "actors/order/order_due.h"
#include "actors/order/order_refund_money.h"

/* What is credited to the wallet instead of the card: the id is that of the wallet's transfer. */
struct order_refund_credit {
    struct uuid id;
    int64_t amount;
};
enum { ORDER_REFUND_CREDITS_MAX = 2 }; /* as it was refunded, and as staff has redirected it */

struct order_refund_row {
    struct uuid id, order_id;
    struct order_refund_money money;
    int64_t made_at_us;
    int64_t tries;   /* so often it was looked at */
    int64_t attempt; /* so often it was asked for at the card again, under another id */
    struct order_refund_credit credits[ORDER_REFUND_CREDITS_MAX]; /* that are not made yet */
    size_t credits_count;
};
/* WAITS. Statuses: OK, NOT_FOUND (the order has no such refund), CORRUPT, and those of
 * request_query(). */
MUST_CHECK enum status order_refund_store_find(struct request *request, struct uuid order_id,
                                               struct uuid refund_id, const char *currency,
                                               struct order_refund_row *ret_refund);

/* What was heard of its part that goes to the card, and when it is looked at next (0: not any
 * more). */
struct order_refund_heard {
    enum order_card_refund_state state;
    struct text code; /* may be empty */
    int64_t look_at_us;
};
/* Queues it. The unit ends with CONFLICT when the refund was looked at meanwhile, or goes another
 * way. */
void order_refund_store_note(struct request *request, const struct order_refund_row *refund,
                             const struct order_refund_heard *heard);
/* Queues that a credit was made; CONFLICT when it was before. */
void order_refund_store_credited(struct request *request, struct uuid credit_id);

/* Queues that money goes another way: what should go to the card goes to the wallet (`credit_id`
 * names the transfer), or is handed back by a person. CONFLICT when it goes another way already. */
void order_refund_store_to_wallet(struct request *request, const struct order_refund_row *refund,
                                  struct uuid credit_id);
void order_refund_store_to_hand(struct request *request, const struct order_refund_row *refund);
/* The same of a credit that the wallet does not take: it is handed back. */
void order_refund_store_credit_to_hand(struct request *request,
                                       const struct order_refund_row *refund,
                                       const struct order_refund_credit *credit);

/* The same of a credit that is not covered any more: it is owed to the card again, which cannot get
 * it. */
void order_refund_store_credit_to_card(struct request *request,
                                       const struct order_refund_row *refund,
                                       const struct order_refund_credit *credit);
/* Queues that so much of a credit, or of what a card could not get, has gone already: the card's
 * bank has taken it from the market, or it went back without a refund of ours. What is left of the
 * credit is made under another id; what is left of the card's has failed still. CONFLICT as above.
 */
void order_refund_store_credit_to_bank(struct request *request,
                                       const struct order_refund_row *refund,
                                       const struct order_refund_credit *credit, int64_t amount,
                                       struct uuid rest_id);
void order_refund_store_to_bank(struct request *request, const struct order_refund_row *refund,
                                int64_t amount);
/* What was closed so in all orders of a group, and what of them, but for one refund, has gone to
 * the card or may still, in minor units. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_refund_store_sum_closed(struct request *request, struct uuid group_id,
                                                     struct uuid but_id, int64_t *ret_by_bank,
                                                     int64_t *ret_to_card);
/* Queues that what the card could not get is asked for there once more; CONFLICT as above. */
void order_refund_store_ask_again(struct request *request, const struct order_refund_row *refund);

/* What of the card's part goes to a wallet or by hand in the group's other orders, in minor units.
 * WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_refund_store_sum_elsewhere(struct request *request,
                                                        struct uuid group_id, struct uuid order_id,
                                                        int64_t *ret_sum);

/* Refunds that are to be looked at: order and refund. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_refund_store_list_due(struct request *request, unsigned shard_first,
                                                   unsigned shard_last,
                                                   const struct due_object **ret_due,
                                                   size_t *ret_count);
/* The same of those to the card of a checkout that have not failed, the newest first. */
MUST_CHECK enum status order_refund_store_list_of_group(struct request *request,
                                                        struct uuid group_id,
                                                        const struct due_object **ret_due,
                                                        size_t *ret_count);

/* Whose refund it is. WAITS. Statuses: OK, NOT_FOUND, and those of request_query(). */
MUST_CHECK enum status order_refund_store_find_order(struct request *request, struct uuid refund_id,
                                                     struct uuid *ret_order_id);

struct order_refund_filter {
    struct uuid order_id; /* zero: of any */
    bool has_state, has_place;
    enum order_card_refund_state state;
    enum order_refund_place place;
    int64_t from_us, to_us; /* from the one on, before the other */
};
/* How many refunds staff has made of an order. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_refund_store_count(struct request *request, struct uuid order_id,
                                                int64_t *ret_count);
/* The newest first, at most `limit` with smaller ids than `before`, in the request's arena. WAITS.
 * Statuses: OK, CORRUPT, and those of request_query(). */
MUST_CHECK enum status order_refund_store_list(struct request *request,
                                               const struct order_refund_filter *filter,
                                               struct uuid before, int64_t limit,
                                               struct order_listed_refund **ret_refunds,
                                               size_t *ret_count);
