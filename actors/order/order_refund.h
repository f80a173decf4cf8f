/* Money on its way back to cards: what follows from what is heard of it, and when it is asked next.
 * Pure. */
#pragma once

#include "actors/order/order_life.h"
#include "order_messages.h"

/* How long until it is looked at again, after so many times: sooner at first, then each hour. */
int64_t order_refund_pause_us(int64_t tries);
/* The same once it has succeeded, so long after it was made: what has arrived may come back, so it
 * is looked at ever less often for a month. 0: not any more. */
int64_t order_refund_recheck_us(int64_t age_us);
/* True when nothing follows by itself any more. */
bool order_refund_is_over(enum order_card_refund_state state);

/* Moves what goes to the card from one state to another, in the sums. */
void order_refund_move(struct order_life *life, int64_t amount, enum order_card_refund_state from,
                       enum order_card_refund_state to);
/* The same of what the wallet has got instead. */
void order_refund_note_credit(struct order_life *life, int64_t amount);
/* That it has arrived, or cannot, stands in the history; `code` says why not. Nothing is noted
 * while it is on its way. Statuses: as order_life_pull(). */
MUST_CHECK enum status order_refund_tell(struct order_life *life,
                                         enum order_card_refund_state state, struct text code,
                                         const struct order_terms *terms);
/* Staff gives something back without cancelling: the row of history that tells of it. Statuses: as
 * order_life_pull(). */
MUST_CHECK enum status order_refund_give(struct order_life *life, struct text reason,
                                         const struct order_terms *terms);
/* `amount` that should go to the wallet is owed to the card again, which cannot get it: the sums
 * are moved, and the history says why. Statuses: as order_life_pull(). */
MUST_CHECK enum status order_refund_fall_back(struct order_life *life, int64_t amount,
                                              struct text code, const struct order_terms *terms);
/* `amount` of the card's part goes another way than it should: from the card to the wallet, or to
 * a person's hand; from the wallet to a person's hand. The sums are moved, and the history says
 * why. Statuses: likewise. */
enum order_refund_detour {
    ORDER_DETOUR_CARD_TO_WALLET,
    ORDER_DETOUR_CARD_TO_HAND,
    ORDER_DETOUR_WALLET_TO_HAND,
    ORDER_DETOUR_CARD_AGAIN,   /* no other way: it is asked for at the card once more */
    ORDER_DETOUR_CARD_TO_BANK, /* nowhere: its bank has it already */
    ORDER_DETOUR_WALLET_TO_BANK
};
MUST_CHECK enum status order_refund_redirect(struct order_life *life, int64_t amount,
                                             enum order_refund_detour detour, struct text reason,
                                             const struct order_terms *terms);
