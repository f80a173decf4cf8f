/* Edits that wait for staff. */
#include "actors/catalog/catalog_change.h"

#include "actors/catalog/catalog_bundle_store.h"
#include "actors/catalog/catalog_edit.h"
#include "messages/normal_form.h"

#define BIT(field) (1U << CATALOG_CONTENT_FIELD_##field)

/* ---- parts of bundles, which an item does not know ---- */

static enum status load_parts(struct request *request, const struct catalog_content_parts *named,
                              size_t count, struct catalog_product_content *ret_content)
{
    struct arena *arena = request_arena(request);
    struct catalog_content_parts *bundles = arena_allocate_array(arena, count, sizeof *bundles);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct catalog_bundle_part_row *rows;
    size_t rows_count;
    ret_content->bundles = bundles;
    ret_content->bundles_count = count;
    if (count == 0) return STATUS_OK;
    for (size_t i = 0; i < count; i++)
        ids[i] = named[i].variant_id;
    TRY(catalog_bundle_store_load(request, ids, count, &rows, &rows_count));
    for (size_t i = 0; i < count; i++) {
        struct catalog_new_part *parts =
            arena_allocate_array(arena, CATALOG_PARTS_MAX, sizeof *parts);
        bundles[i] = (struct catalog_content_parts){ .variant_id = ids[i], .parts = parts };
        for (size_t k = 0; k < rows_count && bundles[i].parts_count < CATALOG_PARTS_MAX; k++)
            if (uuid_equals(rows[k].bundle_id, ids[i]))
                parts[bundles[i].parts_count++] =
                    (struct catalog_new_part){ .variant_id = rows[k].part.variant_id,
                                               .quantity = rows[k].part.quantity };
    }
    return STATUS_OK;
}

enum status catalog_change_live(struct request *request, const struct catalog_item *item,
                                const struct catalog_product_content *named,
                                struct catalog_product_content *ret_live)
{
    *ret_live = catalog_content_of(request_arena(request), item);
    return load_parts(request, named->bundles, named->bundles_count, ret_live);
}

enum status catalog_change_set_parts(struct request *request, struct catalog_draft *draft,
                                     struct uuid variant_id, const struct catalog_new_part *parts,
                                     size_t count)
{
    assert(draft->is_staged);
    const size_t before = draft->parts.bundles_count;
    struct catalog_content_parts *bundles =
        arena_allocate_array(request_arena(request), before + 1, sizeof *bundles);
    size_t place = 0;
    for (size_t i = 0; i < before; i++)
        bundles[i] = draft->parts.bundles[i];
    while (place < before && !uuid_equals(bundles[place].variant_id, variant_id))
        place++;
    bundles[place] = (struct catalog_content_parts){ variant_id, parts, count };
    draft->parts.bundles = bundles;
    draft->parts.bundles_count = place < before ? before : before + 1;
    return load_parts(request, bundles, draft->parts.bundles_count, &draft->made);
}

/* Those of what waits already. */
static enum status lay_parts(struct request *request, struct catalog_draft *draft)
{
    const struct catalog_content_pair *open = &draft->open.content;
    if ((catalog_content_difference(&open->before, &open->after) & BIT(PARTS)) == 0)
        return STATUS_OK;
    catalog_content_copy(&open->after, BIT(PARTS), &draft->parts);
    catalog_content_copy(&open->after, BIT(PARTS), &draft->laid);
    return load_parts(request, draft->parts.bundles, draft->parts.bundles_count, &draft->made);
}

/* ---- laying ---- */

static bool is_staged(struct request *request, const struct catalog_item *item)
{
    return catalog_item_is_listed(item) &&
           config_bool(request_config(request), SETTING_MARKET_PRODUCT_APPROVAL);
}

static enum status load_open(struct request *request, struct catalog_draft *draft)
{
    const enum status status = catalog_change_store_load(request, draft->live.id, &draft->open);
    if (status == STATUS_NOT_FOUND) {
        draft->open = (struct catalog_change){ .product_id = draft->live.id };
        return STATUS_OK;
    }
    TRY(status);
    draft->has_open = draft->open.status == CATALOG_CHANGE_STATUS_OPEN;
    return STATUS_OK;
}

