/* The rules of sales, tiers and quantities. */
#include "actors/catalog/catalog_price.h"

bool catalog_sale_runs(const struct catalog_sale *sale, int64_t now_us)
{
    return sale->amount > 0 && sale->from_us <= now_us && now_us < sale->to_us;
}

int64_t catalog_price_at(const struct catalog_item_price *price, int64_t now_us)
{
    return catalog_sale_runs(&price->sale, now_us) ? price->sale.amount : price->price.amount;
}

const char *catalog_sale_fault(const struct catalog_item_price *price)
{
    const struct catalog_sale *sale = &price->sale;
    if (sale->amount == 0) return NULL;
    if (sale->amount < 0 || sale->amount >= price->price.amount)
        return "A sale's price is more than nothing and less than the price.";
    return sale->from_us < sale->to_us ? NULL : "A sale ends after it has started.";
}

const char *catalog_tiers_fault(const struct catalog_item_price *price)
{
    int64_t quantity = 1, amount = price->price.amount;
    if (price->tiers_count > CATALOG_TIERS_MAX)
        return "There are at most 10 tiers in each currency.";
    for (size_t i = 0; i < price->tiers_count; i++) {
        const struct catalog_tier *tier = &price->tiers[i];
        if (tier->from_quantity <= quantity || tier->from_quantity > CATALOG_QUANTITY_MAX)
            return "The quantities of tiers begin with 2 or more and rise.";
        if (tier->unit_amount < 1 || tier->unit_amount > amount)
            return "The price of a tier is not higher than that of fewer.";
        quantity = tier->from_quantity;
        amount = tier->unit_amount;
    }
    return NULL;
}

/* True of 0, too, which is said by nobody. */
static bool is_quantity(int64_t quantity)
{
    return quantity >= 0 && quantity <= CATALOG_QUANTITY_MAX;
}

const char *catalog_quantities_fault(const struct catalog_quantities *quantities,
                                     const char **ret_field)
{
    const int64_t min = quantities->min, step = quantities->step, max = quantities->max;
    *ret_field = "quantity_min";
    if (!is_quantity(min)) return "An order has 1 to 10,000 of one.";
    if (step > 0 && min % step != 0) return "The fewest are a multiple of the step.";
    *ret_field = "quantity_step";
    if (!is_quantity(step)) return "A step is 1 to 10,000.";
    *ret_field = "quantity_max";
    if (!is_quantity(max)) return "An order has 1 to 10,000 of one.";
    if (max > 0 && max < min) return "The most are not less than the fewest.";
    if (step > 0 && max % step != 0) return "The most are a multiple of the step.";
    return NULL;
}

void catalog_price_inherit(struct catalog_item_price *price, const struct catalog_item_price *old,
                           bool is_sale_kept)
{
    const struct catalog_item_price sold = { .price = price->price, .sale = old->sale };
    const struct catalog_item_price tiered = { .price = price->price,
                                               .tiers = old->tiers,
                                               .tiers_count = old->tiers_count };
    if (is_sale_kept && catalog_sale_fault(&sold) == NULL) price->sale = old->sale;
    if (catalog_tiers_fault(&tiered) != NULL) return;
    price->tiers = old->tiers;
    price->tiers_count = old->tiers_count;
}

struct catalog_price_sale catalog_sale_describe(const struct catalog_item_price *price)
{
    const struct catalog_sale *sale = &price->sale;
    assert(sale->amount > 0);
    return (struct catalog_price_sale){
        .price = money_make(sale->amount, price->price.currency),
        .has_starts_at = sale->from_us > 0,
        .starts_at_us = sale->from_us,
        .has_ends_at = sale->to_us < CATALOG_SALE_FOR_GOOD,
        .ends_at_us = sale->to_us,
    };
}

struct catalog_price_tier catalog_tier_describe(const struct catalog_tier *tier,
                                                const char *currency)
{
    return (struct catalog_price_tier){ .from_quantity = tier->from_quantity,
                                        .unit_price = money_make(tier->unit_amount, currency) };
}

const struct catalog_price_tier *catalog_tiers_describe(struct arena *arena,
                                                        const struct catalog_tier *tiers,
                                                        size_t count, const char *currency)
{
    struct catalog_price_tier *described = arena_allocate_array(arena, count, sizeof *described);
    for (size_t i = 0; i < count; i++)
        described[i] = catalog_tier_describe(&tiers[i], currency);
    return described;
}
