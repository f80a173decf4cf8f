/* What the rows of one product say, column by column. Used by shopify.c only. Pure. */
#pragma once

#include "gateway/import/shopify.h"

enum shopify_column {
    SHOPIFY_HANDLE,
    SHOPIFY_TITLE,
    SHOPIFY_BODY,
    SHOPIFY_VENDOR,
    SHOPIFY_CATEGORY,
    SHOPIFY_TYPE,
    SHOPIFY_PUBLISHED,
    SHOPIFY_OPTION1_NAME, /* name and value of the three options stand in turn */
    SHOPIFY_OPTION1_VALUE,
    SHOPIFY_OPTION2_NAME,
    SHOPIFY_OPTION2_VALUE,
    SHOPIFY_OPTION3_NAME,
    SHOPIFY_OPTION3_VALUE,
    SHOPIFY_SKU,
    SHOPIFY_GRAMS,
    SHOPIFY_QUANTITY,
    SHOPIFY_PRICE,
    SHOPIFY_COMPARE_AT,
    SHOPIFY_IMAGE,
    SHOPIFY_IMAGE_POSITION,
    SHOPIFY_STATUS,
    SHOPIFY_SALE_PRICE, /* the last two are ours, not Shopify's */
    SHOPIFY_TAX_CLASS,
    SHOPIFY_COLUMNS
};

enum { SHOPIFY_OPTIONS_MAX = 3 };

/* Where each column is in a row. */
struct shopify_columns {
    size_t positions[SHOPIFY_COLUMNS]; /* CSV_COLUMNS_MAX: the file does not have it */
    size_t count;                      /* of the header's fields */
};

struct shopify_image {
    struct text source;
    int64_t position;
};

/* A product whose rows are being read. */
struct shopify_group {
    const struct shopify_columns *columns;
    const struct shopify_options *options;
    const struct csv_row *row;
    struct arena *arena;
    struct shopify_product *product;
    struct text option_names[SHOPIFY_OPTIONS_MAX];
    struct catalog_imported_variant *variants; /* SHOPIFY_VARIANTS_MAX */
    size_t variants_count;
    struct shopify_image *images; /* SHOPIFY_IMAGES_MAX, by position */
    size_t images_count;
};

/* Finds the columns in the header. Statuses: OK, MALFORMED (ret_problem says why). */
MUST_CHECK enum status shopify_columns_read(struct shopify_columns *columns,
                                            const struct csv_row *header,
                                            struct shopify_problem *ret_problem);
/* The field of the row without white space around it; empty if it is not there. */
struct text shopify_field(const struct shopify_columns *columns, const struct csv_row *row,
                          enum shopify_column column);
/* Adds the group's row to its product. `is_first`: the row has what is common. */
void shopify_row_read(struct shopify_group *group, bool is_first);
/* Ends the product: puts the lists into its command, and checks that against the schema. */
void shopify_group_finish(struct shopify_group *group);
