/* A cart to be priced, with room for all that belongs to it, and what must hold of every price. */
#pragma once

#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/price.h"
#include "runtime/arena.h"

enum { PRICE_CASE_NOW_US = 1000 * 1000 * 1000, PRICE_CASE_CATEGORIES = 4 };

struct price_case {
    struct price_request request;
    struct uuid vendors[PRICE_VENDORS_MAX];
    struct price_line lines[PRICE_LINES_MAX];
    struct price_tier tiers[PRICE_LINES_MAX][PRICE_TIERS_MAX];
    struct price_group_price group_prices[PRICE_LINES_MAX][PRICE_GROUP_PRICES_MAX];
    struct uuid categories[PRICE_LINES_MAX][PRICE_CATEGORIES_MAX];
    struct price_consignment consignments[PRICE_CONSIGNMENTS_MAX];
    struct price_method methods[PRICE_CONSIGNMENTS_MAX][PRICE_METHODS_MAX];
    struct price_rate rates[PRICE_RATES_MAX];
    struct price_promotion promotions[PRICE_PROMOTIONS_MAX];
    struct text codes[PRICE_CODES_MAX];
    struct arena *arena;
    struct price_result result;
};

struct uuid price_case_id(char kind, size_t number);

/* An empty cart of two vendors with a consignment each, that goes to DE. The caller frees it. */
struct price_case *price_case_new(const char *currency);
void price_case_free(struct price_case **shop);

/* Each adds one and lends it. */
struct price_line *price_case_add_line(struct price_case *shop, size_t vendor, int64_t amount,
                                       int64_t quantity);
void price_case_add_tier(struct price_case *shop, struct price_line *line, int64_t from_quantity,
                         int64_t amount);
/* By price list `list`. */
void price_case_add_group_price(struct price_case *shop, struct price_line *line, size_t list,
                                int64_t from_quantity, int64_t amount);
struct price_consignment *price_case_add_consignment(struct price_case *shop, size_t vendor);
/* Of kind flat, everywhere. */
struct price_method *price_case_add_method(struct price_case *shop, size_t consignment,
                                           int64_t amount);
struct price_rate *price_case_add_rate(struct price_case *shop, unsigned tax_class, int64_t ppm);
/* Automatic, of the whole market, on everything, combinable, borne by the market. */
struct price_promotion *price_case_add_promotion(struct price_case *shop,
                                                 enum price_promotion_kind kind);
struct price_promotion *price_case_add_percentage(struct price_case *shop, int64_t percent);
struct price_promotion *price_case_add_fixed(struct price_case *shop, int64_t amount);

/* A line of each vendor at these prices, sent for nothing, in EUR. */
struct price_case *price_case_of_two(int64_t first, int64_t second);
/* A line at `goods` with 10.75 %, sent for `delivery` without tax. */
struct price_case *price_case_of_s24(const char *currency, int64_t goods, int64_t delivery);

/* Prices it, explained, and checks the result (price_case_check()). Returns its group. */
const struct price_sums *price_case_price(struct price_case *shop);
enum status price_case_try(struct price_case *shop);
/* Sums are exact on every level, shares are complete, the trace adds up to the totals. */
void price_case_check(const struct price_case *shop);
/* Lends the n-th entry of that rule in the trace; NULL: there are not so many. */
const struct price_trace_entry *price_case_entry(const struct price_case *shop,
                                                 enum price_rule rule, size_t place);
/* What is taken off the n-th line. */
int64_t price_case_discount(const struct price_case *shop, size_t line);
/* The reason of the n-th promotion. */
enum price_reason price_case_reason(const struct price_case *shop, size_t promotion);

/* ---- chance, the same in every run ---- */

struct price_chance {
    uint64_t seed;
};
uint64_t price_chance_next(struct price_chance *chance);
/* From 0 to below - 1. */
int64_t price_chance_below(struct price_chance *chance, int64_t below);
/* A cart of anything that may be asked for. */
struct price_case *price_chance_case(struct price_chance *chance);
