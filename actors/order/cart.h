/* A cart: what its owner wants, and what may be done with it. All pure. Prices are never kept as
 * promises: each answer shows those of today, from the catalogue's offers. Amounts are minor units
 * of the cart's currency. */
#pragma once

#include "catalog_messages.h"
#include "order_messages.h"

enum {
    CART_LINES_MAX = 50,
    CART_LINE_UNITS_MAX = 10000,
    CART_NAME_BYTES_MAX = 255,
    CART_CODES_MAX = 10,
    CART_CODE_BYTES_MAX = 40
};

/* Orders that staff prepares for somebody are carts that do not count as their customer's own. */
enum cart_draft {
    CART_DRAFT_NONE, /* a cart as any */
    CART_DRAFT_OPEN, /* staff's alone */
    CART_DRAFT_SENT  /* its customer's, too */
};

struct cart_line {
    struct uuid id, variant_id, product_id, vendor_id;
    int64_t quantity;
    int64_t unit_amount; /* when it was last put in; shown only while the catalogue has no price */
    int64_t position;    /* lines are kept in its order */
    struct uuid method_id; /* how the owner wants it sent; zero: not chosen */
    int64_t parts_mark;    /* cart_parts_mark() of what its owner has put in; 0: not known */
    size_t name_length;
    char name[CART_NAME_BYTES_MAX + 1];
};

/* The aggregate, as one value of fixed size (19 KiB): it belongs into an arena, not on a stack. Of
 * the address it has what prices go by; the rest is in its row. Lines come last, so that those that
 * are not there take no room where carts are remembered. */
struct cart {
    struct uuid id;
    struct uuid user_id;     /* zero: a guest's */
    struct uuid merged_into; /* the shopper whose cart takes this guest's lines over; else zero */
    struct uuid group_id;    /* the checkout that locked or ordered it; zero while active */
    enum order_cart_status status;
    enum cart_draft draft;
    char currency[4];
    int64_t version;
    char country[3]; /* of the address; "": there is none */
    char region[4];  /* its code; "": not said */
    size_t codes_count;
    char codes[CART_CODES_MAX][CART_CODE_BYTES_MAX + 1]; /* in their normal form */
    size_t lines_count;
    struct cart_line lines[CART_LINES_MAX];
};

/* What the catalogue says of a line today, and what keeps it from being ordered. */
struct cart_line_state {
    const struct catalog_offer *offer; /* NULL: the catalogue does not know the variant */
    int64_t list_amount; /* of one; without a price of today, the one that the line remembers */
    bool is_product_unavailable, is_without_price, is_vendor_unavailable, is_short_of_stock,
        is_quantity_wrong, /* below the least, above the most, or between steps */
        is_bundle_changed; /* other parts than when it was put in */
    int64_t available;
};

/* Whether the owner may change the cart or check it out. Statuses: OK, CHECKOUT_IN_PROGRESS,
 * CART_ALREADY_ORDERED, CART_MERGED. */
MUST_CHECK enum status cart_check_active(const struct cart *cart);
/* True for a cart that belongs to no account. */
bool cart_is_guests(const struct cart *cart);
/* True for what staff has prepared, whatever has become of it. */
bool cart_is_draft(const struct cart *cart);
/* Where a draft stands, of a cart that is one. */
enum order_draft_status cart_draft_status(enum cart_draft draft, enum order_cart_status status);

/* Each lends the entry of that id; NULL when there is none. Lines move when one is removed. */
struct cart_line *cart_find_line(struct cart *cart, struct uuid line_id);
struct cart_line *cart_find_variant(struct cart *cart, struct uuid variant_id);
const struct catalog_offer *cart_find_offer(const struct catalog_offers *offers,
                                            struct uuid variant_id);

/* Whether a variant may be put into a cart of that currency, and if not, why. `offer` NULL: the
 * catalogue does not know it. Statuses: OK, NOT_FOUND (no offer), PRODUCT_UNAVAILABLE (hidden, or
 * no price in the currency), VENDOR_UNAVAILABLE. */
MUST_CHECK enum status cart_check_offer(const struct catalog_offer *offer, const char *currency);

/* Adds `quantity` (>= 1) units of the offer's variant to its line, or to a new line `line_id`. The
 * offer must be one that cart_check_offer() accepts; the line gets its name and price. Stock is
 * checked against the whole line. Statuses: OK, CART_FULL (lines or units), INSUFFICIENT_STOCK; on
 * refusal nothing has changed. `*ret_line` is set for OK; `*ret_requested` (units of the whole
 * line) for INSUFFICIENT_STOCK, too. */
MUST_CHECK enum status cart_add_units(struct cart *cart, struct uuid line_id,
                                      const struct catalog_offer *offer, int64_t quantity,
                                      struct cart_line **ret_line, int64_t *ret_requested);
/* Sets the units (1 to CART_LINE_UNITS_MAX) of the offer's variant without asking for stock: of its
 * line, or of a new line `line_id`, for which there must be room. The line gets the offer's name
 * and price. Returns the line, which the cart owns. */
struct cart_line *cart_put_units(struct cart *cart, struct uuid line_id,
                                 const struct catalog_offer *offer, int64_t quantity);
/* Sets the units (1 to CART_LINE_UNITS_MAX) of a line; its name and price stay, and what a bundle
 * is made of today is agreed to. `offer` NULL: the catalogue has none. Statuses: OK,
 * INSUFFICIENT_STOCK (nothing has changed). */
MUST_CHECK enum status cart_set_units(struct cart_line *line, const struct catalog_offer *offer,
                                      int64_t quantity);
/* Removes a line that cart_find_line() found; those behind it move up. */
void cart_remove_line(struct cart *cart, struct cart_line *line);

/* Copies at most CART_NAME_BYTES_MAX bytes, whole characters only. */
void cart_line_set_name(struct cart_line *line, struct text name);
/* A view of the line's own bytes. */
struct text cart_line_name(const struct cart_line *line);

/* What there is of a line is counted beside what the other lines of the cart take. */
struct cart_line_state cart_examine_line(const struct cart *cart, const struct cart_line *line,
                                         const struct catalog_offers *offers);

/* One number for what an offer is made of, in whatever order its parts stand: never 0, and another
 * one for other parts (but for 1 in 2^63). */
int64_t cart_parts_mark(const struct catalog_offer *offer);

/* Why it is not sold, whatever the stock. Statuses: OK, PRODUCT_UNAVAILABLE, CURRENCY_NOT_OFFERED,
 * VENDOR_UNAVAILABLE, QUANTITY_NOT_SOLD, BUNDLE_CHANGED. */
MUST_CHECK enum status cart_line_problem(const struct cart_line_state *state);

/* The most units, at most `quantity`, that are there and may be sold together: a vendor may sell
 * from a quantity on, in multiples, and up to a quantity. 0: none. */
int64_t cart_fit_quantity(const struct catalog_offer *offer, int64_t quantity);

/* How many of so many units are not there yet. */
int64_t cart_backordered_units(const struct catalog_offer *offer, int64_t quantity);

/* Codes are kept in their normal form (promotion.h). Adds one that is not there yet, or tells that
 * it is. Statuses: OK, TOO_MANY_COUPONS. */
MUST_CHECK enum status cart_add_code(struct cart *cart, struct text code);
/* Takes a code out; false: it is not there. */
bool cart_remove_code(struct cart *cart, struct text code);
