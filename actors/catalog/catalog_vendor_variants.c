/* What a vendor does with the variants of its products. */
#include "actors/catalog/catalog_bundle_store.h"
#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_edit_store.h"
#include "catalog_handlers.h"

static const struct text at_body; /* faults point into the body itself, not into a list of it */

/* Gives the item a copy of its variants that may be changed, with room for one more, and returns
 * it. */
static struct catalog_item_variant *copy_variants(struct request *request,
                                                  struct catalog_item *item)
{
    struct catalog_item_variant *variants =
        arena_allocate_array(request_arena(request), item->variants_count + 1, sizeof *variants);
    for (size_t i = 0; i < item->variants_count; i++)
        variants[i] = item->variants[i];
    item->variants = variants;
    return variants;
}

/* Statuses: OK, NOT_FOUND (also of a variant that was removed). */
static enum status find_variant(const struct catalog_item *item, struct uuid variant_id,
                                size_t *ret_index)
{
    for (size_t i = 0; i < item->variants_count; i++) {
        if (!uuid_equals(item->variants[i].id, variant_id)) continue;
        *ret_index = i;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

static struct catalog_new_variant wish_of(const struct catalog_add_variant *command)
{
    return (struct catalog_new_variant){
        .has_sku = command->has_sku,
        .sku = command->sku,
        .has_barcode = command->has_barcode,
        .barcode = command->barcode,
        .options = command->options,
        .options_count = command->options_count,
        .prices = command->prices,
        .prices_count = command->prices_count,
        .has_compare_at_price = command->has_compare_at_price,
        .compare_at_price = command->compare_at_price,
        .sales = command->sales,
        .sales_count = command->sales_count,
        .tiers = command->tiers,
        .tiers_count = command->tiers_count,
        .has_quantity_min = command->has_quantity_min,
        .quantity_min = command->quantity_min,
        .has_quantity_step = command->has_quantity_step,
        .quantity_step = command->quantity_step,
        .has_quantity_max = command->has_quantity_max,
        .quantity_max = command->quantity_max,
        .has_stock = command->has_stock,
        .stock = command->stock,
        .has_weight_grams = command->has_weight_grams,
        .weight_grams = command->weight_grams,
    };
}

enum status catalog_handle_add_variant(struct request *request,
                                       const struct catalog_add_variant *command,
                                       struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    struct catalog_draft *draft = arena_allocate(request_arena(request), sizeof *draft);
    const struct catalog_new_variant wish = wish_of(command);
    size_t staged;
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    TRY(catalog_change_lay(request, &item, draft));
    if (item.variants_count >= CATALOG_ITEM_VARIANTS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_VARIANTS, CATALOG_ITEM_VARIANTS_MAX,
                                   NULL);
    const size_t index = item.variants_count;
    struct catalog_item_variant *variant = &copy_variants(request, &item)[index];
    TRY(catalog_edit_read_variant(request, at_body, "prices", &wish, variant));
    variant->id = request_new_id_beside(request, item.id);
    item.variants_count++;
    TRY(catalog_edit_check_variants(request, &item, index, 1, ""));
    TRY(catalog_edit_check_size(request, &item));
    TRY(catalog_change_stage(request, draft, &item, &staged));
    TRY(catalog_edit_finish(request, &item, ret_reply));
    request_set_http_status(request, staged > 0 ? 202 : 201);
    if (staged > 0) return STATUS_OK;
    catalog_item_store_save_variants(request, &item);
    catalog_edit_store_add_stock(request, &item, index);
    return STATUS_OK;
}

static void drop_compare_at(struct request *request, struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices =
        arena_copy(request_arena(request), variant->prices, variant->prices_count * sizeof *prices);
    for (size_t i = 0; i < variant->prices_count; i++)
        prices[i].compare_at = CATALOG_ITEM_NONE;
    variant->prices = prices;
}

/* Either new sales or tiers, or none any more. */
static enum status apply_beside_prices(struct request *request,
                                       const struct catalog_change_variant *command,
                                       struct catalog_item_variant *variant)
{
    const bool drops_sales = command->has_remove_sales && command->remove_sales;
    const bool drops_tiers = command->has_remove_tiers && command->remove_tiers;
    if (drops_sales && command->sales_count > 0)
        return request_refuse(request, "/remove_sales", STATUS_INVALID_VALUE,
                              "Sales are either given or removed.");
    if (drops_tiers && command->tiers_count > 0)
        return request_refuse(request, "/remove_tiers", STATUS_INVALID_VALUE,
                              "Tiers are either given or removed.");
    if (drops_sales) catalog_edit_drop_sales(request, variant);
    if (drops_tiers) catalog_edit_drop_tiers(request, variant);
    if (command->sales_count > 0)
        TRY(catalog_edit_set_sales(request, at_body, command->sales, command->sales_count,
                                   variant));
    if (command->tiers_count > 0)
        TRY(catalog_edit_set_tiers(request, at_body, command->tiers, command->tiers_count,
                                   variant));
    return catalog_edit_check_prices(request, at_body, "prices", variant);
}

static enum status apply_change(struct request *request,
                                const struct catalog_change_variant *command,
                                struct catalog_item_variant *variant)
{
    if (command->has_sku) TRY(catalog_edit_set_sku(request, at_body, command->sku, variant));
    if (command->has_barcode)
        TRY(catalog_edit_set_barcode(request, at_body, command->barcode, variant));
    if (command->options_count > 0)
        TRY(catalog_edit_set_options(request, at_body, command->options, command->options_count,
                                     variant));
    if (command->prices_count > 0)
        TRY(catalog_edit_set_prices(request, at_body, "prices", command->prices,
                                    command->prices_count, variant));
    if (command->has_remove_compare_at_price && command->remove_compare_at_price)
        drop_compare_at(request, variant);
    if (command->has_compare_at_price)
        TRY(catalog_edit_set_compare_at(request, at_body, command->compare_at_price, variant));
    TRY(apply_beside_prices(request, command, variant));
    if (command->has_weight_grams) variant->weight_grams = command->weight_grams;
    if (command->has_remove_quantities && command->remove_quantities)
        variant->quantities = (struct catalog_quantities){ 0 };
    return catalog_edit_set_quantities(request, at_body, QUANTITIES_OF(command), variant);
}

enum status catalog_handle_change_variant(struct request *request,
                                          const struct catalog_change_variant *command,
                                          struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    struct catalog_draft *draft = arena_allocate(request_arena(request), sizeof *draft);
    size_t index, staged;
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(find_variant(&item, command->variant_id, &index));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    if (command->options_count > 0 || command->has_barcode)
        TRY(catalog_change_lay(request, &item, draft));
    struct catalog_item_variant *variant = &copy_variants(request, &item)[index];
    TRY(apply_change(request, command, variant));
    TRY(catalog_edit_check_variants(request, &item, index, 1, ""));
    TRY(catalog_edit_check_size(request, &item));
    TRY(catalog_change_stage(request, draft, &item, &staged));
    TRY(catalog_edit_finish(request, &item, ret_reply));
    catalog_item_store_save_variants(request, &item);
    if (command->prices_count > 0) catalog_edit_store_drop_prices(request, variant, 1);
    return STATUS_OK;
}

enum status catalog_handle_remove_variant(struct request *request,
                                          const struct catalog_remove_variant *command)
{
    struct catalog_item item;
    size_t index;
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(find_variant(&item, command->variant_id, &index));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    if (item.variants_count == 1) return STATUS_LAST_VARIANT;
    TRY(catalog_edit_require_none_owed(request, &item.variants[index], 1));
    const bool is_bundle = item.variants[index].is_bundle;
    struct catalog_item_variant *variants = copy_variants(request, &item);
    item.variants_count--;
    for (size_t i = index; i < item.variants_count; i++)
        variants[i] = variants[i + 1];
    TRY(catalog_item_store_save(request, &item));
    catalog_edit_store_retire(request, command->variant_id);
    if (is_bundle) catalog_bundle_store_save(request, command->variant_id, NULL, 0);
    return STATUS_OK;
}
