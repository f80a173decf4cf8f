/* The columns of a variant, and what may not be twice. */
#include "messages/product_file/product_variant.h"

#include <string.h>

#include "messages/normal_form.h"
#include "messages/product_file/truth.h"
#include "runtime/gtin.h"
#include "runtime/plain_text.h"

enum { CODE_LENGTH = 3, VARIANTS_AT_FIRST = 4 };

/* ---- numbers ---- */

static const char two_ways[] =
    "can be read in two ways, and no other number of the file tells in which; write it without "
    "the sign that parts thousands";

static const struct field *limit(const char *name)
{
    return schema_field(&catalog_imported_variant_schema, name);
}

/* "is not a number", or what else is wrong with it. */
static void refuse_number(struct product_group *group, enum product_field field, enum status status,
                          const char *kind, const char *range)
{
    const char *words = status == STATUS_INVALID_VALUE ? two_ways
                        : status == STATUS_OUT_OF_RANGE
                            ? range
                            : text_format(group->arena, "is not a %s, such as 12", kind).data;
    product_group_refuse_value(group, field, words);
}

/* "is not a price, such as 19.99", in the digits of the currency. */
static const char *no_price(struct product_group *group, const char *currency)
{
    char example[MONEY_TEXT_MAX + 1];
    const size_t length = money_format(money_make(1999, currency), example);
    const size_t shown = length - 1 - strlen(currency);
    return text_format(group->arena, "is not a price, such as %.*s", (int)shown, example).data;
}

/* False if there is none, or none that is good. */
static bool read_price(struct product_group *group, enum product_field field, const char *currency,
                       struct money *ret_price)
{
    const struct text text = product_group_field(group, field);
    struct money price;
    if (text.length == 0) return false;
    const enum status status = product_read_price(text, group->survey->habit, currency, &price);
    if (status == STATUS_OK && price.amount <= limit("price")->max) {
        *ret_price = price;
        return true;
    }
    product_group_refuse_value(group, field,
                               status == STATUS_INVALID_VALUE ? two_ways
                               : status == STATUS_OK || status == STATUS_OUT_OF_RANGE
                                   ? "is more than a price may be"
                                   : no_price(group, currency));
    return false;
}

/* A row may name another currency than the file is read in. */
static void read_currency(struct product_group *group, char ret_currency[4])
{
    const struct text named = product_group_field(group, PRODUCT_CURRENCY);
    memcpy(ret_currency, group->options->currency, CODE_LENGTH + 1);
    if (named.length == 0) return;
    char code[CODE_LENGTH + 1] = "";
    for (size_t i = 0; named.length == CODE_LENGTH && i < CODE_LENGTH; i++)
        code[i] = named.data[i] >= 'a' && named.data[i] <= 'z' ? (char)(named.data[i] - 'a' + 'A')
                                                               : named.data[i];
    if (currency_exponent(code) >= 0)
        memcpy(ret_currency, code, sizeof code);
    else
        product_group_refuse_value(group, PRODUCT_CURRENCY, "is no currency, such as EUR");
}

/* What has a price in other currencies need not have one in this. */
static void read_own_price(struct product_group *group, struct catalog_imported_variant *variant)
{
    const char *currency = variant->price.currency;
    bool has_other = false;
    for (size_t i = 0; i < variant->other_prices_count; i++)
        has_other |= !variant->other_prices[i].is_none;
    if (product_group_field(group, PRODUCT_PRICE).length == 0) {
        variant->has_is_without_price = variant->is_without_price = true;
        if (!has_other) product_group_refuse(group, PRODUCT_PRICE, "is missing");
        return;
    }
    if (!read_price(group, PRODUCT_PRICE, currency, &variant->price)) return;
    /* Exports write 0.00, or the price itself, where there is no reduction. */
    variant->has_compare_at_price =
        read_price(group, PRODUCT_COMPARE_AT, currency, &variant->compare_at_price) &&
        variant->compare_at_price.amount > variant->price.amount;
}

/* ---- sales ---- */

/* A day, a day and a time as WooCommerce has it, or RFC 3339; in UTC unless it says otherwise. The
 * last day of a sale belongs to it. */
