/* The rules of gift cards: each is used once, by whoever comes first. */
#include "actors/wallet/wallet_gift.h"

static bool is_over(const struct gift_card *card, int64_t now_us)
{
    return card->expires_at_us != 0 && card->expires_at_us <= now_us;
}

enum status gift_card_check(const struct gift_card *card, struct uuid wallet_id, int64_t now_us,
                            bool *ret_is_claimed)
{
    switch (card->state) {
    case WALLET_GIFT_CARD_STATE_REDEEMED:
        if (!uuid_equals(card->wallet_id, wallet_id)) return STATUS_GIFT_CARD_USED;
        *ret_is_claimed = true;
        return STATUS_OK;
    case WALLET_GIFT_CARD_STATE_BLOCKED:
        return STATUS_GIFT_CARD_UNKNOWN;
    case WALLET_GIFT_CARD_STATE_OPEN:
    case WALLET_GIFT_CARD_STATE_EXPIRED:
        break;
    }
    if (is_over(card, now_us)) return STATUS_GIFT_CARD_EXPIRED;
    *ret_is_claimed = false;
    return STATUS_OK;
}

enum status gift_card_claim(struct gift_card *card, struct uuid wallet_id, int64_t now_us,
                            bool *ret_changes)
{
    bool is_claimed;
    TRY(gift_card_check(card, wallet_id, now_us, &is_claimed));
    *ret_changes = !is_claimed;
    if (is_claimed) return STATUS_OK;
    card->state = WALLET_GIFT_CARD_STATE_REDEEMED;
    card->wallet_id = wallet_id;
    card->redeemed_at_us = now_us;
    return STATUS_OK;
}

enum status gift_card_block(struct gift_card *card, int64_t now_us, bool *ret_changes)
{
    if (card->state == WALLET_GIFT_CARD_STATE_REDEEMED) return STATUS_ILLEGAL_TRANSITION;
    *ret_changes = card->state != WALLET_GIFT_CARD_STATE_BLOCKED;
    if (!*ret_changes) return STATUS_OK;
    card->state = WALLET_GIFT_CARD_STATE_BLOCKED;
    card->blocked_at_us = now_us;
    return STATUS_OK;
}

struct wallet_gift_card gift_card_describe(const struct gift_card *card, int64_t now_us)
{
    const bool is_open = card->state == WALLET_GIFT_CARD_STATE_OPEN;
    const bool is_redeemed = card->state == WALLET_GIFT_CARD_STATE_REDEEMED;
    return (struct wallet_gift_card){
        .id = card->id,
        .last4 = card->last4,
        .state = is_open && is_over(card, now_us) ? WALLET_GIFT_CARD_STATE_EXPIRED : card->state,
        .amount = card->amount,
        .has_expires_at = card->expires_at_us != 0,
        .expires_at_us = card->expires_at_us,
        .reference = card->reference,
        .made_by = card->made_by,
        .created_at_us = card->created_at_us,
        .has_redeemed_by = is_redeemed,
        .redeemed_by = card->wallet_id,
        .has_redeemed_at = is_redeemed,
        .redeemed_at_us = card->redeemed_at_us,
        .has_blocked_at = card->state == WALLET_GIFT_CARD_STATE_BLOCKED,
        .blocked_at_us = card->blocked_at_us,
    };
}
