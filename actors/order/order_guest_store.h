/* SQL about guests: their carts that are merged or forgotten, their groups that are claimed. Reads
 * see committed rows, in the request's arena; their statuses are OK and those of request_query().
 */
#pragma once

#include "actors/order/order_store.h"

enum {
    ORDER_GUESTS_SWEPT = 64,        /* ids of one list */
    ORDER_GROUPS_CLAIMED_MAX = 200, /* by one command */
    ORDER_GUEST_MAILS_MAX = 5,      /* to one address within an hour */
    ORDER_GUEST_ADDRESSES_MAX = 16, /* of an account, by which it was a guest */
};

/* Which of a shopper's carts has adopted the lines of a guest's cart. */
struct stored_merge {
    struct uuid cart_id, user_id;
};
/* The merge of a guest's cart. WAITS. Also NOT_FOUND: it is not merged. */
MUST_CHECK enum status order_guest_find_merge(struct request *request, struct uuid guest_cart_id,
                                              struct stored_merge *ret_merge);
/* Queues that the guest's cart is merged; the unit ends with CONFLICT when it is already. */
void order_guest_add_merge(struct request *request, struct uuid guest_cart_id,
                           const struct stored_merge *merge);

/* Ids of guests' carts, and of drafts, of these shards that were last changed before `before_us`
 * (market time), the oldest first, at most ORDER_GUESTS_SWEPT. WAITS. */
MUST_CHECK enum status order_guest_list_idle(struct request *request, unsigned shard_first,
                                             unsigned shard_last, int64_t before_us,
                                             const struct uuid **ret_ids, size_t *ret_count);
/* Queues the deletion of a guest's cart or a draft with its lines and its merge, unless it was
 * changed after `before_us` or is being checked out. */
void order_guest_drop_cart(struct request *request, struct uuid cart_id, int64_t before_us);

/* Ids of guests' groups of these shards whose address was last looked at by order_guest_forget(),
 * or if never, that began, before `before_us`; the oldest first, at most ORDER_GUESTS_SWEPT. WAITS.
 */
MUST_CHECK enum status order_guest_list_old(struct request *request, unsigned shard_first,
                                            unsigned shard_last, int64_t before_us,
                                            const struct uuid **ret_ids, size_t *ret_count);
/* Queues that a guest's address was looked at, and its deletion unless an order of the group is
 * still open. Nothing happens when the group was claimed or is younger than `before_us`. */
void order_guest_forget(struct request *request, struct uuid group_id, int64_t before_us);

/* Where the guest of a group is reached; empty when the group has no address. `*ret_are_many` is
 * true when in the hour before it ORDER_GUEST_MAILS_MAX groups were placed under the same address
 * and nobody has claimed them. WAITS. Also NOT_FOUND. */
MUST_CHECK enum status order_guest_find_contact(struct request *request, struct uuid group_id,
                                                struct order_guest_contact *ret_guest,
                                                bool *ret_are_many);
/* Ids of groups that were placed under an address (in its normal form) until `until_us` and that
 * nobody has claimed, at most ORDER_GROUPS_CLAIMED_MAX. WAITS. */
MUST_CHECK enum status order_guest_list_groups(struct request *request, struct text email,
                                               int64_t until_us, const struct uuid **ret_ids,
                                               size_t *ret_count);
/* Queues the move of groups (1 to ORDER_GROUPS_CLAIMED_MAX), with their orders, into an account:
 * those that nobody has claimed yet. With `must_be_all` the unit ends with CONFLICT when one was
 * claimed before, and with ACCOUNT_CLOSING while the account is being erased; without it, what
 * cannot be moved stays. The rows belong to other shards than the request's, which is safe here:
 * nothing else ever changes the owner of a group, and the row itself decides. */
void order_guest_claim(struct request *request, const struct uuid *group_ids, size_t count,
                       struct uuid user_id, bool must_be_all);

/* Queues that an account is the guest `customer` (promotion_customer_of_guest()) of an address that
 * was verified for it: uses of promotions by either are counted as the other's. Beyond
 * ORDER_GUEST_ADDRESSES_MAX addresses nothing is noted. */
void order_guest_note_address(struct request *request, struct uuid user_id, struct uuid customer);
/* Queues that this is forgotten of an account. */
void order_guest_forget_addresses(struct request *request, struct uuid user_id);
