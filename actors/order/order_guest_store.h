/* SQL about guests: carts that were taken over or forgotten, groups that are claimed. */
#pragma once

#include "actors/order/order_store.h"

enum { ORDER_GUESTS_SWEPT = 64, ORDER_GROUPS_CLAIMED_MAX = 200, ORDER_GUEST_MAILS_MAX = 5 };

/* Which of a shopper's carts has taken over a guest's. */
struct stored_merge {
    struct uuid cart_id, user_id;
};
/* WAITS. Statuses: OK, NOT_FOUND, and those of request_query(). */
MUST_CHECK enum status order_guest_find_merge(struct request *request, struct uuid guest_cart_id,
                                              struct stored_merge *ret_merge);
/* Queues the mark; the unit ends with CONFLICT when there is one. */
void order_guest_add_merge(struct request *request, struct uuid guest_cart_id,
                           const struct stored_merge *merge);

/* Guests' carts of these shards that were last changed before that time, the oldest first, at most
 * ORDER_GUESTS_SWEPT. WAITS. */
MUST_CHECK enum status order_guest_list_idle(struct request *request, unsigned shard_first,
                                             unsigned shard_last, int64_t before_us,
                                             const struct uuid **ret_ids, size_t *ret_count);
/* Queues the deletion of a guest's cart with its lines and its mark, unless it was changed since or
 * is being checked out. */
void order_guest_drop_cart(struct request *request, struct uuid cart_id, int64_t before_us);

/* Groups of guests of these shards whose address was last looked at (else: that began) before that
 * time, the oldest first, at most ORDER_GUESTS_SWEPT. WAITS. */
MUST_CHECK enum status order_guest_list_old(struct request *request, unsigned shard_first,
                                            unsigned shard_last, int64_t before_us,
                                            const struct uuid **ret_ids, size_t *ret_count);
/* Queues the end of a guest's address, unless an order of the group is open, and that it was looked
 * at; nothing happens when somebody has claimed the group or it is younger. */
void order_guest_forget(struct request *request, struct uuid group_id, int64_t before_us);

/* Where the guest of a group is reached; empty when it has none. are_many: ORDER_GUEST_MAILS_MAX
 * groups were placed under the address within the hour before, and nobody has claimed them. WAITS.
 * Statuses: OK, NOT_FOUND, and those of request_query(). */
MUST_CHECK enum status order_guest_find_contact(struct request *request, struct uuid group_id,
                                                struct order_guest_contact *ret_guest,
                                                bool *ret_are_many);
/* Groups that were placed under an address in its normal form until then and are nobody's, at most
 * ORDER_GROUPS_CLAIMED_MAX. WAITS. */
MUST_CHECK enum status order_guest_list_groups(struct request *request, struct text email,
                                               int64_t until_us, const struct uuid **ret_ids,
                                               size_t *ret_count);
/* Queues the move of groups with their orders into an account, of those that are nobody's yet. With
 * `must_be_all` the unit ends with CONFLICT when one is not, with ACCOUNT_CLOSING while the account
 * is being erased; without, nothing is moved then. Their rows are of other shards than
 * the request's: nobody else ever changes the owner of a group, and the row itself decides. */
void order_guest_claim(struct request *request, const struct uuid *group_ids, size_t count,
                       struct uuid user_id, bool must_be_all);
