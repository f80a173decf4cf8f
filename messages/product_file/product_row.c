/* The columns of a product: each has one small function that reads or refuses it. */
#include "messages/product_file/product_row.h"

#include <string.h>

#include "messages/normal_form.h"
#include "messages/product_file/html_text.h"
#include "messages/product_file/product_cells.h"
#include "messages/product_file/product_image.h"
#include "messages/product_file/product_texts.h"
#include "messages/product_file/product_variant.h"
#include "messages/product_file/truth.h"
#include "messages/validate.h"
#include "runtime/plain_text.h"
#include "vendor_messages.h"

/* Fields that were cut, and those that are no characters; the latter are told whatever the others
 * say. */
static bool has_sound_fields(struct product_group *group)
{
    bool is_sound = true;
    for (size_t i = 0; i < PRODUCT_FIELDS; i++) {
        const enum product_field field = (enum product_field)i;
        const size_t position = group->columns->positions[i];
        if (position >= group->row->fields_count || position >= CSV_COLUMNS_MAX) continue;
        const char *fault = NULL;
        if (group->row->fields[position].is_cut)
            fault = "is longer than 131072 bytes, or than a row's 524288; shorten it";
        else if (!text_is_utf8(group->row->fields[position].text))
            fault = "is not valid UTF-8; save the file as UTF-8";
        if (fault == NULL) continue;
        product_group_refuse(group, field, fault);
        is_sound = false;
    }
    return is_sound;
}

/* ---- what is common to the product ---- */

static void read_name(struct product_group *group)
{
    struct catalog_import_product *command = &group->product->command;
    if (product_cell_name(group->columns, group->row).length == 0)
        product_group_refuse(group, PRODUCT_NAME, "is missing in the first row of the product");
    else if (product_group_copy(group, PRODUCT_NAME, &catalog_import_product_schema, "name",
                                &command->name) &&
             !plain_text_is_name(command->name))
        product_group_refuse_value(group, PRODUCT_NAME, "is no name: " PLAIN_TEXT_NAME_RULE);
}

static void read_description(struct product_group *group)
{
    const size_t most = (size_t)schema_field(&catalog_import_product_schema, "description")->max;
    const bool is_html = !product_columns_have(group->columns, PRODUCT_DESCRIPTION);
    const enum product_field field = is_html ? PRODUCT_DESCRIPTION_HTML : PRODUCT_DESCRIPTION;
    struct text text = product_group_field(group, field);
    if (is_html) text = html_to_text(group->arena, text, CSV_FIELD_MAX);
    text = normal_form(group->arena, text);
    const size_t length = text_characters(text);
    if (length > most)
        product_group_refuse(
            group, field,
            text_format(group->arena, "%zu characters are more than %zu; shorten it", length, most)
                .data);
    else if (!plain_text_is_block(text))
        product_group_refuse(group, field,
                             "has characters that are refused: " PLAIN_TEXT_BLOCK_RULE);
    group->product->command.description = text_copy(group->arena, text);
}

static void read_vendor(struct product_group *group)
{
    struct file_product *product = group->product;
    if (!product_group_copy(group, PRODUCT_VENDOR, &vendor_import_vendor_schema, "name",
                            &product->vendor))
        return;
    if (product->vendor.length > 0) {
        if (!plain_text_is_name(product->vendor))
            product_group_refuse_value(group, PRODUCT_VENDOR, "is no name: " PLAIN_TEXT_NAME_RULE);
        return;
    }
    product->vendor = group->options->vendor;
    if (product->vendor.length == 0)
        product_group_refuse(group, PRODUCT_VENDOR,
                             "is missing, and none is given for the whole file");
}

/* WooCommerce writes all categories of a product, of which ours has one: the first. */
static struct text first_category(const struct product_group *group, struct text text)
{
    if (group->columns->preset != PRESET_WOOCOMMERCE || text.length == 0) return text;
    const char *comma = memchr(text.data, ',', text.length);
    return comma == NULL ? text : (struct text){ text.data, (size_t)(comma - text.data) };
}

static void read_category(struct product_group *group)
{
    static const enum product_field fields[] = { PRODUCT_CATEGORY, PRODUCT_TYPE };
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        const struct text text = normal_form(group->arena, product_group_field(group, fields[i]));
        const enum status status = product_read_category(group->arena, first_category(group, text),
                                                         &group->product->category);
        if (status == STATUS_OK) return;
        if (status == STATUS_MISSING_FIELD) continue;
        product_group_refuse(
            group, fields[i],
            status == STATUS_OUT_OF_RANGE
                ? "is not 1 to 15 names of 200 characters, 500 in all"
                : "has a name with characters that are refused: " PLAIN_TEXT_NAME_RULE);
        return;
    }
    group->product->category = TEXT("Uncategorised");
}

