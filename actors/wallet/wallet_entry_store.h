/* Entries of the ledger in its tables: added and read, never changed. Nothing but SQL and its
 * mapping; statuses of loads are those of request_query(). */
#pragma once

#include "actors/wallet/wallet_entry.h"
#include "actors/wallet/wallet_store.h"

/* A posted hold, with the transaction that takes what was posted of it from the wallet. */
void wallet_store_save_posted_hold(struct request *request, const struct wallet *wallet,
                                   const struct wallet_hold *hold, struct uuid transaction_id);
/* An entry that touches the wallet, as a rule has left it. */
void wallet_store_save_entry(struct request *request, const struct wallet *wallet,
                             const struct wallet_entry *entry);

/* An entry that touches no wallet. */
void wallet_store_save_house_entry(struct request *request, const struct wallet_entry *entry);

/* What staff puts right, against the house account for corrections, or credits, against that of
 * grants. */
struct wallet_correction {
    struct uuid id;                    /* of the transaction */
    enum wallet_transaction_kind kind; /* CORRECTION or CREDIT */
    struct money amount;
    struct text reference; /* may be empty */
    struct uuid staff_id;
    struct text reason;
    int64_t since_us; /* the begin of the day */
    int64_t limit;    /* what the member of staff may correct since then; 0: no limit */
};
/* An entry that a rule has left the wallet with. When the member of staff has reached the limit
 * elsewhere meanwhile, the unit ends with CONFLICT. */
void wallet_store_save_correction(struct request *request, const struct wallet *wallet,
                                  const struct wallet_correction *correction);
/* What a member of staff has corrected, credited and made in gift cards since then in the currency,
 * both ways together. WAITS. */
MUST_CHECK enum status wallet_store_sum_corrections(struct request *request, struct uuid staff_id,
                                                    const char *currency, int64_t since_us,
                                                    int64_t *ret_sum);

/* What the ledger knows of a purchase and of a refund of it. */
struct wallet_refund_history {
    bool is_paid; /* the purchase stands in the ledger, and is this wallet's */
    struct wallet_purchase purchase;
    bool is_refunded; /* the refund does */
    struct money refund;
    struct uuid refund_reverses; /* zero when it is no refund at all */
};
/* By the ids of the two transactions. WAITS. */
MUST_CHECK enum status wallet_store_find_refund(struct request *request, struct uuid wallet_id,
                                                struct uuid purchase_id, struct uuid refund_id,
                                                struct wallet_refund_history *ret_history);
