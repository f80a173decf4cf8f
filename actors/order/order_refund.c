/* Moves orders by what becomes of refunds to cards. */
#include "actors/order/order_refund.h"

#define SECOND_US INT64_C(1000000)
#define PAUSE_MAX_US (3600 * SECOND_US)

int64_t order_refund_pause_us(int64_t tries)
{
    enum { DOUBLINGS_MAX = 11 };
    assert(tries >= 0);
    const int64_t doublings = tries < DOUBLINGS_MAX ? tries : DOUBLINGS_MAX;
    const int64_t pause_us = (2 * SECOND_US) << doublings;
    return pause_us < PAUSE_MAX_US ? pause_us : PAUSE_MAX_US;
}

int64_t order_refund_recheck_us(int64_t age_us)
{
    const int64_t day_us = 24 * 3600 * SECOND_US;
    if (age_us > 30 * day_us) return 0;
    return age_us < day_us ? day_us : age_us;
}

bool order_refund_is_over(enum order_card_refund_state state)
{
    return state == ORDER_CARD_REFUND_STATE_SUCCEEDED || state == ORDER_CARD_REFUND_STATE_FAILED;
}

/* Pulls a trigger whose row of history has a note. */
static enum status pull(struct order_life *life, enum order_trigger trigger, struct text note,
                        const struct order_terms *terms)
{
    TRY(order_life_pull(life, trigger, terms));
    life->changes[life->changes_count - 1].note = note;
    return STATUS_OK;
}

/* A refund may have been read a moment later than the sums: then the unit is refused, since the
 * order has another version by now. */
static void take_off(int64_t *sum, int64_t amount)
{
    *sum = *sum > amount ? *sum - amount : 0;
}

void order_refund_move(struct order_life *life, int64_t amount, enum order_card_refund_state from,
                       enum order_card_refund_state to)
{
    assert(amount >= 0);
    if (from == ORDER_CARD_REFUND_STATE_FAILED) take_off(&life->card_failed, amount);
    if (!order_refund_is_over(from)) take_off(&life->card_pending, amount);
    if (to == ORDER_CARD_REFUND_STATE_FAILED) life->card_failed += amount;
    if (!order_refund_is_over(to)) life->card_pending += amount;
}

void order_refund_note_credit(struct order_life *life, int64_t amount)
{
    take_off(&life->card_pending, amount);
}

enum status order_refund_tell(struct order_life *life, enum order_card_refund_state state,
                              struct text code, const struct order_terms *terms)
{
    enum order_state to;
    /* An order that waits for its transfer has no such events: its refund says it all. */
    if (order_machine_step(life->state, ORDER_TRIGGER_CARD_REFUNDED, &to) != STATUS_OK)
        return STATUS_OK;
    switch (state) {
    case ORDER_CARD_REFUND_STATE_SUCCEEDED:
        return pull(life, ORDER_TRIGGER_CARD_REFUNDED, TEXT(""), terms);
    case ORDER_CARD_REFUND_STATE_FAILED:
        return pull(life, ORDER_TRIGGER_CARD_REFUND_FAILED, code, terms);
    case ORDER_CARD_REFUND_STATE_REQUESTED:
    case ORDER_CARD_REFUND_STATE_PENDING:
        break;
    }
    return STATUS_OK;
}

enum status order_refund_give(struct order_life *life, struct text reason,
                              const struct order_terms *terms)
{
    return pull(life, ORDER_TRIGGER_REFUND_ORDER, reason, terms);
}

enum status order_refund_fall_back(struct order_life *life, int64_t amount, struct text code,
                                   const struct order_terms *terms)
{
    assert(amount > 0);
    assert(life->card_to_wallet >= amount);
    TRY(order_refund_tell(life, ORDER_CARD_REFUND_STATE_FAILED, code, terms));
    life->card_to_wallet -= amount;
    take_off(&life->card_pending, amount);
    life->card_failed += amount;
    return STATUS_OK;
}

enum status order_refund_redirect(struct order_life *life, int64_t amount,
                                  enum order_refund_detour detour, struct text reason,
                                  const struct order_terms *terms)
{
    assert(amount > 0);
    TRY(pull(life, ORDER_TRIGGER_REDIRECT_REFUND, reason, terms));
    switch (detour) {
    case ORDER_DETOUR_CARD_TO_WALLET:
        life->card_to_wallet += amount;
        take_off(&life->card_failed, amount);
        life->card_pending += amount;
        break;
    case ORDER_DETOUR_CARD_TO_HAND:
        life->card_by_hand += amount;
        take_off(&life->card_failed, amount);
        break;
    case ORDER_DETOUR_WALLET_TO_HAND:
        assert(life->card_to_wallet >= amount);
        life->card_to_wallet -= amount;
        life->card_by_hand += amount;
        take_off(&life->card_pending, amount);
        break;
    case ORDER_DETOUR_CARD_TO_BANK:
        take_off(&life->card_failed, amount);
        break;
    case ORDER_DETOUR_WALLET_TO_BANK:
        assert(life->card_to_wallet >= amount);
        life->card_to_wallet -= amount;
        take_off(&life->card_pending, amount);
        break;
    case ORDER_DETOUR_CARD_AGAIN:
        take_off(&life->card_failed, amount);
        life->card_pending += amount;
        break;
    }
    assert(life->card_to_wallet + life->card_by_hand <= life->card_refunded);
    return STATUS_OK;
}