static enum status read_moment(struct arena *arena, struct text text, bool is_end, int64_t *ret_us)
{
    enum { DATE = 10, DATE_AND_TIME = 19 };
    static const int64_t day_us = INT64_C(86400) * 1000000;
    struct text_builder full;
    text_builder_init(&full, arena, text.length + DATE);
    for (size_t i = 0; i < text.length; i++)
        text_builder_add_byte(&full, i == DATE && text.data[i] == ' ' ? 'T' : text.data[i]);
    if (text.length == DATE) text_builder_add(&full, TEXT("T00:00:00"));
    if (text.length == DATE || text.length == DATE_AND_TIME) text_builder_add(&full, TEXT("Z"));
    TRY(time_parse(text_builder_view(&full), ret_us));
    if (text.length == DATE && is_end) *ret_us += day_us;
    return STATUS_OK;
}

static bool read_date(struct product_group *group, enum product_field field, int64_t *ret_us)
{
    const struct text text = product_group_field(group, field);
    if (text.length == 0) return false;
    if (read_moment(group->arena, text, field == PRODUCT_SALE_ENDS, ret_us) == STATUS_OK &&
        *ret_us >= 0)
        return true;
    product_group_refuse_value(group, field,
                               "is no time; write 2026-11-30 or 2026-11-30T18:00:00Z");
    return false;
}

/* A file that has the column says of every variant whether it is on sale; without dates the sale
 * has begun, and does not end. */
static void read_sale(struct product_group *group, struct catalog_imported_variant *variant)
{
    const char *currency = variant->price.currency;
    if (!product_columns_have(group->columns, PRODUCT_SALE_PRICE) || variant->is_without_price)
        return;
    variant->has_sale_price = true;
    variant->sale_price = money_make(0, currency);
    if (!read_price(group, PRODUCT_SALE_PRICE, currency, &variant->sale_price)) return;
    if (variant->price.amount > 0 && variant->sale_price.amount >= variant->price.amount)
        product_group_refuse_value(group, PRODUCT_SALE_PRICE, "is not below the price");
    variant->has_sale_from = read_date(group, PRODUCT_SALE_STARTS, &variant->sale_from_us);
    variant->has_sale_to = read_date(group, PRODUCT_SALE_ENDS, &variant->sale_to_us);
    if (variant->has_sale_to && variant->sale_to_us <= variant->sale_from_us)
        product_group_refuse_value(group, PRODUCT_SALE_ENDS, "is not after the sale begins");
}

/* ---- prices in other currencies ---- */

static void refuse_other(struct product_group *group, const struct product_price_column *column,
                         const struct csv_field *field, const char *complaint)
{
    product_group_add_problem(
        group, (struct file_problem){
                   field->line, text_format(group->arena, "price:%s", column->currency).data,
                   text_format(group->arena, "%s %s",
                               product_quote(group->arena, text_trim(field->text)), complaint)
                       .data,
                   false });
}

/* A cell that is empty, as those that are missing at the end of a row are, takes the price away,
 * but where the row is in that currency itself. False: it is refused, or says nothing. */
static bool read_other_price(struct product_group *group, const struct product_price_column *column,
                             const char *own, struct catalog_imported_price *price)
{
    const bool is_there = column->position < group->row->fields_count;
    const struct csv_field *field = is_there ? &group->row->fields[column->position] : NULL;
    const struct text text = is_there ? text_trim(field->text) : TEXT("");
    *price = (struct catalog_imported_price){ .price = money_make(0, column->currency),
                                              .has_is_none = text.length == 0,
                                              .is_none = text.length == 0 };
    if (strcmp(column->currency, own) == 0) {
        if (text.length > 0)
            refuse_other(group, column, field,
                         "is in the currency of the row; its price stands in the column price");
        return false;
    }
    if (text.length == 0) return true;
    if (field->is_cut || product_read_price(text, group->survey->habit, column->currency,
                                            &price->price) != STATUS_OK) {
        refuse_other(group, column, field, no_price(group, column->currency));
        return false;
    }
    if (price->price.amount <= limit("price")->max) return true;
    refuse_other(group, column, field, "is more than a price may be");
    return false;
}

static void read_other_prices(struct product_group *group, struct catalog_imported_variant *variant)
{
    const struct product_columns *columns = group->columns;
    struct catalog_imported_price *prices =
        arena_allocate_array(group->arena, columns->prices_count, sizeof *prices);
    for (size_t i = 0; i < columns->prices_count; i++)
        if (read_other_price(group, &columns->prices[i], variant->price.currency,
                             &prices[variant->other_prices_count]))
            variant->other_prices_count++;
    variant->other_prices = prices;
}

