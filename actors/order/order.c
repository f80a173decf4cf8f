/* The rules of a checkout: its price, what the shopper agreed to, and its split by vendor. */
#include "actors/order/order.h"

/* A part of the payment, or nothing where the buyer named none. */
static struct money named_part(bool has_part, struct money part, struct money total)
{
    return has_part ? part : money_make(0, total.currency);
}

static enum status refuse_at(enum status status, const char *pointer, const char **ret_pointer)
{
    *ret_pointer = pointer;
    return status;
}

enum status order_check_payment(const struct order_checkout *checkout, struct money total,
                                struct order_payment_terms terms, struct money *ret_on_delivery,
                                const char **ret_pointer)
{
    static const char at_total[] = "/expected_total", at_wallet[] = "/payment/wallet",
                      at_delivery[] = "/payment/on_delivery";
    const struct order_payment *payment = &checkout->payment;
    const struct money wallet = named_part(payment->has_wallet, payment->wallet, total);
    const struct money on_delivery =
        named_part(payment->has_on_delivery, payment->on_delivery, total);
    if (!money_same_currency(checkout->expected_total, total))
        return refuse_at(STATUS_CURRENCY_MISMATCH, at_total, ret_pointer);
    if (!money_same_currency(wallet, total))
        return refuse_at(STATUS_CURRENCY_MISMATCH, at_wallet, ret_pointer);
    if (!money_same_currency(on_delivery, total))
        return refuse_at(STATUS_CURRENCY_MISMATCH, at_delivery, ret_pointer);
    if (!money_equals(checkout->expected_total, total))
        return refuse_at(STATUS_TOTALS_CHANGED, at_total, ret_pointer);
    if (wallet.amount > 0 && !terms.has_wallet)
        return refuse_at(STATUS_PAYMENT_METHOD_UNAVAILABLE, at_wallet, ret_pointer);
    if (on_delivery.amount > 0 && !terms.may_pay_offline)
        return refuse_at(STATUS_PAYMENT_METHOD_UNAVAILABLE, at_delivery, ret_pointer);
    /* At what was sent: at the one part, or at all of it when there are two or none. */
    struct money sum;
    if (money_add(wallet, on_delivery, &sum) != STATUS_OK || !money_equals(sum, total)) {
        const char *part = payment->has_wallet ? at_wallet : at_delivery;
        const bool is_one = payment->has_wallet != payment->has_on_delivery;
        return refuse_at(STATUS_PAYMENT_MISMATCH, is_one ? part : "/payment", ret_pointer);
    }
    *ret_on_delivery = on_delivery;
    return STATUS_OK;
}

enum order_payment_status order_payment_status_of(struct money total, struct money on_delivery)
{
    if (on_delivery.amount == 0) return ORDER_PAYMENT_STATUS_PAID;
    return money_equals(total, on_delivery) ? ORDER_PAYMENT_STATUS_UNPAID
                                            : ORDER_PAYMENT_STATUS_PARTIALLY_PAID;
}

struct money order_wallet_part(const struct order_checkout_data *checkout)
{
    struct money part = checkout->total;
    if (checkout->has_on_delivery) part.amount -= checkout->on_delivery.amount;
    return part;
}

enum status order_share_on_delivery(const struct order_checkout_data *checkout,
                                    const struct order_split *split, int64_t *ret_amounts)
{
    assert(split->parts_count >= 1);
    assert(split->parts_count <= ORDER_PARTS_MAX);
    int64_t weights[ORDER_PARTS_MAX];
    for (size_t i = 0; i < split->parts_count; i++) {
        weights[i] = split->parts[i].total.amount;
        ret_amounts[i] = 0;
    }
    /* Nothing to share, and perhaps nothing to share it by: weights must not all be zero. */
    if (!checkout->has_on_delivery || checkout->on_delivery.amount == 0) return STATUS_OK;
    return money_allocate(checkout->on_delivery, weights, split->parts_count, ret_amounts);
}

bool order_is_too_late(const struct order_checkout_data *checkout, int64_t now_us)
{
    return now_us >= checkout->expires_at_us - ORDER_EXPIRY_MARGIN_US;
}
