/* Rules of price lists. */
#include "actors/catalog/catalog_price_list.h"

#include <string.h>

const char *catalog_price_list_fault(const struct catalog_price_list_row *list,
                                     const char **ret_field)
{
    *ret_field = "group_ids";
    if (list->group_ids_count == 0) return "A price list is for a group of customers at least.";
    for (size_t i = 0; i < list->group_ids_count; i++)
        for (size_t k = 0; k < i; k++)
            if (uuid_equals(list->group_ids[i], list->group_ids[k]))
                return "A group is named once.";
    *ret_field = "ends_at";
    return list->starts_us >= list->ends_us ? "It ends after it begins." : NULL;
}

int64_t catalog_price_wish_quantity(const struct catalog_price_wish *wish)
{
    return wish->has_from_quantity ? wish->from_quantity : CATALOG_PRICE_LIST_FROM_QUANTITY;
}

static bool is_repeated(const struct catalog_price_wish *wishes, size_t index)
{
    const struct catalog_price_wish *wish = &wishes[index];
    for (size_t i = 0; i < index; i++)
        if (uuid_equals(wishes[i].variant_id, wish->variant_id) &&
            catalog_price_wish_quantity(&wishes[i]) == catalog_price_wish_quantity(wish))
            return true;
    return false;
}

static bool has_quantity(const struct catalog_listed_variant *variant, int64_t quantity)
{
    for (size_t i = 0; i < variant->quantities_count; i++)
        if (variant->quantities[i] == quantity) return true;
    return false;
}

/* Its prices in this list when the wishes before this one are done. */
static int64_t count_here(const struct catalog_price_wish *wishes, size_t index,
                          const struct catalog_listed_variant *variant)
{
    int64_t count = (int64_t)variant->quantities_count;
    for (size_t i = 0; i < index; i++) {
        if (!uuid_equals(wishes[i].variant_id, variant->id)) continue;
        const bool was_there = has_quantity(variant, catalog_price_wish_quantity(&wishes[i]));
        if (wishes[i].has_unit_price && !was_there) count++;
        if (!wishes[i].has_unit_price && was_there) count--;
    }
    return count;
}

/* Of one that is to be put in. */
static const char *price_fault(const struct catalog_price_list_row *list,
                               const struct catalog_price_wish *wish,
                               const struct catalog_listed_variant *variant)
{
    if (!text_equals_string(list->currency, wish->unit_price.currency))
        return "The price has another currency than the list.";
    if (variant->list_amount < 0) return "The variant is not sold in the currency of the list.";
    return wish->unit_price.amount >= variant->list_amount
               ? "The price is not below the variant's own."
               : NULL;
}

const char *catalog_price_wish_fault(const struct catalog_price_list_row *list,
                                     const struct catalog_price_wish *wishes, size_t index,
                                     const struct catalog_listed_variant *variant, bool has_room,
                                     enum status *ret_status, const char **ret_field,
                                     enum catalog_wish_effect *ret_effect)
{
    const struct catalog_price_wish *wish = &wishes[index];
    *ret_field = "variant_id";
    *ret_status = STATUS_NOT_FOUND;
    if (variant == NULL) return "There is no such variant, or it is not the vendor's.";
    const bool is_there = has_quantity(variant, catalog_price_wish_quantity(wish));
    *ret_status = STATUS_INVALID_VALUE;
    if (is_repeated(wishes, index)) return "A variant and quantity is named once.";
    *ret_effect = is_there ? CATALOG_WISH_REMOVES : CATALOG_WISH_KEEPS;
    if (!wish->has_unit_price) return NULL;
    *ret_effect = is_there ? CATALOG_WISH_CHANGES : CATALOG_WISH_ADDS;
    if (!variant->is_sold) return "The variant is not sold any more.";
    *ret_field = "unit_price";
    const char *fault = price_fault(list, wish, variant);
    if (fault != NULL || is_there) return fault;
    *ret_field = "variant_id";
    *ret_status = STATUS_TOO_MANY_PRICES;
    if (!has_room) return "The list has as many prices as one may have.";
    return variant->elsewhere + count_here(wishes, index, variant) >= CATALOG_VARIANT_LISTED_MAX
               ? "The variant has as many prices in lists as it may have."
               : NULL;
}
