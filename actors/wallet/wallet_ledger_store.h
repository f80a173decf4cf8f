/* Entries of the ledger as they are read, whole: with every leg. Committed rows only; statuses are
 * those of request_query(), and each WAITS. */
#pragma once

#include "actors/host/list_place.h"
#include "actors/wallet/wallet_entry_store.h"

/* An entry by its id; `*ret_exists` is false, and `*ret_entry` untouched, when there is none. */
MUST_CHECK enum status wallet_store_find_entry(struct request *request, struct uuid id,
                                               struct wallet_ledger_entry *ret_entry,
                                               bool *ret_exists);

/* Entries that the query's filters let through, behind the place, the newest first; at most `max`.
 */
MUST_CHECK enum status wallet_store_list_ledger(struct request *request,
                                                const struct wallet_list_ledger *query,
                                                const struct list_place *place, int64_t max,
                                                struct wallet_ledger_entry **ret_entries,
                                                size_t *ret_count);
/* What a wallet held when everything until then, that moment included, was booked. */
MUST_CHECK enum status wallet_store_list_balances(struct request *request, struct uuid wallet_id,
                                                  int64_t as_of_us,
                                                  struct wallet_managed_balance **ret_balances,
                                                  size_t *ret_count);