/* ---- numbers beside prices ---- */

/* A file without the column leaves the stock as it is, and so does a row that says that it did not
 * change since the file was written. */
static void read_quantity(struct product_group *group, struct catalog_imported_variant *variant)
{
    const struct text text = product_group_field(group, PRODUCT_QUANTITY);
    const struct text was = product_group_field(group, PRODUCT_QUANTITY_WAS);
    bool is_negative = false;
    if (!product_columns_have(group->columns, PRODUCT_QUANTITY)) return;
    variant->has_quantity = was.length == 0 || !text_equals(text, was);
    if (text.length == 0) return;
    const enum status status = product_read_count(
        text, group->survey->habit, limit("quantity")->max, &variant->quantity, &is_negative);
    if (status != STATUS_OK)
        refuse_number(group, PRODUCT_QUANTITY, status, "number",
                      "is not a number of 0 to 1000000000");
    else if (is_negative)
        product_group_warn_value(group, PRODUCT_QUANTITY, "is less than nothing; 0 is taken");
}

static void read_ahead_limit(struct product_group *group, struct catalog_imported_variant *variant)
{
    const struct text most = product_group_field(group, PRODUCT_AHEAD_LIMIT);
    bool is_negative = false;
    if (most.length == 0) return;
    variant->has_ahead_limit = true;
    const enum status status = product_read_count(
        most, group->survey->habit, limit("ahead_limit")->max, &variant->ahead_limit, &is_negative);
    const bool is_nothing =
        status == STATUS_OK && variant->ahead_limit == 0 && variant->sells_ahead;
    if (status != STATUS_OK || is_negative || is_nothing)
        refuse_number(group, PRODUCT_AHEAD_LIMIT, is_nothing ? STATUS_OUT_OF_RANGE : status,
                      "number", "is not a number of 1 to 1000000");
}

/* Shops say it in words of their own, or by yes and no. An empty cell, like a file without the
 * column, leaves it as it is. A pre-order has a day, and what has a day is one. */
static void read_ahead(struct product_group *group, struct catalog_imported_variant *variant)
{
    static const char *const yes[] = { "continue", "notify", "backorder", "preorder" };
    const struct text text = product_group_field(group, PRODUCT_SELLS_AHEAD);
    if (text.length == 0) return;
    variant->has_sells_ahead = true;
    for (size_t i = 0; i < ARRAY_LENGTH(yes); i++)
        variant->sells_ahead |= product_is_word(text, yes[i]);
    if (!variant->sells_ahead && !product_is_word(text, "deny") &&
        truth_read(group->arena, text, &variant->sells_ahead) != STATUS_OK)
        product_group_refuse_value(group, PRODUCT_SELLS_AHEAD,
                                   "says neither that it is sold when there is none (continue, "
                                   "preorder, yes) nor that it is not (deny, no)");
    read_ahead_limit(group, variant);
    if (!product_is_word(text, "preorder")) return;
    variant->has_available_on = read_date(group, PRODUCT_AVAILABLE_ON, &variant->available_on_us);
    if (product_group_field(group, PRODUCT_AVAILABLE_ON).length == 0)
        product_group_refuse(group, PRODUCT_AVAILABLE_ON,
                             "is missing: a pre-order has a day from which on it is there");
}

/* The unit behind the number, the row's own, or the file's. Two that differ are not guessed at. */
static enum weight_unit unit_of_weight(struct product_group *group, struct text behind)
{
    enum weight_unit unit = group->columns->weight_unit, of_number;
    const struct text named = product_group_field(group, PRODUCT_WEIGHT_UNIT);
    if (named.length > 0 && product_read_weight_unit(named, &unit) != STATUS_OK)
        product_group_refuse_value(group, PRODUCT_WEIGHT_UNIT, "is no unit; write g, kg, lb or oz");
    if (behind.length == 0) return unit;
    if (product_read_weight_unit(behind, &of_number) != STATUS_OK)
        product_group_refuse_value(group, PRODUCT_WEIGHT,
                                   "ends in what is no unit; write g, kg, lb or oz, or none");
    else if (named.length > 0 && of_number != unit)
        product_group_refuse_value(group, PRODUCT_WEIGHT,
                                   "has another unit than the column of units says");
    else
        unit = of_number;
    return unit;
}

