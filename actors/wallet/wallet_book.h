/* What a card payment brings into the ledger: the entry that follows from what was booked of it and
 * what is told now. Pure. */
#pragma once

#include "actors/wallet/wallet_entry.h"

/* Of a payment, in minor units; each in all. */
struct wallet_booked {
    int64_t captured, refunded, disputed;
};

/* The entry that moves what has changed since: between the provider and clearing (what banks take
 * back of an order: the market's account for that), or the wallet of a top-up. False: nothing is
 * moved. `id` is of the entry; its reference is left empty. */
bool wallet_book_entry(struct uuid id, bool is_topup, const struct wallet_booked *before,
                       const struct wallet_booked *now, const char *currency,
                       struct wallet_entry *ret_entry);
