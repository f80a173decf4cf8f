/* Compares a product with what an import would make of it. */
#include "actors/catalog/catalog_import_same.h"

#include "actors/catalog/catalog_content.h"
#include "messages/normal_form.h"

/* `file` is trimmed and composed. */
static bool is_same_text(struct arena *arena, struct text known, struct text file)
{
    return text_equals(known, file) || text_equals(normal_form(arena, text_trim(known)), file);
}

static bool is_same_price(const struct catalog_item_variant *before,
                          const struct catalog_item_price *after)
{
    const struct catalog_item_price *known = catalog_item_price_in(before, after->price.currency);
    if (known == NULL || known->price.amount != after->price.amount ||
        known->compare_at != after->compare_at || known->sale.amount != after->sale.amount ||
        known->tiers_count != after->tiers_count)
        return false;
    if (known->sale.amount > 0 &&
        (known->sale.from_us != after->sale.from_us || known->sale.to_us != after->sale.to_us))
        return false;
    for (size_t i = 0; i < known->tiers_count; i++)
        if (known->tiers[i].from_quantity != after->tiers[i].from_quantity ||
            known->tiers[i].unit_amount != after->tiers[i].unit_amount)
            return false;
    return true;
}

/* In every currency: what a file does not say, the variant has kept. */
static bool are_same_prices(const struct catalog_item_variant *before,
                            const struct catalog_item_variant *after)
{
    if (before->prices_count != after->prices_count) return false;
    for (size_t i = 0; i < after->prices_count; i++)
        if (!is_same_price(before, &after->prices[i])) return false;
    return true;
}

static bool are_same_options(struct arena *arena, const struct catalog_item_variant *before,
                             const struct catalog_item_variant *after)
{
    if (before->options_count != after->options_count) return false;
    for (size_t i = 0; i < before->options_count; i++)
        if (!is_same_text(arena, before->options[i].name, after->options[i].name) ||
            !is_same_text(arena, before->options[i].value, after->options[i].value))
            return false;
    return true;
}

/* A file says whether more is sold than is there, how much, and of pre-orders from when on. */
static bool is_same_ahead(const struct catalog_item_variant *before,
                          const struct catalog_imported_variant *imported)
{
    if (!imported->has_sells_ahead || before->is_bundle) return true;
    if (!imported->sells_ahead) return before->ahead.policy == CATALOG_STOCK_POLICY_DENY;
    if (imported->has_available_on && (before->ahead.policy != CATALOG_STOCK_POLICY_PREORDER ||
                                       before->ahead.available_on_us != imported->available_on_us))
        return false;
    return before->ahead.policy != CATALOG_STOCK_POLICY_DENY &&
           (!imported->has_ahead_limit || imported->ahead_limit == 0 ||
            imported->ahead_limit == before->ahead.limit);
}

static bool is_same_variant(struct arena *arena, const struct catalog_item_variant *before,
                            const struct catalog_item_variant *after,
                            const struct catalog_imported_variant *imported)
{
    return uuid_equals(before->id, after->id) && is_same_text(arena, before->sku, after->sku) &&
           text_equals(before->barcode, after->barcode) &&
           before->weight_grams == after->weight_grams && are_same_options(arena, before, after) &&
           are_same_prices(before, after) &&
           (!imported->has_quantity || before->is_bundle ||
            imported->quantity == (before->on_hand > 0 ? before->on_hand : 0)) &&
           is_same_ahead(before, imported);
}

static bool are_same_attributes(const struct catalog_item *before, const struct catalog_item *after)
{
    if (before->attributes_count != after->attributes_count) return false;
    for (size_t i = 0; i < before->attributes_count; i++)
        if (!text_equals(before->attributes[i].key, after->attributes[i].key) ||
            !text_equals(before->attributes[i].value, after->attributes[i].value))
            return false;
    return true;
}

static bool are_same_images(const struct catalog_item *before, const struct catalog_item *after)
{
    if (before->images_count != after->images_count) return false;
    for (size_t i = 0; i < before->images_count; i++)
        if (!text_equals(before->images[i], after->images[i])) return false;
    return true;
}

static bool are_same_translations(const struct catalog_item *before,
                                  const struct catalog_item *after)
{
    const struct catalog_product_content known = { .translations = before->translations,
                                                   .translations_count =
                                                       before->translations_count };
    const struct catalog_product_content wanted = { .translations = after->translations,
                                                    .translations_count =
                                                        after->translations_count };
    return catalog_content_difference(&known, &wanted) == 0;
}

static bool are_same_texts(struct arena *arena, const struct catalog_item *before,
                           const struct catalog_item *after)
{
    return before->tax_class == after->tax_class &&
           uuid_equals(before->category_id, after->category_id) && are_same_images(before, after) &&
           are_same_attributes(before, after) && are_same_translations(before, after) &&
           is_same_text(arena, before->name, after->name) &&
           is_same_text(arena, before->description, after->description);
}

bool catalog_import_is_same(struct arena *arena, const struct catalog_item *before,
                            const struct catalog_item *after,
                            const struct catalog_import_product *command)
{
    assert(after->variants_count == command->variants_count);
    if (before->status != after->status || before->variants_count != after->variants_count ||
        !are_same_texts(arena, before, after))
        return false;
    for (size_t i = 0; i < before->variants_count; i++)
        if (!is_same_variant(arena, &before->variants[i], &after->variants[i],
                             &command->variants[i]))
            return false;
    return true;
}

bool catalog_import_reads_the_same(struct arena *arena, const struct catalog_item *before,
                                   const struct catalog_item *after)
{
    for (size_t i = 0; i < after->variants_count; i++) {
        size_t k = 0;
        while (k < before->variants_count &&
               !uuid_equals(before->variants[k].id, after->variants[i].id))
            k++;
        if (k == before->variants_count) return false;
    }
    const struct catalog_product_content was = catalog_content_of(arena, before);
    const struct catalog_product_content is = catalog_content_of(arena, after);
    return catalog_content_difference(&was, &is) == 0;
}
