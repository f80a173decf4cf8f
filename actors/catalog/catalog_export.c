/* Exports: products as files have them. */
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_export_store.h"
#include "actors/catalog/catalog_item_store.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"
#include "messages/product_file/product_writer.h"

enum {
    EXPORT_PAGE_MAX = 50,
    EXPORT_BYTES_MAX = 800 * 1024, /* leaves room in an envelope's body for one product more */
    FILE_PRODUCTS_MAX = 200,
    FILE_BYTES_MAX = 512 * 1024, /* likewise: a product may be 180,000 bytes, and quotes double */
    FILE_ROOM = 1024 * 1024,
};

static struct catalog_imported_variant describe_variant(const struct catalog_item_variant *variant,
                                                        const struct catalog_item_price *price)
{
    return (struct catalog_imported_variant){
        .has_sku = variant->sku.length > 0,
        .sku = variant->sku,
        .has_barcode = variant->barcode.length > 0,
        .barcode = variant->barcode,
        .options = variant->options,
        .options_count = variant->options_count,
        .price = price->price,
        .has_compare_at_price = price->compare_at != CATALOG_ITEM_NONE,
        .compare_at_price = money_make(price->compare_at, price->price.currency),
        .has_quantity = true,
        .quantity = variant->on_hand > 0 ? variant->on_hand : 0,
        .has_weight_grams = variant->weight_grams != CATALOG_ITEM_NONE,
        .weight_grams = variant->weight_grams,
        .has_sale_price = price->sale.amount > 0,
        .sale_price = money_make(price->sale.amount, price->price.currency),
        .has_sale_from = price->sale.amount > 0 && price->sale.from_us > 0,
        .sale_from_us = price->sale.from_us,
        .has_sale_to =
            price->sale.amount > 0 &&
            price->sale.to_us<CATALOG_SALE_FOR_GOOD, .sale_to_us = price->sale.to_us,
                              .has_sells_ahead = true,
                              .sells_ahead = variant->ahead.policy != CATALOG_STOCK_POLICY_DENY,
                              .has_ahead_limit = variant->ahead.limit> 0,
        .ahead_limit = variant->ahead.limit,
        .has_available_on = variant->ahead.policy == CATALOG_STOCK_POLICY_PREORDER,
        .available_on_us = variant->ahead.available_on_us,
    };
}

/* Its prices in other currencies that the market sells in, of which a file has room for nine. */
static void describe_others(struct arena *arena, const struct config *config,
                            const struct catalog_item_variant *variant,
                            struct catalog_imported_variant *described)
{
    struct catalog_imported_price *others =
        arena_allocate_array(arena, PRODUCT_PRICE_COLUMNS_MAX, sizeof *others);
    for (size_t i = 0; i < variant->prices_count; i++)
        if (!money_same_currency(variant->prices[i].price, described->price) &&
            market_sells_in(config, text_of(variant->prices[i].price.currency)) &&
            described->other_prices_count < PRODUCT_PRICE_COLUMNS_MAX)
            others[described->other_prices_count++].price = variant->prices[i].price;
    described->other_prices = others;
}

static const struct text_pair *describe_attributes(struct arena *arena,
                                                   const struct catalog_item *item)
{
    struct text_pair *pairs = arena_allocate_array(arena, item->attributes_count, sizeof *pairs);
    for (size_t i = 0; i < item->attributes_count; i++)
        pairs[i] = (struct text_pair){ item->attributes[i].key, item->attributes[i].value };
    return pairs;
}

