/* Asks payment and wallet for what of a refund is theirs, and writes down how far it is. The row of
 * the refund is what holds: an outage, or a node that dies, is a later look. */
#include "actors/order/order_refund_pursue.h"

#include "actors/host/ask_each.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_refund.h"
#include "actors/order/order_refund_store.h"
#include "order_handlers.h"
#include "payment_messages.h"
#include "wallet_messages.h"

/* The order waits meanwhile: what takes longer is heard at the next look. */
#define ASK_LIMIT_US (INT64_C(3) * 1000000)

#define NOT_CAPTURED "not_captured"

/* ---- the card ---- */

static_assert((int)ORDER_CARD_REFUND_STATE_COUNT == (int)PAYMENT_REFUND_STATE_COUNT,
              "the states of a refund are those of the payment's, in their order");

static struct order_refund_heard failed(const char *code)
{
    return (struct order_refund_heard){ .state = ORDER_CARD_REFUND_STATE_FAILED,
                                        .code = text_of(code) };
}

/* Whether the card's money is here. */
enum standing {
    STANDING_UNKNOWN, /* not yet, or nobody says */
    STANDING_TAKEN,
    STANDING_NEVER /* it will not be: the card was not charged */
};

static enum standing ask_standing(struct request *request, const struct order_life *life)
{
    const struct payment_get_standing query = { .payment_id = life->group_id };
    struct payment_payment payment;
    if (request_ask_within(request, ASK_LIMIT_US, &payment_get_standing_message, &query,
                           &payment) != STATUS_OK)
        return STANDING_UNKNOWN;
    switch (payment.status) {
    case PAYMENT_STATUS_CAPTURED:
        return STANDING_TAKEN;
    case PAYMENT_STATUS_FAILED:
    case PAYMENT_STATUS_VOIDED:
    case PAYMENT_STATUS_AUTH_EXPIRED:
        return STANDING_NEVER;
    case PAYMENT_STATUS_CREATED:
    case PAYMENT_STATUS_REQUIRES_ACTION:
    case PAYMENT_STATUS_PROCESSING:
    case PAYMENT_STATUS_AUTHORISED:
        break;
    }
    return STANDING_UNKNOWN;
}

/* The capture follows the placement by itself, so nothing may have been captured yet: then it is
 * asked again. What was, and is not left, is for staff. Who was never charged has everything. */
static void hear_why_not(struct request *request, const struct order_life *life,
                         struct order_refund_heard *heard)
{
    const enum standing standing = ask_standing(request, life);
    if (standing == STANDING_TAKEN) *heard = failed("refund_exceeds_captured");
    if (standing == STANDING_NEVER)
        *heard = (struct order_refund_heard){ .state = ORDER_CARD_REFUND_STATE_SUCCEEDED,
                                              .code = TEXT(NOT_CAPTURED) };
}

/* Asked again it is the same refund. */
static void ask_card(struct request *request, const struct order_life *life,
                     const struct order_refund_row *refund, struct order_refund_heard *heard)
{
    const struct payment_give_back command = { .payment_id = life->group_id,
                                               .refund_id = refund->id,
                                               .amount = refund->money.card.amount };
    struct payment_refund given;
    const enum status status =
        request_ask_within(request, ASK_LIMIT_US, &payment_give_back_message, &command, &given);
    switch (status) {
    case STATUS_OK:
        *heard = (struct order_refund_heard){ .state = (enum order_card_refund_state)given.state,
                                              .code = given.code };
        break;
    case STATUS_REFUND_EXCEEDS_CAPTURED:
        hear_why_not(request, life, heard);
        break;
    case STATUS_NOT_FOUND:
    case STATUS_REFUND_DIFFERS:
    case STATUS_INVALID_VALUE:
        *heard = failed(status_name(status));
        break;
    default: /* nobody knows */
        break;
    }
}

/* ---- the wallet, instead ---- */

static enum status ask_wallet(struct request *request, const struct order_life *life,
                              const struct order_refund_credit *credit)
{
    char order_id[ID_TEXT_MAX + 1];
    (void)id_format("ord", life->order_id, order_id);
    const struct wallet_leg leg = { .account = WALLET_HOUSE_ACCOUNT_CLEARING,
                                    .amount = money_make(-credit->amount, life->currency) };
    const struct wallet_transfer_funds command = { .wallet_id = life->user_id,
                                                   .transfer_id = credit->id,
                                                   .has_amount = true,
                                                   .amount =
                                                       money_make(credit->amount, life->currency),
                                                   .legs = &leg,
                                                   .legs_count = 1,
                                                   .reference = text_of(order_id) };
    struct wallet_funds_transferred transferred;
    return request_ask_within(request, ASK_LIMIT_US, &wallet_transfer_funds_message, &command,
                              &transferred);
}

