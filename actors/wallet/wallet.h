/* One wallet: what it holds in each currency, and the rules of credits and holds. Pure: no I/O, no
 * clock, no memory of its own. Amounts are minor units of their currency. */
#pragma once

#include "wallet_messages.h"

enum {
    WALLET_CURRENCIES_MAX = 32,          /* as many as the reply lists */
    WALLET_HOLDS_REMEMBERED_MAX = 64,    /* the newest; older ones are read from their rows */
    WALLET_PURCHASES_REMEMBERED_MAX = 8, /* those that were refunded last; likewise */
};

enum wallet_hold_state {
    WALLET_HOLD_PENDING,
    WALLET_HOLD_POSTED,
    WALLET_HOLD_VOIDED,
    WALLET_HOLD_EXPIRED,
};
enum { WALLET_HOLD_STATE_COUNT = 4 };
/* As the table says them. */
extern const char *const wallet_hold_state_names[WALLET_HOLD_STATE_COUNT];

/* A wallet in one currency. 0 <= held <= balance + overdraft, always. */
struct wallet_account {
    char currency[4];
    int64_t balance, held; /* minor units */
    int64_t version;       /* of its row; 0 means that there is no row yet */
    /* By how much the balance may be less than what is held, as a bank has taken back what was
     * spent or promised; it becomes less with whatever comes in. */
    int64_t overdraft;
    /* When the first of its lots (wallet_lot.h) expires; 0: it never had any,
     * WALLET_LOTS_ARE_SPENT: nothing is left of them. Says without a look at their rows that there
     * are none. */
    int64_t lots_expire_at_us;
};
#define WALLET_LOTS_ARE_SPENT INT64_MAX

/* Money set aside. A mark (a hold that was voided before it was placed) has no currency and the
 * amount 0. */
struct wallet_hold {
    struct uuid id;
    struct money amount; /* >= 0 */
    int64_t posted;      /* minor units that were taken of it; 0 unless it is posted */
    int64_t expires_at_us;
    enum wallet_hold_state state;
};

/* What a posted hold has paid, and what was given back of it. */
struct wallet_purchase {
    struct uuid transaction_id;
    struct money paid; /* >= 0 */
    int64_t refunded;  /* minor units; 0 <= refunded <= paid */
};

/* About 7 KiB: it belongs into an arena, not on a fiber's stack. */
struct wallet {
    struct uuid id;
    struct wallet_account accounts[WALLET_CURRENCIES_MAX];
    size_t accounts_count;
    /* The newest holds, whatever their state, oldest first: their rows may still be on their way to
     * the database. */
    struct wallet_hold holds[WALLET_HOLDS_REMEMBERED_MAX];
    size_t holds_count;
    /* Purchases whose refunds may still be on their way to the database, oldest first. */
    struct wallet_purchase purchases[WALLET_PURCHASES_REMEMBERED_MAX];
    size_t purchases_count;
};

/* The account of a currency, lent by the wallet; NULL when the wallet never had that currency. */
const struct wallet_account *wallet_account(const struct wallet *wallet, const char *currency);
/* What can be spent: balance - held, less than 0 where something is missing; 0 for a currency that
 * the wallet never had. */
int64_t wallet_available(const struct wallet *wallet, const char *currency);
/* An account as its owner sees it. Its currency is a view of the account's. */
struct wallet_balance wallet_describe_account(const struct wallet_account *account);
/* Whether something of the account expires; NULL is an account that was never used. */
static inline bool wallet_has_lots(const struct wallet_account *account)
{
    return account != NULL && account->lots_expire_at_us != 0 &&
           account->lots_expire_at_us != WALLET_LOTS_ARE_SPENT;
}
/* Notes when the first of its lots expires. There must be such an account. */
void wallet_note_lots(struct wallet *wallet, const char *currency, int64_t expire_at_us);
/* A remembered hold, lent by the wallet until the next change; NULL when it is not among the
 * newest. */
const struct wallet_hold *wallet_find_hold(const struct wallet *wallet, struct uuid hold_id);
/* Keeps a hold, or its new state; forgets the oldest when there are too many. */
void wallet_remember_hold(struct wallet *wallet, const struct wallet_hold *hold);
/* A purchase that was refunded lately, lent by the wallet until the next change; NULL when it is
 * not among the last. */