/* By the names of their columns. */
static const struct text_pair *describe_texts(struct arena *arena, const struct catalog_item *item,
                                              size_t *ret_count)
{
    struct text_pair *pairs = arena_allocate_array(arena, PRODUCT_TEXT_COLUMNS_MAX, sizeof *pairs);
    size_t count = 0;
    for (size_t i = 0; i < item->translations_count; i++) {
        const struct catalog_product_translation *said = &item->translations[i];
        const struct text_pair texts[] = { { TEXT("name"), said->name },
                                           { TEXT("description"), said->description },
                                           { TEXT("seo_title"), said->seo_title },
                                           { TEXT("seo_description"), said->seo_description } };
        for (size_t k = 0; k < ARRAY_LENGTH(texts) && count < PRODUCT_TEXT_COLUMNS_MAX; k++)
            if (texts[k].value.length > 0)
                pairs[count++] =
                    (struct text_pair){ text_format(arena, "%s:%.*s", texts[k].name.data,
                                                    (int)said->language.length,
                                                    said->language.data),
                                        texts[k].value };
    }
    *ret_count = count;
    return pairs;
}

/* What has no price in the currency is there, too: a file that leaves it out would take it away. */
static struct catalog_exported_product
describe_product(struct arena *arena, const struct config *config, const struct catalog_item *item,
                 struct text vendor_name, const char *currency)
{
    struct catalog_imported_variant *variants =
        arena_allocate_array(arena, item->variants_count, sizeof *variants);
    const struct catalog_item_price none = { .price = money_make(0, currency),
                                             .compare_at = CATALOG_ITEM_NONE };
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_price *price =
            catalog_item_price_in(&item->variants[i], currency);
        variants[i] = describe_variant(&item->variants[i], price == NULL ? &none : price);
        variants[i].has_is_without_price = variants[i].is_without_price = price == NULL;
        describe_others(arena, config, &item->variants[i], &variants[i]);
    }
    size_t texts_count;
    const struct text_pair *texts = describe_texts(arena, item, &texts_count);
    return (struct catalog_exported_product){
        .vendor = vendor_name,
        .category = item->category_path,
        .handle = item->handle,
        .name = item->name,
        .description = item->description,
        .images = item->images,
        .images_count = item->images_count,
        .is_listed = catalog_item_is_listed(item),
        .tax_class = item->tax_class,
        .variants = variants,
        .variants_count = item->variants_count,
        .texts = texts,
        .texts_count = texts_count,
        .attributes = describe_attributes(arena, item),
        .attributes_count = item->attributes_count,
    };
}

/* Fills the page with as many of the listed products as fit; returns how many were looked at. A
 * product that was deleted since it was listed is left out. */
static enum status fill_page(struct request *request, const struct catalog_exported *listed,
                             size_t count, const char *currency,
                             struct catalog_exported_page *ret_page, size_t *ret_taken)
{
    struct arena *arena = request_arena(request);
    struct catalog_exported_product *products =
        arena_allocate_array(arena, count, sizeof *products);
    size_t bytes = 0, i = 0, found = 0;
    for (; i < count && bytes < EXPORT_BYTES_MAX; i++) {
        struct catalog_item *item = arena_allocate(arena, sizeof *item);
        const enum status status = catalog_item_store_load(request, listed[i].product_id, item);
        if (status == STATUS_NOT_FOUND) continue;
        TRY(status);
        bytes += catalog_item_bytes(item);
        products[found++] =
            describe_product(arena, request_config(request), item, listed[i].vendor_name, currency);
    }
    ret_page->data = products;
    ret_page->data_count = found;
    *ret_taken = i;
    return STATUS_OK;
}

