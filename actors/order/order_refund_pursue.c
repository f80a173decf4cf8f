/* Asks payment and wallet for what of a refund is theirs, and writes down how far it is. The row of
 * the refund is what holds: an outage, or a node that dies, is a later look. */
#include "actors/order/order_refund_pursue.h"

#include "actors/host/ask_each.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_refund.h"
#include "actors/order/order_refund_left.h"
#include "actors/order/order_refund_store.h"
#include "messages/card_amount.h"
#include "order_handlers.h"
#include "payment_messages.h"
#include "wallet_messages.h"

/* The order waits meanwhile: what takes longer is heard at the next look. */
#define ASK_LIMIT_US (INT64_C(3) * 1000000)

#define NOT_CAPTURED "not_captured"
#define NOT_LEFT "refund_exceeds_captured"

/* ---- the card ---- */

static_assert((int)ORDER_CARD_REFUND_STATE_COUNT == (int)PAYMENT_REFUND_STATE_COUNT,
              "the states of a refund are those of the payment's, in their order");

static struct order_refund_heard failed(const char *code)
{
    return (struct order_refund_heard){ .state = ORDER_CARD_REFUND_STATE_FAILED,
                                        .code = text_of(code) };
}

/* The capture follows the placement by itself, so nothing may have been captured yet: then it is
 * asked again. What was, and is not left, is for staff. Who was never charged has everything. */
static void hear_why_not(struct request *request, const struct order_life *life,
                         struct order_refund_heard *heard)
{
    enum order_refund_standing standing;
    int64_t left;
    if (order_refund_find_left(request, life, &standing, &left) != STATUS_OK) return;
    if (standing == ORDER_STANDING_TAKEN) *heard = failed(NOT_LEFT);
    if (standing == ORDER_STANDING_NEVER)
        *heard = (struct order_refund_heard){ .state = ORDER_CARD_REFUND_STATE_SUCCEEDED,
                                              .code = TEXT(NOT_CAPTURED) };
}

/* Of the payment's: staff may have it asked for again where it was not possible, which is another.
 */
static struct uuid card_refund_id(const struct order_refund_row *refund)
{
    return refund->attempt == 0
               ? refund->id
               : uuid_derive_named(refund->id, TEXT("card"), (uint64_t)refund->attempt);
}

