/* Cells by their columns; WooCommerce has its own ways to say what is a product. */
#include "messages/product_file/product_cells.h"

#include <string.h>

#include "messages/normal_form.h"

struct text product_cell(const struct product_columns *columns, const struct csv_row *row,
                         enum product_field field)
{
    const size_t position = columns->positions[field];
    if (position >= row->fields_count || position >= CSV_COLUMNS_MAX) return (struct text){ 0 };
    return text_trim(row->fields[position].text);
}

/* WooCommerce: "variation" is one, "simple, virtual" has one, "variable" has those that follow. */
static bool is_kind(const struct product_columns *columns, const struct csv_row *row,
                    const char *kind)
{
    const struct text kinds = product_cell(columns, row, PRODUCT_KIND);
    const size_t length = strlen(kind);
    for (size_t i = 0; i + length <= kinds.length; i++)
        if (product_is_word((struct text){ kinds.data + i, length }, kind)) return true;
    return false;
}

struct text product_cell_handle(const struct product_columns *columns, const struct csv_row *row,
                                struct arena *arena)
{
    if (columns->preset != PRESET_WOOCOMMERCE)
        return normal_form(arena, product_cell(columns, row, PRODUCT_HANDLE));
    const struct text parent = product_cell(columns, row, PRODUCT_PARENT);
    if (parent.length > 0) return normal_form(arena, parent);
    const struct text sku = product_cell(columns, row, PRODUCT_SKU);
    if (sku.length > 0) return normal_form(arena, sku);
    return product_cell_by_id(columns, row, arena);
}

struct text product_cell_by_id(const struct product_columns *columns, const struct csv_row *row,
                               struct arena *arena)
{
    const struct text id = product_cell(columns, row, PRODUCT_ID);
    if (columns->preset != PRESET_WOOCOMMERCE || id.length == 0) return (struct text){ 0 };
    return text_format(arena, "id:%.*s", (int)id.length, id.data);
}

struct text product_cell_name(const struct product_columns *columns, const struct csv_row *row)
{
    const bool is_part =
        columns->preset == PRESET_WOOCOMMERCE && is_kind(columns, row, "variation");
    return is_part ? (struct text){ 0 } : product_cell(columns, row, PRODUCT_NAME);
}

bool product_cells_have_variant(const struct product_columns *columns, const struct csv_row *row,
                                bool is_first)
{
    static const enum product_field fields[] = { PRODUCT_OPTION1_VALUE, PRODUCT_OPTION2_VALUE,
                                                 PRODUCT_OPTION3_VALUE, PRODUCT_SKU,
                                                 PRODUCT_PRICE };
    if (columns->preset == PRESET_WOOCOMMERCE) return !is_kind(columns, row, "variable");
    if (is_first) return true;
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        if (product_cell(columns, row, fields[i]).length > 0) return true;
    }
    return false;
}
