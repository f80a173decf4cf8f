/* Row by row, column by column: each field has what it says in a row, or nothing. */
#include "messages/product_file/product_writer.h"

#include <string.h>

#include "messages/product_file/csv_write.h"

static const enum product_field plain_fields[] = {
    PRODUCT_HANDLE,        PRODUCT_NAME,         PRODUCT_DESCRIPTION,   PRODUCT_VENDOR,
    PRODUCT_CATEGORY,      PRODUCT_PUBLISHED,    PRODUCT_TAX_CLASS,     PRODUCT_OPTION1_NAME,
    PRODUCT_OPTION1_VALUE, PRODUCT_OPTION2_NAME, PRODUCT_OPTION2_VALUE, PRODUCT_OPTION3_NAME,
    PRODUCT_OPTION3_VALUE, PRODUCT_SKU,          PRODUCT_BARCODE,       PRODUCT_PRICE,
    PRODUCT_COMPARE_AT,    PRODUCT_CURRENCY,     PRODUCT_QUANTITY,      PRODUCT_QUANTITY_WAS,
    PRODUCT_WEIGHT,        PRODUCT_SELLS_AHEAD,  PRODUCT_AHEAD_LIMIT,   PRODUCT_IMAGE,
    PRODUCT_IMAGE_POSITION
};
static const enum product_field shopify_fields[] = {
    PRODUCT_NAME,          PRODUCT_HANDLE,        PRODUCT_DESCRIPTION_HTML,
    PRODUCT_VENDOR,        PRODUCT_CATEGORY,      PRODUCT_PUBLISHED,
    PRODUCT_SKU,           PRODUCT_BARCODE,       PRODUCT_OPTION1_NAME,
    PRODUCT_OPTION1_VALUE, PRODUCT_OPTION2_NAME,  PRODUCT_OPTION2_VALUE,
    PRODUCT_OPTION3_NAME,  PRODUCT_OPTION3_VALUE, PRODUCT_PRICE,
    PRODUCT_COMPARE_AT,    PRODUCT_QUANTITY,      PRODUCT_SELLS_AHEAD,
    PRODUCT_WEIGHT,        PRODUCT_IMAGE,         PRODUCT_IMAGE_POSITION
};

struct fields {
    const enum product_field *fields;
    size_t count;
};

static struct fields fields_of(enum product_preset preset)
{
    assert(preset == PRESET_PLAIN || preset == PRESET_SHOPIFY);
    if (preset == PRESET_SHOPIFY)
        return (struct fields){ shopify_fields, ARRAY_LENGTH(shopify_fields) };
    return (struct fields){ plain_fields, ARRAY_LENGTH(plain_fields) };
}

/* ---- values ---- */

/* "19.99": the amount without its currency. */
static void put_money(struct text_builder *file, struct money money)
{
    char text[MONEY_TEXT_MAX + 1];
    const size_t length = money_format(money, text);
    const size_t currency = 1 + strlen(money.currency);
    assert(length > currency);
    text_builder_add(file, (struct text){ text, length - currency });
}

/* Text in which nothing is markup; lines are parted by <br>. */
static void put_html(struct text_builder *file, struct text text)
{
    text_builder_add_byte(file, '"');
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        if (byte == '&')
            text_builder_add(file, TEXT("&amp;"));
        else if (byte == '<')
            text_builder_add(file, TEXT("&lt;"));
        else if (byte == '>')
            text_builder_add(file, TEXT("&gt;"));
        else if (byte == '"')
            text_builder_add(file, TEXT("&quot;"));
        else if (byte == '\n')
            text_builder_add(file, TEXT("<br>"));
        else if (byte != '\r')
            text_builder_add_byte(file, byte);
    }
    text_builder_add_byte(file, '"');
}

/* ---- fields ---- */

static void put_common(struct text_builder *file, enum product_field field,
                       const struct catalog_exported_product *product)
{
    switch (field) {
    case PRODUCT_NAME:
        csv_write_field(file, product->name);
        break;
    case PRODUCT_DESCRIPTION:
        csv_write_field(file, product->description);
        break;
    case PRODUCT_DESCRIPTION_HTML:
        put_html(file, product->description);
        break;
    case PRODUCT_VENDOR:
        csv_write_field(file, product->vendor);
        break;
    case PRODUCT_CATEGORY:
        csv_write_field(file, product->category);
        break;
    case PRODUCT_PUBLISHED:
        csv_write_field(file, product->is_listed ? TEXT("TRUE") : TEXT("FALSE"));
        break;
    case PRODUCT_TAX_CLASS:
        csv_write_field(file, text_of(common_tax_class_names[product->tax_class]));
        break;
    default:
        break;
    }
}

