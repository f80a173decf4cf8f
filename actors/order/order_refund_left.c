/* Asks the payment, and knows what goes elsewhere. */
#include "actors/order/order_refund_left.h"

#include "actors/order/draft_customer.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_refund.h"
#include "actors/order/order_shopper_store.h"
#include "books_messages.h"
#include "payment_messages.h"

/* The order waits meanwhile. */
#define ASK_LIMIT_US (INT64_C(3) * 1000000)

static enum order_refund_standing standing_of(enum payment_status status)
{
    switch (status) {
    case PAYMENT_STATUS_CAPTURED:
        return ORDER_STANDING_TAKEN;
    case PAYMENT_STATUS_FAILED:
    case PAYMENT_STATUS_VOIDED:
    case PAYMENT_STATUS_AUTH_EXPIRED:
        return ORDER_STANDING_NEVER;
    case PAYMENT_STATUS_CREATED:
    case PAYMENT_STATUS_REQUIRES_ACTION:
    case PAYMENT_STATUS_PROCESSING:
    case PAYMENT_STATUS_AUTHORISED:
        break;
    }
    return ORDER_STANDING_UNKNOWN;
}

enum status order_refund_find_left(struct request *request, const struct order_life *life,
                                   enum order_refund_standing *ret_standing, int64_t *ret_left)
{
    const struct payment_get_standing query = { .payment_id = life->group_id };
    struct payment_payment payment;
    int64_t others;
    *ret_standing = ORDER_STANDING_UNKNOWN;
    *ret_left = 0;
    const enum status asked =
        request_ask_within(request, ASK_LIMIT_US, &payment_get_standing_message, &query, &payment);
    if (asked == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(asked);
    TRY(order_refund_store_sum_elsewhere(request, life->group_id, life->order_id, &others));
    /* A node that is older does not say what is left. */
    const int64_t left =
        payment.has_left ? payment.left.amount : payment.captured.amount - payment.refunded.amount;
    *ret_standing = standing_of(payment.status);
    *ret_left = left - others - life->card_to_wallet - life->card_by_hand;
    return STATUS_OK;
}

enum status order_refund_find_lost(struct request *request, const struct order_life *life,
                                   struct uuid but_id, int64_t *ret_lost)
{
    const struct books_get_card_book query = { .payment_id = life->group_id };
    struct common_card_books found;
    int64_t closed, ours;
    *ret_lost = 0;
    TRY(request_ask_within(request, ASK_LIMIT_US, &payment_get_card_book_message, &query, &found));
    if (found.books_count != 1) return STATUS_OK;
    const struct common_card_book *book = &found.books[0];
    if (!book->has_lost || book->lost < book->disputed || book->refunding > 0) return STATUS_OK;
    TRY(order_refund_store_sum_closed(request, life->group_id, but_id, &closed, &ours));
    /* Somebody may give back at the provider itself. A refund of ours that is not heard of yet
     * counts as if it was there: rather too little has gone than too much. */
    const int64_t outside = book->refunded > ours ? book->refunded - ours : 0;
    const int64_t gone = book->lost + outside;
    *ret_lost = gone > closed ? gone - closed : 0;
    return STATUS_OK;
}

enum status order_refund_find_gone(struct request *request, const struct order_life *life,
                                   struct uuid refund_id, int64_t amount, int64_t *ret_gone,
                                   int64_t *ret_left)
{
    enum order_refund_standing standing;
    int64_t lost;
    *ret_gone = 0;
    TRY(order_refund_find_left(request, life, &standing, ret_left));
    if (standing != ORDER_STANDING_TAKEN || *ret_left >= amount) return STATUS_OK;
    TRY(order_refund_find_lost(request, life, refund_id, &lost));
    const int64_t missing = amount - (*ret_left > 0 ? *ret_left : 0);
    *ret_gone = lost < missing ? lost : missing;
    return STATUS_OK;
}

enum status order_refund_close_gone(struct request *request, struct order_life *life,
                                    struct order_refund_row *refund, int64_t gone,
                                    struct text reason)
{
    const struct order_terms terms = order_life_terms(request);
    TRY(order_refund_redirect(life, gone, ORDER_DETOUR_CARD_TO_BANK, reason, &terms));
    order_refund_store_to_bank(request, refund, gone);
    refund->money.card.amount.amount -= gone;
    return STATUS_OK;
}

enum status order_refund_refuse_short(struct request *request, const char *pointer, int64_t amount,
                                      int64_t left)
{
    if (amount <= left) return STATUS_OK;
    request_add_fault(request, &(struct request_fault){
                                   .pointer = pointer,
                                   .code = STATUS_REFUND_EXCEEDS_CAPTURED,
                                   .detail = TEXT("So much of what the card has paid is not here: "
                                                  "it has gone back, or a bank holds it."),
                                   .has_amounts = true,
                                   .requested = amount,
                                   .available = left > 0 ? left : 0 });
    return STATUS_REFUND_EXCEEDS_CAPTURED;
}

enum status order_refund_require_left(struct request *request, const struct order_life *life,
                                      const char *pointer, int64_t amount)
{
    enum order_refund_standing standing;
    int64_t left;
    TRY(order_refund_find_left(request, life, &standing, &left));
    return order_refund_refuse_short(request, pointer, amount, left);
}

enum status order_refund_require_wallet(struct request *request, const struct order_life *life,
                                        const char *pointer)
{
    bool is_active, is_leaving;
    if (uuid_is_zero(life->user_id))
        return request_refuse(request, pointer, STATUS_INVALID_VALUE, "A guest has no wallet.");
    TRY(draft_find_active(request, life->user_id, &is_active));
    TRY(order_shopper_find_leaving(request, life->user_id, &is_leaving));
    if (is_active && !is_leaving) return STATUS_OK;
    return request_refuse(request, pointer, STATUS_INVALID_VALUE,
                          "Nobody uses its wallet: the account is blocked, erased or closing.");
}