static enum status begin(struct request *request, const struct catalog_item *live,
                         struct catalog_draft *ret_draft)
{
    *ret_draft = (struct catalog_draft){ .is_staged = is_staged(request, live), .live = *live };
    if (!ret_draft->is_staged) return STATUS_OK;
    ret_draft->laid = catalog_content_of(request_arena(request), live);
    return load_open(request, ret_draft);
}

enum status catalog_change_replace(struct request *request, const struct catalog_item *live,
                                   uint32_t unsaid, struct catalog_draft *ret_draft)
{
    TRY(begin(request, live, ret_draft));
    if (!ret_draft->has_open) return STATUS_OK;
    const struct catalog_content_pair *open = &ret_draft->open.content;
    ret_draft->carried = catalog_content_difference(&open->before, &open->after) & unsaid;
    catalog_content_copy(&open->after, ret_draft->carried, &ret_draft->laid);
    return lay_parts(request, ret_draft);
}

enum status catalog_change_lay(struct request *request, struct catalog_item *item,
                               struct catalog_draft *ret_draft)
{
    struct arena *arena = request_arena(request);
    TRY(begin(request, item, ret_draft));
    if (!ret_draft->has_open) return STATUS_OK;
    const struct catalog_content_pair *open = &ret_draft->open.content;
    const uint32_t fields = catalog_content_difference(&open->before, &open->after);
    catalog_content_put(arena, &open->after, fields & ~BIT(CATEGORY), item);
    if ((fields & BIT(CATEGORY)) != 0) {
        const enum status status =
            catalog_item_store_set_category(request, item, open->after.category.id);
        if (status != STATUS_NOT_FOUND) TRY(status);
    }
    ret_draft->laid = catalog_content_of(arena, item);
    ret_draft->laid.new_variants = open->after.new_variants;
    ret_draft->laid.new_variants_count = open->after.new_variants_count;
    return lay_parts(request, ret_draft);
}

/* ---- staging ---- */

static bool has_variant(const struct catalog_item *item, struct uuid id)
{
    for (size_t i = 0; i < item->variants_count; i++)
        if (uuid_equals(item->variants[i].id, id)) return true;
    return false;
}

static struct catalog_new_variant wish_of(const struct catalog_own_variant *variant, int64_t stock)
{
    return (struct catalog_new_variant){
        .has_sku = variant->has_sku,
        .sku = variant->sku,
        .has_barcode = variant->has_barcode,
        .barcode = variant->barcode,
        .options = variant->options,
        .options_count = variant->options_count,
        .prices = variant->prices,
        .prices_count = variant->prices_count,
        .has_compare_at_price = variant->has_compare_at_price,
        .compare_at_price = variant->compare_at_price,
        .sales = variant->sales,
        .sales_count = variant->sales_count,
        .tiers = variant->tiers,
        .tiers_count = variant->tiers_count,
        .has_quantity_min = variant->has_quantity_min,
        .quantity_min = variant->quantity_min,
        .has_quantity_step = variant->has_quantity_step,
        .quantity_step = variant->quantity_step,
        .has_quantity_max = variant->has_quantity_max,
        .quantity_max = variant->quantity_max,
        .has_stock = true,
        .stock = stock,
        .has_weight_grams = variant->has_weight_grams,
        .weight_grams = variant->weight_grams,
    };
}

static bool is_waiting(struct arena *arena, const struct catalog_new_variant *wishes, size_t count,
                       const struct catalog_new_variant *wish)
{
    const struct text_pair *keyed =
        catalog_options_keyed(arena, wish->options, wish->options_count);
    for (size_t i = 0; i < count; i++)
        if (catalog_options_are_same(
                catalog_options_keyed(arena, wishes[i].options, wishes[i].options_count),
                wishes[i].options_count, keyed, wish->options_count))
            return true;
    return false;
}

/* Moves the variants that are new from the item to what is wanted, behind those that wait already.
 */
