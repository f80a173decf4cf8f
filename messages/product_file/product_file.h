/* A product as a file gives it, and how a file is to be read. */
#pragma once

#include "catalog_messages.h"
#include "messages/product_file/product_columns.h"

enum {
    PRODUCT_ROWS_MAX = 1000, /* of one product */
    PRODUCT_VARIANTS_MAX = 100,
    PRODUCT_IMAGES_MAX = 20,   /* of each product; the first by position are kept */
    PRODUCT_PROBLEMS_MAX = 16, /* of each product; further ones are not told */
};

struct product_file_options {
    struct text vendor;   /* of rows that name none; empty: these are refused */
    bool ignores_vendors; /* all rows are `vendor`'s, whatever they say */
    const char *currency; /* ISO 4217 */
    bool has_encoding;    /* else the file's bytes say it */
    enum encoding encoding;
    enum product_preset preset;
    const struct product_mapping *map;
    size_t map_count;
};

/* What the rows of a product say. */
struct file_product {
    uint64_t line;                 /* of the first row */
    uint64_t end_offset, end_line; /* behind the last row */
    size_t rows_count;
    struct text vendor, category;
    struct text other_category; /* where there is no such category: its type; empty: none */
    struct catalog_import_product command; /* without identity, vendor_id and category_id */
    uint64_t *variant_lines;               /* where each variant stands */
    struct file_problem problems[PRODUCT_PROBLEMS_MAX];
    size_t problems_count;
    bool is_bad; /* a problem is no warning; then the rest may be incomplete */
};

/* On which line of the file stands what a refusal of the command points at ("/variants/2/sku").
 * Pure. */
uint64_t file_product_line_of(const struct file_product *product, struct text pointer);
