/* Products into a file of comma-separated values, UTF-8, which the reader beside it reads back.
 * Pure.
 */
#pragma once

#include "catalog_messages.h"
#include "messages/product_file/product_columns.h"
#include "runtime/text.h"

/* The header of a file in this preset, PLAIN or SHOPIFY. */
void product_write_header(struct text_builder *file, enum product_preset preset);
/* The rows of a product with at least one variant. What is written in PLAIN is read as it was, but
 * for spaces around texts; a quantity stands there twice, so that reading it again does not undo
 * what was sold meanwhile. SHOPIFY's descriptions are HTML, in which white space is collapsed. */
void product_write(struct text_builder *file, enum product_preset preset,
                   const struct catalog_exported_product *product);
