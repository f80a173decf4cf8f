/* The rules of a checkout: its price, what the shopper agreed to, and its split by vendor. */
#include "actors/order/order.h"

#include "messages/card_amount.h"
#include "runtime/text_form.h"

/* The wallet's part comes first, then those of the methods. */
enum { PARTS_COUNT = 1 + ORDER_OFFLINE_METHOD_COUNT };
struct part {
    bool is_sent;
    struct money amount;
    const char *pointer;
    bool is_available;
};

static struct part part_of(bool is_sent, struct money amount, const char *pointer,
                           bool is_available)
{
    return (struct part){ is_sent, amount, pointer, is_available };
}

static void read_parts(const struct order_payment *payment, const struct order_payment_terms *terms,
                       struct part ret_parts[PARTS_COUNT])
{
    const bool *may = terms->may_use;
    ret_parts[0] =
        part_of(payment->has_wallet, payment->wallet, "/payment/wallet", terms->has_wallet);
    ret_parts[1 + ORDER_OFFLINE_METHOD_ON_DELIVERY] =
        part_of(payment->has_on_delivery, payment->on_delivery, "/payment/on_delivery",
                may[ORDER_OFFLINE_METHOD_ON_DELIVERY]);
    ret_parts[1 + ORDER_OFFLINE_METHOD_TRANSFER] =
        part_of(payment->has_transfer, payment->transfer, "/payment/transfer",
                may[ORDER_OFFLINE_METHOD_TRANSFER]);
    ret_parts[1 + ORDER_OFFLINE_METHOD_INVOICE] =
        part_of(payment->has_invoice, payment->invoice, "/payment/invoice",
                may[ORDER_OFFLINE_METHOD_INVOICE]);
}

static const char at_total[] = "/expected_total";
static const char at_card[] = "/payment/card";
static const char at_card_amount[] = "/payment/card/amount";

static enum status refuse_at(enum status status, const char *pointer, const char **ret_pointer)
{
    *ret_pointer = pointer;
    return status;
}

/* At what was sent: at the one part, or at all of it when there are several or none. */
static const char *point_at(const struct part parts[PARTS_COUNT])
{
    const char *pointer = "/payment";
    size_t sent_count = 0;
    for (size_t i = 0; i < PARTS_COUNT; i++)
        if (parts[i].is_sent && sent_count++ == 0) pointer = parts[i].pointer;
    return sent_count == 1 ? pointer : "/payment";
}

/* What all parts but the card's come to. */
static enum status add_parts(const struct part parts[PARTS_COUNT],
                             struct order_offline_part *ret_offline, struct money *ret_sum)
{
    struct order_offline_part offline = { .amount = money_make(0, ret_sum->currency) };
    struct money sum = offline.amount;
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        if (!parts[i].is_sent || parts[i].amount.amount == 0) continue;
        if (money_add(sum, parts[i].amount, &sum) != STATUS_OK) return STATUS_PAYMENT_MISMATCH;
        if (i == 0) continue;
        if (offline.amount.amount > 0) return STATUS_PAYMENT_MISMATCH;
        offline =
            (struct order_offline_part){ (enum order_offline_method)(i - 1), parts[i].amount };
    }
    *ret_offline = offline;
    *ret_sum = sum;
    return STATUS_OK;
}

/* The card's part is what the others leave, to the last cent, and an amount that cards know. */
static enum status add_card(const struct order_card_part *card, struct money left,
                            struct money *ret_card, const char **ret_pointer)
{
    if (left.amount < 1) return refuse_at(STATUS_PAYMENT_MISMATCH, at_card, ret_pointer);
    if (card->has_amount && !money_equals(card->amount, left))
        return refuse_at(STATUS_PAYMENT_MISMATCH, at_card_amount, ret_pointer);
    if (left.amount % card_amount_step(left.currency) != 0)
        return refuse_at(STATUS_INVALID_VALUE, card->has_amount ? at_card_amount : at_card,
                         ret_pointer);
    *ret_card = left;
    return STATUS_OK;
}

static enum status check_currencies(const struct order_checkout *checkout,
                                    const struct part parts[PARTS_COUNT], struct money total,
                                    const char **ret_pointer)
{
    const struct order_payment *payment = &checkout->payment;
    if (!money_same_currency(checkout->expected_total, total))
        return refuse_at(STATUS_CURRENCY_MISMATCH, at_total, ret_pointer);
    for (size_t i = 0; i < PARTS_COUNT; i++)
        if (parts[i].is_sent && !money_same_currency(parts[i].amount, total))
            return refuse_at(STATUS_CURRENCY_MISMATCH, parts[i].pointer, ret_pointer);
    if (payment->has_card && payment->card.has_amount &&
        !money_same_currency(payment->card.amount, total))
        return refuse_at(STATUS_CURRENCY_MISMATCH, at_card_amount, ret_pointer);
    return STATUS_OK;
}

