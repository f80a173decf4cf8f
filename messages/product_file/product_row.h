/* What the rows of one product say, column by column. Used by product_reader.c only. Pure. */
#pragma once

#include "messages/product_file/product_reader.h"

enum product_column {
    PRODUCT_HANDLE,
    PRODUCT_TITLE,
    PRODUCT_BODY,
    PRODUCT_VENDOR,
    PRODUCT_CATEGORY,
    PRODUCT_TYPE,
    PRODUCT_PUBLISHED,
    PRODUCT_OPTION1_NAME, /* name and value of the three options stand in turn */
    PRODUCT_OPTION1_VALUE,
    PRODUCT_OPTION2_NAME,
    PRODUCT_OPTION2_VALUE,
    PRODUCT_OPTION3_NAME,
    PRODUCT_OPTION3_VALUE,
    PRODUCT_SKU,
    PRODUCT_GRAMS,
    PRODUCT_QUANTITY,
    PRODUCT_PRICE,
    PRODUCT_COMPARE_AT,
    PRODUCT_IMAGE,
    PRODUCT_IMAGE_POSITION,
    PRODUCT_STATUS,
    PRODUCT_SALE_PRICE, /* the last two are ours, not Shopify's */
    PRODUCT_TAX_CLASS,
    PRODUCT_COLUMNS
};

enum { PRODUCT_OPTIONS_MAX = 3 };

/* Where each column is in a row. */
struct product_columns {
    size_t positions[PRODUCT_COLUMNS]; /* CSV_COLUMNS_MAX: the file does not have it */
    size_t count;                      /* of the header's fields */
};

struct product_image {
    struct text source;
    int64_t position;
};

/* A product whose rows are being read. */
struct product_group {
    const struct product_columns *columns;
    const struct product_file_options *options;
    const struct csv_row *row;
    struct arena *arena;
    struct file_product *product;
    struct text option_names[PRODUCT_OPTIONS_MAX];
    struct catalog_imported_variant *variants; /* PRODUCT_VARIANTS_MAX */
    size_t variants_count;
    struct product_image *images; /* PRODUCT_IMAGES_MAX, by position */
    size_t images_count;
};

/* Finds the columns in the header. Statuses: OK, MALFORMED (ret_problem says why). */
MUST_CHECK enum status product_columns_read(struct product_columns *columns,
                                            const struct csv_row *header,
                                            struct file_problem *ret_problem);
/* The field of the row without white space around it; empty if it is not there. */
struct text product_field(const struct product_columns *columns, const struct csv_row *row,
                          enum product_column column);
/* Adds the group's row to its product. `is_first`: the row has what is common. */
void product_row_read(struct product_group *group, bool is_first);
/* Ends the product: puts the lists into its command, and checks that against the schema. */
void product_group_finish(struct product_group *group);
