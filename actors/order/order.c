/* The rules of a checkout: its price, what the shopper agreed to, and its split by vendor. */
#include "actors/order/order.h"

enum status order_price_lines(const struct cart *cart, const struct catalog_offers *offers,
                              struct order_checkout_line *ret_lines, struct money *ret_total)
{
    assert(cart->lines_count <= CART_LINES_MAX);
    struct money total = money_make(0, cart->currency);
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line *line = &cart->lines[i];
        struct cart_priced_line priced;
        TRY(cart_price_line(cart, line, offers, &priced));
        assert(priced.offer != NULL);
        assert(!priced.is_product_unavailable);
        assert(!priced.is_without_price);
        TRY(money_add(total, priced.total, &total));
        const struct catalog_offer *offer = priced.offer;
        ret_lines[i] = (struct order_checkout_line){ .line_id = line->id,
                                                     .variant_id = line->variant_id,
                                                     .product_id = offer->product_id,
                                                     .vendor_id = offer->vendor_id,
                                                     .vendor_name = offer->vendor_name,
                                                     .name = offer->name,
                                                     .has_slug = offer->has_slug,
                                                     .slug = offer->slug,
                                                     .options = offer->options,
                                                     .options_count = offer->options_count,
                                                     .has_image = offer->has_image,
                                                     .image = offer->image,
                                                     .has_sku = offer->has_sku,
                                                     .sku = offer->sku,
                                                     .quantity = line->quantity,
                                                     .unit_price = priced.unit_price,
                                                     .total = priced.total };
    }
    *ret_total = total;
    return STATUS_OK;
}

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

static struct order_part *find_or_add_part(struct order_split *split,
                                           const struct order_checkout_line *line)
{
    for (size_t i = 0; i < split->parts_count; i++)
        if (uuid_equals(split->parts[i].vendor_id, line->vendor_id)) return &split->parts[i];
    assert(split->parts_count < ORDER_PARTS_MAX);
    struct order_part *part = &split->parts[split->parts_count++];
    part->vendor_id = line->vendor_id;
    part->vendor_name = line->vendor_name;
    part->total = money_make(0, line->total.currency);
    part->lines_count = 0;
    return part;
}

enum status order_split_by_vendor(const struct order_checkout_data *checkout,
                                  struct order_split *ret_split)
{
    if (checkout->lines_count < 1 || checkout->lines_count > CART_LINES_MAX)
        return STATUS_OUT_OF_RANGE;
    struct money sum = money_make(0, checkout->total.currency);
    ret_split->parts_count = 0;
    for (size_t i = 0; i < checkout->lines_count; i++) {
        const struct order_checkout_line *line = &checkout->lines[i];
        struct money total;
        TRY(money_multiply(line->unit_price, line->quantity, &total));
        if (!money_equals(total, line->total)) return STATUS_INVALID_VALUE;
        TRY(money_add(sum, line->total, &sum));
        struct order_part *part = find_or_add_part(ret_split, line);
        TRY(money_add(part->total, line->total, &part->total));
        assert(part->lines_count < CART_LINES_MAX);
        part->lines[part->lines_count++] = i;
    }
    return money_equals(sum, checkout->total) ? STATUS_OK : STATUS_INVALID_VALUE;
}
