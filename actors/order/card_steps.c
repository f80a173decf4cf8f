/* A card's part of a checkout: set aside, and taken. */
#include "actors/order/card_steps.h"

#include "actors/order/order.h"
#include "payment_messages.h"

enum { BEGIN, LOOK, SHOW, LOSE }; /* asks of one step */

static enum status refuse(struct saga *saga, enum status status, struct text detail)
{
    const struct request_fault fault = { .pointer = "/payment/card",
                                         .code = status,
                                         .detail = detail };
    saga_add_fault(saga, &fault);
    return status;
}

/* What the payment's domain says of a card or a market that cannot be, as the shopper knows it. */
static enum status refuse_as_told(struct saga *saga, enum status status)
{
    struct request_fault fault = { .detail = { 0 } };
    (void)saga_last_fault(saga, &fault);
    if (status == STATUS_NO_CARD_PROVIDER)
        return refuse(saga, STATUS_PAYMENT_METHOD_UNAVAILABLE, fault.detail);
    if (status == STATUS_INVALID_VALUE)
        return refuse(saga, status,
                      fault.detail.length > 0
                          ? fault.detail
                          : TEXT("The provider takes no such amount of this currency by card."));
    return status;
}

static enum status look(struct saga *saga, const struct order_checkout_data *checkout,
                        struct payment_payment *ret_payment)
{
    const struct payment_get_standing query = { .payment_id = checkout->group_id };
    return saga_ask(saga, LOOK, &payment_get_standing_message, &query, ret_payment);
}

/* ---- set aside ---- */

static enum status begin(struct saga *saga, const struct order_checkout_data *checkout,
                         struct payment_payment *ret_payment)
{
    char group_id[ID_TEXT_MAX + 1];
    (void)id_format("og", checkout->group_id, group_id);
    const struct payment_authorise command = {
        .payment_id = checkout->group_id,
        .purpose = PAYMENT_PURPOSE_ORDER,
        .subject_id = checkout->group_id,
        .has_user_id = !uuid_is_zero(checkout->user_id),
        .user_id = checkout->user_id,
        .amount = checkout->card_amount,
        .method = checkout->card_method,
        .has_return_url = checkout->has_return_url,
        .return_url = checkout->return_url,
        .description = text_of(group_id),
    };
    const enum status status =
        saga_ask(saga, BEGIN, &payment_authorise_message, &command, ret_payment);
    return status == STATUS_OK || saga_is_undecided(status) ? status : refuse_as_told(saga, status);
}

static bool is_decided(const struct payment_payment *payment)
{
    return payment->is_let_go || (payment->status != PAYMENT_STATUS_CREATED &&
                                  payment->status != PAYMENT_STATUS_REQUIRES_ACTION &&
                                  payment->status != PAYMENT_STATUS_PROCESSING);
}

/* What was let go pays for nothing, though its bank may say otherwise by now. */
static enum status decide(struct saga *saga, const struct payment_payment *payment)
{
    struct text code = TEXT("canceled");
    const bool is_there =
        payment->status == PAYMENT_STATUS_AUTHORISED || payment->status == PAYMENT_STATUS_CAPTURED;
    if (is_there && !payment->is_let_go) return STATUS_OK;
    if (payment->has_is_unavailable && payment->is_unavailable)
        return refuse(
            saga, STATUS_PAYMENT_METHOD_UNAVAILABLE,
            TEXT("Cards cannot be taken at the moment; yours was not asked for anything."));
    if (payment->status == PAYMENT_STATUS_FAILED)
        code = payment->has_decline_code ? payment->decline_code : TEXT("declined");
    return refuse(saga, STATUS_PAYMENT_FAILED, code);
}

/* Tells the client what there is to do, or that it takes time; true when he has been told. */
static bool show(struct saga *saga, const struct order_checkout_data *checkout)
{
    const struct order_get_pending_group query = { .group_id = checkout->group_id };
    struct order_group group;
    return saga_ask(saga, SHOW, &order_get_pending_group_message, &query, &group) == STATUS_OK &&
           saga_let_go(saga);
}

enum status card_steps_authorise(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    struct payment_payment payment;
    int shown = -1; /* which status */
    TRY(begin(saga, checkout, &payment));
    while (!is_decided(&payment)) {
        if (order_is_too_late(checkout, saga_now_us(saga))) return STATUS_CHECKOUT_EXPIRED;
        const int status = (int)payment.status;
        if (status != shown && show(saga, checkout)) shown = status;
        TRY(saga_pause(saga));
        TRY(look(saga, checkout, &payment));
    }
    return decide(saga, &payment);
}

enum status card_steps_release(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    const struct payment_release command = { .payment_id = checkout->group_id };
    return saga_ask(saga, BEGIN, &payment_release_message, &command, NULL);
}

/* ---- taken ---- */

/* It is refused for good: nothing is undone any more, so the orders stay, and staff sees to them.
 */
static enum status lose(struct saga *saga, const struct order_checkout_data *checkout)
{
    const struct order_note_card_lost command = { .group_id = checkout->group_id };
    return saga_ask(saga, LOSE, &order_note_card_lost_message, &command, NULL);
}

enum status card_steps_take(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    const struct payment_take command = { .payment_id = checkout->group_id,
                                          .amount = checkout->card_amount };
    struct payment_payment payment;
    const enum status asked = saga_ask(saga, BEGIN, &payment_take_message, &command, &payment);
    if (asked == STATUS_ILLEGAL_TRANSITION) return lose(saga, checkout);
    TRY(asked);
    while (payment.status == PAYMENT_STATUS_AUTHORISED) {
        TRY(saga_pause(saga));
        TRY(look(saga, checkout, &payment));
    }
    return payment.status == PAYMENT_STATUS_CAPTURED ? STATUS_OK : lose(saga, checkout);
}
