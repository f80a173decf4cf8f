/* A gift card and its rules: open, then redeemed for one wallet or blocked. Pure. */
#pragma once

#include "actors/wallet/wallet_gift_code.h"
#include "wallet_messages.h"

enum { GIFT_CARDS_MADE_MAX = 100 }; /* at once, as many as the message allows */

struct gift_card {
    struct uuid id;
    uint8_t digest[GIFT_DIGEST_BYTES];
    struct text last4;
    struct money amount;   /* > 0 */
    int64_t expires_at_us; /* 0: never */
    struct text reference;
    struct uuid made_by;
    int64_t created_at_us;
    enum wallet_gift_card_state state; /* never EXPIRED: that follows from the time */
    struct uuid wallet_id;             /* of a redeemed one */
    int64_t redeemed_at_us, blocked_at_us;
};

/* Whether a wallet may have the card now, or has it. Statuses: OK, GIFT_CARD_UNKNOWN (blocked),
 * GIFT_CARD_USED (by another wallet), GIFT_CARD_EXPIRED. */
MUST_CHECK enum status gift_card_check(const struct gift_card *card, struct uuid wallet_id,
                                       int64_t now_us, bool *ret_is_claimed);
/* The wallet has it, if it may. `*ret_changes` is false where it had it before. Statuses as above.
 */
MUST_CHECK enum status gift_card_claim(struct gift_card *card, struct uuid wallet_id,
                                       int64_t now_us, bool *ret_changes);
/* Nobody may have it. Statuses: OK (also again, then nothing changes), ILLEGAL_TRANSITION (somebody
 * has it). */
MUST_CHECK enum status gift_card_block(struct gift_card *card, int64_t now_us, bool *ret_changes);
/* The card as staff sees it. Its texts are views of the card's. */
struct wallet_gift_card gift_card_describe(const struct gift_card *card, int64_t now_us);
