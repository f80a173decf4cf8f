/* The headers of known shops as tables. A '#' in a name stands for a number, a '$' for the
 * currency.
 */
#include "messages/product_file/product_columns.h"

#include <string.h>

#include "messages/normal_form.h"
#include "messages/product_file/product_own_columns.h"
#include "messages/product_file/product_shops.h"

static const struct alias plain_aliases[] = {
    { "handle", PRODUCT_HANDLE, 0 },
    { "name", PRODUCT_NAME, 0 },
    { "description", PRODUCT_DESCRIPTION, 0 },
    { "description_html", PRODUCT_DESCRIPTION_HTML, 0 },
    { "vendor", PRODUCT_VENDOR, 0 },
    { "category", PRODUCT_CATEGORY, 0 },
    { "type", PRODUCT_TYPE, 0 },
    { "published", PRODUCT_PUBLISHED, 0 },
    { "status", PRODUCT_STATUS, 0 },
    { "tax_class", PRODUCT_TAX_CLASS, 0 },
    { "option1_name", PRODUCT_OPTION1_NAME, 0 },
    { "option1_value", PRODUCT_OPTION1_VALUE, 0 },
    { "option2_name", PRODUCT_OPTION2_NAME, 0 },
    { "option2_value", PRODUCT_OPTION2_VALUE, 0 },
    { "option3_name", PRODUCT_OPTION3_NAME, 0 },
    { "option3_value", PRODUCT_OPTION3_VALUE, 0 },
    { "sku", PRODUCT_SKU, 0 },
    { "barcode", PRODUCT_BARCODE, 0 },
    { "price", PRODUCT_PRICE, 0 },
    { "compare_at_price", PRODUCT_COMPARE_AT, 0 },
    { "sale_price", PRODUCT_SALE_PRICE, 0 },
    { "sale_starts", PRODUCT_SALE_STARTS, 0 },
    { "sale_ends", PRODUCT_SALE_ENDS, 0 },
    { "currency", PRODUCT_CURRENCY, 0 },
    { "quantity", PRODUCT_QUANTITY, 0 },
    { "quantity_was", PRODUCT_QUANTITY_WAS, 0 },
    { "weight_grams", PRODUCT_WEIGHT, WEIGHT_GRAMS },
    { "weight_unit", PRODUCT_WEIGHT_UNIT, 0 },
    { "sells_ahead", PRODUCT_SELLS_AHEAD, 0 },
    { "ahead_limit", PRODUCT_AHEAD_LIMIT, 0 },
    { "available_on", PRODUCT_AVAILABLE_ON, 0 },
    { "image", PRODUCT_IMAGE, 0 },
    { "image_position", PRODUCT_IMAGE_POSITION, 0 },
    { "kind", PRODUCT_KIND, 0 },
    { "parent", PRODUCT_PARENT, 0 },
    { "id", PRODUCT_ID, 0 },
};
static_assert(ARRAY_LENGTH(plain_aliases) == PRODUCT_FIELDS, "each field has a name of ours");

