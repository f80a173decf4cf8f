/* What vendors say of the prices of a variant: checked against the currencies that it is sold in.
 * The variant only lends its prices, which may be those of the loaded item: each setter makes its
 * own. */
#include "actors/catalog/catalog_edit.h"

#include "actors/host/market_currency.h"
#include "vendor_messages.h"

enum status catalog_edit_refuse_currency(struct request *request, struct text at, const char *name,
                                         struct money price)
{
    const struct text detail =
        text_format(request_arena(request), "The market does not sell in %s.", price.currency);
    return catalog_edit_refuse_at(request, at, name, STATUS_INVALID_VALUE, detail.data);
}

enum status catalog_edit_set_prices(struct request *request, struct text at, const char *name,
                                    const struct money *prices, size_t count,
                                    struct catalog_item_variant *variant)
{
    const char *market = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    struct catalog_item_price *wanted =
        arena_allocate_array(request_arena(request), count, sizeof *wanted);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_item_price *old = catalog_item_price_in(variant, prices[i].currency);
        if (old == NULL && !market_sells_in(request_config(request), text_of(prices[i].currency)))
            return catalog_edit_refuse_currency(request, at, name, prices[i]);
        wanted[i] = old == NULL ? (struct catalog_item_price){ .price = prices[i],
                                                               .prior = CATALOG_ITEM_NONE }
                                : *old;
        wanted[i].price = prices[i];
        wanted[i].compare_at = CATALOG_ITEM_NONE;
        for (size_t k = 0; k < i; k++) {
            if (money_same_currency(prices[k], prices[i]))
                return catalog_edit_refuse_at(request, at, name, STATUS_INVALID_VALUE,
                                              "There is one price in each currency.");
        }
    }
    const struct catalog_item_variant priced = { .prices = wanted, .prices_count = count };
    if (catalog_item_price_in(&priced, market) == NULL)
        return catalog_edit_refuse_at(request, at, name,
                                      count == 0 ? STATUS_MISSING_FIELD : STATUS_INVALID_VALUE,
                                      "A price in the currency of the market is needed.");
    variant->prices = wanted;
    variant->prices_count = count;
    return STATUS_OK;
}

/* A copy of the variant's prices that may be changed. */
static struct catalog_item_price *copy_prices(struct request *request,
                                              const struct catalog_item_variant *variant)
{
    return arena_copy(request_arena(request), variant->prices,
                      variant->prices_count * sizeof *variant->prices);
}

/* The one in the currency, or NULL. */
static struct catalog_item_price *find_price(struct catalog_item_price *prices, size_t count,
                                             struct money money)
{
    for (size_t i = 0; i < count; i++) {
        if (money_same_currency(prices[i].price, money)) return &prices[i];
    }
    return NULL;
}

#define NO_PRICE_IN_IT "There is no price in this currency."

enum status catalog_edit_set_compare_at(struct request *request, struct text at,
                                        struct money compare_at,
                                        struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices = copy_prices(request, variant);
    struct catalog_item_price *price = find_price(prices, variant->prices_count, compare_at);
    if (price == NULL)
        return catalog_edit_refuse_at(request, at, "compare_at_price", STATUS_INVALID_VALUE,
                                      NO_PRICE_IN_IT);
    if (compare_at.amount <= price->price.amount)
        return catalog_edit_refuse_at(request, at, "compare_at_price", STATUS_INVALID_VALUE,
                                      "The price before a reduction is above the price.");
    price->compare_at = compare_at.amount;
    variant->prices = prices;
    return STATUS_OK;
}

/* ---- sales ---- */

void catalog_edit_drop_sales(struct request *request, struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices = copy_prices(request, variant);
    for (size_t i = 0; i < variant->prices_count; i++)
        prices[i].sale = (struct catalog_sale){ .amount = 0 };
    variant->prices = prices;
}

static enum status refuse_entry(struct request *request, struct text at, const char *list,
                                size_t index, const char *detail)
{
    const struct text name = text_format(request_arena(request), "%s/%zu", list, index);
    return catalog_edit_refuse_at(request, at, name.data, STATUS_INVALID_VALUE, detail);
}

enum status catalog_edit_set_sales(struct request *request, struct text at,
                                   const struct catalog_price_sale *sales, size_t count,
                                   struct catalog_item_variant *variant)
{
    catalog_edit_drop_sales(request, variant);
    struct catalog_item_price *prices = copy_prices(request, variant);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_price_sale *sale = &sales[i];
        struct catalog_item_price *price = find_price(prices, variant->prices_count, sale->price);
        if (price == NULL) return refuse_entry(request, at, "sales", i, NO_PRICE_IN_IT);
        if (price->sale.amount > 0)
            return refuse_entry(request, at, "sales", i, "There is one sale in each currency.");
        if (sale->has_ends_at && sale->ends_at_us <= request_now_us(request))
            return refuse_entry(request, at, "sales", i, "It would be over already.");
        price->sale = (struct catalog_sale){
            .amount = sale->price.amount,
            .from_us = sale->has_starts_at && sale->starts_at_us > 0 ? sale->starts_at_us : 0,
            .to_us = sale->has_ends_at ? sale->ends_at_us : CATALOG_SALE_FOR_GOOD,
        };
        const char *fault = catalog_sale_fault(price);
        if (fault != NULL) return refuse_entry(request, at, "sales", i, fault);
    }
    variant->prices = prices;
    return STATUS_OK;
}

