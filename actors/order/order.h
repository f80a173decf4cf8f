/* From a cart to orders: the price of a checkout, what the buyer agreed to, and the split into one
 * order per vendor. All pure. The sums are exact: the group's total is the sum of its orders, each
 * order's total the sum of its lines. */
#pragma once

#include "actors/order/cart.h"

enum {
    ORDER_PARTS_MAX = CART_LINES_MAX,
    ORDER_NUMBER_BYTES_MAX = 32,
    /* Reservations and holds must have at least this much life when a group is placed. */
    ORDER_EXPIRY_MARGIN_US = 2 * 1000 * 1000
};

/* Fills in one checkout line per line of the cart, at the offers' prices, and their sum. Every line
 * must have an offer that cart_check_offer() accepts. `ret_lines` has room for cart->lines_count;
 * its texts are views of the offers. Statuses: OK, OUT_OF_RANGE (a sum overflows). */
MUST_CHECK enum status order_price_lines(const struct cart *cart,
                                         const struct catalog_offers *offers,
                                         struct order_checkout_line *ret_lines,
                                         struct money *ret_total);

/* What the buyer may pay with. */
struct order_payment_terms {
    bool has_wallet;      /* guests have none */
    bool may_pay_offline; /* setting market.offline_payment */
};

/* Compares what the buyer agreed to with the total of now: the expected total must be it, and the
 * parts of the payment must add up to it. A total of nothing needs no payment. `*ret_on_delivery`
 * is what does not come from the wallet. Statuses: OK, CURRENCY_MISMATCH, TOTALS_CHANGED,
 * PAYMENT_METHOD_UNAVAILABLE, PAYMENT_MISMATCH; of a refusal, `*ret_pointer` is the JSON pointer of
 * the field at fault. */
MUST_CHECK enum status order_check_payment(const struct order_checkout *checkout,
                                           struct money total, struct order_payment_terms terms,
                                           struct money *ret_on_delivery, const char **ret_pointer);

/* How far a group or an order is paid when it is placed. */
enum order_payment_status order_payment_status_of(struct money total, struct money on_delivery);
/* What is paid from the wallet: the total less what is owed on delivery. */
struct money order_wallet_part(const struct order_checkout_data *checkout);
struct order_split;
/* What each part of a split owes on delivery, in minor units: shares of the whole in proportion to
 * the parts, exact (largest remainder), none larger than its part. `ret_amounts` has room for
 * split->parts_count. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status order_share_on_delivery(const struct order_checkout_data *checkout,
                                               const struct order_split *split,
                                               int64_t *ret_amounts);

/* True if the stock and money that were set aside could lapse before the orders are written.
 * `now_us` is market time. */
bool order_is_too_late(const struct order_checkout_data *checkout, int64_t now_us);

/* One vendor's part; lines in the order of the cart. */
struct order_part {
    struct uuid vendor_id;
    struct text vendor_name;
    struct money total;
    size_t lines_count;
    size_t lines[CART_LINES_MAX]; /* positions in the checkout */
};

/* 24 KiB: it belongs into an arena, not on a fiber's stack. */
struct order_split {
    size_t parts_count;
    struct order_part parts[ORDER_PARTS_MAX];
};

/* Splits by vendor, in the order of each vendor's first line. Statuses: OK, OUT_OF_RANGE (a sum
 * overflows; no lines or too many), INVALID_VALUE (a line is not quantity times price, the lines do
 * not add up to the total, or one has another currency). On a refusal `*ret_split` is scratch. */
MUST_CHECK enum status order_split_by_vendor(const struct order_checkout_data *checkout,
                                             struct order_split *ret_split);
