/* Units that are added to an order before it is sent: which may be, what they cost, and how that is
 * paid. They stand in lines of their own, so that the price of those that were there, and what of
 * it has gone back, stays what it was. Pure. */
#pragma once

#include "actors/order/price.h"
#include "actors/order/shipment.h"

enum { ORDER_EDITS_MAX = 20 }; /* of an order, those that have ended too */

/* What a line agreed on: its own rates, not today's. */
struct order_edit_terms {
    int64_t unit_amount;
    bool prices_include_tax;
    const int64_t *ppm; /* of each rate that taxes the line */
    size_t rates_count; /* at most PRICE_RATES_MAX */
};

struct order_edit_price {
    int64_t items; /* units at the agreed price */
    int64_t tax;   /* in it or beside it */
    int64_t total; /* items, and the tax that is beside them */
    int64_t bases[PRICE_RATES_MAX], amounts[PRICE_RATES_MAX]; /* by rate */
};

/* The lines that wishes name, each once and some; `ret_lines` are their places. As
 * shipment_find_units(), but for the units, of which any number may be added. */
struct shipment_refusal order_edit_choose(const struct order_life *life,
                                          const struct shipment_wish *wishes, size_t count,
                                          size_t ret_lines[ORDER_LINES_MAX]);

/* What `quantity` more units of a line cost: each rate on all of them, rounded once; tax that
 * prices contain is taken out of them at once and shared by the rates. Statuses: OK, OUT_OF_RANGE.
 */
MUST_CHECK enum status order_edit_price(const struct order_edit_terms *terms, int64_t quantity,
                                        struct order_edit_price *ret_price);

/* Whether the wallet pays what is added (it has paid all that is not called off), or it is owed at
 * the door. Statuses: OK, NOT_EDITABLE (it is paid otherwise, money was collected, it replaces
 * goods, or nobody has a wallet). */
MUST_CHECK enum status order_edit_pays(const struct order_life *life, bool *ret_from_wallet);

/* The units are the order's: moves the sums of the life and pulls the trigger. Statuses: as
 * order_life_pull(). */
MUST_CHECK enum status order_edit_apply(struct order_life *life, int64_t total, bool from_wallet,
                                        struct text reason, const struct order_terms *terms);