/* The header of today, and after it the one until 2025 where it differs. */
static const struct alias shopify_aliases[] = {
    { "URL handle", PRODUCT_HANDLE, 0 },
    { "Title", PRODUCT_NAME, 0 },
    { "Description", PRODUCT_DESCRIPTION_HTML, 0 },
    { "Vendor", PRODUCT_VENDOR, 0 },
    { "Product category", PRODUCT_CATEGORY, 0 },
    { "Type", PRODUCT_TYPE, 0 },
    { "Published on online store", PRODUCT_PUBLISHED, 0 },
    { "Status", PRODUCT_STATUS, 0 },
    { "SKU", PRODUCT_SKU, 0 },
    { "Barcode", PRODUCT_BARCODE, 0 },
    { "Option1 name", PRODUCT_OPTION1_NAME, 0 },
    { "Option1 value", PRODUCT_OPTION1_VALUE, 0 },
    { "Option2 name", PRODUCT_OPTION2_NAME, 0 },
    { "Option2 value", PRODUCT_OPTION2_VALUE, 0 },
    { "Option3 name", PRODUCT_OPTION3_NAME, 0 },
    { "Option3 value", PRODUCT_OPTION3_VALUE, 0 },
    { "Price", PRODUCT_PRICE, 0 },
    { "Compare-at price", PRODUCT_COMPARE_AT, 0 },
    { "Inventory quantity", PRODUCT_QUANTITY, 0 },
    { "Continue selling when out of stock", PRODUCT_SELLS_AHEAD, 0 },
    { "Weight value (grams)", PRODUCT_WEIGHT, WEIGHT_GRAMS },
    { "Product image URL", PRODUCT_IMAGE, 0 },
    { "Image position", PRODUCT_IMAGE_POSITION, 0 },
    { "Handle", PRODUCT_HANDLE, 0 },
    { "Body (HTML)", PRODUCT_DESCRIPTION_HTML, 0 },
    { "Published", PRODUCT_PUBLISHED, 0 },
    { "Variant SKU", PRODUCT_SKU, 0 },
    { "Variant Barcode", PRODUCT_BARCODE, 0 },
    { "Variant Price", PRODUCT_PRICE, 0 },
    { "Variant Compare At Price", PRODUCT_COMPARE_AT, 0 },
    { "Variant Inventory Qty", PRODUCT_QUANTITY, 0 },
    { "Variant Inventory Policy", PRODUCT_SELLS_AHEAD, 0 },
    { "Variant Grams", PRODUCT_WEIGHT, WEIGHT_GRAMS },
    { "Image Src", PRODUCT_IMAGE, 0 },
    /* Ours, not Shopify's. */
    { "Variant Sale Price", PRODUCT_SALE_PRICE, 0 },
    { "Tax Class", PRODUCT_TAX_CLASS, 0 },
};

static const struct alias woocommerce_aliases[] = {
    { "ID", PRODUCT_ID, 0 },
    { "Type", PRODUCT_KIND, 0 },
    { "SKU", PRODUCT_SKU, 0 },
    { "GTIN, UPC, EAN, or ISBN", PRODUCT_BARCODE, 0 },
    { "Name", PRODUCT_NAME, 0 },
    { "Published", PRODUCT_PUBLISHED, 0 },
    { "Description", PRODUCT_DESCRIPTION_HTML, 0 },
    { "Regular price", PRODUCT_PRICE, 0 },
    { "Sale price", PRODUCT_SALE_PRICE, 0 },
    { "Date sale price starts", PRODUCT_SALE_STARTS, 0 },
    { "Date sale price ends", PRODUCT_SALE_ENDS, 0 },
    { "Stock", PRODUCT_QUANTITY, 0 },
    { "Backorders allowed?", PRODUCT_SELLS_AHEAD, 0 },
    { "Weight (kg)", PRODUCT_WEIGHT, WEIGHT_KILOGRAMS },
    { "Weight (g)", PRODUCT_WEIGHT, WEIGHT_GRAMS },
    { "Weight (lbs)", PRODUCT_WEIGHT, WEIGHT_POUNDS },
    { "Weight (oz)", PRODUCT_WEIGHT, WEIGHT_OUNCES },
    { "Categories", PRODUCT_CATEGORY, 0 },
    { "Images", PRODUCT_IMAGE, 0 },
    { "Parent", PRODUCT_PARENT, 0 },
    { "Attribute 1 name", PRODUCT_OPTION1_NAME, 0 },
    { "Attribute 1 value(s)", PRODUCT_OPTION1_VALUE, 0 },
    { "Attribute 2 name", PRODUCT_OPTION2_NAME, 0 },
    { "Attribute 2 value(s)", PRODUCT_OPTION2_VALUE, 0 },
    { "Attribute 3 name", PRODUCT_OPTION3_NAME, 0 },
    { "Attribute 3 value(s)", PRODUCT_OPTION3_VALUE, 0 },
};

