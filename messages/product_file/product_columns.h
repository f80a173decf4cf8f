/* Which column of a file is what: by the header of a known shop, or as somebody says. Pure. */
#pragma once

#include "messages/product_file/csv.h"
#include "messages/product_file/product_values.h"

/* What a column can be. */
enum product_field {
    PRODUCT_HANDLE,
    PRODUCT_NAME,
    PRODUCT_DESCRIPTION,      /* plain text */
    PRODUCT_DESCRIPTION_HTML, /* the same in HTML */
    PRODUCT_VENDOR,
    PRODUCT_CATEGORY,
    PRODUCT_TYPE, /* stands for the category where that is empty */
    PRODUCT_PUBLISHED,
    PRODUCT_STATUS,
    PRODUCT_TAX_CLASS,
    PRODUCT_OPTION1_NAME, /* name and value of the three options stand in turn */
    PRODUCT_OPTION1_VALUE,
    PRODUCT_OPTION2_NAME,
    PRODUCT_OPTION2_VALUE,
    PRODUCT_OPTION3_NAME,
    PRODUCT_OPTION3_VALUE,
    PRODUCT_SKU,
    PRODUCT_BARCODE,
    PRODUCT_PRICE,
    PRODUCT_COMPARE_AT,
    PRODUCT_SALE_PRICE,
    PRODUCT_SALE_STARTS, /* a time, or a date */
    PRODUCT_SALE_ENDS,
    PRODUCT_CURRENCY,
    PRODUCT_QUANTITY,
    PRODUCT_QUANTITY_WAS, /* what the quantity was when the file was written */
    PRODUCT_WEIGHT,
    PRODUCT_WEIGHT_UNIT,
    PRODUCT_SELLS_AHEAD,  /* whether it is sold when there is none */
    PRODUCT_AHEAD_LIMIT,  /* and how many */
    PRODUCT_AVAILABLE_ON, /* of a pre-order: a time, or a date */
    PRODUCT_IMAGE,        /* of which there may be several columns */
    PRODUCT_IMAGE_POSITION,
    PRODUCT_KIND,   /* WooCommerce: simple, variable or variation */
    PRODUCT_PARENT, /* WooCommerce: of a variation, the SKU of its product, or "id:" and a number */
    PRODUCT_ID,     /* WooCommerce: a number */
    PRODUCT_FIELDS
};

enum product_preset {
    PRESET_PLAIN, /* our own, which exports write */
    PRESET_SHOPIFY,
    PRESET_WOOCOMMERCE,
    PRESET_MEDUSA,
    PRESET_SPREE,
    PRESETS,
    PRESET_BY_HEADER = PRESETS, /* the one whose columns the header has */
};

enum {
    PRODUCT_OPTIONS_MAX = 3,
    PRODUCT_IMAGE_COLUMNS_MAX = 20,
    PRODUCT_ATTRIBUTE_COLUMNS_MAX = 50,
    PRODUCT_TEXT_COLUMNS_MAX = 28,  /* four texts in each language but the first */
    PRODUCT_ATTRIBUTE_KEY_MAX = 40, /* characters */
    PRODUCT_PRICE_COLUMNS_MAX = 9,  /* of other currencies */
    PRODUCT_MAP_MAX = PRODUCT_FIELDS + PRODUCT_IMAGE_COLUMNS_MAX,
    PRODUCT_NO_COLUMN = CSV_COLUMNS_MAX, /* the file does not have it */
};

/* Somebody's word that a column is this field. */
struct product_mapping {
    struct text column; /* as the header has it; case does not count */
    enum product_field field;
};

/* A column "attr:colour": what products say of that attribute. */
struct product_attribute_column {
    struct text key;
    size_t position;
};

/* A column "price:USD": what a variant costs in another currency than the file's. */
struct product_price_column {
    char currency[4];
    size_t position;
};

/* Where each field is in a row. */
struct product_columns {
    enum product_preset preset;
    size_t count;                      /* of the header's fields */
    size_t positions[PRODUCT_FIELDS];  /* or PRODUCT_NO_COLUMN; of pictures the first */
    struct text names[PRODUCT_FIELDS]; /* as the header has them, in the columns' arena */
    size_t images[PRODUCT_IMAGE_COLUMNS_MAX];
    size_t images_count;
    struct product_attribute_column attributes[PRODUCT_ATTRIBUTE_COLUMNS_MAX];
    size_t attributes_count;
    struct product_price_column prices[PRODUCT_PRICE_COLUMNS_MAX];
    size_t prices_count;
    struct product_attribute_column
        texts[PRODUCT_TEXT_COLUMNS_MAX]; /* "name:de": product_texts.h */
    size_t texts_count;
    enum weight_unit weight_unit; /* of a file whose rows name none */
};

/* Something that is wrong in a file, or worth a word, and where. */
struct file_problem {
    uint64_t line;
    const char *column; /* "" for the row as a whole */
    const char *detail; /* what is wrong and what to do */
    bool is_warning;    /* the product is taken nevertheless */
};

/* "shopify" ...; PRESETS if there is no such preset. */
enum product_preset product_preset_named(struct text name);
const char *product_preset_name(enum product_preset preset);
/* The field of that name, as exports call it: "price" ...; PRODUCT_FIELDS if there is none. */
enum product_field product_field_named(struct text name);
const char *product_field_name(enum product_field field);
/* Reads "Their column=field". Statuses: OK, MALFORMED (no such field, no column). */
MUST_CHECK enum status product_mapping_read(struct text text, struct product_mapping *ret_mapping);

/* Finds the columns in the header: those of `preset`, whose prices are in `currency`, and over them
 * those of `map`. Statuses: OK, MALFORMED (ret_problem says why, in the arena). */
MUST_CHECK enum status product_columns_read(struct product_columns *columns, struct arena *arena,
                                            const struct csv_row *header,
                                            enum product_preset preset, const char *currency,
                                            const struct product_mapping *map, size_t map_count,
                                            struct file_problem *ret_problem);
/* The field's column for people: as the header has it, or as the preset has it. */
const char *product_columns_name(const struct product_columns *columns, enum product_field field);
/* True if the file has the column. */
bool product_columns_have(const struct product_columns *columns, enum product_field field);
/* Keeps their fields of the rows that the reader reads from now on, and no others. */
void product_columns_keep(const struct product_columns *columns, struct csv_reader *reader);
/* The header of an export in this preset, PLAIN or SHOPIFY: the name of the column that is the
 * field, or NULL if it has none. */
const char *product_column_written(enum product_preset preset, enum product_field field);
