/* What a cart costs, and why: one pure function over plain structs, the same for every question and
 * for placement. All amounts are minor units of the request's currency, none of them negative;
 * nothing is a fraction, whatever digits the currency has.
 *
 * The rules:
 *
 * - Price of one: the lowest of list price, running sale, and the tiers and prices of the shopper's
 *   groups that the line's quantity reaches. So it is never above the list.
 * - Promotions: their conditions are judged by the goods before any promotion, so none makes
 *   another come or go and one pass settles them. Their order is priority (small first), then id.
 *   Those that combine take off one after the other from what is left of each line, never more.
 *   Then each exclusive one, in order, is held against all that stands on the lines that it
 *   targets: whatever takes off more there stays, alone; at the same amount what comes first in the
 *   order. Elsewhere shares stay as they are. Promotions on goods and on delivery are settled
 *   alike, apart.
 * - A percentage is taken of the sum of what is left, rounded once. That, fixed amounts and caps
 *   are shared among the lines by what is left of them. Of "buy x, get y" the cheapest units are
 *   the ones given, of every x + y and of what is beyond x in the rest; a line's given units cost
 *   their share of what is left of the line.
 * - Delivery: a price for each consignment by its method; the threshold of free_above looks at the
 *   consignment's goods after discounts. Digital lines need none. With one method to choose from
 *   none needs to be chosen.
 * - Tax: for each vendor's part and rate on the sum of what is taxed (goods and delivery after
 *   discounts). Included in the prices: first what all rates of a class contain, then its share for
 *   each rate. Exempt buyers pay none, and included tax is taken off.
 * - Rounding, here and nowhere else: a product is rounded to the nearest, halves up, once
 *   (amount_scale()), and shared by the largest remainder (amount_allocate()), ties to the smaller
 *   id. So shares sum to what was shared, lines and deliveries to the part, parts to the group.
 *
 * The result does not depend on the order of lines, consignments, promotions, rates or codes. */
#pragma once

#include "messages/values.h"

struct arena;

enum {
    PRICE_LINES_MAX = 50,
    PRICE_VENDORS_MAX = PRICE_LINES_MAX,
    PRICE_CONSIGNMENTS_MAX = PRICE_LINES_MAX,
    PRICE_QUANTITY_MAX = 10000,
    PRICE_CATEGORIES_MAX = 16, /* the tree of the catalogue is 15 deep */
    PRICE_TIERS_MAX = 10,
    PRICE_GROUP_PRICES_MAX = 20, /* of one line */
    PRICE_METHODS_MAX = 20,
    PRICE_COUNTRIES_MAX = 250,
    PRICE_RATES_MAX = 32,
    PRICE_PROMOTIONS_MAX = 50,
    PRICE_PRODUCTS_MAX = 100,
    PRICE_CODES_MAX = 10,
    PRICE_GROUPS_MAX = 50,
    PRICE_PROBLEMS_MAX = PRICE_CONSIGNMENTS_MAX + PRICE_CODES_MAX,
    PRICE_PPM = 1000 * 1000, /* all of it: 100 % in parts per million */
};

/* ---- what is asked ---- */

/* From `starts_us` on, before `ends_us`. */
struct price_period {
    int64_t starts_us, ends_us;
    bool has_end;
};

/* The price of one when the line has at least so many. */
struct price_tier {
    int64_t from_quantity, unit_amount;
};

/* The same by a price list of a group that the shopper is in. */
struct price_group_price {
    struct uuid list_id;
    int64_t from_quantity, unit_amount;
};

struct price_line {
    struct uuid id; /* tells lines apart, and orders them where a rule ties */
    size_t vendor;
    size_t consignment; /* of no meaning for digital goods */
    struct uuid product_id;
    const struct uuid *categories; /* the product's category and those above it */
    size_t categories_count;
    unsigned tax_class;
    bool is_digital;
    int64_t weight_grams; /* of one */
    int64_t quantity;
    int64_t list_amount; /* of one, as all prices here */
    bool has_sale;
    int64_t sale_amount;
    struct price_period sale_period;
    const struct price_tier *tiers; /* in any order */
    size_t tiers_count;
    const struct price_group_price *group_prices; /* in any order */
    size_t group_prices_count;
};

enum price_method_kind {
    PRICE_METHOD_FLAT,
    PRICE_METHOD_WEIGHT,    /* amount, and per_kg_amount for each kilogram begun */
    PRICE_METHOD_FREE_ABOVE /* amount, or nothing from free_above_amount on */
};

struct price_method {
    struct uuid id;
    enum price_method_kind kind;
    int64_t amount, per_kg_amount, free_above_amount;
    bool has_weight_max;
    int64_t weight_max_grams;
    const struct text *countries; /* none: everywhere */
    size_t countries_count;
};

