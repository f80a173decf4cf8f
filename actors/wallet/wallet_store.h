/* Rows of the wallet domain: loads, version-checked saves, and the lists that shoppers see. Nothing
 * but SQL and its mapping. */
#pragma once

#include "actors/host/request.h"
#include "actors/wallet/wallet.h"
#include "wallet_messages.h"

/* The committed rows of all currencies; a wallet without rows is empty. The wallet lives in the
 * request's arena. WAITS. Statuses as request_query(). */
MUST_CHECK enum status wallet_store_read(struct request *request, struct uuid wallet_id,
                                         struct wallet **ret_wallet);
/* What the activation remembers, else wallet_store_read(). WAITS. */
MUST_CHECK enum status wallet_store_load(struct request *request, struct uuid wallet_id,
                                         struct wallet **ret_wallet);
/* The same, with a hold of this wallet: remembered, else its committed row. `*ret_hold_exists` is
 * false when there is none, or when it is another wallet's. At most one statement. WAITS. */
MUST_CHECK enum status wallet_store_load_with_hold(struct request *request, struct uuid wallet_id,
                                                   struct uuid hold_id, struct wallet **ret_wallet,
                                                   struct wallet_hold *ret_hold,
                                                   bool *ret_hold_exists);

/* Each save queues one statement for what one rule has changed and remembers the wallet. The unit
 * ends with CONFLICT when a row is not what the rule saw. */
void wallet_store_save_placed_hold(struct request *request, const struct wallet *wallet,
                                   const struct wallet_hold *hold, struct text reference);
/* The mark of a hold that was voided before it came. */
void wallet_store_save_mark(struct request *request, const struct wallet *wallet,
                            const struct wallet_hold *hold);
/* Voided or expired. */
void wallet_store_save_freed_hold(struct request *request, const struct wallet *wallet,
                                  const struct wallet_hold *hold);
/* Posted: with its transaction against the shard's clearing account. */
void wallet_store_save_posted_hold(struct request *request, const struct wallet *wallet,
                                   const struct wallet_hold *hold, struct uuid transaction_id);
/* Credited: with its transaction against the shard's grants account. */
void wallet_store_save_grant(struct request *request, const struct wallet *wallet,
                             struct money amount, struct text reference,
                             struct uuid transaction_id);

struct wallet_due_hold {
    struct uuid id, wallet_id;
};
enum { WALLET_DUE_HOLDS_MAX = 200 };
/* Pending holds of the shards whose time is over, at most WALLET_DUE_HOLDS_MAX, the oldest first.
 * WAITS. */
MUST_CHECK enum status wallet_store_due_holds(struct request *request, unsigned shard_first,
                                              unsigned shard_last,
                                              const struct wallet_due_hold **ret_holds,
                                              size_t *ret_count);

/* Movements of a wallet, newest first, below position `before` in its shard's chain (INT64_MAX:
 * from the newest); at most `max`. ret_positions belongs to them one by one. WAITS. */
MUST_CHECK enum status wallet_store_transactions(struct request *request, struct uuid wallet_id,
                                                 int64_t before, size_t max,
                                                 struct wallet_transaction **ret_transactions,
                                                 int64_t **ret_positions, size_t *ret_count);
