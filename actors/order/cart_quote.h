/* What a cart costs today: the question that price_cart() is asked, made of the cart and of what
 * the catalogue, its vendors and the market say. Pure. Cart, offers, terms, promotions and rates
 * must outlive the quote, which points into them. */
#pragma once

#include "actors/order/cart.h"
#include "actors/order/promotion_store.h"
#include "actors/order/tax_rates.h"
#include "vendor_messages.h"

/* What a market has settled for all carts (settings market.…). */
struct cart_market_rules {
    bool prices_include_tax;
    enum price_delivery_tax delivery_tax;
    bool must_deliver;   /* goods of vendors without shipping methods cannot be sold */
    struct text country; /* whose taxes prices have before an address is known; empty: none */
};

/* What a price is made of beside the cart. */
struct cart_quote_sources {
    struct catalog_offers offers;
    struct vendor_many_terms terms; /* a vendor that is not in it sends by arrangement */
    struct promotion_list promotions;
    const struct tax_rate *tax_table;
    size_t tax_table_count;
    struct text business_number; /* verified, of the country that it goes to; empty: none */
    bool is_first_order;
    const struct uuid *groups; /* all that the customer is in, for the prices of offers */
    size_t groups_count;
    int64_t now_us; /* market time */
};

/* The list price of one of a line that an exempt business pays without its tax: gross * PRICE_PPM
 * == net * divisor + remainder. */
struct cart_net {
    int64_t gross, divisor, net, remainder;
};

/* An exempt business pays no tax. Where prices include tax, they are made net before anything else:
 * each price of one (list, sale, tiers, groups) loses what all rates of its class contain, rounded
 * to the nearest, and each price of sending the same share as the list prices of its goods. Amounts
 * that promotions, thresholds of free delivery and least orders name stay as they are. So an exempt
 * order is one without tax from the first line on, and refunds need no rule of their own. */
struct cart_quote {
    const struct cart_quote_sources *sources;
    bool is_exempt;
    const struct cart_net *nets;  /* of each line; NULL: prices are what they were */
    struct price_request request; /* its lines are those of the cart, in their order */
    struct price_result result;
    /* Of each consignment: its profile, NULL where goods are sent by arrangement. */
    const struct vendor_shipping_profile_terms **profiles;
};

/* The place whose taxes count. */
struct text cart_tax_country(const struct cart *cart, const struct cart_market_rules *rules);
/* The vendors of a cart's lines, each once, in the order of their first lines; `ret_vendors` has
 * room for CART_LINES_MAX. A line whose product has moved belongs to whom the offers say. */
size_t cart_vendors(const struct cart *cart, const struct catalog_offers *offers,
                    struct uuid *ret_vendors);
/* A line of that quantity as the offer, which has a price, prices it for a customer of these
 * groups, in the arena: of prices from the same quantity on only the lowest. */
void cart_price_as_offered(const struct catalog_offer *offer, const struct uuid *groups,
                           size_t groups_count, struct arena *arena, struct price_line *line);
/* Prices the cart, in the arena. Lines that cannot be ordered are priced by what is known of them.
 * Statuses: those of price_cart(), OUT_OF_RANGE (too many rates apply, too). */
MUST_CHECK enum status cart_quote_make(const struct cart *cart,
                                       const struct cart_market_rules *rules,
                                       const struct cart_quote_sources *sources, bool is_explained,
                                       struct arena *arena, struct cart_quote *ret_quote);
/* The problem of a consignment; false: it can be sent. */
bool cart_quote_find_problem(const struct cart_quote *quote, size_t consignment,
                             enum price_problem_code *ret_code);
/* Whether a code of the cart may be kept: also one that takes nothing off as the cart is now.
 * `*ret_reason` says why not, for all but OK and COUPON_UNKNOWN. Statuses: OK, COUPON_UNKNOWN,
 * COUPON_NOT_STARTED, COUPON_ENDED, COUPON_USED_UP. */
MUST_CHECK enum status cart_quote_judge_code(const struct cart_quote *quote, size_t code,
                                             enum price_reason *ret_reason);
/* A vendor whose goods cost less, before promotions, than it sells for. */
struct cart_minimum {
    bool is_missed;
    size_t vendor; /* in the request */
    int64_t goods_amount, minimum_amount;
};
/* The first of them, from the vendor `from` on. */
struct cart_minimum cart_quote_find_minimum(const struct cart_quote *quote, size_t from);
