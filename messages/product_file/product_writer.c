/* Row by row, column by column: each field has what it says in a row, or nothing. */
#include "messages/product_file/product_writer.h"

#include <stdio.h>
#include <string.h>

#include "messages/product_file/csv_write.h"

static const enum product_field plain_fields[] = {
    PRODUCT_HANDLE,        PRODUCT_NAME,         PRODUCT_DESCRIPTION,   PRODUCT_VENDOR,
    PRODUCT_CATEGORY,      PRODUCT_PUBLISHED,    PRODUCT_TAX_CLASS,     PRODUCT_OPTION1_NAME,
    PRODUCT_OPTION1_VALUE, PRODUCT_OPTION2_NAME, PRODUCT_OPTION2_VALUE, PRODUCT_OPTION3_NAME,
    PRODUCT_OPTION3_VALUE, PRODUCT_SKU,          PRODUCT_BARCODE,       PRODUCT_PRICE,
    PRODUCT_COMPARE_AT,    PRODUCT_SALE_PRICE,   PRODUCT_SALE_STARTS,   PRODUCT_SALE_ENDS,
    PRODUCT_CURRENCY,      PRODUCT_QUANTITY,     PRODUCT_QUANTITY_WAS,  PRODUCT_WEIGHT,
    PRODUCT_SELLS_AHEAD,   PRODUCT_AHEAD_LIMIT,  PRODUCT_AVAILABLE_ON,  PRODUCT_IMAGE,
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

static void put_time(struct text_builder *file, int64_t time_us)
{
    char text[TIME_TEXT_MAX + 1];
    const size_t length = time_format(time_us, text);
    text_builder_add(file, (struct text){ text, length });
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
        if (!variant->is_without_price) put_money(file, variant->price);
        break;
    case PRODUCT_COMPARE_AT:
        if (variant->has_compare_at_price) put_money(file, variant->compare_at_price);
        break;
    case PRODUCT_SALE_PRICE:
        if (variant->has_sale_price) put_money(file, variant->sale_price);
        break;
    case PRODUCT_SALE_STARTS:
        if (variant->has_sale_from) put_time(file, variant->sale_from_us);
        break;
    case PRODUCT_SALE_ENDS:
        if (variant->has_sale_to) put_time(file, variant->sale_to_us);
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
            csv_write_field(file, !variant->sells_ahead ? TEXT("deny")
                                  : variant->has_available_on && preset == PRESET_PLAIN
                                      ? TEXT("preorder")
                                      : TEXT("continue"));
        break;
    case PRODUCT_AVAILABLE_ON:
        if (variant->has_available_on) put_time(file, variant->available_on_us);
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

static void put_pair(struct text_builder *file, const struct text_pair *pairs, size_t count,
                     struct text key)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals(pairs[i].name, key)) csv_write_field(file, pairs[i].value);
}

static void put_other_price(struct text_builder *file,
                            const struct catalog_imported_variant *variant, struct text currency)
{
    for (size_t i = 0; i < variant->other_prices_count; i++)
        if (text_equals_string(currency, variant->other_prices[i].price.currency))
            put_money(file, variant->other_prices[i].price);
}

static void put_more(struct text_builder *file, const struct product_more_columns *more,
                     const struct catalog_exported_product *product, size_t row)
{
    for (size_t i = 0; i < more->currencies_count; i++) {
        text_builder_add_byte(file, ',');
        if (row < product->variants_count)
            put_other_price(file, &product->variants[row], more->currencies[i]);
    }
    for (size_t i = 0; i < more->attribute_keys_count; i++) {
        text_builder_add_byte(file, ',');
        if (row == 0)
            put_pair(file, product->attributes, product->attributes_count, more->attribute_keys[i]);
    }
    for (size_t i = 0; i < more->texts_count; i++) {
        text_builder_add_byte(file, ',');
        if (row == 0) put_pair(file, product->texts, product->texts_count, more->texts[i]);
    }
}

static void put_named(struct text_builder *file, const char *prefix, struct text name)
{
    char text[PRODUCT_ATTRIBUTE_KEY_MAX * 4 + 16];
    const int length = snprintf(text, sizeof text, ",%s%.*s", prefix, (int)name.length, name.data);
    assert(length > 0 && (size_t)length < sizeof text);
    text_builder_add_byte(file, ',');
    csv_write_field(file, (struct text){ text + 1, (size_t)length - 1 });
}

void product_write_header(struct text_builder *file, enum product_preset preset,
                          const struct product_more_columns *more)
{
    const struct fields fields = fields_of(preset);
    for (size_t i = 0; i < fields.count; i++) {
        if (i > 0) text_builder_add_byte(file, ',');
        csv_write_field(file, text_of(product_column_written(preset, fields.fields[i])));
    }
    for (size_t i = 0; i < more->currencies_count; i++)
        put_named(file, "price:", more->currencies[i]);
    for (size_t i = 0; i < more->attribute_keys_count; i++)
        put_named(file, "attr:", more->attribute_keys[i]);
    for (size_t i = 0; i < more->texts_count; i++)
        put_named(file, "", more->texts[i]);
    text_builder_add(file, TEXT("\r\n"));
}

void product_write(struct text_builder *file, enum product_preset preset,
                   const struct product_more_columns *more,
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
        put_more(file, more, product, row);
        text_builder_add(file, TEXT("\r\n"));
    }
}
