/* Each order keeps what a card pays of it; what became of that, the payment knows as a whole. */
#include "actors/order/card_share.h"

#include "actors/order/card_store.h"
#include "actors/order/order.h"
#include "payment_messages.h"

enum status card_share_of(struct money sum, const int64_t *amounts, size_t count, size_t index,
                          struct money *ret_share)
{
    int64_t shares[ORDER_PARTS_MAX];
    assert(count >= 1);
    assert(count <= ORDER_PARTS_MAX);
    assert(index < count);
    TRY(money_allocate(sum, amounts, count, shares));
    *ret_share = money_make(shares[index], sum.currency);
    return STATUS_OK;
}

enum status card_share_show(struct request *request, struct order_order *order)
{
    const struct payment_get_standing query = { .payment_id = order->group_id };
    const char *currency = order->totals.total.currency;
    struct payment_payment payment;
    struct card_shares shares;
    TRY(card_store_find_shares(request, order->id, &shares));
    if (shares.count == 0) return STATUS_OK;
    const enum status asked = request_ask(request, &payment_get_standing_message, &query, &payment);
    if (asked == STATUS_NOT_FOUND || status_is_outage(asked)) return STATUS_OK;
    TRY(asked);
    struct order_card_share share = {
        .amount = money_make(shares.amounts[shares.index], currency),
        .refunded = money_make(shares.refunded, currency),
        .refunding = money_make(shares.refunding, currency),
        .failed = money_make(shares.failed, currency),
        .elsewhere = money_make(shares.elsewhere, currency),
    };
    TRY(card_share_of(payment.authorised, shares.amounts, shares.count, shares.index,
                      &share.authorised));
    TRY(card_share_of(payment.captured, shares.amounts, shares.count, shares.index,
                      &share.captured));
    order->has_card_share = true;
    order->card_share = share;
    return STATUS_OK;
}
