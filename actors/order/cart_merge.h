/* A guest's cart becomes part of a shopper's: how much of each line comes over. Pure. */
#pragma once

#include "actors/order/cart.h"

/* In the order of the setting cart.merge. */
enum cart_merge_strategy {
    CART_MERGE_ADD,    /* quantities add up */
    CART_MERGE_MAX,    /* the larger one counts */
    CART_MERGE_GUEST,  /* the guest's cart replaces the account's */
    CART_MERGE_ACCOUNT /* the account's cart stays, unless it is empty */
};

/* What comes over, and what has become of the rest. */
struct cart_merge {
    bool has_changed;
    size_t adjustments_count;
    struct common_cart_adjustment adjustments[CART_LINES_MAX];
};

/* Lines to be put in, at most CART_LINES_MAX, and the currency that they had their prices in;
 * empty: not known. */
struct cart_lines_from {
    const struct order_guest_line *lines;
    size_t count;
    struct text currency;
};

/* Puts the guest's lines into the account's cart; `line_ids` has one new
 * id for each. A line gets no more units than there are in stock, but never loses units that the
 * account's cart had to a shortage. Everything that does not come over as the guest wanted it, or
 * not with a price in the currency that the guest saw, is an adjustment. Names in `*ret_merge` are
 * views of the guest's lines. */
void cart_merge_lines(struct cart *cart, const struct cart_lines_from *from,
                      const struct uuid *line_ids, const struct catalog_offers *offers,
                      enum cart_merge_strategy strategy, struct cart_merge *ret_merge);

/* What comes over besides lines. */
struct cart_merge_wishes {
    bool have_codes_changed;
    bool takes_address; /* the guest's becomes the cart's */
    bool leaves_address;
    size_t left_count;
    struct text left[CART_CODES_MAX]; /* codes, views of the guest's */
};

/* Adds the guest's codes (normal forms, at most CART_CODES_MAX) behind the account's, as many as
 * there is room for, and says whether the guest's address is taken: where the cart has none. If the
 * guest's cart replaces the account's, so do both; if the account's stays, they do. To be asked
 * before cart_merge_lines(), since what the cart holds decides that. */
void cart_merge_wishes(struct cart *cart, const struct order_adopt_lines *from,
                       enum cart_merge_strategy strategy, struct cart_merge_wishes *ret_wishes);
