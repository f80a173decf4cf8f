/* Checkouts that a card pays, while they are under way: what their shopper and their own process
 * see of them, and how he takes one back. */
#include "actors/host/saga.h"
#include "actors/order/card_show.h"
#include "actors/order/card_stray.h"
#include "actors/order/order_refund_pursue.h"
#include "actors/order/order_store.h"
#include "actors/order/order_token.h"
#include "order_handlers.h"
#include "payment_messages.h"

/* The contract of orders names the states of payments, in the same order. */
static_assert((int)ORDER_CARD_STATUS_COUNT == (int)PAYMENT_STATUS_COUNT, "all are shown");
static_assert((int)ORDER_CARD_STATUS_CAPTURED == (int)PAYMENT_STATUS_CAPTURED, "in this order");
static_assert((int)ORDER_CARD_STATUS_AUTHORISED == (int)PAYMENT_STATUS_AUTHORISED, "");

/* What was let go pays nothing, whatever its bank is still about to do. */
static enum order_card_status shown_status(const struct payment_payment *payment)
{
    const bool is_open = payment->status == PAYMENT_STATUS_CREATED ||
                         payment->status == PAYMENT_STATUS_REQUIRES_ACTION ||
                         payment->status == PAYMENT_STATUS_PROCESSING ||
                         payment->status == PAYMENT_STATUS_AUTHORISED;
    /* A refused card was voided, too, since its page could have been used again. */
    if (payment->has_decline_code) return ORDER_CARD_STATUS_FAILED;
    if (payment->is_let_go && is_open) return ORDER_CARD_STATUS_VOIDED;
    return (enum order_card_status)payment->status;
}

enum status card_show(struct request *request, int64_t card_amount, struct order_group *group)
{
    assert(group != NULL);
    if (card_amount == 0) return STATUS_OK;
    const bool is_pending = group->status == ORDER_GROUP_STATUS_PENDING;
    const struct payment_get_standing query = { .payment_id = group->id };
    struct payment_payment payment;
    struct order_card_payment shown = { .id = group->id,
                                        .amount = money_make(card_amount, group->total.currency) };
    const enum status asked = request_ask(request, &payment_get_standing_message, &query, &payment);
    if (asked == STATUS_NOT_FOUND) {
        shown.status = is_pending ? ORDER_CARD_STATUS_CREATED : ORDER_CARD_STATUS_VOIDED;
    } else if (asked == STATUS_OK) {
        shown.status = shown_status(&payment);
        shown.has_next_action = payment.has_next_action && !payment.is_let_go && is_pending;
        shown.next_action.redirect_url = payment.next_action.redirect_url;
        shown.has_decline_code = payment.has_decline_code;
        shown.decline_code = payment.decline_code;
    } else {
        /* Who waits for the bank asks for this very thing; orders are worth seeing without. */
        return is_pending || !status_is_outage(asked) ? asked : STATUS_OK;
    }
    group->has_payment = true;
    group->payment = shown;
    return STATUS_OK;
}

enum status order_handle_get_pending_group(struct request *request,
                                           const struct order_get_pending_group *query,
                                           struct order_group *ret_reply)
{
    struct stored_group stored;
    TRY(order_store_find_group(request, query->group_id, &stored));
    TRY(card_show(request, stored.card_amount, &stored.group));
    order_add_token(request, uuid_is_zero(stored.user_id), &stored.group);
    *ret_reply = stored.group;
    return STATUS_OK;
}

/* The payment decides, since it knows whether anybody may have gone on with it. Its process hears
 * of it at once, or when it looks next. */
enum status order_handle_cancel_group(struct request *request,
                                      const struct order_cancel_group *command,
                                      struct order_group *ret_reply)
{
    struct stored_group stored;
    TRY(order_store_find_group(request, command->group_id, &stored));
    if (!order_is_readable(request, stored.user_id, command->group_id, command->token))
        return STATUS_NOT_FOUND;
    if (stored.card_amount == 0 || stored.group.status == ORDER_GROUP_STATUS_PLACED)
        return STATUS_ILLEGAL_TRANSITION;
    if (stored.group.status == ORDER_GROUP_STATUS_PENDING) {
        const struct payment_cancel_payment cancel = { .payment_id = command->group_id };
        TRY(request_ask(request, &payment_cancel_payment_message, &cancel, NULL));
        saga_wake(request, command->group_id);
    }
    TRY(card_show(request, stored.card_amount, &stored.group));
    *ret_reply = stored.group;
    return STATUS_OK;
}

/* The payment's subject is the group, which is its process's id; what goes back to its card may
 * have arrived, or come back. */
enum status order_on_payment_payment_was_changed(struct request *request,
                                                 const struct payment_payment_was_changed *event)
{
    saga_wake(request, event->subject_id);
    TRY(card_stray_hear(request, event));
    return order_refund_hear(request, event->subject_id);
}