/* Shopify's category is of Google's taxonomy, which few markets have; what a shop calls its things
 * is their type. */
static void read_other_category(struct product_group *group)
{
    struct file_product *product = group->product;
    const struct text type = normal_form(group->arena, product_group_field(group, PRODUCT_TYPE));
    if (product_read_category(group->arena, type, &product->other_category) != STATUS_OK ||
        text_equals(product->other_category, product->category))
        product->other_category = TEXT("");
}

static void read_tax_class(struct product_group *group)
{
    const struct text name = product_group_field(group, PRODUCT_TAX_CLASS);
    struct catalog_import_product *command = &group->product->command;
    if (name.length == 0) return;
    for (size_t i = 0; i < COMMON_TAX_CLASS_COUNT; i++) {
        if (i == COMMON_TAX_CLASS_DELIVERY) continue; /* not of things */
        if (!product_is_word(name, common_tax_class_names[i])) continue;
        command->has_tax_class = true;
        command->tax_class = (enum common_tax_class)i;
        return;
    }
    product_group_refuse_value(group, PRODUCT_TAX_CLASS,
                               "is not standard, reduced, super_reduced or zero");
}

static void refuse_attribute(struct product_group *group, size_t index, const char *why)
{
    const struct text key = group->columns->attributes[index].key;
    const struct text column = text_format(group->arena, "attr:%.*s", (int)key.length, key.data);
    const struct file_problem problem = { group->row->line, column.data, why, false };
    product_group_add_problem(group, problem);
}

/* A cell that is empty, or missing at the end of a row, takes the value away; which values there
 * may be is the category's. */
static void read_attributes(struct product_group *group)
{
    const struct product_columns *columns = group->columns;
    struct catalog_import_product *command = &group->product->command;
    const size_t most =
        (size_t)schema_field(&catalog_import_product_schema, "attributes")->text_max;
    struct text_pair *pairs =
        arena_allocate_array(group->arena, columns->attributes_count, sizeof *pairs);
    for (size_t i = 0; i < columns->attributes_count; i++) {
        static const struct csv_field missing;
        const size_t position = columns->attributes[i].position;
        const bool is_there = position < group->row->fields_count;
        const struct csv_field *field = is_there ? &group->row->fields[position] : &missing;
        if (field->is_cut || !text_is_utf8(field->text)) {
            refuse_attribute(group, i, "is too long, or not valid UTF-8");
            continue;
        }
        const struct text value = normal_form(group->arena, text_trim(field->text));
        if (text_characters(value) > most)
            refuse_attribute(group, i, "has more than 255 characters; shorten it");
        else
            pairs[command->attributes_count++] =
                (struct text_pair){ columns->attributes[i].key, text_copy(group->arena, value) };
    }
    command->attributes = pairs;
}

static void read_option_names(struct product_group *group)
{
    const size_t most = (size_t)schema_field(&catalog_imported_variant_schema, "options")->text_max;
    for (size_t i = 0; i < PRODUCT_OPTIONS_MAX; i++) {
        const enum product_field field = (enum product_field)(PRODUCT_OPTION1_NAME + 2 * i);
        (void)product_group_copy_at_most(group, field, most, &group->option_names[i]);
    }
}

/* A cell that is empty says nothing against the product. */
static void read_listing(struct product_group *group)
{
    bool is_standing = true, is_published = true;
    const struct text status = product_group_field(group, PRODUCT_STATUS);
    const struct text published = product_group_field(group, PRODUCT_PUBLISHED);
    if (status.length > 0 && truth_read_standing(group->arena, status, &is_standing) != STATUS_OK)
        product_group_refuse_value(group, PRODUCT_STATUS,
                                   "is no status; write active, draft or archived");
    if (published.length > 0 && truth_read(group->arena, published, &is_published) != STATUS_OK)
        product_group_refuse_value(group, PRODUCT_PUBLISHED,
                                   "is no yes or no; write TRUE or FALSE");
    group->product->command.is_listed = is_standing && is_published;
}

static void check_places(struct product_group *group)
{
    struct place place;
    const struct survey_group where = {
        .vendor = group->product->vendor,
        .handle = group->product->command.handle,
        .has_name = group->product->command.name.length > 0,
        .line = group->product->line,
    };
    if (!product_survey_is_apart(group->survey, group->arena, &where, &place)) return;
    product_group_refuse(group, PRODUCT_HANDLE,
                         text_format(group->arena,
                                     "rows of this product stand apart, on lines %u and %u; put "
                                     "them together, or give one another handle",
                                     place.first, place.second)
                             .data);
}

