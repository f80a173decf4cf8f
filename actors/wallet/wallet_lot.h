/* Credit that expires: the lots of one wallet in one currency. What is not in a lot never expires.
 * Pure: amounts are minor units, times microseconds of market time.
 *
 * A rule here follows a rule of wallet.h, which has changed the balance: it says how much of that
 * was in which lots. The lots together never hold more than the balance, and nothing while the
 * wallet owes something. */
#pragma once

#include "actors/wallet/wallet.h"

enum {
    WALLET_LOTS_CREDITED_MAX = 64, /* as many with something left, and no more is credited */
    WALLET_LOTS_MAX = 128,         /* refunds may bring others back to life */
};

/* A part of a balance that expires. */
struct wallet_lot {
    struct uuid id; /* of the entry that credited it */
    int64_t left;   /* > 0 */
    int64_t expires_at_us;
};

/* All that have something left, what expires first comes first. About 4 KiB: for an arena. */
struct wallet_lots {
    struct wallet_lot lots[WALLET_LOTS_MAX];
    size_t count;
};

/* What an entry moves in a lot, and when that expires then. */
struct wallet_lot_move {
    struct uuid lot_id;
    int64_t amount; /* positive: into it; not 0 */
    int64_t expires_at_us;
};
struct wallet_lot_moves {
    struct wallet_lot_move moves[WALLET_LOTS_MAX];
    size_t count;
};

/* What a purchase has taken of a lot, and what its refunds have given back there. */
struct wallet_lot_use {
    struct uuid lot_id;
    int64_t used, returned; /* 0 <= returned <= used */
    int64_t expires_at_us;  /* of the lot, now */
};
struct wallet_lot_uses {
    struct wallet_lot_use uses[WALLET_LOTS_MAX]; /* in the order in which they were spent */
    size_t count;
};

int64_t wallet_lots_sum(const struct wallet_lots *lots);
/* When the first of them expires, as wallet_account keeps it. */
int64_t wallet_lots_expire_at(const struct wallet_lots *lots);
/* Whether credit may be given until then: from an hour to ten years from now. */
bool wallet_lot_may_expire_at(int64_t now_us, int64_t expires_at_us);

/* Something was credited that expires: it becomes a lot, but for what the wallet owed, which is
 * made good first. `balance` is that after it. Returns what is in the lot; 0: there is none, also
 * where there are WALLET_LOTS_MAX, then it never expires. */
int64_t wallet_lots_add(struct wallet_lots *lots, struct uuid id, int64_t amount,
                        int64_t expires_at_us, int64_t balance);
/* Something was spent: of what expires first. */
void wallet_lots_spend(struct wallet_lots *lots, int64_t amount,
                       struct wallet_lot_moves *ret_moves);
/* Something was taken out that was not spent (a correction, a bank that takes back a top-up): of
 * what never expires, and only what is not there of what expires first. `balance` is that before
 * it. */
void wallet_lots_take(struct wallet_lots *lots, int64_t amount, int64_t balance,
                      struct wallet_lot_moves *ret_moves);
/* Takes out what has expired at `now_us`. What is held claims what expires first; that much stays.
 * Returns the sum, which the balance has to lose; it is never more than can be spent. */
int64_t wallet_lots_lapse(struct wallet_lots *lots, int64_t held, int64_t now_us,
                          struct wallet_lot_moves *ret_moves);
/* What a refund gives back. */
struct wallet_lot_return {
    const struct wallet_lot_uses *uses;
    int64_t paid, refunded; /* of the purchase, before this refund */
    int64_t amount;         /* what this refund gives back */
    int64_t balance;        /* after it */
    int64_t now_us, grace_us;
};
/* Gives back to the lots what a purchase took of them: what was spent last comes back first, so
 * that which never expires before all. A lot that has expired meanwhile lives for the grace again.
 * What the wallet owed is made good before a lot gets anything. */
void wallet_lots_return(struct wallet_lots *lots, const struct wallet_lot_return *refund,
                        struct wallet_lot_moves *ret_moves);
