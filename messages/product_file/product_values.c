/* Single values of a product file: prices, counts, weights, category paths. */
#include "messages/product_file/product_values.h"

#include <string.h>
#include <strings.h>

#include "runtime/plain_text.h"

enum {
    CATEGORY_LEVELS_MAX = 15,
    CATEGORY_NAME_MAX = 200, /* characters, as the two above and below */
    CATEGORY_PATH_MAX = 500,
    WEIGHT_DIGITS = 6, /* behind the decimal sign that are looked at */
};

/* value = value * 10 + digit, checked. */
static bool add_digit(int64_t *value, char digit)
{
    return !__builtin_mul_overflow(*value, 10, value) &&
           !__builtin_add_overflow(*value, digit - '0', value);
}

/* The number times ten to the power of `digits`, of which those behind are left out. Statuses: OK,
 * OUT_OF_RANGE. */
static enum status scale(const struct decimal *decimal, size_t digits, int64_t *ret_value)
{
    int64_t value = 0;
    for (size_t i = 0; i < decimal->whole_length; i++) {
        if (!add_digit(&value, decimal->whole[i])) return STATUS_OUT_OF_RANGE;
    }
    for (size_t i = 0; i < digits; i++) {
        const char digit = i < decimal->part_length ? decimal->part[i] : '0';
        if (!add_digit(&value, digit)) return STATUS_OUT_OF_RANGE;
    }
    *ret_value = value;
    return STATUS_OK;
}

/* True if nothing but zeros stands behind so many digits. */
static bool has_no_more(const struct decimal *decimal, size_t digits)
{
    for (size_t i = digits; i < decimal->part_length; i++)
        if (decimal->part[i] != '0') return false;
    return true;
}

/* Of a number that can be read in two ways: where a currency has no minor units, "1,500" cannot be
 * a part of one; where it has thousand, "1.234" is what its prices look like. */
static enum decimal_reading reading_of(struct text text, int exponent)
{
    if (exponent == 3) return DECIMAL_PARTED;
    const bool has_zeros = text.length >= 3 && memcmp(text.data + text.length - 3, "000", 3) == 0;
    return exponent == 0 && !has_zeros ? DECIMAL_GROUPED : DECIMAL_BY_HABIT;
}

enum status product_read_price(struct text text, struct decimal_habit habit, const char *currency,
                               struct money *ret_price)
{
    const int exponent = currency_exponent(currency);
    assert(exponent >= 0);
    struct decimal decimal;
    int64_t amount;
    TRY(decimal_read(text, habit, reading_of(text, exponent), &decimal));
    if (decimal.is_negative || !has_no_more(&decimal, (size_t)exponent)) return STATUS_MALFORMED;
    TRY(scale(&decimal, (size_t)exponent, &amount));
    *ret_price = money_make(amount, currency);
    return STATUS_OK;
}

enum status product_read_count(struct text text, struct decimal_habit habit, int64_t max,
                               int64_t *ret_count, bool *ret_is_negative)
{
    struct decimal decimal;
    int64_t count;
    TRY(decimal_read(text, habit, DECIMAL_BY_HABIT, &decimal));
    if (!has_no_more(&decimal, 0)) return STATUS_MALFORMED;
    TRY(scale(&decimal, 0, &count));
    if (!decimal.is_negative && count > max) return STATUS_OUT_OF_RANGE;
    *ret_is_negative = decimal.is_negative && count > 0;
    *ret_count = decimal.is_negative ? 0 : count;
    return STATUS_OK;
}

enum status product_read_weight(struct text text, struct decimal_habit habit, enum weight_unit unit,
                                int64_t max, int64_t *ret_grams)
{
    static const int64_t micrograms[] = {
        [WEIGHT_GRAMS] = 1000000,
        [WEIGHT_KILOGRAMS] = 1000000000,
        [WEIGHT_POUNDS] = 453592370,
        [WEIGHT_OUNCES] = 28349523,
    };
    const __int128 millionth_grams = (__int128)1000000 * 1000000;
    struct decimal decimal;
    int64_t millionths;
    TRY(decimal_read(text, habit, unit == WEIGHT_GRAMS ? DECIMAL_BY_HABIT : DECIMAL_PARTED,
                     &decimal));
    if (decimal.is_negative) return STATUS_MALFORMED;
    TRY(scale(&decimal, WEIGHT_DIGITS, &millionths));
    const __int128 grams =
        ((__int128)millionths * micrograms[unit] + millionth_grams / 2) / millionth_grams;
    if (grams > max) return STATUS_OUT_OF_RANGE;
    *ret_grams = (int64_t)grams;
    return STATUS_OK;
}

enum status product_read_weight_unit(struct text text, enum weight_unit *ret_unit)
{
    static const struct {
        const char *name;
        enum weight_unit unit;
    } names[] = {
        { "g", WEIGHT_GRAMS },      { "gram", WEIGHT_GRAMS }, { "grams", WEIGHT_GRAMS },
        { "kg", WEIGHT_KILOGRAMS }, { "lb", WEIGHT_POUNDS },  { "lbs", WEIGHT_POUNDS },
        { "oz", WEIGHT_OUNCES },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (!product_is_word(text, names[i].name)) continue;
        *ret_unit = names[i].unit;
        return STATUS_OK;
    }
    return STATUS_MALFORMED;
}

void product_split_weight(struct text text, struct text *ret_number, struct text *ret_unit)
{
    size_t length = text.length;
    *ret_number = *ret_unit = (struct text){ 0 };
    if (length == 0) return;
    while (length > 0 && ((text.data[length - 1] >= 'a' && text.data[length - 1] <= 'z') ||
                          (text.data[length - 1] >= 'A' && text.data[length - 1] <= 'Z')))
        length--;
    *ret_number = text_trim((struct text){ text.data, length });
    *ret_unit = (struct text){ text.data + length, text.length - length };
}

/* Spree writes arrows between names, others a '>'. */
static struct text category_name(struct text text, bool is_last)
{
    text = text_trim(text);
    if (!is_last && text.length > 0 && text.data[text.length - 1] == '-') text.length--;
    return text_trim(text);
}

enum status product_read_category(struct arena *arena, struct text text, struct text *ret_path)
{
    struct text_builder path;
    size_t levels = 0;
    if (text.length == 0) return STATUS_MISSING_FIELD;
    text_builder_init(&path, arena, CATEGORY_PATH_MAX * TEXT_CHARACTER_BYTES_MAX);
    for (size_t start = 0; start <= text.length;) {
        size_t end = start;
        while (end < text.length && text.data[end] != '>')
            end++;
        const struct text name =
            category_name((struct text){ text.data + start, end - start }, end == text.length);
        start = end + 1;
        if (name.length == 0) continue;
        if (!plain_text_is_name(name)) return STATUS_INVALID_VALUE;
        if (text_characters(name) > CATEGORY_NAME_MAX || ++levels > CATEGORY_LEVELS_MAX)
            return STATUS_OUT_OF_RANGE;
        if (levels > 1) text_builder_add(&path, TEXT(" > "));
        text_builder_add(&path, name);
    }
    if (path.is_full || text_characters(text_builder_view(&path)) > CATEGORY_PATH_MAX)
        return STATUS_OUT_OF_RANGE;
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