const struct wallet_purchase *wallet_find_purchase(const struct wallet *wallet,
                                                   struct uuid transaction_id);

/* Whether so much more, positive, stays within a limit (0: none) of which `so_far` is used up.
 * Statuses: OK, LIMIT_EXCEEDED. */
MUST_CHECK enum status wallet_check_limit(int64_t so_far, int64_t more, int64_t limit);

/* Each rule below either changes the wallet, moves the version of the account that it touches by
 * one and remembers the hold or the purchase, or changes nothing at all. */

/* Credits the wallet. Statuses: OK, INVALID_VALUE (no such currency), OUT_OF_RANGE (not positive,
 * overflow, or too many currencies). */
MUST_CHECK enum status wallet_credit(struct wallet *wallet, struct money amount);
/* Takes money that can be spent out of the wallet. Statuses: OK, OUT_OF_RANGE (not positive),
 * INSUFFICIENT_FUNDS. */
MUST_CHECK enum status wallet_debit(struct wallet *wallet, struct money amount);
/* A bank takes back what was topped up, whether or not it is still there. Statuses: OK,
 * OUT_OF_RANGE (not positive, underflow), CONFLICT (no such account: it cannot have been credited).
 */
MUST_CHECK enum status wallet_take_back(struct wallet *wallet, struct money amount);
/* Gives back a part of a purchase, which changes with the wallet. Statuses: OK, INVALID_VALUE
 * (another currency), OUT_OF_RANGE (not positive, overflow, or too many currencies),
 * REFUND_EXCEEDS_PURCHASE. */
MUST_CHECK enum status wallet_refund(struct wallet *wallet, struct wallet_purchase *purchase,
                                     struct money amount);
/* Sets money aside for a pending hold that the wallet does not know yet. A hold of nothing needs no
 * account. Statuses: OK, INVALID_VALUE (no such currency), OUT_OF_RANGE (negative),
 * INSUFFICIENT_FUNDS. */
MUST_CHECK enum status wallet_place_hold(struct wallet *wallet, const struct wallet_hold *hold);
/* What a repeated request for a hold that exists is answered; changes nothing. Statuses: OK (the
 * same amount, pending or posted), HOLD_VOIDED (voided or expired), ILLEGAL_TRANSITION (another
 * amount). */
MUST_CHECK enum status wallet_check_repeated_hold(const struct wallet_hold *existing,
                                                  struct money amount);

/* The rules that end a hold change `hold` together with the wallet. They set `*ret_changes` to
 * false when there is nothing to do because the hold has ended before. All may say CONFLICT: the
 * wallet and the hold were read at different moments and do not fit, so both must be read again. */

/* So much of the money leaves the wallet, and the rest can be spent again. An expired hold is
 * posted too, as long as so much is available. Statuses: OK, HOLD_VOIDED (voided, or expired and
 * the money is gone), ILLEGAL_TRANSITION (posted before with another amount), INVALID_VALUE
 * (another currency), OUT_OF_RANGE (negative, or more than was held), CONFLICT. */
MUST_CHECK enum status wallet_post_hold(struct wallet *wallet, struct wallet_hold *hold,
                                        struct money amount, bool *ret_changes);
/* The money can be spent again. Statuses: OK (also when voided or expired before),
 * ILLEGAL_TRANSITION (posted before), CONFLICT. */
MUST_CHECK enum status wallet_void_hold(struct wallet *wallet, struct wallet_hold *hold,
                                        bool *ret_changes);
/* The money can be spent again if the hold is pending and its time is over at `now_us` (market
 * time). The clock alone must never lead here: whoever placed the hold has said that nobody will
 * take it (actors/wallet/README.md, Decisions: a promise outlives its time). Statuses: OK,
 * CONFLICT. */
MUST_CHECK enum status wallet_expire_hold(struct wallet *wallet, struct wallet_hold *hold,
                                          int64_t now_us, bool *ret_changes);
/* The money stays set aside until `until_us` at least, if the hold is pending and its time is over
 * at `now_us`. */
void wallet_keep_hold(struct wallet *wallet, struct wallet_hold *hold, int64_t now_us,
                      int64_t until_us, bool *ret_changes);
