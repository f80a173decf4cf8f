/* Rows of credit that expires. Nothing but SQL and its mapping; statuses of loads are those of
 * request_query() and request_settle(). */
#pragma once

#include "actors/wallet/wallet_lot.h"
#include "actors/wallet/wallet_store.h"

/* The lots of a loaded wallet in a currency, in the request's arena. An account without any costs
 * no statement. Of others it waits until the wallet's earlier units are committed, so that rows and
 * wallet fit. WAITS. */
MUST_CHECK enum status wallet_store_load_lots(struct request *request, const struct wallet *wallet,
                                              const char *currency, struct wallet_lots **ret_lots);
/* What a purchase took of lots, in the request's arena; of an account that never had any at no
 * cost. WAITS. */
MUST_CHECK enum status wallet_store_load_lot_uses(struct request *request,
                                                  const struct wallet *wallet, const char *currency,
                                                  struct uuid purchase_id,
                                                  struct wallet_lot_uses **ret_uses);

/* Each save comes after that of the entry, in the same unit, and notes in the wallet when the first
 * lot expires now. */

/* The lot of an entry that was credited, of which so much, positive, is in it. */
void wallet_store_save_lot(struct request *request, struct wallet *wallet, const char *currency,
                           const struct wallet_lots *lots, const struct wallet_lot *lot);
/* What an entry moved in lots, which is something. */
void wallet_store_save_lot_moves(struct request *request, struct wallet *wallet,
                                 const char *currency, const struct wallet_lots *lots,
                                 const struct wallet_lot_moves *moves, struct uuid transaction_id);
/* What has expired at `now_us`, and is still there, is looked at again then. */
void wallet_store_defer_lots(struct request *request, const struct wallet *wallet,
                             const char *currency, int64_t now_us, int64_t until_us);

/* A wallet's currency in which lots are due. */
struct wallet_due_lots {
    struct uuid wallet_id;
    struct text currency;
};
enum { WALLET_DUE_LOTS_MAX = 200 };
/* In the shards, what is due first comes first; at most WALLET_DUE_LOTS_MAX. WAITS. */
MUST_CHECK enum status wallet_store_list_due_lots(struct request *request, unsigned shard_first,
                                                  unsigned shard_last,
                                                  struct wallet_due_lots **ret_due,
                                                  size_t *ret_count);
/* The same of lots that expire until then, and whose shopper was not told. WAITS. */
MUST_CHECK enum status wallet_store_list_untold_lots(struct request *request, unsigned shard_first,
                                                     unsigned shard_last, int64_t until_us,
                                                     struct wallet_due_lots **ret_due,
                                                     size_t *ret_count);

enum { WALLET_LOTS_TOLD_MAX = 10 }; /* at once, as many as the reply shows */
/* Those of one wallet and currency, what expires first comes first; at most WALLET_LOTS_TOLD_MAX.
 * WAITS. */
MUST_CHECK enum status wallet_store_find_untold_lots(struct request *request, struct uuid wallet_id,
                                                     struct text currency, int64_t until_us,
                                                     struct wallet_lot **ret_lots,
                                                     size_t *ret_count);
/* Their shopper is told in this unit. */
void wallet_store_save_told_lots(struct request *request, const struct wallet_lot *lots,
                                 size_t count);

/* The balances of a wallet as its owner sees them, with what expires first. WAITS. */
MUST_CHECK enum status wallet_store_describe(struct request *request, const struct wallet *wallet,
                                             struct wallet_balance **ret_balances);