/* ---- tiers ---- */

void catalog_edit_drop_tiers(struct request *request, struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices = copy_prices(request, variant);
    for (size_t i = 0; i < variant->prices_count; i++) {
        prices[i].tiers = NULL;
        prices[i].tiers_count = 0;
    }
    variant->prices = prices;
}

/* Tiers of several currencies may come in turns: each price collects its own. */
enum status catalog_edit_set_tiers(struct request *request, struct text at,
                                   const struct catalog_price_tier *tiers, size_t count,
                                   struct catalog_item_variant *variant)
{
    struct arena *arena = request_arena(request);
    catalog_edit_drop_tiers(request, variant);
    struct catalog_item_price *prices = copy_prices(request, variant);
    struct catalog_tier(*own)[CATALOG_TIERS_MAX + 1] =
        arena_allocate_array(arena, variant->prices_count, sizeof *own);
    for (size_t i = 0; i < count; i++) {
        struct catalog_item_price *price =
            find_price(prices, variant->prices_count, tiers[i].unit_price);
        if (price == NULL) return refuse_entry(request, at, "tiers", i, NO_PRICE_IN_IT);
        struct catalog_tier *list = own[price - prices];
        list[price->tiers_count++] =
            (struct catalog_tier){ .from_quantity = tiers[i].from_quantity,
                                   .unit_amount = tiers[i].unit_price.amount };
        price->tiers = list;
        const char *fault = catalog_tiers_fault(price);
        if (fault != NULL) return refuse_entry(request, at, "tiers", i, fault);
    }
    variant->prices = prices;
    return STATUS_OK;
}

/* ---- the rest ---- */

enum status catalog_edit_set_quantities(struct request *request, struct text at,
                                        struct catalog_quantities quantities,
                                        struct catalog_item_variant *variant)
{
    struct catalog_quantities wanted = variant->quantities;
    if (quantities.min > 0) wanted.min = quantities.min;
    if (quantities.step > 0) wanted.step = quantities.step;
    if (quantities.max > 0) wanted.max = quantities.max;
    const char *field;
    const char *fault = catalog_quantities_fault(&wanted, &field);
    if (fault != NULL)
        return catalog_edit_refuse_at(request, at, field, STATUS_INVALID_VALUE, fault);
    variant->quantities = wanted;
    return STATUS_OK;
}

enum status catalog_edit_check_prices(struct request *request, struct text at, const char *name,
                                      const struct catalog_item_variant *variant)
{
    for (size_t i = 0; i < variant->prices_count; i++) {
        if (catalog_sale_fault(&variant->prices[i]) != NULL)
            return catalog_edit_refuse_at(
                request, at, name, STATUS_INVALID_VALUE,
                "The price is not above that of its sale: end that, too.");
        if (catalog_tiers_fault(&variant->prices[i]) != NULL)
            return catalog_edit_refuse_at(request, at, name, STATUS_INVALID_VALUE,
                                          "A tier costs more than the price: change that, too.");
    }
    return STATUS_OK;
}

/* A variant may come with units, which are another permission than its words. Staff that approves
 * what waited was not asked for them. */
static enum status require_stock_right(struct request *request, struct text at)
{
    const struct principal *principal = request_principal(request);
    if (principal->kind != PRINCIPAL_VENDOR ||
        (principal->rights >> VENDOR_PERMISSION_MANAGE_STOCK & 1) != 0)
        return STATUS_OK;
    return catalog_edit_refuse_at(request, at, "stock", STATUS_FORBIDDEN,
                                  "Stock takes the permission manage_stock.");
}

enum status catalog_edit_read_variant(struct request *request, struct text at,
                                      const char *prices_name,
                                      const struct catalog_new_variant *wish,
                                      struct catalog_item_variant *ret_variant)
{
    struct catalog_item_variant *variant = ret_variant;
    *variant = (struct catalog_item_variant){
        .weight_grams = wish->has_weight_grams ? wish->weight_grams : CATALOG_ITEM_NONE,
        .on_hand = wish->has_stock ? wish->stock : 0,
        .stock_version = 1,
    };
    if (wish->has_stock && wish->stock > 0) TRY(require_stock_right(request, at));
    if (wish->has_sku) TRY(catalog_edit_set_sku(request, at, wish->sku, variant));
    if (wish->has_barcode) TRY(catalog_edit_set_barcode(request, at, wish->barcode, variant));
    TRY(catalog_edit_set_options(request, at, wish->options, wish->options_count, variant));
    TRY(catalog_edit_set_prices(request, at, prices_name, wish->prices, wish->prices_count,
                                variant));
    if (wish->has_compare_at_price)
        TRY(catalog_edit_set_compare_at(request, at, wish->compare_at_price, variant));
    TRY(catalog_edit_set_sales(request, at, wish->sales, wish->sales_count, variant));
    TRY(catalog_edit_set_tiers(request, at, wish->tiers, wish->tiers_count, variant));
    return catalog_edit_set_quantities(request, at, QUANTITIES_OF(wish), variant);
}
