/* Products into a file of comma-separated values, UTF-8, which the reader beside it reads back.
 * Pure.
 */
#pragma once

#include "catalog_messages.h"
#include "messages/product_file/product_columns.h"
#include "runtime/text.h"

/* What columns a file has beside those of its preset: attributes, other currencies and
 * languages that some of its products have. */
struct product_more_columns {
    const struct text *attribute_keys; /* at most PRODUCT_ATTRIBUTE_COLUMNS_MAX */
    size_t attribute_keys_count;
    const struct text *currencies; /* at most PRODUCT_PRICE_COLUMNS_MAX */
    size_t currencies_count;
    const struct text
        *texts; /* in other languages, as "name:de"; at most PRODUCT_TEXT_COLUMNS_MAX */
    size_t texts_count;
};

/* The header of a file in this preset, PLAIN or SHOPIFY. */
void product_write_header(struct text_builder *file, enum product_preset preset,
                          const struct product_more_columns *more);
/* The rows of a product with at least one variant. What is written in PLAIN is read as it was, but
 * for spaces around texts; a quantity stands there twice, so that reading it again does not undo
 * what was sold meanwhile. SHOPIFY's descriptions are HTML, in which white space is collapsed. */
void product_write(struct text_builder *file, enum product_preset preset,
                   const struct product_more_columns *more,
                   const struct catalog_exported_product *product);