/* A column that is not there takes nothing away. */
static void note_missing_columns(struct product_group *group)
{
    const struct product_columns *columns = group->columns;
    struct catalog_import_product *command = &group->product->command;
    command->has_keeps_description = command->keeps_description =
        !product_columns_have(columns, PRODUCT_DESCRIPTION) &&
        !product_columns_have(columns, PRODUCT_DESCRIPTION_HTML);
    command->has_keeps_images = command->keeps_images = columns->images_count == 0;
    command->has_keeps_compare_at_prices = command->keeps_compare_at_prices =
        !product_columns_have(columns, PRODUCT_COMPARE_AT);
    command->has_keeps_skus = command->keeps_skus = !product_columns_have(columns, PRODUCT_SKU);
}

static void read_common(struct product_group *group)
{
    note_missing_columns(group);
    read_name(group);
    read_description(group);
    read_listing(group);
    read_vendor(group);
    read_category(group);
    read_other_category(group);
    read_tax_class(group);
    read_attributes(group);
    product_texts_read(group);
    read_option_names(group);
    check_places(group);
}

/* ---- the row, the product ---- */

static void read_handle(struct product_group *group)
{
    const size_t most = (size_t)schema_field(&catalog_import_product_schema, "handle")->max;
    struct catalog_import_product *command = &group->product->command;
    command->handle =
        text_copy(group->arena, product_cell_handle(group->columns, group->row, group->arena));
    if (text_characters(command->handle) > most)
        product_group_refuse(group, PRODUCT_HANDLE, "is longer than 255 characters; shorten it");
    else if (command->handle.length == 0 && group->row->problem == NULL)
        product_group_refuse(group, PRODUCT_HANDLE, "is missing");
    else if (!plain_text_is_line(command->handle) && text_is_utf8(command->handle))
        product_group_refuse_value(group, PRODUCT_HANDLE, "is refused: " PLAIN_TEXT_LINE_RULE);
}

static const char *describe_problem(const struct product_group *group)
{
    const struct csv_row *row = group->row;
    if (row->taken_lines == 0) return row->problem;
    return text_format(group->arena,
                       "%s; the %llu lines behind it that it took are read as rows of their own",
                       row->problem, (unsigned long long)row->taken_lines)
        .data;
}

static bool has_sound_shape(struct product_group *group)
{
    const struct csv_row *row = group->row;
    if (row->problem != NULL) {
        product_group_add_problem(
            group, (struct file_problem){ row->problem_line, "", describe_problem(group), false });
        return false;
    }
    if (row->fields_count <= group->columns->count) return true;
    const struct text detail = text_format(
        group->arena, "the row has %zu fields, the header %zu; put texts with separators in quotes",
        row->fields_count, group->columns->count);
    product_group_add_problem(group, (struct file_problem){ row->line, "", detail.data, false });
    return false;
}

void product_row_read(struct product_group *group, bool is_first)
{
    const struct csv_row *row = group->row;
    const size_t rows_count = group->product->rows_count;
    assert(row != NULL);
    assert(is_first == (rows_count == 0));
    if (rows_count >= PRODUCT_ROWS_MAX) {
        if (rows_count == PRODUCT_ROWS_MAX)
            product_group_add_problem(
                group, (struct file_problem){ row->line, "", "the product has more than 1000 rows",
                                              false });
        return;
    }
    if (is_first) read_handle(group);
    if (!has_sound_shape(group) || !has_sound_fields(group)) return;
    if (is_first) read_common(group);
    if (product_cells_have_variant(group->columns, row, is_first)) product_variant_read(group);
    product_images_read(group);
}

void product_group_finish(struct product_group *group)
{
    struct file_product *product = group->product;
    struct catalog_import_product *command = &product->command;
    assert(group->variants_count <= PRODUCT_VARIANTS_MAX);
    product_images_finish(group);
    command->variants = group->variants;
    command->variants_count = group->variants_count;
    if (product->is_bad) return;
    if (group->variants_count == 0)
        product_group_add_problem(
            group, (struct file_problem){ product->line, "",
                                          "the product has no variant: no row of it says what can "
                                          "be bought",
                                          false });
    product_variants_check(group);
    if (product->is_bad) return;
    /* What the market would refuse is refused here, so that a dry run tells of it. */
    struct catalog_import_product complete = *command;
    complete.identity = TEXT("ven_0/0");
    struct field_faults *faults = arena_allocate(group->arena, sizeof *faults);
    if (validate(&catalog_import_product_schema, &complete, faults) == STATUS_OK) return;
    const struct field_fault *fault = &faults->entries[0];
    product_group_add_problem(
        group,
        (struct file_problem){
            file_product_line_of(product, text_of(fault->pointer)), "",
            text_format(group->arena, "%s: %s", fault->pointer, fault->detail).data, false });
}