enum status order_check_payment(const struct order_checkout *checkout, struct money total,
                                struct order_payment_terms terms,
                                struct order_paid_parts *ret_parts, const char **ret_pointer)
{
    const struct order_payment *payment = &checkout->payment;
    struct part parts[PARTS_COUNT];
    struct order_paid_parts paid = { .card = money_make(0, total.currency) };
    struct money sum = paid.card, left;
    read_parts(payment, &terms, parts);
    TRY(check_currencies(checkout, parts, total, ret_pointer));
    if (!money_equals(checkout->expected_total, total))
        return refuse_at(STATUS_TOTALS_CHANGED, at_total, ret_pointer);
    for (size_t i = 0; i < PARTS_COUNT; i++)
        if (parts[i].is_sent && parts[i].amount.amount > 0 && !parts[i].is_available)
            return refuse_at(STATUS_PAYMENT_METHOD_UNAVAILABLE, parts[i].pointer, ret_pointer);
    if (payment->has_card && !terms.has_card)
        return refuse_at(STATUS_PAYMENT_METHOD_UNAVAILABLE, at_card, ret_pointer);
    const enum status added = add_parts(parts, &paid.offline, &sum);
    if (added != STATUS_OK || money_subtract(total, sum, &left) != STATUS_OK)
        return refuse_at(STATUS_PAYMENT_MISMATCH, point_at(parts), ret_pointer);
    if (payment->has_card)
        TRY(add_card(&payment->card, left, &paid.card, ret_pointer));
    else if (left.amount != 0)
        return refuse_at(STATUS_PAYMENT_MISMATCH, point_at(parts), ret_pointer);
    *ret_parts = paid;
    return STATUS_OK;
}

enum order_payment_status order_payment_status_of(struct money total, struct money on_delivery)
{
    if (on_delivery.amount == 0) return ORDER_PAYMENT_STATUS_PAID;
    return money_equals(total, on_delivery) ? ORDER_PAYMENT_STATUS_UNPAID
                                            : ORDER_PAYMENT_STATUS_PARTIALLY_PAID;
}

struct money order_card_part(const struct order_checkout_data *checkout)
{
    return checkout->has_card_amount ? checkout->card_amount
                                     : money_make(0, checkout->total.currency);
}

struct money order_wallet_part(const struct order_checkout_data *checkout)
{
    struct money part = checkout->total;
    if (checkout->has_on_delivery) part.amount -= checkout->on_delivery.amount;
    part.amount -= order_card_part(checkout).amount;
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

/* Where cards know no single minor units, each share is an amount that can go back to a card as a
 * whole, if the other parts of the payment leave room for that. */
static bool share_in_steps(int64_t card, int64_t step, const int64_t *left, size_t count,
                           int64_t *ret_amounts)
{
    int64_t steps[ORDER_PARTS_MAX], remainders[ORDER_PARTS_MAX];
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        steps[i] = left[i] / step;
        sum += steps[i];
    }
    if (card % step != 0 || sum < card / step) return false;
    if (amount_allocate(card / step, steps, count, ret_amounts, remainders) != STATUS_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        ret_amounts[i] *= step;
    return true;
}

enum status order_share_card(const struct order_checkout_data *checkout,
                             const struct order_split *split, const int64_t *owed,
                             int64_t *ret_amounts)
{
    const struct money card = order_card_part(checkout);
    const int64_t step = card_amount_step(card.currency);
    int64_t left[ORDER_PARTS_MAX];
    assert(split->parts_count >= 1);
    assert(split->parts_count <= ORDER_PARTS_MAX);
    for (size_t i = 0; i < split->parts_count; i++) {
        left[i] = split->parts[i].total.amount - owed[i];
        assert(left[i] >= 0);
        ret_amounts[i] = 0;
    }
    if (card.amount == 0) return STATUS_OK;
    if (step > 1 && share_in_steps(card.amount, step, left, split->parts_count, ret_amounts))
        return STATUS_OK;
    return money_allocate(card, left, split->parts_count, ret_amounts);
}

bool order_card_token_is_good(struct text token)
{
    enum { CARD_DIGITS_MIN = 12 };
    unsigned digits = 0; /* in a row; marks between them do not end it */
    struct uuid kept;
    if (id_parse(token, "crd", &kept) == STATUS_OK) return true;
    for (size_t i = 0; i < token.length; i++) {
        const char byte = token.data[i];
        const bool is_mark = byte == '-' || byte == '_';
        const bool is_digit = byte >= '0' && byte <= '9';
        const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!is_mark && !is_digit && !is_letter) return false;
        if (is_letter) digits = 0;
        if (is_digit && ++digits == CARD_DIGITS_MIN) return false;
    }
    return token.length > 0;
}

bool order_return_url_is_good(struct text url, bool is_for_tests)
{
    return is_for_tests ? text_is_secure_url(url) : text_is_https_url(url);
}

bool order_is_too_late(const struct order_checkout_data *checkout, int64_t now_us)
{
    return now_us >= checkout->expires_at_us - ORDER_EXPIRY_MARGIN_US;
}
