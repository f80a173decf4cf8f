/* The columns of a product CSV: each has one small function that reads or refuses it. */
#include "messages/product_file/product_row.h"

#include <string.h>

#include "messages/product_file/html_text.h"
#include "messages/product_file/product_values.h"
#include "messages/validate.h"

enum {
    TITLE_MAX = 255,
    OPTION_MAX = 255,
    SKU_MAX = 100,
    IMAGE_MAX = 2048,
    QUANTITY_MAX = 1000000000,
    GRAMS_MAX = 10000000,
};

static const char *const column_names[PRODUCT_COLUMNS] = {
    "Handle",           "Title",
    "Body (HTML)",      "Vendor",
    "Product Category", "Type",
    "Published",        "Option1 Name",
    "Option1 Value",    "Option2 Name",
    "Option2 Value",    "Option3 Name",
    "Option3 Value",    "Variant SKU",
    "Variant Grams",    "Variant Inventory Qty",
    "Variant Price",    "Variant Compare At Price",
    "Image Src",        "Image Position",
    "Status",           "Variant Sale Price",
    "Tax Class",
};

/* ---- the header ---- */

enum status product_columns_read(struct product_columns *columns, const struct csv_row *header,
                                 struct file_problem *ret_problem)
{
    static_assert(ARRAY_LENGTH(column_names) == PRODUCT_COLUMNS, "each column has a name");
    assert(header->problem == NULL);
    assert(header->fields_count <= CSV_COLUMNS_MAX);
    columns->count = header->fields_count;
    for (size_t column = 0; column < PRODUCT_COLUMNS; column++)
        columns->positions[column] = CSV_COLUMNS_MAX;
    for (size_t i = 0; i < header->fields_count; i++) {
        const struct text name = text_trim(header->fields[i].text);
        for (size_t column = 0; column < PRODUCT_COLUMNS; column++) {
            if (!product_is_word(name, column_names[column])) continue;
            if (columns->positions[column] != CSV_COLUMNS_MAX) {
                *ret_problem =
                    (struct file_problem){ header->fields[i].line, column_names[column],
                                              "the column is there twice" };
                return STATUS_MALFORMED;
            }
            columns->positions[column] = i;
        }
    }
    static const enum product_column required[] = { PRODUCT_HANDLE, PRODUCT_TITLE, PRODUCT_PRICE };
    for (size_t i = 0; i < ARRAY_LENGTH(required); i++) {
        if (columns->positions[required[i]] != CSV_COLUMNS_MAX) continue;
        *ret_problem = (struct file_problem){ header->line, column_names[required[i]],
                                                 "the column is missing" };
        return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

/* ---- reading and refusing ---- */

struct text product_field(const struct product_columns *columns, const struct csv_row *row,
                          enum product_column column)
{
    const size_t position = columns->positions[column];
    if (position >= row->fields_count) return (struct text){ 0 };
    return text_trim(row->fields[position].text);
}

static struct text field(const struct product_group *group, enum product_column column)
{
    return product_field(group->columns, group->row, column);
}

static void add_problem(struct product_group *group, uint64_t line, const char *column,
                        const char *detail)
{
    struct file_product *product = group->product;
    if (product->problems_count == PRODUCT_PROBLEMS_MAX) return;
    product->problems[product->problems_count++] = (struct file_problem){ line, column, detail };
}

static void refuse(struct product_group *group, enum product_column column, const char *detail)
{
    const size_t position = group->columns->positions[column];
    const uint64_t line =
        position < group->row->fields_count ? group->row->fields[position].line : group->row->line;
    add_problem(group, line, column_names[column], detail);
}

/* "'12,50' is not a price" */
static void refuse_value(struct product_group *group, enum product_column column,
                         const char *complaint)
{
    const struct text detail = text_format(
        group->arena, "%s %s", product_quote(group->arena, field(group, column)), complaint);
    refuse(group, column, detail.data);
}

/* A copy of the field; false, and a problem noted, if it is longer than `max` bytes. */
static bool copy_text(struct product_group *group, enum product_column column, size_t max,
                      struct text *ret_text)
{
    const struct text text = field(group, column);
    const size_t length = text_characters(text);
    if (length > max) {
        refuse(group, column,
               text_format(group->arena, "%zu characters are more than %zu", length, max).data);
        return false;
    }
    *ret_text = text_copy(group->arena, text);
    return true;
}

static bool is_utf8(struct product_group *group)
{
    bool is_valid = true;
    for (size_t column = 0; column < PRODUCT_COLUMNS; column++) {
        if (text_is_utf8(field(group, (enum product_column)column))) continue;
        refuse(group, (enum product_column)column, "is not valid UTF-8");
        is_valid = false;
    }
    return is_valid;
}

/* ---- what is common to the product ---- */

static void read_vendor(struct product_group *group)
{
    struct file_product *product = group->product;
    if (!copy_text(group, PRODUCT_VENDOR, PRODUCT_VENDOR_MAX, &product->vendor)) return;
    if (product->vendor.length > 0) return;
    if (group->options->vendor == NULL)
        refuse(group, PRODUCT_VENDOR, "is missing, and --vendor names none");
    else
        product->vendor = text_trim(text_of(group->options->vendor));
}

static void read_category(struct product_group *group)
{
    static const enum product_column columns[] = { PRODUCT_CATEGORY, PRODUCT_TYPE };
    for (size_t i = 0; i < ARRAY_LENGTH(columns); i++) {
        const enum status status = product_parse_category(group->arena, field(group, columns[i]),
                                                          &group->product->category);
        if (status == STATUS_OK) return;
        if (status == STATUS_MISSING_FIELD) continue;
        refuse(group, columns[i], "is not 1 to 15 names of 200 bytes, 500 in all");
        return;
    }
    group->product->category = TEXT("Uncategorised");
}

static void read_tax_class(struct product_group *group)
{
    const struct text name = field(group, PRODUCT_TAX_CLASS);
    struct catalog_import_product *command = &group->product->command;
    if (name.length == 0) return;
    for (size_t i = 0; i < COMMON_TAX_CLASS_COUNT; i++) {
        if (i == COMMON_TAX_CLASS_DELIVERY) continue; /* not of things */
        if (!product_is_word(name, common_tax_class_names[i])) continue;
        command->has_tax_class = true;
        command->tax_class = (enum common_tax_class)i;
        return;
    }
    refuse_value(group, PRODUCT_TAX_CLASS, "is not standard, reduced, super_reduced or zero");
}

static void read_option_names(struct product_group *group)
{
    for (size_t i = 0; i < PRODUCT_OPTIONS_MAX; i++) {
        const enum product_column column = (enum product_column)(PRODUCT_OPTION1_NAME + 2 * i);
        (void)copy_text(group, column, OPTION_MAX, &group->option_names[i]);
    }
}

static bool is_listed(const struct product_group *group)
{
    const struct text status = field(group, PRODUCT_STATUS);
    const struct text published = field(group, PRODUCT_PUBLISHED);
    return (status.length == 0 || product_is_word(status, "active")) &&
           (published.length == 0 || product_is_word(published, "true"));
}

static void read_common(struct product_group *group)
{
    struct catalog_import_product *command = &group->product->command;
    const bool has_title = copy_text(group, PRODUCT_TITLE, TITLE_MAX, &command->name);
    if (has_title && command->name.length == 0) refuse(group, PRODUCT_TITLE, "is missing");
    command->description =
        html_to_text(group->arena, field(group, PRODUCT_BODY), PRODUCT_DESCRIPTION_MAX);
    command->is_listed = is_listed(group);
    read_vendor(group);
    read_category(group);
    read_tax_class(group);
    read_option_names(group);
}

/* ---- variants and pictures ---- */

static void read_price(struct product_group *group, struct catalog_imported_variant *variant)
{
    const char *currency = group->options->currency;
    const struct text price = field(group, PRODUCT_PRICE);
    if (price.length == 0)
        refuse(group, PRODUCT_PRICE, "is missing");
    else if (product_parse_price(price, currency, &variant->price) != STATUS_OK)
        refuse_value(group, PRODUCT_PRICE, "is not a price");
    const struct text before = field(group, PRODUCT_COMPARE_AT);
    if (before.length == 0) return;
    if (product_parse_price(before, currency, &variant->compare_at_price) != STATUS_OK)
        refuse_value(group, PRODUCT_COMPARE_AT, "is not a price");
    /* Exports write 0.00, or the price itself, where there is no reduction. */
    variant->has_compare_at_price = variant->compare_at_price.amount > variant->price.amount;
}

/* A file that has the column says of every variant whether it is on sale. */
static void read_sale(struct product_group *group, struct catalog_imported_variant *variant)
{
    const struct text sale = field(group, PRODUCT_SALE_PRICE);
    if (group->columns->positions[PRODUCT_SALE_PRICE] == CSV_COLUMNS_MAX) return;
    variant->has_sale_price = true;
    variant->sale_price = money_make(0, group->options->currency);
    if (sale.length == 0) return;
    if (product_parse_price(sale, group->options->currency, &variant->sale_price) != STATUS_OK)
        refuse_value(group, PRODUCT_SALE_PRICE, "is not a price");
    else if (variant->sale_price.amount >= variant->price.amount)
        refuse_value(group, PRODUCT_SALE_PRICE, "is not below the price");
}

static void read_counts(struct product_group *group, struct catalog_imported_variant *variant)
{
    const struct text quantity = field(group, PRODUCT_QUANTITY);
    if (quantity.length > 0 &&
        product_parse_count(quantity, QUANTITY_MAX, &variant->quantity) != STATUS_OK)
        refuse_value(group, PRODUCT_QUANTITY, "is not a number of 0 to 1000000000");
    const struct text grams = field(group, PRODUCT_GRAMS);
    if (grams.length == 0) return;
    variant->has_weight_grams = true;
    if (product_parse_count(grams, GRAMS_MAX, &variant->weight_grams) != STATUS_OK)
        refuse_value(group, PRODUCT_GRAMS, "is not a number of 0 to 10000000");
}

static void read_options(struct product_group *group, struct catalog_imported_variant *variant)
{
    struct text_pair *pairs =
        arena_allocate_array(group->arena, PRODUCT_OPTIONS_MAX, sizeof *pairs);
    size_t count = 0;
    for (size_t i = 0; i < PRODUCT_OPTIONS_MAX; i++) {
        const enum product_column column = (enum product_column)(PRODUCT_OPTION1_VALUE + 2 * i);
        const struct text name = group->option_names[i];
        struct text value;
        if (!copy_text(group, column, OPTION_MAX, &value) || value.length == 0) continue;
        /* Shopify writes a product without options so. */
        if (i == 0 && product_is_word(value, "Default Title")) continue;
        if (name.length == 0) {
            refuse_value(group, column, "is the value of an option without name");
            continue;
        }
        for (size_t k = 0; k < count; k++) {
            if (text_equals(pairs[k].name, name))
                refuse(group, column, "the product has two options of one name");
        }
        pairs[count++] = (struct text_pair){ name, value };
    }
    variant->options = pairs;
    variant->options_count = count;
}

static bool has_variant(const struct product_group *group)
{
    static const enum product_column columns[] = { PRODUCT_OPTION1_VALUE, PRODUCT_OPTION2_VALUE,
                                                   PRODUCT_OPTION3_VALUE, PRODUCT_SKU,
                                                   PRODUCT_PRICE };
    for (size_t i = 0; i < ARRAY_LENGTH(columns); i++) {
        if (field(group, columns[i]).length > 0) return true;
    }
    return false;
}

static void read_variant(struct product_group *group)
{
    if (group->variants_count == PRODUCT_VARIANTS_MAX) {
        refuse(group, PRODUCT_HANDLE, "the product has more than 100 variants");
        return;
    }
    if (group->variants == NULL)
        group->variants =
            arena_allocate_array(group->arena, PRODUCT_VARIANTS_MAX, sizeof *group->variants);
    struct catalog_imported_variant *variant = &group->variants[group->variants_count++];
    variant->has_sku =
        copy_text(group, PRODUCT_SKU, SKU_MAX, &variant->sku) && variant->sku.length > 0;
    read_price(group, variant);
    read_sale(group, variant);
    read_counts(group, variant);
    read_options(group, variant);
}

/* Pictures are kept in the order of their positions, those without one at the end. */
static void read_image(struct product_group *group)
{
    struct product_image image = { .position = INT64_MAX };
    const struct text position = field(group, PRODUCT_IMAGE_POSITION);
    if (!copy_text(group, PRODUCT_IMAGE, IMAGE_MAX, &image.source) || image.source.length == 0)
        return;
    if (position.length > 0 &&
        product_parse_count(position, INT32_MAX, &image.position) != STATUS_OK) {
        refuse_value(group, PRODUCT_IMAGE_POSITION, "is not a number");
        return;
    }
    if (group->images == NULL)
        group->images =
            arena_allocate_array(group->arena, PRODUCT_IMAGES_MAX, sizeof *group->images);
    size_t place = group->images_count;
    while (place > 0 && group->images[place - 1].position > image.position)
        place--;
    if (place == PRODUCT_IMAGES_MAX) return;
    if (group->images_count < PRODUCT_IMAGES_MAX) group->images_count++;
    for (size_t i = group->images_count - 1; i > place; i--)
        group->images[i] = group->images[i - 1];
    group->images[place] = image;
}

/* ---- the row, the product ---- */

void product_row_read(struct product_group *group, bool is_first)
{
    const struct csv_row *row = group->row;
    struct catalog_import_product *command = &group->product->command;
    assert(row != NULL);
    assert(is_first == (group->product->rows_count == 0));
    if (group->product->rows_count >= PRODUCT_ROWS_MAX) {
        if (group->product->rows_count == PRODUCT_ROWS_MAX)
            add_problem(group, row->line, "", "the product has more than 1000 rows");
        return;
    }
    if (is_first) {
        const bool has_handle =
            copy_text(group, PRODUCT_HANDLE, PRODUCT_HANDLE_MAX, &command->handle);
        if (has_handle && command->handle.length == 0 && row->problem == NULL)
            refuse(group, PRODUCT_HANDLE, "is missing");
    }
    if (row->problem != NULL) {
        add_problem(group, row->problem_line, "", row->problem);
        return;
    }
    if (row->fields_count != group->columns->count) {
        const struct text detail =
            text_format(group->arena, "the row has %zu fields, the header %zu", row->fields_count,
                        group->columns->count);
        add_problem(group, row->line, "", detail.data);
        return;
    }
    if (!is_utf8(group)) return;
    if (is_first) read_common(group);
    if (is_first || has_variant(group)) read_variant(group);
    read_image(group);
}

void product_group_finish(struct product_group *group)
{
    struct file_product *product = group->product;
    struct catalog_import_product *command = &product->command;
    assert(group->images_count <= PRODUCT_IMAGES_MAX);
    assert(group->variants_count <= PRODUCT_VARIANTS_MAX);
    struct text *images = arena_allocate_array(group->arena, PRODUCT_IMAGES_MAX, sizeof *images);
    for (size_t i = 0; i < group->images_count; i++)
        images[i] = group->images[i].source;
    command->images = images;
    command->images_count = group->images_count;
    command->variants = group->variants;
    command->variants_count = group->variants_count;
    if (product->problems_count > 0) return;
    /* What the market would refuse is refused here, so that a dry run tells of it. */
    struct catalog_import_product complete = *command;
    complete.identity = TEXT("ven_0/0");
    struct field_faults *faults = arena_allocate(group->arena, sizeof *faults);
    if (validate(&catalog_import_product_schema, &complete, faults) == STATUS_OK) return;
    const struct field_fault *fault = &faults->entries[0];
    add_problem(group, product->line, "",
                text_format(group->arena, "%s: %s", fault->pointer, fault->detail).data);
}
