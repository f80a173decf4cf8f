/* A product's detail as bytes: as it is written, and read again without a join. */
#include "actors/catalog/catalog_document.h"

#include "actors/catalog/catalog_picture.h"
#include "messages/codec_msgpack.h"
#include "runtime/envelope.h"

/* With its sale, whether it runs or not: who reads the document looks at the clock. */
static struct catalog_variant describe_variant(struct arena *arena,
                                               const struct catalog_item_variant *variant,
                                               const struct catalog_item_price *price)
{
    const char *currency = price->price.currency;
    const bool has_end = price->sale.amount > 0 && price->sale.to_us < CATALOG_SALE_FOR_GOOD;
    return (struct catalog_variant){
        .id = variant->id,
        .has_sku = variant->sku.length > 0,
        .sku = variant->sku,
        .has_barcode = variant->barcode.length > 0,
        .barcode = variant->barcode,
        .options = variant->options,
        .options_count = variant->options_count,
        .price = price->price,
        .has_compare_at_price = price->compare_at != CATALOG_ITEM_NONE,
        .compare_at_price = money_make(price->compare_at, currency),
        .has_sale_price = price->sale.amount > 0,
        .sale_price = money_make(price->sale.amount, currency),
        .has_lowest_price_30_days = price->sale.amount > 0 && price->prior != CATALOG_ITEM_NONE,
        .lowest_price_30_days = money_make(price->prior, currency),
        .has_sale_from = price->sale.amount > 0 && price->sale.from_us > 0,
        .sale_from_us = price->sale.from_us,
        .has_sale_to = has_end,
        .sale_to_us = price->sale.to_us,
        .tiers = catalog_tiers_describe(arena, price->tiers, price->tiers_count, currency),
        .tiers_count = price->tiers_count,
        .has_quantity_min = variant->quantities.min > 0,
        .quantity_min = variant->quantities.min,
        .has_quantity_step = variant->quantities.step > 0,
        .quantity_step = variant->quantities.step,
        .has_quantity_max = variant->quantities.max > 0,
        .quantity_max = variant->quantities.max,
    };
}

/* The variants that are sold in the product's currency. How many there are changes with every sale,
 * so it is not part of the document. */
static void describe_variants(struct arena *arena, const struct catalog_item *item,
                              struct catalog_product *product)
{
    struct catalog_variant *variants =
        arena_allocate_array(arena, item->variants_count, sizeof *variants);
    size_t count = 0;
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_variant *variant = &item->variants[i];
        const struct catalog_item_price *price =
            catalog_item_price_in(variant, product->price.currency);
        if (price != NULL) variants[count++] = describe_variant(arena, variant, price);
    }
    product->variants = variants;
    product->variants_count = count;
}

enum status catalog_document_encode(struct arena *arena, const struct catalog_item *item,
                                    const struct catalog_item_price *cheapest,
                                    struct text *ret_document)
{
    struct catalog_product product = {
        .id = item->id,
        .vendor.id = item->vendor_id,
        .name = item->name,
        .slug = item->slug,
        .has_seo_title = item->seo_title.length > 0,
        .seo_title = item->seo_title,
        .has_seo_description = item->seo_description.length > 0,
        .seo_description = item->seo_description,
        .description = item->description,
        .category = { .id = item->category_id, .path = item->category_path },
        .price = cheapest->price,
        .has_compare_at_price = cheapest->compare_at != CATALOG_ITEM_NONE,
        .compare_at_price = cheapest->price,
        .attributes = catalog_attributes_describe(arena, item->attributes, item->attributes_count),
        .attributes_count = item->attributes_count,
        .created_at_us = item->created_at_us,
    };
    product.compare_at_price.amount = cheapest->compare_at;
    product.images = catalog_picture_addresses(arena, item, &product.images_count);
    product.pictures = catalog_picture_show(arena, item, &product.pictures_count);
    describe_variants(arena, item, &product);
    return msgpack_encode(&catalog_product_schema, &product, arena, ENVELOPE_BODY_MAX,
                          ret_document);
}