static void read_weight(struct product_group *group, struct catalog_imported_variant *variant)
{
    const struct text text = product_group_field(group, PRODUCT_WEIGHT);
    struct text number, behind;
    if (text.length == 0) return;
    product_split_weight(text, &number, &behind);
    if (number.length == 0) behind = (struct text){ 0 }; /* a word, and no unit */
    const enum weight_unit unit = unit_of_weight(group, behind);
    const enum status status = product_read_weight(
        number, group->survey->habit, unit, limit("weight_grams")->max, &variant->weight_grams);
    variant->has_weight_grams = status == STATUS_OK;
    if (status != STATUS_OK)
        refuse_number(group, PRODUCT_WEIGHT, status, "number",
                      "is not a weight of at most 10000 kg");
}

/* ---- options ---- */

/* Shopify writes a product without options so. */
static bool is_no_option(const struct product_group *group, size_t index, struct text name,
                         struct text value)
{
    return group->columns->preset == PRESET_SHOPIFY && index == 0 &&
           product_is_word(value, "Default Title") &&
           (name.length == 0 || product_is_word(name, "Title"));
}

static void read_option(struct product_group *group, size_t index, struct text_pair *pairs,
                        size_t *count)
{
    const size_t most = (size_t)limit("options")->text_max;
    const enum product_field field = (enum product_field)(PRODUCT_OPTION1_VALUE + 2 * index);
    const struct text name = group->option_names[index];
    const struct text value = normal_form(group->arena, product_group_field(group, field));
    if (value.length == 0 || is_no_option(group, index, name, value)) return;
    if (text_characters(value) > most) {
        product_group_refuse_value(
            group, field,
            text_format(group->arena, "has more than %zu characters; shorten it", most).data);
        return;
    }
    if (name.length == 0) {
        product_group_refuse_value(group, field, "is the value of an option without name");
        return;
    }
    if (!plain_text_is_name(name) || !plain_text_is_name(value)) {
        product_group_refuse_value(group, field,
                                   "or the option's name is refused: " PLAIN_TEXT_NAME_RULE);
        return;
    }
    for (size_t k = 0; k < *count; k++) {
        if (normal_keys_are_same(group->arena, pairs[k].name, name))
            product_group_refuse(group, field, "the product has two options of one name");
    }
    pairs[(*count)++] = (struct text_pair){ name, text_copy(group->arena, value) };
}

/* WooCommerce: attributes of what is no variation are words for the shopper, not options. */
static bool has_options(const struct product_group *group)
{
    return group->columns->preset != PRESET_WOOCOMMERCE ||
           product_group_field(group, PRODUCT_PARENT).length > 0;
}

/* Names may stand in the first row of a product only, or in each. */
static void renew_option_names(struct product_group *group)
{
    const size_t most = (size_t)limit("options")->text_max;
    for (size_t i = 0; i < PRODUCT_OPTIONS_MAX; i++) {
        const enum product_field field = (enum product_field)(PRODUCT_OPTION1_NAME + 2 * i);
        const struct text name = normal_form(group->arena, product_group_field(group, field));
        if (name.length > 0 && text_characters(name) <= most)
            group->option_names[i] = text_copy(group->arena, name);
    }
}

static void read_options(struct product_group *group, struct catalog_imported_variant *variant)
{
    struct text_pair *pairs =
        arena_allocate_array(group->arena, PRODUCT_OPTIONS_MAX, sizeof *pairs);
    size_t count = 0;
    renew_option_names(group);
    for (size_t i = 0; i < PRODUCT_OPTIONS_MAX && has_options(group); i++)
        read_option(group, i, pairs, &count);
    variant->options = pairs;
    variant->options_count = count;
}

/* ---- the variant ---- */

static void read_sku(struct product_group *group, struct catalog_imported_variant *variant)
{
    struct place place;
    if (!product_group_copy(group, PRODUCT_SKU, &catalog_imported_variant_schema, "sku",
                            &variant->sku) ||
        variant->sku.length == 0)
        return;
    variant->has_sku = true;
    if (!plain_text_is_line(variant->sku)) {
        product_group_refuse_value(group, PRODUCT_SKU, "is refused: " PLAIN_TEXT_LINE_RULE);
        return;
    }
    if (!product_survey_repeats_sku(group->survey, group->arena, group->product->vendor,
                                    variant->sku, &place))
        return;
    product_group_refuse_value(group, PRODUCT_SKU,
                               text_format(group->arena,
                                           "stands on lines %u and %u; each variant of a vendor "
                                           "has an SKU of its own",
                                           place.first, place.second)
                                   .data);
}

