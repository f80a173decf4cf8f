/* Redemptions and the counters of their promotion in PostgreSQL. Loads WAIT and see committed rows
 * only, or what the promotion's actor remembers; saves are queued, counters and redemption in one
 * statement, and what they find otherwise than it was seen ends the unit with CONFLICT. Statuses of
 * loads: OK, NOT_FOUND (no such promotion), CORRUPT, and those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order_due.h"
#include "actors/order/redemption.h"

/* A promotion's counters and one redemption of it. */
MUST_CHECK enum status redemption_store_load(struct request *request, struct uuid promotion_id,
                                             struct uuid group_id, struct promotion_uses **ret_uses,
                                             struct redemption *ret_redemption);
/* How many redemptions of a customer count, what is remembered included: those of an account with
 * those of the guests whose addresses were verified for it, and of a guest with that account's. */
MUST_CHECK enum status redemption_store_count_of(struct request *request,
                                                 const struct promotion_uses *uses,
                                                 struct uuid customer, int64_t *ret_count);
/* What redemption_hold() has set aside; `customer_uses` is what it was judged by. */
void redemption_store_save_held(struct request *request, const struct promotion_uses *uses,
                                const struct redemption *redemption, int64_t customer_uses);
/* What redemption_step() has moved from `from`, or its mark. */
void redemption_store_save_moved(struct request *request, const struct promotion_uses *uses,
                                 const struct redemption *redemption, enum order_state from);
void redemption_store_save_mark(struct request *request, const struct promotion_uses *uses,
                                const struct redemption *redemption);
void redemption_store_save_kept(struct request *request, const struct promotion_uses *uses,
                                const struct redemption *redemption);

/* A promotion that is changed by its own actor: gives it the counters that are remembered, which
 * may be ahead of the row, and remembers its new terms. */
void redemption_store_recall_counts(struct request *request, struct promotion *promotion);
void redemption_store_remember_terms(struct request *request, const struct promotion *promotion);

enum { REDEMPTIONS_DUE_MAX = 200 };
/* Held ones of these shards whose time is over, the longest overdue first, at most
 * REDEMPTIONS_DUE_MAX. Never NOT_FOUND. */
MUST_CHECK enum status redemption_store_list_due(struct request *request, unsigned shard_first,
                                                 unsigned shard_last,
                                                 const struct due_object **ret_due,
                                                 size_t *ret_count);
/* Promotions of which the checkout has set a use aside or taken it, at most PRICE_PROMOTIONS_MAX.
 * Committed rows; WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status redemption_store_list_of_group(struct request *request, struct uuid group_id,
                                                      const struct uuid **ret_ids,
                                                      size_t *ret_count);
