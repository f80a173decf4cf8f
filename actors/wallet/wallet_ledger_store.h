/* Entries of the ledger as they are read, whole: with every leg. Committed rows only; statuses are
 * those of request_query(), and each WAITS. */
#pragma once

#include "actors/wallet/wallet_entry_store.h"

/* An entry by its id; `*ret_exists` is false, and `*ret_entry` untouched, when there is none. */
MUST_CHECK enum status wallet_store_find_entry(struct request *request, struct uuid id,
                                               struct wallet_ledger_entry *ret_entry,
                                               bool *ret_exists);
