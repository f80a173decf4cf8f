/* Rows of the wallet domain: loads, saves that check the version, and the lists that shoppers see.
 * Nothing but SQL and its mapping. What is loaded lives in the request's arena; statuses of loads
 * are those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "actors/wallet/wallet.h"
#include "wallet_messages.h"

/* The committed rows of all currencies, for queries; a wallet without rows is empty. WAITS. */
MUST_CHECK enum status wallet_store_read(struct request *request, struct uuid wallet_id,
                                         struct wallet **ret_wallet);
/* The wallet as earlier messages left it (what the activation remembers), else
 * wallet_store_read(); for commands, which are keyed by the wallet. WAITS. */
MUST_CHECK enum status wallet_store_load(struct request *request, struct uuid wallet_id,
                                         struct wallet **ret_wallet);
/* The same, with one hold of this wallet: remembered, else its committed row. `*ret_hold_exists` is
 * false, and `*ret_hold` is untouched, when there is none or it is another wallet's. At most one
 * statement. WAITS. */
MUST_CHECK enum status wallet_store_load_with_hold(struct request *request, struct uuid wallet_id,
                                                   struct uuid hold_id, struct wallet **ret_wallet,
                                                   struct wallet_hold *ret_hold,
                                                   bool *ret_hold_exists);

/* Each save queues one statement for what one rule has changed, and the activation remembers the
 * wallet as it is now. When a row is not what the rule saw, the unit ends with CONFLICT and the
 * handler runs again. */

/* A hold that wallet_place_hold() accepted; `reference` says what it is for. */
void wallet_store_save_placed_hold(struct request *request, const struct wallet *wallet,
                                   const struct wallet_hold *hold, struct text reference);
/* The mark of a hold that was voided before it was placed. */
void wallet_store_save_mark(struct request *request, const struct wallet *wallet,
                            const struct wallet_hold *hold);
/* A hold that was voided or has expired. */
void wallet_store_save_freed_hold(struct request *request, const struct wallet *wallet,
                                  const struct wallet_hold *hold);
/* A hold that is kept beyond its time. */
void wallet_store_save_kept_hold(struct request *request, const struct wallet *wallet,
                                 const struct wallet_hold *hold);

struct wallet_due_hold {
    struct uuid id, wallet_id;
};
enum { WALLET_DUE_HOLDS_MAX = 200 };
/* Pending holds of the shards `shard_first` to `shard_last` whose time is over, the longest overdue
 * first, at most WALLET_DUE_HOLDS_MAX. WAITS. */
MUST_CHECK enum status wallet_store_list_due_holds(struct request *request, unsigned shard_first,
                                                   unsigned shard_last,
                                                   const struct wallet_due_hold **ret_holds,
                                                   size_t *ret_count);

/* Movements of a wallet, newest first, below position `before` in its shard's chain (INT64_MAX:
 * from the newest); at most `max`. `ret_positions` has the position of each. WAITS. */
MUST_CHECK enum status wallet_store_list_transactions(struct request *request,
                                                      struct uuid wallet_id, int64_t before,
                                                      size_t max,
                                                      struct wallet_transaction **ret_transactions,
                                                      int64_t **ret_positions, size_t *ret_count);