struct preset {
    const char *name;
    const struct alias *aliases;
    size_t aliases_count;
    enum product_field identity; /* what tells products apart */
};

static const struct preset presets[PRESETS] = {
    [PRESET_PLAIN] = { "plain", plain_aliases, ARRAY_LENGTH(plain_aliases), PRODUCT_HANDLE },
    [PRESET_SHOPIFY] = { "shopify", shopify_aliases, ARRAY_LENGTH(shopify_aliases),
                         PRODUCT_HANDLE },
    [PRESET_WOOCOMMERCE] = { "woocommerce", woocommerce_aliases, ARRAY_LENGTH(woocommerce_aliases),
                             PRODUCT_SKU },
    [PRESET_MEDUSA] = { "medusa", product_medusa_aliases, PRODUCT_MEDUSA_ALIASES, PRODUCT_HANDLE },
    [PRESET_SPREE] = { "spree", product_spree_aliases, PRODUCT_SPREE_ALIASES, PRODUCT_HANDLE },
};

/* ---- names ---- */

enum product_preset product_preset_named(struct text name)
{
    for (size_t i = 0; i < PRESETS; i++)
        if (product_is_word(name, presets[i].name)) return (enum product_preset)i;
    return PRESETS;
}

const char *product_preset_name(enum product_preset preset)
{
    assert(preset < PRESETS);
    return presets[preset].name;
}

enum product_field product_field_named(struct text name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(plain_aliases); i++)
        if (product_is_word(name, plain_aliases[i].name)) return plain_aliases[i].field;
    return PRODUCT_FIELDS;
}

static const char *name_in(const struct preset *preset, enum product_field field)
{
    for (size_t i = 0; i < preset->aliases_count; i++)
        if (preset->aliases[i].field == field) return preset->aliases[i].name;
    return NULL;
}

const char *product_field_name(enum product_field field)
{
    assert(field < PRODUCT_FIELDS);
    return name_in(&presets[PRESET_PLAIN], field);
}

const char *product_column_written(enum product_preset preset, enum product_field field)
{
    assert(preset == PRESET_PLAIN || preset == PRESET_SHOPIFY);
    return name_in(&presets[preset], field);
}

enum status product_mapping_read(struct text text, struct product_mapping *ret_mapping)
{
    const char *sign = text.length == 0 ? NULL : memrchr(text.data, '=', text.length);
    if (sign == NULL) return STATUS_MALFORMED;
    const size_t before = (size_t)(sign - text.data);
    const struct product_mapping mapping = {
        .column = text_trim((struct text){ text.data, before }),
        .field =
            product_field_named(text_trim((struct text){ sign + 1, text.length - before - 1 })),
    };
    if (mapping.column.length == 0 || mapping.field == PRODUCT_FIELDS) return STATUS_MALFORMED;
    *ret_mapping = mapping;
    return STATUS_OK;
}

/* Takes digits off the front. */
static bool cut_number(struct text *text)
{
    size_t length = 0;
    while (length < text->length && text->data[length] >= '0' && text->data[length] <= '9')
        length++;
    *text = (struct text){ text->data + length, text->length - length };
    return length > 0;
}

static bool cut_word(struct text *text, const char *word)
{
    const size_t length = strlen(word);
    if (text->length < length || !product_is_word((struct text){ text->data, length }, word))
        return false;
    *text = (struct text){ text->data + length, text->length - length };
    return true;
}

static bool is_named(struct text name, const char *alias, const char *currency)
{
    for (; *alias != '\0'; alias++) {
        if (*alias == '#') {
            if (!cut_number(&name)) return false;
        } else if (*alias == '$') {
            if (!cut_word(&name, currency)) return false;
        } else {
            const char letter[] = { *alias, '\0' };
            if (name.length == 0 || !product_is_word((struct text){ name.data, 1 }, letter))
                return false;
            name = (struct text){ name.data + 1, name.length - 1 };
        }
    }
    return name.length == 0;
}

/* ---- the header ---- */