/* Asked again it is the same refund. */
static void ask_card(struct request *request, const struct order_life *life,
                     const struct order_refund_row *refund, struct order_refund_heard *heard)
{
    const struct payment_give_back command = { .payment_id = life->group_id,
                                               .refund_id = card_refund_id(refund),
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

/* A credit whose answer was lost may have been made. So its id is used up, by an entry that moves
 * nothing: the wallet says whether it was first. Statuses: OK (it is never made),
 * ILLEGAL_TRANSITION (it was made), and those of an outage. */
static enum status call_off(struct request *request, const struct order_life *life,
                            const struct order_refund_credit *credit)
{
    char order_id[ID_TEXT_MAX + 1];
    (void)id_format("ord", life->order_id, order_id);
    const struct wallet_leg legs[] = {
        { WALLET_HOUSE_ACCOUNT_CLEARING, money_make(-credit->amount, life->currency) },
        { WALLET_HOUSE_ACCOUNT_CLEARING, money_make(credit->amount, life->currency) },
    };
    const struct wallet_transfer_funds command = { .wallet_id = life->user_id,
                                                   .transfer_id = credit->id,
                                                   .legs = legs,
                                                   .legs_count = ARRAY_LENGTH(legs),
                                                   .reference = text_of(order_id) };
    struct wallet_funds_transferred transferred;
    return request_ask_within(request, ASK_LIMIT_US, &wallet_transfer_funds_message, &command,
                              &transferred);
}

static void note_credited(struct request *request, struct order_life *life,
                          const struct order_refund_credit *credit)
{
    order_refund_store_credited(request, credit->id);
    order_refund_note_credit(life, credit->amount);
}

/* The bank of the card has taken the market's money for good, and its buyer has it: what is short
 * by that is closed, and what is left of the credit is made. Tells how much that is; 0: nothing,
 * and nobody can say yet. */
static enum status give_up(struct request *request, struct order_life *life,
                           const struct order_refund_row *refund,
                           const struct order_refund_credit *credit, int64_t short_of,
                           int64_t *ret_amount)
{
    const struct order_terms terms = order_life_terms(request);
    int64_t lost, amount = short_of < credit->amount ? short_of : credit->amount;
    *ret_amount = 0;
    const enum status asked = order_refund_find_lost(request, life, (struct uuid){ { 0 } }, &lost);
    if (status_is_outage(asked)) return STATUS_OK;
    TRY(asked);
    if (lost < amount) amount = lost;
    if (amount == 0) return STATUS_OK;
    const enum status called_off = call_off(request, life, credit);
    if (called_off == STATUS_ILLEGAL_TRANSITION) note_credited(request, life, credit);
    if (called_off != STATUS_OK) return STATUS_OK;
    order_refund_store_credit_to_bank(
        request, refund, credit, amount,
        uuid_derive_named(credit->id, TEXT("rest"), 1 + (uint64_t)refund->tries));
    *ret_amount = amount;
    return order_refund_redirect(life, amount, ORDER_DETOUR_WALLET_TO_BANK, TEXT("charged_back"),
                                 &terms);
}

/* A bank has taken back, or holds, what should be credited: it is staff's, like what a card cannot
 * get. While a part of the refund goes to the card, or has gone there, it waits instead, and the
 * code of that part says so. Tells whether nothing is to be credited any more. */
static enum status fall_back(struct request *request, struct order_life *life,
                             struct order_refund_row *refund,
                             const struct order_refund_credit *credit,
                             struct order_refund_heard *heard, bool *ret_is_over)
{
    const struct order_terms terms = order_life_terms(request);
    struct money *card = &refund->money.card.amount;
    const bool is_free =
        card->amount == 0 || refund->money.card.state == ORDER_CARD_REFUND_STATE_FAILED;
    *ret_is_over = false;
    if (!is_free) {
        if (heard->state != ORDER_CARD_REFUND_STATE_FAILED) heard->code = TEXT(NOT_LEFT);
        return STATUS_OK;
    }
    const enum status called_off = call_off(request, life, credit);
    *ret_is_over = called_off == STATUS_OK || called_off == STATUS_ILLEGAL_TRANSITION;
    if (called_off == STATUS_ILLEGAL_TRANSITION) note_credited(request, life, credit);
    if (called_off != STATUS_OK) return STATUS_OK;
    TRY(order_refund_fall_back(life, credit->amount, TEXT(NOT_LEFT), &terms));
    order_refund_store_credit_to_card(request, refund, credit);
    card->amount += credit->amount;
    refund->money.card.state = ORDER_CARD_REFUND_STATE_FAILED;
    heard->state = ORDER_CARD_REFUND_STATE_FAILED;
    heard->code = TEXT(NOT_LEFT);
    return STATUS_OK;
}

static enum status come_short(struct request *request, struct order_life *life,
                              struct order_refund_row *refund,
                              const struct order_refund_credit *credit,
                              struct order_refund_heard *heard, int64_t *left, bool *ret_is_over)
{
    int64_t given_up;
    TRY(give_up(request, life, refund, credit, -*left, &given_up));
    if (given_up == 0) return fall_back(request, life, refund, credit, heard, ret_is_over);
    *left += given_up;
    *ret_is_over = given_up == credit->amount; /* the rest is made at the next look */
    return STATUS_OK;
}

/* Nothing is credited of what a card has not paid yet, or what its bank holds. Tells whether all
 * are made, or go another way. */
static enum status pursue_credits(struct request *request, struct order_life *life,
                                  struct order_refund_row *refund, struct order_refund_heard *heard,
                                  bool *ret_is_done)
{
    enum order_refund_standing standing;
    int64_t left;
    *ret_is_done = refund->credits_count == 0;
    if (*ret_is_done) return STATUS_OK;
    const enum status asked = order_refund_find_left(request, life, &standing, &left);
    if (status_is_outage(asked)) return STATUS_OK;
    TRY(asked);
    *ret_is_done = true;
    for (size_t i = 0; i < refund->credits_count; i++) {
        const struct order_refund_credit *credit = &refund->credits[i];
        enum status status = STATUS_UNAVAILABLE;
        bool is_over = true;
        if (standing == ORDER_STANDING_TAKEN && left >= 0)
            status = ask_wallet(request, life, credit);
        if (status == STATUS_OK)
            note_credited(request, life, credit);
        else if (standing == ORDER_STANDING_NEVER)
            TRY(hand_over(request, life, refund, credit, NOT_CAPTURED));
        else if (status == STATUS_LIMIT_EXCEEDED)
            TRY(hand_over(request, life, refund, credit, status_name(status)));
        else if (standing == ORDER_STANDING_TAKEN && left < 0)
            TRY(come_short(request, life, refund, credit, heard, &left, &is_over));
        else
            is_over = false;
        *ret_is_done = *ret_is_done && is_over;
    }
    return STATUS_OK;
}

/* ---- what has gone already ---- */

/* Somebody has given a part back at the provider itself, or a bank has taken it for good. Then that
 * is closed, and what is left is asked for, by itself. Nothing left is for staff, who see that no
 * card gets anything; so is what cards do not know. What goes to a wallet, too, waits for them. */
static enum status close_gone(struct request *request, struct order_life *life,
                              struct order_refund_row *refund, bool *ret_is_closed)
{
    const struct order_terms terms = order_life_terms(request);
    const struct money *card = &refund->money.card.amount;
    int64_t gone, left;
    enum order_state to;
    *ret_is_closed = false;
    if (order_machine_step(life->state, ORDER_TRIGGER_REDIRECT_REFUND, &to) != STATUS_OK)
        return STATUS_OK;
    const enum status asked =
        order_refund_find_gone(request, life, refund->id, card->amount, &gone, &left);
    if (status_is_outage(asked)) return STATUS_OK;
    TRY(asked);
    const int64_t rest = card->amount - gone;
    if (gone == 0 || rest == 0 || rest % card_amount_step(life->currency) != 0) return STATUS_OK;
    if (left < rest) return STATUS_OK;
    TRY(order_refund_close_gone(request, life, refund, gone, TEXT(NOT_LEFT)));
    TRY(order_refund_redirect(life, rest, ORDER_DETOUR_CARD_AGAIN, TEXT(NOT_LEFT), &terms));
    order_refund_store_ask_again(request, refund);
    *ret_is_closed = true;
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
    const enum order_card_refund_state said = heard.state;
    if (has_card) order_refund_move(life, refund.money.card.amount.amount, before, said);
    TRY(pursue_credits(request, life, &refund, &heard, &is_credited));
    heard.look_at_us = next_look(request, &refund, heard.state, is_credited);
    order_refund_store_note(request, &refund, &heard);
    bool is_closed = false;
    if (is_asked && refund.credits_count == 0 && said == ORDER_CARD_REFUND_STATE_FAILED &&
        text_equals_string(heard.code, NOT_LEFT))
        TRY(close_gone(request, life, &refund, &is_closed));
    if (has_card && said != before && !is_closed)
        TRY(order_refund_tell(life, said, heard.code, &terms));
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
