/* SQL that reads a product as its vendor and staff see it. */
#include <string.h>

#include "actors/catalog/catalog_attribute_store.h"
#include "actors/catalog/catalog_category_store.h"
#include "actors/catalog/catalog_item_store.h"
#include "actors/catalog/catalog_picture_store.h"
#include "actors/catalog/catalog_price_store.h"
#include "actors/catalog/catalog_row.h"
#include "actors/catalog/catalog_translation_store.h"

static const struct statement item_load = {
    .name = "catalog_item_load",
    .sql = "SELECT p.vendor_id, p.version, p.status, p.is_blocked, p.review_note, p.category_id,"
           " c.path, c.ancestors, p.handle, p.name, p.description, p.images,"
           " p.content_digest, p.created_at, p.updated_at, p.tax_class, p.is_digital,"
           " p.shipping_profile_id, p.slug, coalesce(p.seo_title, ''),"
           " coalesce(p.seo_description, '')," ATTRIBUTES_SQL ", p.picture IS NOT NULL,"
           " EXISTS (SELECT FROM catalog.product_change g WHERE g.product_id = p.id"
           " AND g.status = 0), EXISTS (SELECT FROM catalog.product_translation x"
           " WHERE x.product_id = p.id)"
           " FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id"
           " WHERE p.id = $1",
};

static void read_item(struct row *row, struct arena *arena, struct catalog_item *item,
                      bool *ret_has_pictures, bool *ret_has_translations)
{
    item->vendor_id = row_uuid(row);
    item->version = row_int(row);
    item->status = (enum catalog_product_status)row_int(row);
    assert((unsigned)item->status < CATALOG_PRODUCT_STATUS_COUNT);
    item->is_blocked = row_bool(row);
    item->review_note = row_text(row);
    item->category_id = row_uuid(row);
    item->category_path = row_text(row);
    item->ancestors_count = row_uuid_array(row, arena, &item->ancestors);
    item->old_ancestors = item->ancestors;
    item->old_ancestors_count = item->ancestors_count;
    item->handle = row_text(row);
    item->name = row_text(row);
    item->description = row_text(row);
    item->images_count = row_text_array(row, arena, &item->images);
    item->digest = row_bytes(row);
    item->created_at_us = row_int(row);
    item->updated_at_us = row_int(row);
    item->tax_class = (enum common_tax_class)row_int(row);
    assert((unsigned)item->tax_class < COMMON_TAX_CLASS_COUNT);
    item->is_digital = row_bool(row);
    item->has_profile = !row_skip_null(row);
    if (item->has_profile) item->profile_id = row_uuid(row);
    item->slug = row_text(row);
    item->seo_title = row_text(row);
    item->seo_description = row_text(row);
    item->attributes_count = catalog_attribute_store_read(row, arena, &item->attributes);
    *ret_has_pictures = row_bool(row);
    item->has_change = row_bool(row);
    *ret_has_translations = row_bool(row);
}

static const struct statement item_variants = {
    .name = "catalog_item_variants",
    .sql =
        "SELECT w.id, coalesce(w.sku, ''), w.options, coalesce(w.weight_grams, -1), k.on_hand,"
        " k.held, k.version, coalesce(w.barcode, '')," QUANTITIES_SQL "," AHEAD_SQL ", k.is_bundle"
        " FROM catalog.variant w JOIN catalog.stock k ON k.variant_id = w.id"
        " WHERE w.product_id = $1 AND k.is_active ORDER BY w.position, w.id LIMIT 100",
};

static bool has_currencies(struct request *request, const struct catalog_priced *priced)
{
    const char *market = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    for (size_t i = 0; i < priced->count; i++) {
        if (strcmp(priced->prices[i].price.currency, market) != 0) return true;
    }
    return false;
}

static enum status load_variants(struct request *request, struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct catalog_priced priced;
    struct rows rows;
    param_uuid(params, arena, item->id);
    TRY(request_query(request, &item_variants, params, &rows));
    TRY(catalog_price_store_list(request, item->id, &priced));
    static_assert(CATALOG_ITEM_VARIANTS_MAX == 100, "the LIMIT of item_variants");
    struct catalog_item_variant *variants =
        arena_allocate_array(arena, rows.count, sizeof *variants);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        variants[i].id = row_uuid(&row);
        variants[i].sku = row_text(&row);
        variants[i].options = row_text_pairs(&row, arena, &variants[i].options_count);
        variants[i].weight_grams = row_int(&row);
        variants[i].on_hand = row_int(&row);
        variants[i].held = row_int(&row);
        variants[i].stock_version = row_int(&row);
        variants[i].barcode = row_text(&row);
        assert(variants[i].held >= 0);
        variants[i].quantities = catalog_row_quantities(&row);
        variants[i].ahead = catalog_ahead_at(catalog_row_ahead(&row), request_now_us(request));
        variants[i].is_bundle = row_bool(&row);
        variants[i].prices = catalog_priced_of(&priced, variants[i].id, &variants[i].prices_count);
    }
    item->variants = variants;
    item->variants_count = rows.count;
    item->had_currencies = has_currencies(request, &priced);
    return STATUS_OK;
}

enum status catalog_item_store_load(struct request *request, struct uuid product_id,
                                    struct catalog_item *ret_item)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct catalog_item item = { .id = product_id };
    struct rows rows;
    param_uuid(params, arena, product_id);
    TRY(request_query(request, &item_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    bool has_pictures, has_translations;
    read_item(&row, arena, &item, &has_pictures, &has_translations);
    if (has_translations) TRY(catalog_translation_store_load(request, &item));
    if (has_pictures) TRY(catalog_picture_store_load(request, &item));
    TRY(load_variants(request, &item));
    *ret_item = item;
    return STATUS_OK;
}

enum status catalog_item_store_set_category(struct request *request, struct catalog_item *item,
                                            struct uuid category_id)
{
    struct catalog_category_row *category =
        arena_allocate(request_arena(request), sizeof *category);
    TRY(catalog_category_store_get(request, category_id, category));
    item->category_id = category_id;
    item->category_path = category->path;
    item->ancestors = category->ancestors;
    item->ancestors_count = category->ancestors_count;
    return STATUS_OK;
}