/* A header on the way to its columns. */
struct search {
    struct product_columns *columns;
    struct arena *arena;
    const struct csv_row *header;
    const char *currency;
    const struct product_mapping *map;
    size_t map_count;
    struct file_problem *problem;
};

static struct text name_at(const struct search *search, size_t position)
{
    return text_trim(search->header->fields[position].text);
}

static enum status refuse(const struct search *search, uint64_t line, const char *column,
                          const char *detail)
{
    *search->problem = (struct file_problem){ line, column, detail, false };
    return STATUS_MALFORMED;
}

static enum status take(const struct search *search, enum product_field field, size_t position)
{
    struct product_columns *columns = search->columns;
    const bool is_again = columns->positions[field] != PRODUCT_NO_COLUMN;
    if (is_again && field != PRODUCT_IMAGE)
        return refuse(search, search->header->fields[position].line,
                      text_string(search->arena, name_at(search, position)),
                      "the column is there twice; remove one of them");
    if (field == PRODUCT_IMAGE && columns->images_count < PRODUCT_IMAGE_COLUMNS_MAX)
        columns->images[columns->images_count++] = position;
    if (is_again) return STATUS_OK;
    columns->positions[field] = position;
    columns->names[field] = text_copy(search->arena, name_at(search, position));
    return STATUS_OK;
}

static bool is_mapped(const struct search *search, size_t position, enum product_field field)
{
    const struct text name = name_at(search, position);
    for (size_t i = 0; i < search->map_count; i++) {
        if (search->map[i].field == field && field != PRODUCT_IMAGE) return true;
        if (normal_keys_are_same(search->arena, search->map[i].column, name)) return true;
    }
    return false;
}

static enum status take_mapped(const struct search *search)
{
    for (size_t i = 0; i < search->map_count; i++) {
        size_t position = 0;
        while (
            position < search->header->fields_count &&
            !normal_keys_are_same(search->arena, search->map[i].column, name_at(search, position)))
            position++;
        if (position == search->header->fields_count)
            return refuse(search, search->header->line,
                          text_string(search->arena, search->map[i].column),
                          "the header has no such column, which a map names");
        TRY(take(search, search->map[i].field, position));
    }
    return STATUS_OK;
}

static const struct alias *find_alias(const struct search *search, const struct preset *preset,
                                      size_t position)
{
    const struct text name = name_at(search, position);
    for (size_t i = 0; i < preset->aliases_count; i++)
        if (is_named(name, preset->aliases[i].name, search->currency)) return &preset->aliases[i];
    return NULL;
}

static enum status take_named(const struct search *search, const struct preset *preset)
{
    for (size_t i = 0; i < search->header->fields_count; i++) {
        const struct alias *alias = find_alias(search, preset, i);
        if (alias == NULL || is_mapped(search, i, alias->field)) continue;
        if (alias->field == PRODUCT_WEIGHT) search->columns->weight_unit = alias->unit;
        TRY(take(search, alias->field, i));
    }
    return STATUS_OK;
}

/* How many needed fields the header lacks in a preset, and how many columns of it it has. */
struct score {
    size_t missing, found;
};

static void needed_fields(const struct preset *preset, enum product_field ret_needed[3])
{
    ret_needed[0] = preset->identity;
    ret_needed[1] = PRODUCT_NAME;
    ret_needed[2] = PRODUCT_PRICE;
}

static struct score score_of(const struct search *search, const struct preset *preset)
{
    bool has[PRODUCT_FIELDS] = { false };
    struct score score = { 0 };
    enum product_field needed[3];
    for (size_t i = 0; i < search->map_count; i++)
        has[search->map[i].field] = true;
    for (size_t i = 0; i < search->header->fields_count; i++) {
        const struct alias *alias = find_alias(search, preset, i);
        if (alias == NULL) continue;
        has[alias->field] = true;
        score.found++;
    }
    needed_fields(preset, needed);
    for (size_t i = 0; i < ARRAY_LENGTH(needed); i++)
        score.missing += !has[needed[i]];
    return score;
}

