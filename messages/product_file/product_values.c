/* Single values of a product CSV: prices, counts, category paths. */
#include "messages/product_file/product_values.h"

#include <string.h>
#include <strings.h>

enum {
    CATEGORY_LEVELS_MAX = 15,
    CATEGORY_NAME_MAX = 200,
    CATEGORY_PATH_MAX = 500,
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* value = value * 10 + digit, checked. */
static bool add_digit(int64_t *value, char digit)
{
    return !__builtin_mul_overflow(*value, 10, value) &&
           !__builtin_add_overflow(*value, digit - '0', value);
}

static bool is_zeros(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] != '0') return false;
    }
    return true;
}

/* Splits the text at its point. Statuses: OK, MALFORMED. */
static enum status split_decimal(struct text text, struct text *ret_whole, struct text *ret_part)
{
    size_t point = text.length;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '.' && point == text.length)
            point = i;
        else if (!is_digit(text.data[i]))
            return STATUS_MALFORMED;
    }
    const bool has_point = point < text.length;
    if (point == 0 || (has_point && point + 1 == text.length)) return STATUS_MALFORMED;
    *ret_whole = (struct text){ text.data, point };
    *ret_part = has_point ? (struct text){ text.data + point + 1, text.length - point - 1 }
                          : (struct text){ 0 };
    return STATUS_OK;
}

enum status product_parse_price(struct text text, const char *currency, struct money *ret_price)
{
    const int exponent = currency_exponent(currency);
    if (exponent < 0) return STATUS_INVALID_VALUE;
    const size_t digits = (size_t)exponent;
    struct text whole, part;
    TRY(split_decimal(text, &whole, &part));
    if (part.length > digits &&
        !is_zeros((struct text){ part.data + digits, part.length - digits }))
        return STATUS_MALFORMED;
    int64_t amount = 0;
    for (size_t i = 0; i < whole.length; i++) {
        if (!add_digit(&amount, whole.data[i])) return STATUS_OUT_OF_RANGE;
    }
    for (size_t i = 0; i < digits; i++) {
        if (!add_digit(&amount, i < part.length ? part.data[i] : '0')) return STATUS_OUT_OF_RANGE;
    }
    *ret_price = money_make(amount, currency);
    return STATUS_OK;
}

enum status product_parse_count(struct text text, int64_t max, int64_t *ret_count)
{
    struct text whole, part;
    TRY(split_decimal(text, &whole, &part));
    if (!is_zeros(part)) return STATUS_MALFORMED;
    int64_t count = 0;
    for (size_t i = 0; i < whole.length; i++) {
        if (!add_digit(&count, whole.data[i]) || count > max) return STATUS_OUT_OF_RANGE;
    }
    *ret_count = count;
    return STATUS_OK;
}

enum status product_parse_category(struct arena *arena, struct text text, struct text *ret_path)
{
    struct text_builder path;
    size_t levels = 0;
    if (text.length == 0) return STATUS_MISSING_FIELD;
    text_builder_init(&path, arena, CATEGORY_PATH_MAX);
    for (size_t start = 0; start <= text.length;) {
        size_t end = start;
        while (end < text.length && text.data[end] != '>')
            end++;
        const struct text name = text_trim((struct text){ text.data + start, end - start });
        start = end + 1;
        if (name.length == 0) continue;
        if (text_characters(name) > CATEGORY_NAME_MAX || ++levels > CATEGORY_LEVELS_MAX)
            return STATUS_OUT_OF_RANGE;
        if (levels > 1) text_builder_add(&path, TEXT(" > "));
        text_builder_add(&path, name);
    }
    if (path.is_full) return STATUS_OUT_OF_RANGE;
    if (levels == 0) return STATUS_MISSING_FIELD;
    *ret_path = text_builder_view(&path);
    return STATUS_OK;
}

bool product_is_word(struct text text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.data, word, text.length) == 0;
}

const char *product_quote(struct arena *arena, struct text text)
{
    struct text_builder quoted;
    text_builder_init(&quoted, arena, PRODUCT_QUOTE_MAX + 8);
    text_builder_add_byte(&quoted, '\'');
    size_t i = 0;
    while (i < text.length && quoted.length <= PRODUCT_QUOTE_MAX) {
        const struct text rest = { text.data + i, text.length - i };
        const size_t width = text_utf8_width(rest);
        const unsigned char byte = (unsigned char)text.data[i];
        if (width == 0 || byte < ' ' || byte == 0x7F)
            text_builder_add_byte(&quoted, '?');
        else
            text_builder_add(&quoted, (struct text){ rest.data, width });
        i += width == 0 ? 1 : width;
    }
    text_builder_add(&quoted, i < text.length ? TEXT("...'") : TEXT("'"));
    return text_string(arena, text_builder_view(&quoted));
}
