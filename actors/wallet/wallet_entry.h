/* An entry of the ledger: one transaction with all its legs. Pure. */
#pragma once

#include "wallet_messages.h"

enum {
    WALLET_LEGS_MAX = 15
}; /* of house accounts, as many as the message has; one more is a
      wallet's */

/* A leg of a house account. */
struct wallet_entry_leg {
    enum wallet_house_account account;
    struct money amount; /* positive: into the account */
};

struct wallet_entry {
    struct uuid id;
    enum wallet_transaction_kind kind;
    /* The wallet's leg, positive: into it. Without a currency there is none. */
    struct money amount;
    struct wallet_entry_leg legs[WALLET_LEGS_MAX];
    size_t legs_count;
    struct text reference;
    struct uuid reverses; /* the purchase that a refund gives back; else zero */
};

/* The transaction of a posted hold. Derived, so that a repetition answers the same movement without
 * having kept it, and that the ledger alone says what was paid and given back when the hold is long
 * forgotten. */
struct uuid wallet_purchase_id(struct uuid hold_id);
/* Those of refunds and transfers; likewise. */
struct uuid wallet_refund_transaction_id(struct uuid refund_id);
struct uuid wallet_transfer_transaction_id(struct uuid transfer_id);

/* An entry that moves money between a wallet (positive: into it) and one house account. */
struct wallet_entry wallet_entry_of(struct uuid id, enum wallet_transaction_kind kind,
                                    struct money amount, enum wallet_house_account account,
                                    struct text reference);
/* Whether an entry may stand in the ledger: it has legs, none of them of nothing, and they cancel
 * out in each currency. Statuses: OK, INVALID_VALUE, OUT_OF_RANGE (sums overflow). */
MUST_CHECK enum status wallet_entry_check(const struct wallet_entry *entry);
/* Whether an entry has a leg of a wallet. */
static inline bool wallet_entry_has_wallet(const struct wallet_entry *entry)
{
    return entry->amount.currency[0] != '\0';
}
