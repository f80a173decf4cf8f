/* SQL of orders that staff prepares: what is known of one beside its cart (cart_store.h). Reads see
 * committed rows, in the request's arena; their statuses are OK, CORRUPT, and those of
 * request_query(). */
#pragma once

#include "actors/order/order_store.h"

enum {
    DRAFTS_OPEN_MAX = 50,   /* not ordered, of one member of the staff */
    DRAFTS_LISTED_MAX = 100 /* of a shopper */
};

/* Queues a new draft with its empty cart, at version 1. The unit ends with ACCOUNT_CLOSING while
 * the account of its customer is being erased. */
void draft_store_create(struct request *request, const struct order_open_draft *draft);
/* How many drafts of a member of the staff are not ordered. WAITS. */
MUST_CHECK enum status draft_store_count(struct request *request, struct uuid staff_id,
                                         int64_t *ret_count);
/* Everything of one. WAITS. Also NOT_FOUND. */
MUST_CHECK enum status draft_store_find(struct request *request, struct uuid cart_id,
                                        struct order_draft *ret_draft);
/* Takes out what only staff may know. */
void draft_hide(struct order_draft *draft);

struct draft_filter {
    struct uuid user_id, made_by; /* zero: any */
    struct text status;           /* empty: any */
    bool has_made_from, has_made_to;
    int64_t made_from_us, made_to_us;
};
/* The newest first, at most `limit` (>= 1) with smaller ids than `before`. WAITS. */
MUST_CHECK enum status draft_store_list(struct request *request, const struct draft_filter *filter,
                                        struct uuid before, int64_t limit,
                                        struct order_draft **ret_drafts, size_t *ret_count);
/* What was sent to a shopper and is not ordered, the newest first, at most DRAFTS_LISTED_MAX.
 * WAITS.
 */
MUST_CHECK enum status draft_store_list_sent(struct request *request, struct uuid user_id,
                                             struct order_draft **ret_drafts, size_t *ret_count);
/* Every draft for a shopper that is not ordered, likewise. WAITS. */
MUST_CHECK enum status draft_store_list_of(struct request *request, struct uuid user_id,
                                           struct order_draft **ret_drafts, size_t *ret_count);
/* Where the guest of a draft that was sent is reached; empty for a shopper's, and for one that was
 * not sent. `*ret_are_many` as order_guest_find_contact() has it, of drafts. WAITS. Also NOT_FOUND.
 */
MUST_CHECK enum status draft_store_find_contact(struct request *request, struct uuid cart_id,
                                                struct order_guest_contact *ret_guest,
                                                bool *ret_are_many);
/* Where the guest of a draft is reached, sent or not. WAITS. Also NOT_FOUND. */
MUST_CHECK enum status draft_store_find_guest(struct request *request, struct uuid cart_id,
                                              struct order_guest_contact *ret_guest);

/* --- changes: as in cart_store.h, the cart's version moves by one in the row and in `cart` --- */

/* Queues another note. */
void draft_store_set_note(struct request *request, struct cart *cart, struct text note);
/* Queues an open draft as sent. */
void draft_store_send(struct request *request, struct cart *cart);
/* Queues the end of an active draft: nothing of it stays. */
void draft_store_discard(struct request *request, const struct cart *cart);

/* Queues, behind the placement of its cart, that a draft was ordered, by staff or (`placed_by`
 * zero) its customer: what it had of people is forgotten. */
void draft_store_note_placed(struct request *request, struct uuid cart_id, struct uuid placed_by);