enum status catalog_handle_export_products(struct request *request,
                                           const struct catalog_export_products *query,
                                           struct catalog_exported_page *ret_reply)
{
    const char *currency = text_string(request_arena(request), query->currency);
    const struct uuid first = { { 0 } };
    struct uuid vendor_id;
    struct catalog_exported *listed;
    size_t count, taken;
    if (query->has_vendor)
        TRY(catalog_export_store_find_vendor(request, query->vendor, &vendor_id));
    TRY(catalog_export_store_list(request, query->has_vendor ? &vendor_id : NULL,
                                  query->has_after ? query->after : first, EXPORT_PAGE_MAX + 1,
                                  &listed, &count));
    const size_t shown = count > EXPORT_PAGE_MAX ? EXPORT_PAGE_MAX : count;
    TRY(fill_page(request, listed, shown, currency, ret_reply, &taken));
    if (!query->has_after) {
        struct product_more_columns more;
        TRY(catalog_export_store_columns(request, query->has_vendor ? &vendor_id : NULL, currency,
                                         &more));
        ret_reply->attribute_keys = more.attribute_keys;
        ret_reply->attribute_keys_count = more.attribute_keys_count;
        ret_reply->currencies = more.currencies;
        ret_reply->currencies_count = more.currencies_count;
        ret_reply->texts = more.texts;
        ret_reply->texts_count = more.texts_count;
    }
    ret_reply->has_more = taken < count;
    ret_reply->has_last = taken > 0;
    if (ret_reply->has_last) ret_reply->last = listed[taken - 1].product_id;
    return STATUS_OK;
}

/* ---- files of vendors ---- */

/* Writes as many of the listed products as fit into one file; returns how many were looked at. */
static enum status write_products(struct request *request, enum product_preset preset,
                                  const struct product_more_columns *more, const char *currency,
                                  const struct catalog_exported *listed, size_t count,
                                  struct text_builder *file, size_t *ret_taken)
{
    struct arena *arena = request_arena(request);
    size_t i = 0;
    for (; i < count && file->length < FILE_BYTES_MAX; i++) {
        struct catalog_item *item = arena_allocate(arena, sizeof *item);
        const enum status status = catalog_item_store_load(request, listed[i].product_id, item);
        if (status == STATUS_NOT_FOUND) continue;
        TRY(status);
        const struct catalog_exported_product product =
            describe_product(arena, request_config(request), item, listed[i].vendor_name, currency);
        if (product.variants_count > 0) product_write(file, preset, more, &product);
    }
    *ret_taken = i;
    return file->is_full ? STATUS_OUT_OF_RANGE : STATUS_OK;
}

static enum status read_export(struct request *request,
                               const struct catalog_export_own_products *query, struct uuid *after,
                               const char **currency)
{
    *after = (struct uuid){ { 0 } };
    *currency = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    if (query->has_after && catalog_cursor_decode(query->after, after) != STATUS_OK)
        return request_refuse_cursor(request);
    if (query->has_currency) *currency = text_string(request_arena(request), query->currency);
    if (currency_exponent(*currency) >= 0) return STATUS_OK;
    return request_refuse(request, "/currency", STATUS_INVALID_PARAMETER,
                          "This is no currency of ISO 4217.");
}

enum status catalog_handle_export_own_products(struct request *request,
                                               const struct catalog_export_own_products *query,
                                               struct catalog_exported_file *ret_reply)
{
    const bool is_shopify = query->has_format && query->format == CATALOG_EXPORT_FORMAT_SHOPIFY;
    const enum product_preset preset = is_shopify ? PRESET_SHOPIFY : PRESET_PLAIN;
    const struct uuid vendor_id = request_principal(request)->id;
    const char *currency;
    struct uuid after;
    struct product_more_columns more;
    struct catalog_exported *listed;
    struct text_builder file;
    size_t count, taken;
    TRY(read_export(request, query, &after, &currency));
    TRY(catalog_export_store_list(request, &vendor_id, after, FILE_PRODUCTS_MAX + 1, &listed,
                                  &count));
    text_builder_init(&file, request_arena(request), FILE_ROOM);
    TRY(catalog_export_store_columns(request, &vendor_id, currency, &more));
    product_write_header(&file, preset, &more);
    TRY(write_products(request, preset, &more, currency, listed,
                       count > FILE_PRODUCTS_MAX ? FILE_PRODUCTS_MAX : count, &file, &taken));
    ret_reply->file = text_builder_view(&file);
    ret_reply->has_more = ret_reply->has_next = taken < count;
    if (ret_reply->has_more)
        ret_reply->next =
            catalog_cursor_encode(request_arena(request), listed[taken - 1].product_id);
    return STATUS_OK;
}
