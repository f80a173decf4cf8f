/* What goes back when units of a placed line are cancelled or returned: their goods, and their
 * share of every discount and every tax. Pure.
 *
 * Shares are those of units that stand in a row: what goes back for some is the share of all up to
 * the last of them, less the share of all before. So in whatever portions a line goes back, its
 * parts end at exactly what was paid; none is negative at any step, and neither is the total. What
 * has gone back is never further from the exact share than half a minor unit for each amount that
 * the line has. */
#pragma once

#include "actors/order/price.h"

struct refund_discount {
    int64_t market_amount, vendor_amount; /* who bears it */
};

/* What an order keeps of a line, its lists in the same order each time. A delivery is a line of one
 * unit. Amounts are minor units of one currency. */
struct refund_line {
    int64_t quantity, unit_amount;
    bool prices_include_tax;
    const struct refund_discount *discounts; /* up to PRICE_PROMOTIONS_MAX */
    size_t discounts_count;
    const int64_t *taxes; /* by rate, up to PRICE_RATES_MAX */
    size_t taxes_count;
    int64_t exempted_amount; /* included tax that was not paid */
};

/* In the order of the line's. total = goods - discount - exempted, and + tax where prices do not
 * include it. */
struct refund_share {
    int64_t goods, discount, tax, exempted, total;
    const struct refund_discount *discounts;
    const int64_t *taxes;
};

/* The share of `units` when `before` units have gone back already, cancelled and returned alike;
 * lists are in the arena. Statuses: OK, OUT_OF_RANGE (not so many units are left, or a limit is
 * broken), INVALID_VALUE (an amount is negative, or more was taken off than there was). */
MUST_CHECK enum status refund_share_of(const struct refund_line *line, int64_t before,
                                       int64_t units, struct arena *arena,
                                       struct refund_share *ret_share);
