/* Products from Shopify's product CSV (help.shopify.com, "Using CSV files to import and export
 * products"). Consecutive rows of one Handle are one product: the first has what is common, the
 * others add variants and pictures. The header is matched without case; unknown columns are
 * ignored. Two columns are our own: "Variant Sale Price" (empty: not on sale) and "Tax Class". */
#pragma once

#include "catalog_messages.h"
#include "messages/product_file/csv.h"
#include "runtime/arena.h"

enum {
    PRODUCT_ROWS_MAX = 1000, /* of one product */
    PRODUCT_VARIANTS_MAX = 100,
    PRODUCT_IMAGES_MAX = 20,  /* of each product; the first by position are kept */
    PRODUCT_PROBLEMS_MAX = 8, /* of each product; further ones are not told */
    PRODUCT_DESCRIPTION_MAX = 20000,
    PRODUCT_HANDLE_MAX = 255,
    PRODUCT_VENDOR_MAX = 200,
};

struct product_file_options {
    const char *vendor;   /* of rows that name none; NULL: these are refused */
    const char *currency; /* ISO 4217 */
};

/* Why a row, and with it a product, is bad. */
struct file_problem {
    uint64_t line;
    const char *column; /* "" for the row as a whole */
    const char *detail;
};

/* What the rows of a product say. */
struct file_product {
    uint64_t line;                 /* of the first row */
    uint64_t end_offset, end_line; /* behind the last row */
    size_t rows_count;
    struct text vendor, category;
    struct catalog_import_product command; /* without identity, vendor_id and category_id */
    struct file_problem
        problems[PRODUCT_PROBLEMS_MAX]; /* if there are any, the rest may be incomplete */
    size_t problems_count;
};

struct product_reader;

/* The options' texts must outlive the reader. */
struct product_reader *product_reader_new(const struct csv_source *source,
                                          const struct product_file_options *options);
void product_reader_destroy(struct product_reader **reader);
/* Reads the header; to be called once, first. Statuses: OK, MALFORMED (not such a file: ret_problem
 * says why), UNAVAILABLE (the source failed). */
MUST_CHECK enum status product_reader_open(struct product_reader *reader,
                                           struct file_problem *ret_problem);
/* Tells that the source continues at this byte of the file, the start of a row, which is on this
 * line. */
void product_reader_resume(struct product_reader *reader, uint64_t offset, uint64_t line);
/* The next product, good or bad, in the arena. Statuses: OK, NOT_FOUND (no more), UNAVAILABLE (the
 * source failed). */
MUST_CHECK enum status product_reader_next(struct product_reader *reader, struct arena *arena,
                                           struct file_product **ret_product);
