/* A payment is captured after its group was placed, so one that no placed group takes for its card
 * part is a fault of the market's, or was captured though its bank had said that it never would be
 * (its orders owe the money then). It is not given back by itself: a person looks at it first. */
#include "actors/order/card_stray.h"

#include "actors/order/card_stray_store.h"
#include "order_handlers.h"

enum status card_stray_hear(struct request *request,
                            const struct payment_payment_was_changed *event)
{
    bool fits, is_known;
    if (event->purpose != PAYMENT_PURPOSE_ORDER || event->captured.amount == 0) return STATUS_OK;
    const int64_t gone = event->refunded.amount + event->disputed.amount;
    TRY(card_stray_store_judge(request, event->payment_id, event->captured, &fits, &is_known));
    if (!is_known && (fits || gone >= event->captured.amount)) return STATUS_OK;
    const struct order_note_card_payment command = { .payment_id = event->payment_id,
                                                     .captured = event->captured,
                                                     .gone = gone,
                                                     .version = event->version };
    return request_ask(request, &order_note_card_payment_message, &command, NULL);
}

enum status order_handle_note_card_payment(struct request *request,
                                           const struct order_note_card_payment *command)
{
    card_stray_store_note(request, command);
    return STATUS_OK;
}

/* The payment gives back what is left of it, and follows that until it is there. */
enum status order_handle_return_card_payment(struct request *request,
                                             const struct order_return_card_payment *command)
{
    bool has;
    const struct payment_release release = { .payment_id = command->payment_id };
    TRY(card_stray_store_has(request, command->payment_id, &has));
    if (!has) return STATUS_NOT_FOUND;
    TRY(request_ask(request, &payment_release_message, &release, NULL));
    request_audit(request, "pay", command->payment_id, (struct text){ 0 });
    request_audit_elsewhere(request);
    return STATUS_OK;
}

enum status order_handle_list_card_books(struct request *request,
                                         const struct books_list_card_books *query,
                                         struct common_card_books *ret_reply)
{
    return card_stray_store_list_books(request, query, ret_reply);
}