/* What a vendor sends together: one for each of its shipping profiles. */
struct price_consignment {
    struct uuid id;
    size_t vendor;
    const struct price_method *methods;
    size_t methods_count;
    bool has_choice;
    struct uuid chosen_method_id;
};

/* A rate that applies where the cart goes. */
struct price_rate {
    struct uuid id;
    struct text name;
    unsigned tax_class;
    int64_t ppm;             /* up to PRICE_PPM */
    bool exempts_businesses; /* for business_is_exempt(); a price goes by is_tax_exempt alone */
};

enum price_delivery_tax {
    PRICE_DELIVERY_TAX_OWN_CLASS,
    PRICE_DELIVERY_TAX_AS_GOODS /* split over the consignment's goods by their value */
};

enum price_selection_kind {
    PRICE_SELECT_ALL,
    PRICE_SELECT_PRODUCTS,
    PRICE_SELECT_CATEGORY /* and what is below it */
};

struct price_selection {
    enum price_selection_kind kind;
    const struct uuid *products;
    size_t products_count;
    struct uuid category_id;
};

enum price_promotion_kind {
    PRICE_PROMOTION_PERCENT,
    PRICE_PROMOTION_FIXED,
    PRICE_PROMOTION_FREE_DELIVERY, /* of consignments with a targeted line */
    PRICE_PROMOTION_BUY_X_GET_Y
};

enum price_bearer { PRICE_BEARER_MARKET, PRICE_BEARER_VENDOR, PRICE_BEARER_SHARED };

struct price_promotion {
    struct uuid id;
    struct uuid vendor_id; /* only this vendor's lines; zero: the whole market's */
    /* Give none whose code was not typed: the trace names what it refuses. */
    bool needs_code;
    struct text code;
    enum price_promotion_kind kind;
    int64_t ppm;          /* percent: what it takes off; buy_x_get_y: off the given units */
    int64_t fixed_amount; /* fixed: of the order, not of each line */
    int64_t buy_quantity, get_quantity; /* buy_x_get_y: of targeted units */
    struct price_selection target;      /* what it takes off from */

    /* Conditions. Quantity and subtotal are those of the qualifying lines in its vendor's scope, of
     * which there must be one. */
    struct price_selection qualifying;
    int64_t quantity_min, subtotal_min_amount;
    bool has_group;
    struct uuid group_id;
    bool needs_first_order;
    struct price_period period;
    bool is_exhausted, is_exhausted_for_customer; /* its limits, which the caller counts */

    bool is_exclusive;
    int64_t priority;
    bool has_cap;
    int64_t cap_amount; /* of the order */
    enum price_bearer bearer;
    int64_t market_ppm; /* shared: what the market bears */
};

struct price_request {
    char currency[4];
    int64_t now_us;             /* market time */
    bool is_explained;          /* wants the trace */
    const struct uuid *vendors; /* the parts, in the order of the result's */
    size_t vendors_count;
    const struct price_line *lines;
    size_t lines_count;
    const struct price_consignment *consignments;
    size_t consignments_count;
    bool has_destination;
    struct text country; /* ISO 3166-1 alpha-2 */

    bool prices_include_tax; /* those of goods and of delivery */
    bool is_tax_exempt;
    const struct price_rate *rates; /* see tax_rates_find() */
    size_t rates_count;
    enum price_delivery_tax delivery_tax;
    unsigned delivery_tax_class; /* own class; one without rates: untaxed */

    const struct price_promotion *promotions;
    size_t promotions_count;
    const struct text *codes; /* as the shopper typed them, see price_code_equals() */
    size_t codes_count;
    const struct uuid *groups; /* that the customer is in */
    size_t groups_count;
    bool is_first_order;
};

/* ---- why ---- */

enum price_rule {
#define PRICE_RULE(rule, name, text) PRICE_RULE_##rule,
#include "actors/order/price_words.def"
    PRICE_RULE_COUNT
};
enum price_reason {
#define PRICE_REASON(reason, name, text) PRICE_REASON_##reason,
#include "actors/order/price_words.def"
    PRICE_REASON_COUNT
};
enum price_problem_code {
#define PRICE_PROBLEM(problem, name, text) PRICE_PROBLEM_##problem,
#include "actors/order/price_words.def"
    PRICE_PROBLEM_COUNT
};
extern const char *const price_rule_names[PRICE_RULE_COUNT];
extern const char *const price_rule_texts[PRICE_RULE_COUNT];
extern const char *const price_reason_names[PRICE_REASON_COUNT];
extern const char *const price_reason_texts[PRICE_REASON_COUNT];
extern const char *const price_problem_names[PRICE_PROBLEM_COUNT];
extern const char *const price_problem_texts[PRICE_PROBLEM_COUNT];