/* Shopify writes a variant without options as the one called Default Title. */
static void put_option(struct text_builder *file, enum product_preset preset,
                       enum product_field field, const struct catalog_imported_variant *variant)
{
    const size_t index = (size_t)(field - PRODUCT_OPTION1_NAME) / 2;
    const bool is_name = (field - PRODUCT_OPTION1_NAME) % 2 == 0;
    if (index < variant->options_count)
        csv_write_field(file,
                        is_name ? variant->options[index].name : variant->options[index].value);
    else if (preset == PRESET_SHOPIFY && index == 0)
        csv_write_field(file, is_name ? TEXT("Title") : TEXT("Default Title"));
}

static void put_variant(struct text_builder *file, enum product_preset preset,
                        enum product_field field, const struct catalog_imported_variant *variant)
{
    switch (field) {
    case PRODUCT_SKU:
        csv_write_field(file, variant->sku);
        break;
    case PRODUCT_BARCODE:
        csv_write_field(file, variant->barcode);
        break;
    case PRODUCT_PRICE:
        put_money(file, variant->price);
        break;
    case PRODUCT_COMPARE_AT:
        if (variant->has_compare_at_price) put_money(file, variant->compare_at_price);
        break;
    case PRODUCT_CURRENCY:
        csv_write_field(file, text_of(variant->price.currency));
        break;
    case PRODUCT_QUANTITY:
    case PRODUCT_QUANTITY_WAS:
        if (variant->has_quantity) text_builder_add_int(file, variant->quantity);
        break;
    case PRODUCT_WEIGHT:
        if (variant->has_weight_grams) text_builder_add_int(file, variant->weight_grams);
        break;
    case PRODUCT_SELLS_AHEAD:
        if (variant->has_sells_ahead)
            csv_write_field(file, variant->sells_ahead ? TEXT("continue") : TEXT("deny"));
        break;
    case PRODUCT_AHEAD_LIMIT:
        if (variant->has_ahead_limit) text_builder_add_int(file, variant->ahead_limit);
        break;
    default:
        if (field >= PRODUCT_OPTION1_NAME && field <= PRODUCT_OPTION3_VALUE)
            put_option(file, preset, field, variant);
    }
}

static void put_field(struct text_builder *file, enum product_preset preset,
                      enum product_field field, const struct catalog_exported_product *product,
                      size_t row)
{
    if (field == PRODUCT_HANDLE)
        csv_write_field(file, product->handle);
    else if (field == PRODUCT_IMAGE && row < product->images_count)
        csv_write_field(file, product->images[row]);
    else if (field == PRODUCT_IMAGE_POSITION && row < product->images_count)
        text_builder_add_int(file, (int64_t)row + 1);
    else if (field < PRODUCT_OPTION1_NAME && row == 0)
        put_common(file, field, product);
    else if (field >= PRODUCT_OPTION1_NAME && row < product->variants_count)
        put_variant(file, preset, field, &product->variants[row]);
}

/* ---- rows ---- */

void product_write_header(struct text_builder *file, enum product_preset preset)
{
    const struct fields fields = fields_of(preset);
    for (size_t i = 0; i < fields.count; i++) {
        if (i > 0) text_builder_add_byte(file, ',');
        csv_write_field(file, text_of(product_column_written(preset, fields.fields[i])));
    }
    text_builder_add(file, TEXT("\r\n"));
}

void product_write(struct text_builder *file, enum product_preset preset,
                   const struct catalog_exported_product *product)
{
    const struct fields fields = fields_of(preset);
    const size_t variants = product->variants_count, images = product->images_count;
    assert(variants > 0);
    for (size_t row = 0; row < variants || row < images; row++) {
        for (size_t i = 0; i < fields.count; i++) {
            if (i > 0) text_builder_add_byte(file, ',');
            put_field(file, preset, fields.fields[i], product, row);
        }
        text_builder_add(file, TEXT("\r\n"));
    }
}
