/* What is kept of one shopper: for exports and erasures. Nothing but SQL and its mapping. A shopper
 * whose account is being erased is held: checkouts and claims are refused meanwhile
 * (actors/order/README.md, Decisions: erasure holds first). */
#pragma once

#include "actors/order/order_store.h"

enum { ORDER_OPEN_LISTED_MAX = 14 };

/* The numbers of the shopper's orders that have not come to their end, the newest first, at most
 * ORDER_OPEN_LISTED_MAX, in the request's arena; and whether a checkout is under way. WAITS.
 * Statuses: OK and those of request_query(). */
MUST_CHECK enum status order_shopper_find_open(struct request *request, struct uuid user_id,
                                               const struct text **ret_numbers, size_t *ret_count,
                                               bool *ret_is_checking_out);
/* What was written when orders of the shopper changed, the newest first, at most `most`, in the
 * request's arena. WAITS. Statuses: OK and those of request_query(). */
MUST_CHECK enum status order_shopper_list_notes(struct request *request, struct uuid user_id,
                                                size_t most,
                                                const struct order_order_note **ret_notes,
                                                size_t *ret_count);
/* Queues that those words are forgotten, and why the shopper gave goods back; the same of a guest's
 * group, when nothing else says any more who he was. */
void order_shopper_forget_words(struct request *request, struct uuid user_id);
void order_shopper_forget_words_of_guest(struct request *request, struct uuid group_id);
/* Queues that the shopper is held until `until_us` (market time; INT64_MAX: for ever), or longer if
 * that was said before. The unit of a checkout that is not committed yet ends with
 * ACCOUNT_CLOSING. */
void order_shopper_hold(struct request *request, struct uuid user_id, int64_t until_us);
/* Whether the shopper is held now. WAITS. Statuses: OK and those of request_query(). */
MUST_CHECK enum status order_shopper_find_leaving(struct request *request, struct uuid user_id,
                                                  bool *ret_is_leaving);
/* Queues that the shopper is not held any more, unless it was for ever. */
void order_shopper_free(struct request *request, struct uuid user_id);
/* Queues the deletion of the shopper's active cart with its lines; a locked one stays. */
void order_shopper_delete_cart(struct request *request, struct uuid user_id);
/* Queues the deletion of the address from groups that the shopper placed as a guest and claimed. */
void order_shopper_forget_email(struct request *request, struct uuid user_id);