enum price_subject {
    PRICE_SUBJECT_LINE,
    PRICE_SUBJECT_CONSIGNMENT,
    PRICE_SUBJECT_PART,
    PRICE_SUBJECT_PROMOTION
};

/* One rule that was looked at. What its rule is about besides the subject is `object`: the tier,
 * promotion, method, rate or (contained, split) tax class. Unless the divisor is 0 its figures are
 * base * factor == amount * divisor + remainder, so each says what it rounded away. A refused rule
 * moves nothing. */
struct price_trace_entry {
    enum price_rule rule;
    enum price_reason reason;
    enum price_subject subject;
    unsigned index;  /* of the subject in the request */
    unsigned object; /* 0 where there is none */
    int64_t base, factor, divisor, amount, remainder;
};

/* At most price_trace_bound() entries, at most PRICE_TRACE_MAX of any request: as many as rules can
 * be looked at, so it is never full. */
struct price_trace {
    const struct price_trace_entry *entries;
    size_t count;
};
enum { PRICE_TRACE_MAX = 17100 };
size_t price_trace_bound(const struct price_request *request);

/* ---- what it costs ---- */

/* total = goods - discount + delivery - delivery_discount - exempted, and + tax where prices do not
 * include it. What market and vendor bear is all of both discounts. */
struct price_sums {
    int64_t goods, discount, delivery, delivery_discount, market_borne, vendor_borne, tax, exempted,
        total;
};

/* A promotion's share; market_amount + vendor_amount == amount. */
struct price_discount {
    size_t promotion;
    int64_t amount, market_amount, vendor_amount;
};

/* A rate's share. The base is without tax. */
struct price_tax {
    size_t rate;
    int64_t base_amount, amount;
};

/* In the order of priority and of the rates' ids. Rates that apply are there with 0, too. */
struct price_cost {
    struct price_sums sums;
    const struct price_discount *discounts;
    size_t discounts_count;
    const struct price_tax *taxes;
    size_t taxes_count;
};

struct price_line_result {
    int64_t unit_amount;
    const struct price_group_price *group_price; /* that makes it, of the line's; or NULL */
    struct price_cost cost;
};

/* A method of the consignment. The amount is its price before promotions, 0 when it is refused
 * (NOT_SENT_THERE, TOO_HEAVY); else the reason is APPLIED or NOT_CHOSEN. */
struct price_offer {
    enum price_reason reason;
    int64_t amount;
};

struct price_consignment_result {
    bool needs_delivery; /* false: all of it is digital */
    bool has_method;     /* false: the cost is nothing yet, and a problem says why */
    size_t method;
    const struct price_offer *offers; /* one for each method; NULL when none was looked at */
    struct price_cost cost;
};

/* What became of a promotion. Amounts are what it takes off, 0 unless the reason is APPLIED. */
struct price_promotion_result {
    enum price_reason reason;
    int64_t amount, market_amount, vendor_amount;
};

struct price_problem {
    enum price_problem_code code;
    size_t index;             /* of the consignment; for codes, of the code */
    enum price_reason reason; /* CODE_NOT_APPLIED: why */
};

/* Everything is in the arena and in the order of the request. */
struct price_result {
    char currency[4];
    const struct price_line_result *lines;
    const struct price_consignment_result *consignments;
    const struct price_cost *parts;
    struct price_cost group;
    const struct price_promotion_result *promotions;
    const struct price_problem *problems;
    size_t problems_count;
    struct price_trace trace;
};

/* Prices a cart. What a shopper does wrong is in the result; refused is only what no edge lets in.
 * Statuses: OK, OUT_OF_RANGE (a sum overflows, or a figure of the request is beyond its limit). */
MUST_CHECK enum status price_cart(const struct price_request *request, struct arena *arena,
                                  struct price_result *ret_result);

/* What one of the line costs at that time, and which price of a group makes it: NULL where another
 * price is as low. A question beside a cart: price_cart() goes by the same rule. */
int64_t price_of_one(const struct price_line *line, int64_t now_us,
                     const struct price_group_price **ret_group_price);

/* True if what was typed is that code: ASCII letters of either case, white space around it. Letters
 * that only look alike are others. */
bool price_code_equals(struct text typed, struct text code);

/* APPLIED while it runs; else NOT_STARTED or ENDED. */
enum price_reason price_period_reason(const struct price_period *period, int64_t now_us);

/* The sums that a trace explains, by nothing but its entries. */
struct price_replay {
    struct price_sums *lines, *consignments, *parts;
    struct price_sums group;
};

/* Adds up a trace of that request, in the arena. Statuses: OK, OUT_OF_RANGE (a sum overflows),
 * INVALID_VALUE (an entry's figures are not equal, or it names what is not there). */
MUST_CHECK enum status price_replay(const struct price_request *request,
                                    const struct price_trace *trace, struct arena *arena,
                                    struct price_replay *ret_replay);