/* Handed back by a person, who looks at why: the wallet does not take it (a limit of the market),
 * or the card was never charged. */
static enum status hand_over(struct request *request, struct order_life *life,
                             const struct order_refund_row *refund,
                             const struct order_refund_credit *credit, const char *why)
{
    const struct order_terms terms = order_life_terms(request);
    order_refund_store_credit_to_hand(request, refund, credit);
    return order_refund_redirect(life, credit->amount, ORDER_DETOUR_WALLET_TO_HAND, text_of(why),
                                 &terms);
}

/* Nothing is credited of what a card has not paid yet. Tells whether all are made, or go another
 * way. */
static enum status pursue_credits(struct request *request, struct order_life *life,
                                  const struct order_refund_row *refund, bool *ret_is_done)
{
    *ret_is_done = true;
    if (refund->credits_count == 0) return STATUS_OK;
    const enum standing standing = ask_standing(request, life);
    for (size_t i = 0; i < refund->credits_count; i++) {
        const struct order_refund_credit *credit = &refund->credits[i];
        enum status status = STATUS_UNAVAILABLE;
        if (standing == STANDING_TAKEN) status = ask_wallet(request, life, credit);
        if (status == STATUS_OK)
            order_refund_store_credited(request, credit->id);
        else if (standing == STANDING_NEVER)
            TRY(hand_over(request, life, refund, credit, NOT_CAPTURED));
        else if (status == STATUS_LIMIT_EXCEEDED)
            TRY(hand_over(request, life, refund, credit, status_name(status)));
        else
            *ret_is_done = false;
    }
    return STATUS_OK;
}

/* ---- both ---- */

static int64_t next_look(struct request *request, const struct order_refund_row *refund,
                         enum order_card_refund_state state, bool is_credited)
{
    const int64_t now_us = request_now_us(request);
    const bool has_card = refund->money.card.amount.amount > 0;
    if (!is_credited || (has_card && !order_refund_is_over(state)))
        return now_us + order_refund_pause_us(refund->tries);
    if (!has_card || state == ORDER_CARD_REFUND_STATE_FAILED) return 0;
    const int64_t pause_us = order_refund_recheck_us(now_us - refund->made_at_us);
    return pause_us == 0 ? 0 : now_us + pause_us;
}

enum status order_handle_pursue_refund(struct request *request,
                                       const struct order_pursue_refund *command)
{
    struct order_life *life;
    struct order_refund_row refund;
    bool is_credited;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    TRY(order_refund_store_find(request, command->order_id, command->refund_id, life->currency,
                                &refund));
    const bool has_card = refund.money.card.amount.amount > 0;
    const enum order_card_refund_state before = refund.money.card.state;
    const bool is_asked = has_card && before != ORDER_CARD_REFUND_STATE_FAILED;
    if (!is_asked && refund.credits_count == 0) return STATUS_OK;
    struct order_refund_heard heard = { .state = before, .code = refund.money.card.code };
    if (is_asked) ask_card(request, life, &refund, &heard);
    TRY(pursue_credits(request, life, &refund, &is_credited));
    heard.look_at_us = next_look(request, &refund, heard.state, is_credited);
    order_refund_store_note(request, &refund, &heard);
    if (has_card && heard.state != before)
        TRY(order_refund_tell(life, heard.state, heard.code, &terms));
    if (life->changes_count == 0) return STATUS_OK;
    TRY(order_life_save(request, life));
    return order_life_tell(request, life, NULL);
}

static enum status begin_pursuit(struct request *request, const void *context, size_t index,
                                 struct request_ask **ret_ask)
{
    const struct due_object *due = context;
    const struct order_pursue_refund command = { .order_id = due[index].owner_id,
                                                 .refund_id = due[index].id };
    return request_ask_begin(request, &order_pursue_refund_message, &command, ret_ask);
}

enum status order_refund_hear(struct request *request, struct uuid group_id)
{
    const struct due_object *due;
    size_t count;
    TRY(order_refund_store_list_of_group(request, group_id, &due, &count));
    const enum status asked = request_ask_each(request, count, begin_pursuit, due);
    return status_is_outage(asked) ? STATUS_OK : asked; /* then by the clock */
}

enum status order_refund_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct due_object *due;
    size_t count;
    TRY(order_refund_store_list_due(request, shard_first, shard_last, &due, &count));
    return request_ask_each(request, count, begin_pursuit, due);
}