static enum product_preset recognise(const struct search *search)
{
    enum product_preset best = PRESET_PLAIN;
    struct score best_score = score_of(search, &presets[best]);
    for (size_t i = 1; i < PRESETS; i++) {
        const struct score score = score_of(search, &presets[i]);
        const bool is_nearer = score.missing < best_score.missing && score.found > 0;
        const bool is_richer =
            score.missing == best_score.missing && score.found > best_score.found;
        if (!is_nearer && !is_richer) continue;
        best = (enum product_preset)i;
        best_score = score;
    }
    return best;
}

static struct text joined(const struct search *search, struct text names, const char *name)
{
    return text_format(search->arena, "%.*s%s%s", (int)names.length, names.data,
                       names.length > 0 ? ", " : "", name);
}

/* All that are missing are told at once: who has to repair a header wants to do it once. */
static enum status check_needed(const struct search *search, const struct preset *preset)
{
    enum product_field needed[3];
    struct text columns = TEXT(""), fields = TEXT("");
    size_t missing = 0;
    needed_fields(preset, needed);
    for (size_t i = 0; i < ARRAY_LENGTH(needed); i++) {
        if (product_columns_have(search->columns, needed[i])) continue;
        columns = joined(search, columns, name_in(preset, needed[i]));
        fields = joined(search, fields, product_field_name(needed[i]));
        missing++;
    }
    if (missing == 0) return STATUS_OK;
    return refuse(search, search->header->line, columns.data,
                  text_format(search->arena,
                              "%s missing; say with a map which %s the %.*s, or with a preset "
                              "which shop wrote the file (it was read as %s)",
                              missing == 1 ? "the column is" : "the columns are",
                              missing == 1 ? "one is" : "ones are", (int)fields.length, fields.data,
                              preset->name)
                      .data);
}

enum status product_columns_read(struct product_columns *columns, struct arena *arena,
                                 const struct csv_row *header, enum product_preset preset,
                                 const char *currency, const struct product_mapping *map,
                                 size_t map_count, struct file_problem *ret_problem)
{
    assert(header->problem == NULL);
    assert(map_count <= PRODUCT_MAP_MAX);
    struct csv_row seen = *header;
    if (seen.fields_count > CSV_COLUMNS_MAX) seen.fields_count = CSV_COLUMNS_MAX;
    const struct search search = { columns, arena, &seen, currency, map, map_count, ret_problem };
    *columns = (struct product_columns){ .count = header->fields_count };
    for (size_t i = 0; i < PRODUCT_FIELDS; i++)
        columns->positions[i] = PRODUCT_NO_COLUMN;
    columns->preset = preset == PRESET_BY_HEADER ? recognise(&search) : preset;
    TRY(take_mapped(&search));
    TRY(take_named(&search, &presets[columns->preset]));
    TRY(product_own_columns_read(columns, arena, &seen, currency, ret_problem));
    return check_needed(&search, &presets[columns->preset]);
}

const char *product_columns_name(const struct product_columns *columns, enum product_field field)
{
    if (columns->names[field].length > 0) return columns->names[field].data;
    const char *name = name_in(&presets[columns->preset], field);
    return name != NULL ? name : product_field_name(field);
}

bool product_columns_have(const struct product_columns *columns, enum product_field field)
{
    return columns->positions[field] != PRODUCT_NO_COLUMN;
}

void product_columns_keep(const struct product_columns *columns, struct csv_reader *reader)
{
    for (size_t i = 0; i < PRODUCT_FIELDS; i++)
        if (columns->positions[i] != PRODUCT_NO_COLUMN)
            csv_reader_keep(reader, columns->positions[i]);
    for (size_t i = 0; i < columns->images_count; i++)
        csv_reader_keep(reader, columns->images[i]);
    for (size_t i = 0; i < columns->attributes_count; i++)
        csv_reader_keep(reader, columns->attributes[i].position);
    for (size_t i = 0; i < columns->prices_count; i++)
        csv_reader_keep(reader, columns->prices[i].position);
}
