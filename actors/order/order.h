/* From a cart to orders: the price of a checkout, what the buyer agreed to, and the split into one
 * order per vendor. All pure. The sums are exact: the group's total is the sum of its orders, each
 * order's total the sum of its lines. */
#pragma once

#include "actors/order/cart_quote.h"

enum {
    ORDER_PARTS_MAX = CART_LINES_MAX,
    ORDER_NUMBER_BYTES_MAX = 32,
    /* Reservations and holds must have at least this much life when a group is placed. */
    ORDER_EXPIRY_MARGIN_US = 2 * 1000 * 1000
};

/* Turns a price into what a checkout keeps of it: lines, deliveries, what was taken off and by
 * which promotion, taxes. Every line must have an offer that cart_check_offer() accepts, and every
 * consignment a method. Texts are views of the quote's sources; lists are in the arena. */
void order_snapshot(const struct cart *cart, const struct cart_quote *quote, struct arena *arena,
                    struct order_checkout_data *checkout);

/* What the buyer may pay with. */
struct order_payment_terms {
    bool has_wallet; /* guests have none */
    bool has_card;
    bool may_use[ORDER_OFFLINE_METHOD_COUNT]; /* by the market's settings */
};
/* What no wallet pays, and how that is paid; of no amount the method says nothing. */
struct order_offline_part {
    enum order_offline_method method;
    struct money amount;
};
/* What is not the wallet's. */
struct order_paid_parts {
    struct order_offline_part offline;
    struct money card; /* 0: no card pays */
};

/* Compares what the buyer agreed to with the total of now: the expected total must be it, and the
 * parts of the payment, of which one at most is neither the wallet's nor the card's, must add up to
 * it. A card pays what the others leave, which must be something, and is the amount that was sent
 * with it, if one was. A total of nothing needs no payment. Statuses: OK, CURRENCY_MISMATCH,
 * TOTALS_CHANGED, PAYMENT_METHOD_UNAVAILABLE, PAYMENT_MISMATCH; of a refusal, `*ret_pointer` is the
 * JSON pointer of the field at fault. */
MUST_CHECK enum status order_check_payment(const struct order_checkout *checkout,
                                           struct money total, struct order_payment_terms terms,
                                           struct order_paid_parts *ret_parts,
                                           const char **ret_pointer);

/* How far a group or an order is paid when it is placed. */
enum order_payment_status order_payment_status_of(struct money total, struct money on_delivery);
/* What a card pays; 0: nothing. */
struct money order_card_part(const struct order_checkout_data *checkout);
/* What is paid from the wallet: the total less what is owed on delivery and what a card pays. */
struct money order_wallet_part(const struct order_checkout_data *checkout);
struct order_split;
/* What each part of a split owes on delivery, in minor units: shares of the whole in proportion to
 * the parts, exact (largest remainder), none larger than its part. `ret_amounts` has room for
 * split->parts_count. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status order_share_on_delivery(const struct order_checkout_data *checkout,
                                               const struct order_split *split,
                                               int64_t *ret_amounts);

/* What a card pays of each part of a split, beside what `owed` says is owed on delivery: in
 * proportion to what that leaves, exact, and never more than it leaves; an amount that cards know
 * (messages/card_amount.h), if that can be. Otherwise as above. */
MUST_CHECK enum status order_share_card(const struct order_checkout_data *checkout,
                                        const struct order_split *split, const int64_t *owed,
                                        int64_t *ret_amounts);

/* True for a text that can be a provider's token of a card: letters, digits, - and _, and no card's
 * number among them. */
bool order_card_token_is_good(struct text token);
/* True for where a bank may send a shopper back to: https; in a market for tests also http on its
 * own machine. */
bool order_return_url_is_good(struct text url, bool is_for_tests);

/* True if the stock and money that were set aside could lapse before the orders are written.
 * `now_us` is market time. */
bool order_is_too_late(const struct order_checkout_data *checkout, int64_t now_us);

/* Minor units. total = items - discount + shipping - shipping_discount + added_tax. */
struct order_sums {
    int64_t items, discount, shipping, shipping_discount, added_tax, total;
};

/* One vendor's part; lines and deliveries in the order of the checkout. */
struct order_part {
    struct uuid vendor_id;
    struct text vendor_name;
    struct order_sums sums;
    struct money total;
    size_t lines_count;
    uint8_t lines[CART_LINES_MAX]; /* positions in the checkout */
    size_t deliveries_count;
    uint8_t deliveries[CART_LINES_MAX];
};

/* 12 KiB: it belongs into an arena, not on a fiber's stack. */
struct order_split {
    size_t parts_count;
    struct order_part parts[ORDER_PARTS_MAX];
};

/* Splits by vendor, in the order of each vendor's first line. Statuses: OK, OUT_OF_RANGE (a sum
 * overflows; no lines or too many), INVALID_VALUE (a line is not quantity times price, more is
 * taken off than there is, a delivery is of no vendor, the parts do not add up to the total, or a
 * line has another currency). On a refusal `*ret_split` is scratch. */
MUST_CHECK enum status order_split_by_vendor(const struct order_checkout_data *checkout,
                                             struct order_split *ret_split);

/* What is taken off a line or a delivery, by market and vendor; what taxes it. The split has found
 * that the sums do not overflow. */
int64_t order_sum_of_discounts(const struct order_checkout_discount *discounts, size_t count);
int64_t order_sum_of_taxes(const struct order_checkout_tax *taxes, size_t count);
/* One vendor's order as it is placed: all but id, number, payment and time. */
void order_make(const struct order_checkout_data *checkout, const struct order_part *part,
                struct arena *arena, struct order_order *ret_order);
