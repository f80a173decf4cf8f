/* An order is changed before it is sent: which units may be added or go, what that costs and gives
 * back, and how the difference is settled. What is added stands in lines of its own, so that the
 * price of those that were there, and what of it has gone back, stays what it was. Pure. */
#pragma once

#include "actors/order/price.h"
#include "actors/order/shipment.h"

enum {
    ORDER_EDITS_MAX = 20,  /* of an order, those that have ended too */
    ORDER_EDIT_PROCESS = 2 /* the version of the process that knows of all that an edit may hold */
};

/* What is asked for, beside other goods. */
struct order_edit_wishes {
    const struct shipment_wish *more, *fewer;
    size_t more_count, fewer_count;
};

struct order_edit_choice {
    size_t more[ORDER_LINES_MAX];   /* of each wish for more, the line's place */
    int64_t fewer[ORDER_LINES_MAX]; /* of each line, the units that go */
};

struct order_edit_refusal {
    struct shipment_refusal refusal;
    bool is_of_fewer; /* the index is one of the wishes for fewer */
};

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

/* Finds what wishes name: lines each once and some of both lists, of which any number of units may
 * be added, and those may go that are in no parcel. `*ret_choice` is scratch on a refusal. */
struct order_edit_refusal order_edit_choose(const struct order_life *life,
                                            const struct order_edit_wishes *wishes,
                                            struct order_edit_choice *ret_choice);
/* True if nothing of the order were left without these units. */
bool order_edit_takes_all(const struct order_life *life, const int64_t fewer[]);

/* What `quantity` more units of a line cost: each rate on all of them, rounded once; tax that
 * prices contain is taken out of them at once and shared by the rates. Statuses: OK, OUT_OF_RANGE.
 */
MUST_CHECK enum status order_edit_price(const struct order_edit_terms *terms, int64_t quantity,
                                        struct order_edit_price *ret_price);

/* Whether the wallet pays a difference (it has paid all that is not called off), or it is owed at
 * the door. Statuses: OK, NOT_EDITABLE (it is paid otherwise, money was collected, it replaces
 * goods, or nobody has a wallet). */
MUST_CHECK enum status order_edit_pays(const struct order_life *life, bool *ret_from_wallet);

/* How what is added is paid, and where what goes back for units goes, in minor units. */
struct order_edit_settlement {
    int64_t owed; /* of what is added: outside of the wallet, as long as nothing is taken off */
    int64_t held; /* of what is added: the wallet pays, on top of what it has paid */
    int64_t to_wallet; /* of what goes back; the rest is not owed any more */
};

/* What goes back pays for what is added, and for what is owed at the door; the wallet pays, or
 * gets, the difference. Both are sums of their own, neither negative. */
struct order_edit_settlement order_edit_settle(const struct order_life *life, bool from_wallet,
                                               int64_t added, int64_t given_back);

/* As it is shown; `difference` is what is added less what goes back. */
enum order_edit_payment order_edit_payment_of(bool from_wallet, int64_t difference);

/* The first half: pulls the trigger and moves the sums by what is added; what goes back is taken
 * from the life next, by order_back_take(). Statuses: as order_life_pull(), OUT_OF_RANGE. */
MUST_CHECK enum status order_edit_apply(struct order_life *life, int64_t added,
                                        const struct order_edit_settlement *settlement,
                                        struct text reason, const struct order_terms *terms);
/* The second half: units go (of each line), and lines are added, for which there is room. Statuses:
 * as order_life_follow(). */
MUST_CHECK enum status order_edit_move_units(struct order_life *life, const int64_t fewer[],
                                             const struct order_life_line *added,
                                             size_t added_count, const struct order_terms *terms);
