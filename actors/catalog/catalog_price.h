/* What one of a variant costs: the list price, a sale with its time, tiers by quantity; and how
 * many of it are sold together. Pure. Amounts are minor units of the price's currency. */
#pragma once

#include "catalog_messages.h"
#include "runtime/arena.h"

enum {
    CATALOG_TIERS_MAX = 10,
    CATALOG_QUANTITY_MAX = 10000, /* of one line of a cart */
    CATALOG_ITEM_NONE = -1,       /* no weight, no price before a reduction */
};
#define CATALOG_SALE_FOR_GOOD INT64_MAX /* `to_us` of a sale without an end */

/* Runs from `from_us` on (0: since ever), before `to_us`. */
struct catalog_sale {
    int64_t amount; /* 0: there is none */
    int64_t from_us, to_us;
};

/* The price of one of them, from so many on. */
struct catalog_tier {
    int64_t from_quantity, unit_amount;
};

struct catalog_item_price {
    struct money price;
    int64_t compare_at; /* or CATALOG_ITEM_NONE */
    struct catalog_sale sale;
    int64_t prior; /* the lowest of the 30 days before the sale begins, or CATALOG_ITEM_NONE */
    const struct catalog_tier *tiers; /* lent; their quantities rise */
    size_t tiers_count;
};

/* How many an order may have; 0: anything goes. */
struct catalog_quantities {
    int64_t min, step, max;
};

bool catalog_sale_runs(const struct catalog_sale *sale, int64_t now_us);
/* What one costs at that time: the sale's price while it runs, else the list price. */
int64_t catalog_price_at(const struct catalog_item_price *price, int64_t now_us);

/* Whether all fits together. NULL, or a sentence that says what does not. */
const char *catalog_sale_fault(const struct catalog_item_price *price);
/* 1 to CATALOG_TIERS_MAX tiers from 2 on, whose quantities rise and whose prices, from the list
 * price on, do not; or none. */
const char *catalog_tiers_fault(const struct catalog_item_price *price);
/* Also names the field at fault. */
const char *catalog_quantities_fault(const struct catalog_quantities *quantities,
                                     const char **ret_field);

/* Takes over the tiers of `old`, and its sale where that is to be kept, as far as they fit the new
 * price: a file knows nothing of tiers, and may know nothing of sales. */
void catalog_price_inherit(struct catalog_item_price *price, const struct catalog_item_price *old,
                           bool is_sale_kept);

/* A sale and a tier as the contract has them; tiers in the arena. */
struct catalog_price_sale catalog_sale_describe(const struct catalog_item_price *price);
struct catalog_price_tier catalog_tier_describe(const struct catalog_tier *tier,
                                                const char *currency);
const struct catalog_price_tier *catalog_tiers_describe(struct arena *arena,
                                                        const struct catalog_tier *tiers,
                                                        size_t count, const char *currency);
