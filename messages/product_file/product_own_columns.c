/* Columns of attributes and of prices in other currencies. */
#include "messages/product_file/product_own_columns.h"

#include <string.h>

#define TWICE "the column is there twice; remove one of them"

enum { CODE_LENGTH = 3 };

/* What is read, and where to say what is wrong. */
struct search {
    struct product_columns *columns;
    struct arena *arena;
    const struct csv_row *header;
    const char *currency;
    struct file_problem *problem;
};

static struct text name_at(const struct search *search, size_t position)
{
    return text_trim(search->header->fields[position].text);
}

static enum status refuse(const struct search *search, size_t position, const char *detail)
{
    *search->problem = (struct file_problem){ search->header->fields[position].line,
                                              text_string(search->arena, name_at(search, position)),
                                              detail, false };
    return STATUS_MALFORMED;
}

/* What stands behind the words, without spaces around; false: it does not begin so. */
static bool cut_words(struct text name, const char *words, struct text *ret_rest)
{
    const size_t length = strlen(words);
    if (name.length < length || !product_is_word((struct text){ name.data, length }, words))
        return false;
    *ret_rest = text_trim((struct text){ name.data + length, name.length - length });
    return true;
}

/* ---- attributes ---- */

static enum status take_attribute(const struct search *search, size_t position, struct text key)
{
    struct product_columns *columns = search->columns;
    if (key.length == 0 || text_characters(key) > PRODUCT_ATTRIBUTE_KEY_MAX)
        return refuse(search, position, "the column names no attribute: write attr:colour");
    for (size_t i = 0; i < columns->attributes_count; i++)
        if (text_equals(columns->attributes[i].key, key)) return refuse(search, position, TWICE);
    if (columns->attributes_count == PRODUCT_ATTRIBUTE_COLUMNS_MAX)
        return refuse(search, position, "the file has more than 50 columns of attributes");
    columns->attributes[columns->attributes_count++] =
        (struct product_attribute_column){ text_copy(search->arena, key), position };
    return STATUS_OK;
}

/* ---- prices ---- */

static enum status take_price(const struct search *search, size_t position, const char *code)
{
    struct product_columns *columns = search->columns;
    /* Where each row says its currency, it may be another one. */
    if (strcmp(code, search->currency) == 0 &&
        columns->positions[PRODUCT_CURRENCY] == PRODUCT_NO_COLUMN)
        return refuse(search, position,
                      "the file is read in this currency; its prices stand in the column price");
    for (size_t i = 0; i < columns->prices_count; i++)
        if (strcmp(columns->prices[i].currency, code) == 0) return refuse(search, position, TWICE);
    if (columns->prices_count == PRODUCT_PRICE_COLUMNS_MAX)
        return refuse(search, position, "the file has prices in more than 10 currencies");
    struct product_price_column *column = &columns->prices[columns->prices_count++];
    column->position = position;
    memcpy(column->currency, code, CODE_LENGTH + 1);
    return STATUS_OK;
}

static bool read_code(struct text text, char ret_code[CODE_LENGTH + 1])
{
    if (text.length != CODE_LENGTH) return false;
    memcpy(ret_code, text.data, CODE_LENGTH);
    ret_code[CODE_LENGTH] = '\0';
    return currency_exponent(ret_code) >= 0;
}

/* Medusa has regions there, too, which are no currencies and none of ours. */
static enum status take_foreign_price(const struct search *search, size_t position)
{
    static const char *const words[] = { "Variant Price ", "Price " };
    char code[CODE_LENGTH + 1];
    struct text rest;
    if (search->columns->preset != PRESET_MEDUSA) return STATUS_OK;
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (cut_words(name_at(search, position), words[i], &rest) && read_code(rest, code))
            return strcmp(code, search->currency) == 0 ? STATUS_OK
                                                       : take_price(search, position, code);
    return STATUS_OK;
}

static enum status take(const struct search *search, size_t position)
{
    char code[CODE_LENGTH + 1];
    struct text rest;
    if (cut_words(name_at(search, position), "attr:", &rest))
        return take_attribute(search, position, rest);
    if (!cut_words(name_at(search, position), "price:", &rest))
        return take_foreign_price(search, position);
    if (!read_code(rest, code))
        return refuse(search, position, "the column names no currency: write price:USD");
    return take_price(search, position, code);
}

enum status product_own_columns_read(struct product_columns *columns, struct arena *arena,
                                     const struct csv_row *header, const char *currency,
                                     struct file_problem *ret_problem)
{
    const struct search search = { columns, arena, header, currency, ret_problem };
    for (size_t i = 0; i < header->fields_count; i++)
        TRY(take(&search, i));
    return STATUS_OK;
}