/* Spreadsheets put an apostrophe before digits that are no number. Files are full of numbers of
 * other kinds in this column, which is no reason to sell nothing. */
static void read_barcode(struct product_group *group, struct catalog_imported_variant *variant)
{
    struct text text = product_group_field(group, PRODUCT_BARCODE);
    if (text.length > 0 && text.data[0] == '\'')
        text = (struct text){ text.data + 1, text.length - 1 };
    if (text.length == 0) return;
    variant->has_barcode = gtin_is_good(text);
    if (variant->has_barcode)
        variant->barcode = text_copy(group->arena, text);
    else
        product_group_warn_value(group, PRODUCT_BARCODE,
                                 "is no GTIN of 8, 12, 13 or 14 digits with the right check digit; "
                                 "it is left out");
}

/* For one more: most products have few, and room for all is cleared for each. */
static void make_room(struct product_group *group)
{
    const size_t count = group->variants_count;
    if (count < group->variants_room) return;
    const size_t room = count == 0 ? VARIANTS_AT_FIRST : PRODUCT_VARIANTS_MAX;
    struct catalog_imported_variant *variants =
        arena_allocate_array(group->arena, room, sizeof *variants);
    uint64_t *lines = arena_allocate_array(group->arena, room, sizeof *lines);
    if (count > 0) {
        memcpy(variants, group->variants, count * sizeof *variants);
        memcpy(lines, group->product->variant_lines, count * sizeof *lines);
    }
    group->variants = variants;
    group->variants_room = room;
    group->product->variant_lines = lines;
}

void product_variant_read(struct product_group *group)
{
    if (group->variants_count == PRODUCT_VARIANTS_MAX) {
        product_group_refuse(group, PRODUCT_HANDLE, "the product has more than 100 variants");
        return;
    }
    make_room(group);
    struct catalog_imported_variant *variant = &group->variants[group->variants_count];
    group->product->variant_lines[group->variants_count++] = group->row->line;
    read_sku(group, variant);
    read_barcode(group, variant);
    char currency[CODE_LENGTH + 1];
    read_currency(group, currency);
    variant->price = money_make(0, currency);
    read_other_prices(group, variant);
    read_own_price(group, variant);
    read_sale(group, variant);
    read_quantity(group, variant);
    read_weight(group, variant);
    read_ahead(group, variant);
    read_options(group, variant);
}

/* ---- variants beside each other ---- */

static bool is_before(struct arena *arena, const struct text_pair *a, const struct text_pair *b)
{
    return text_compare(normal_key(arena, a->name), normal_key(arena, b->name)) < 0;
}

/* The options in one text, whatever their order. */
static struct text options_key(struct arena *arena, const struct catalog_imported_variant *variant)
{
    struct text key = TEXT("");
    const struct text_pair *sorted[PRODUCT_OPTIONS_MAX] = { NULL };
    for (size_t i = 0; i < variant->options_count; i++) {
        size_t place = i;
        for (; place > 0 && is_before(arena, &variant->options[i], sorted[place - 1]); place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = &variant->options[i];
    }
    for (size_t i = 0; i < variant->options_count; i++) {
        const struct text name = normal_key(arena, sorted[i]->name);
        const struct text value = normal_key(arena, sorted[i]->value);
        key = text_format(arena, "%.*s%.*s\t%.*s\n", (int)key.length, key.data, (int)name.length,
                          name.data, (int)value.length, value.data);
    }
    return key;
}

void product_variants_check(struct product_group *group)
{
    const struct file_product *product = group->product;
    if (group->variants_count == 0) return;
    struct text *keys = arena_allocate_array(group->arena, group->variants_count, sizeof *keys);
    for (size_t i = 0; i < group->variants_count; i++) {
        keys[i] = options_key(group->arena, &group->variants[i]);
        for (size_t k = 0; k < i; k++) {
            if (!text_equals(keys[i], keys[k])) continue;
            const struct text detail = text_format(
                group->arena,
                "the variant has the same options as that of line %llu; variants of a product "
                "differ in an option",
                (unsigned long long)product->variant_lines[k]);
            product_group_add_problem(
                group,
                (struct file_problem){ product->variant_lines[i],
                                       product_columns_name(group->columns, PRODUCT_OPTION1_VALUE),
                                       detail.data, false });
            break;
        }
    }
}
