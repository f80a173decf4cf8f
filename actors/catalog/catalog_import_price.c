/* Prices of a variant as a file gives them: one with its sale, and those in other currencies. */
#include "actors/catalog/catalog_import_price.h"

#include "actors/catalog/catalog_edit.h"
#include "actors/host/market_currency.h"

static bool names_before(const struct catalog_imported_variant *variant, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (money_same_currency(variant->other_prices[i].price, variant->other_prices[index].price))
            return true;
    return false;
}

const char *catalog_import_price_fault(const struct catalog_imported_variant *variant,
                                       const char **ret_field)
{
    *ret_field = "sale_to";
    if (variant->has_sale_to &&
        variant->sale_to_us <= (variant->has_sale_from ? variant->sale_from_us : 0))
        return "A sale ends after it begins.";
    *ret_field = "other_prices";
    for (size_t i = 0; i < variant->other_prices_count; i++)
        if (money_same_currency(variant->other_prices[i].price, variant->price) ||
            names_before(variant, i))
            return "There is one price in each currency.";
    *ret_field = "price";
    if (!variant->is_without_price) return NULL;
    if (variant->has_sale_price) return "What has no price has none in a sale.";
    for (size_t i = 0; i < variant->other_prices_count; i++)
        if (!variant->other_prices[i].is_none) return NULL;
    return "A price in some currency is needed.";
}

/* Whether the variant had it before the market ceased to sell in its currency. */
static bool stands(const struct catalog_item *before, struct uuid variant_id, struct money price)
{
    for (size_t i = 0; i < before->variants_count; i++) {
        if (!uuid_equals(before->variants[i].id, variant_id)) continue;
        const struct catalog_item_price *old =
            catalog_item_price_in(&before->variants[i], price.currency);
        return old != NULL && old->price.amount == price.amount;
    }
    return false;
}

enum status catalog_import_check_currencies(struct request *request, struct text at,
                                            const struct catalog_imported_variant *imported,
                                            const struct catalog_item *before,
                                            struct uuid variant_id)
{
    const struct config *config = request_config(request);
    if (!imported->is_without_price && !market_sells_in(config, text_of(imported->price.currency)))
        return catalog_edit_refuse_currency(request, at, "price", imported->price);
    for (size_t i = 0; i < imported->other_prices_count; i++) {
        const struct catalog_imported_price *other = &imported->other_prices[i];
        if (other->is_none || market_sells_in(config, text_of(other->price.currency)) ||
            stands(before, variant_id, other->price))
            continue;
        const struct text column =
            text_format(request_arena(request), "price:%s", other->price.currency);
        return catalog_edit_refuse_currency(request, at, column.data, other->price);
    }
    return STATUS_OK;
}

struct catalog_item_price catalog_import_price(const struct catalog_imported_variant *imported)
{
    struct catalog_item_price price = {
        .price = imported->price,
        .compare_at =
            imported->has_compare_at_price ? imported->compare_at_price.amount : CATALOG_ITEM_NONE,
        .prior = CATALOG_ITEM_NONE,
    };
    if (imported->has_sale_price && imported->sale_price.amount > 0)
        price.sale = (struct catalog_sale){
            .amount = imported->sale_price.amount,
            .from_us =
                imported->has_sale_from && imported->sale_from_us > 0 ? imported->sale_from_us : 0,
            .to_us = imported->has_sale_to ? imported->sale_to_us : CATALOG_SALE_FOR_GOOD
        };
    return price;
}

static const struct catalog_imported_price *
find_other(const struct catalog_imported_variant *imported, struct money price)
{
    for (size_t i = 0; i < imported->other_prices_count; i++)
        if (money_same_currency(imported->other_prices[i].price, price))
            return &imported->other_prices[i];
    return NULL;
}

/* Another amount of a price keeps what goes with it: its sale and its tiers, where they fit. */
static struct catalog_item_price change_amount(const struct catalog_item_price *old,
                                               struct money amount)
{
    struct catalog_item_price price = { .price = amount,
                                        .compare_at = old->compare_at > amount.amount
                                                          ? old->compare_at
                                                          : CATALOG_ITEM_NONE,
                                        .prior = CATALOG_ITEM_NONE };
    catalog_price_inherit(&price, old, true);
    return price;
}

/* The file's price, those that the variant has in other currencies, as far as the file does not say
 * otherwise, and those that are new. */
void catalog_import_put_prices(struct request *request,
                               const struct catalog_imported_variant *imported,
                               const struct catalog_item_price *price,
                               const struct catalog_item_variant *before,
                               struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices =
        arena_allocate_array(request_arena(request), CATALOG_ITEM_PRICES_MAX, sizeof *prices);
    size_t count = 0;
    if (!imported->is_without_price) prices[count++] = *price;
    for (size_t i = 0; i < before->prices_count && count < CATALOG_ITEM_PRICES_MAX; i++) {
        const struct catalog_item_price *old = &before->prices[i];
        const struct catalog_imported_price *said = find_other(imported, old->price);
        if (money_same_currency(old->price, price->price) && !imported->is_without_price) continue;
        if (said == NULL || (!said->is_none && said->price.amount == old->price.amount))
            prices[count++] = *old;
        else if (!said->is_none)
            prices[count++] = change_amount(old, said->price);
    }
    for (size_t i = 0; i < imported->other_prices_count && count < CATALOG_ITEM_PRICES_MAX; i++) {
        const struct catalog_imported_price *said = &imported->other_prices[i];
        if (!said->is_none && catalog_item_price_in(before, said->price.currency) == NULL)
            prices[count++] = (struct catalog_item_price){ .price = said->price,
                                                           .compare_at = CATALOG_ITEM_NONE,
                                                           .prior = CATALOG_ITEM_NONE };
    }
    variant->prices = prices;
    variant->prices_count = count;
}

bool catalog_import_takes_price(const struct catalog_imported_variant *imported)
{
    for (size_t i = 0; i < imported->other_prices_count; i++)
        if (imported->other_prices[i].is_none) return true;
    return false;
}
