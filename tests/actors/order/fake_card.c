/* The provider's side of a checkout, as a script. */
#include "tests/actors/order/fake_card.h"

#include <stdio.h>

static void show(const struct fake_card *card, struct payment_payment *reply)
{
    const bool is_authorised =
        card->status == PAYMENT_STATUS_AUTHORISED || card->status == PAYMENT_STATUS_CAPTURED;
    *reply = (struct payment_payment){
        .id = card->asked.payment_id,
        .status = card->status,
        .amount = card->asked.amount,
        .authorised =
            is_authorised ? card->asked.amount : money_make(0, card->asked.amount.currency),
        .captured = money_make(card->captured, card->asked.amount.currency),
        .refunded = money_make(0, card->asked.amount.currency),
        .has_left = true,
        .left = money_make(card->captured, card->asked.amount.currency),
        .has_next_action = card->status == PAYMENT_STATUS_REQUIRES_ACTION && card->next_url != NULL,
        .has_decline_code = card->status == PAYMENT_STATUS_FAILED && card->decline_code != NULL,
        .has_is_let_go = card->is_let_go,
        .is_let_go = card->is_let_go,
    };
    if (reply->has_next_action) reply->next_action.redirect_url = text_of(card->next_url);
    if (reply->has_decline_code) reply->decline_code = text_of(card->decline_code);
}

static void copy(char *to, size_t size, bool is_there, struct text from)
{
    (void)snprintf(to, size, "%.*s", is_there ? (int)from.length : 0, from.data);
}

static enum status authorise(struct fake_card *card, const struct payment_authorise *command)
{
    if (card->is_there) {
        assert(uuid_equals(card->asked.payment_id, command->payment_id));
        return money_equals(card->asked.amount, command->amount) ? STATUS_OK
                                                                 : STATUS_PAYMENT_DIFFERS;
    }
    card->is_there = true;
    card->asked = *command;
    copy(card->method, sizeof card->method, true, command->method);
    copy(card->return_url, sizeof card->return_url, command->has_return_url, command->return_url);
    card->status = card->is_let_go ? PAYMENT_STATUS_VOIDED : card->begins;
    card->authorisations += !card->is_let_go;
    return STATUS_OK;
}

static enum status take(struct fake_card *card, const struct payment_take *command)
{
    if (card->is_let_go) return STATUS_ILLEGAL_TRANSITION;
    assert(card->is_there);
    if (card->status != PAYMENT_STATUS_AUTHORISED) return STATUS_OK;
    card->status = card->ends;
    if (card->ends == PAYMENT_STATUS_CAPTURED) card->captured += command->amount.amount;
    return STATUS_OK;
}

enum status card_answer(struct fake_card *card, const struct message *message, const void *body,
                        void *answer)
{
    enum status status = STATUS_OK;
    if (message == &payment_authorise_message) {
        status = authorise(card, body);
    } else if (message == &payment_take_message) {
        status = take(card, body);
    } else if (message == &payment_get_standing_message) {
        card->looks++;
        status = card->is_there ? STATUS_OK : STATUS_NOT_FOUND;
    } else if (message == &payment_cancel_payment_message) {
        const bool is_paid =
            card->status == PAYMENT_STATUS_AUTHORISED || card->status == PAYMENT_STATUS_CAPTURED;
        if (is_paid && !card->is_let_go) return STATUS_ILLEGAL_TRANSITION;
        card->is_let_go = true;
        return STATUS_OK;
    } else {
        assert(message == &payment_release_message);
        assert(card->status != PAYMENT_STATUS_CAPTURED); /* a checkout never gives back */
        card->is_let_go = true;
        return STATUS_OK;
    }
    if (status == STATUS_OK) show(card, answer);
    return status;
}
