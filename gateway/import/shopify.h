/* Products from Shopify's product CSV (help.shopify.com, "Using CSV files to import and export
 * products"). Consecutive rows of one Handle are one product: the first has what is common, the
 * others add variants and pictures. The header is matched without case; unknown columns are
 * ignored. Two columns are our own: "Variant Sale Price" (empty: not on sale) and "Tax Class". */
#pragma once

#include "catalog_messages.h"
#include "gateway/import/csv.h"
#include "runtime/arena.h"

enum {
    SHOPIFY_ROWS_MAX = 1000, /* of one product */
    SHOPIFY_VARIANTS_MAX = 100,
    SHOPIFY_IMAGES_MAX = 20,  /* of each product; the first by position are kept */
    SHOPIFY_PROBLEMS_MAX = 8, /* of each product; further ones are not told */
    SHOPIFY_DESCRIPTION_MAX = 20000,
    SHOPIFY_HANDLE_MAX = 255,
    SHOPIFY_VENDOR_MAX = 200,
};

struct shopify_options {
    const char *vendor;   /* of rows that name none; NULL: these are refused */
    const char *currency; /* ISO 4217 */
};

/* Why a row, and with it a product, is bad. */
struct shopify_problem {
    uint64_t line;
    const char *column; /* "" for the row as a whole */
    const char *detail;
};

/* What the rows of a product say. */
struct shopify_product {
    uint64_t line;                 /* of the first row */
    uint64_t end_offset, end_line; /* behind the last row */
    size_t rows_count;
    struct text vendor, category;
    struct catalog_import_product command; /* without identity, vendor_id and category_id */
    struct shopify_problem
        problems[SHOPIFY_PROBLEMS_MAX]; /* if there are any, the rest may be incomplete */
    size_t problems_count;
};

struct shopify_reader;

/* The options' texts must outlive the reader. */
struct shopify_reader *shopify_reader_new(const struct csv_source *source,
                                          const struct shopify_options *options);
void shopify_reader_destroy(struct shopify_reader **reader);
/* Reads the header; to be called once, first. Statuses: OK, MALFORMED (not such a file: ret_problem
 * says why), UNAVAILABLE (the source failed). */
MUST_CHECK enum status shopify_reader_open(struct shopify_reader *reader,
                                           struct shopify_problem *ret_problem);
/* Tells that the source continues at this byte of the file, the start of a row, which is on this
 * line. */
void shopify_reader_resume(struct shopify_reader *reader, uint64_t offset, uint64_t line);
/* The next product, good or bad, in the arena. Statuses: OK, NOT_FOUND (no more), UNAVAILABLE (the
 * source failed). */
MUST_CHECK enum status shopify_reader_next(struct shopify_reader *reader, struct arena *arena,
                                           struct shopify_product **ret_product);