static enum status take_new(struct request *request, const struct catalog_draft *draft,
                            struct catalog_item *item, struct catalog_product_content *wanted)
{
    struct arena *arena = request_arena(request);
    const size_t waiting = draft->laid.new_variants_count;
    struct catalog_new_variant *wishes =
        arena_allocate_array(arena, waiting + item->variants_count, sizeof *wishes);
    struct catalog_item_variant *kept =
        arena_allocate_array(arena, item->variants_count, sizeof *kept);
    size_t kept_count = 0, count = 0;
    for (; count < waiting; count++)
        wishes[count] = draft->laid.new_variants[count];
    for (size_t i = 0; i < item->variants_count; i++) {
        if (has_variant(&draft->live, item->variants[i].id)) {
            kept[kept_count++] = item->variants[i];
            continue;
        }
        struct catalog_own_variant described;
        catalog_edit_describe_variant(arena, &item->variants[i], &described);
        wishes[count] = wish_of(&described, item->variants[i].on_hand);
        if (is_waiting(arena, wishes, count, &wishes[count]))
            return request_refuse(request, "/options", STATUS_VARIANT_EXISTS,
                                  "A variant with these options waits for approval already.");
        count++;
    }
    if (kept_count + count > CATALOG_ITEM_VARIANTS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_VARIANTS, CATALOG_ITEM_VARIANTS_MAX,
                                   NULL);
    wanted->new_variants = wishes;
    wanted->new_variants_count = count;
    item->variants = kept;
    item->variants_count = kept_count;
    return STATUS_OK;
}

static void put_back(struct request *request, const struct catalog_item *live,
                     struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const struct catalog_product_content content = catalog_content_of(arena, live);
    catalog_content_put(arena, &content, UINT32_MAX, item);
    item->slug = live->slug;
    item->is_slug_new = live->is_slug_new;
    item->ancestors = live->ancestors;
    item->ancestors_count = live->ancestors_count;
    item->attributes = live->attributes;
    item->attributes_count = live->attributes_count;
    /* A file may have nothing but new ones; what is on sale goes on. */
    if (item->variants_count > 0) return;
    item->variants = live->variants;
    item->variants_count = live->variants_count;
}

static enum status save_change(struct request *request, const struct catalog_draft *draft,
                               const struct catalog_content_pair *pair)
{
    struct catalog_change *change =
        arena_copy(request_arena(request), &draft->open, sizeof *change);
    if (!draft->has_open) {
        change->id = request_new_id_beside(request, draft->live.id);
        change->opened_at_us = request_now_us(request);
    }
    change->vendor_id = draft->live.vendor_id;
    change->status = CATALOG_CHANGE_STATUS_OPEN;
    change->reason = (struct text){ 0 };
    change->changed_at_us = request_now_us(request);
    change->content = *pair;
    return catalog_change_store_save(request, change);
}

enum status catalog_change_stage(struct request *request, const struct catalog_draft *draft,
                                 struct catalog_item *item, size_t *ret_added)
{
    struct arena *arena = request_arena(request);
    const size_t count = item->variants_count;
    *ret_added = 0;
    if (!draft->is_staged) return STATUS_OK;
    struct catalog_product_content live = catalog_content_of(arena, &draft->live);
    catalog_content_copy(&draft->made, BIT(PARTS), &live);
    struct catalog_product_content new = { .name = item->name };
    TRY(take_new(request, draft, item, &new));
    struct catalog_product_content wanted = catalog_content_of(arena, item);
    catalog_content_copy(&new, BIT(NEW_VARIANTS), &wanted);
    catalog_content_copy(&draft->laid, draft->carried, &wanted);
    catalog_content_copy(&draft->parts, BIT(PARTS), &wanted);
    *ret_added = count - item->variants_count;
    const struct catalog_content_pair pair = catalog_content_amend(
        draft->has_open ? &draft->open.content : NULL, &live, &draft->laid, &wanted);
    put_back(request, &draft->live, item);
    item->has_change = catalog_content_difference(&pair.before, &pair.after) != 0;
    if (item->has_change) return save_change(request, draft, &pair);
    if (draft->has_open) catalog_change_store_withdraw(request, item->id);
    return STATUS_OK;
}
