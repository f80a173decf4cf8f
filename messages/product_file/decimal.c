/* Brings the text to digits and three kinds of signs first, then finds out what these part. */
#include "messages/product_file/decimal.h"

#include <string.h>

enum { PLAIN_MAX = 2 * DECIMAL_DIGITS_MAX, GROUP_DIGITS = 3 };

/* Digits, '.', ',', and ' ' for every mark that only parts groups. */
struct plain {
    char data[PLAIN_MAX];
    size_t length;
    bool is_negative;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* How many bytes the mark has that stands at the front; 0: there is none. */
static size_t group_mark_width(struct text rest)
{
    static const char *const marks[] = { " ",
                                         "'",
                                         "\xC2\xA0",     /* no-break space */
                                         "\xE2\x80\xAF", /* narrow no-break space */
                                         "\xE2\x80\x89", /* thin space */
                                         "\xE2\x80\x99" /* apostrophe */ };
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++)
        if (text_starts_with(rest, text_of(marks[i]))) return strlen(marks[i]);
    return 0;
}

static struct text cut_minus(struct text text, bool *ret_is_negative)
{
    static const char *const signs[] = { "-", "\xE2\x88\x92" /* minus */ };
    *ret_is_negative = false;
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++) {
        const struct text sign = text_of(signs[i]);
        if (!text_starts_with(text, sign)) continue;
        *ret_is_negative = true;
        return (struct text){ text.data + sign.length, text.length - sign.length };
    }
    return text;
}

static enum status simplify(struct text text, struct plain *plain)
{
    text = cut_minus(text_trim(text), &plain->is_negative);
    plain->length = 0;
    for (size_t i = 0; i < text.length;) {
        const char byte = text.data[i];
        const bool is_plain = is_digit(byte) || byte == '.' || byte == ',';
        const size_t width =
            is_plain ? 1 : group_mark_width((struct text){ text.data + i, text.length - i });
        if (width == 0) return STATUS_MALFORMED;
        if (plain->length == sizeof plain->data) return STATUS_OUT_OF_RANGE;
        plain->data[plain->length++] = is_plain ? byte : ' ';
        i += width;
    }
    return plain->length > 0 ? STATUS_OK : STATUS_MALFORMED;
}

static size_t count(const struct plain *plain, char byte)
{
    size_t number = 0;
    for (size_t i = 0; i < plain->length; i++)
        number += plain->data[i] == byte;
    return number;
}

static size_t last_place(const struct plain *plain, char byte)
{
    const char *place = memrchr(plain->data, byte, plain->length);
    return place == NULL ? plain->length : (size_t)(place - plain->data);
}

/* Of one sign that stands alone: whether it may part a group. */
static bool may_be_group(const struct plain *plain, size_t place)
{
    return place >= 1 && place <= GROUP_DIGITS && plain->data[0] != '0' &&
           plain->length - place - 1 == GROUP_DIGITS;
}

/* Which sign is the decimal one: '.', ',', or 0 if none can be, and what the number tells of the
 * habit in ret_told. Statuses: OK, INVALID_VALUE (two readings). */
static enum status find_sign(const struct plain *plain, struct decimal_habit habit,
                             enum decimal_reading reading, char *ret_sign, char *ret_told)
{
    const size_t points = count(plain, '.'), commas = count(plain, ',');
    const size_t point = last_place(plain, '.'), comma = last_place(plain, ',');
    *ret_sign = *ret_told = '\0';
    if (points + commas == 0) return STATUS_OK;
    if (points > 0 && commas > 0) {
        *ret_sign = *ret_told = point > comma ? '.' : ',';
        return STATUS_OK;
    }
    const char sign = points > 0 ? '.' : ',', other = points > 0 ? ',' : '.';
    if (points + commas > 1) {
        *ret_told = other;
        return STATUS_OK;
    }
    if (count(plain, ' ') > 0 || !may_be_group(plain, points > 0 ? point : comma)) {
        *ret_sign = *ret_told = sign;
        return STATUS_OK;
    }
    const bool is_known = habit.has_point != habit.has_comma;
    const char usual = habit.has_point ? '.' : ',';
    if (reading == DECIMAL_GROUPED) return STATUS_OK;
    if (!is_known && reading == DECIMAL_BY_HABIT) return STATUS_INVALID_VALUE;
    if (!is_known || usual == sign) *ret_sign = sign;
    return STATUS_OK;
}

/* The digits before `end`, whose groups, if there are any, have three each but the first. */
static enum status read_whole(const struct plain *plain, size_t end, struct decimal *decimal)
{
    size_t digits = 0; /* of the group */
    char mark = '\0';
    for (size_t i = 0; i < end; i++) {
        const char byte = plain->data[i];
        if (is_digit(byte)) {
            if (decimal->whole_length == DECIMAL_DIGITS_MAX) return STATUS_OUT_OF_RANGE;
            decimal->whole[decimal->whole_length++] = byte;
            digits++;
            continue;
        }
        if (mark != '\0' ? byte != mark || digits != GROUP_DIGITS
                         : digits == 0 || digits > GROUP_DIGITS)
            return STATUS_MALFORMED;
        mark = byte;
        digits = 0;
    }
    if (decimal->whole_length == 0 || (mark != '\0' && digits != GROUP_DIGITS))
        return STATUS_MALFORMED;
    return STATUS_OK;
}

static enum status read_part(const struct plain *plain, size_t begin, struct decimal *decimal)
{
    if (begin == plain->length) return STATUS_MALFORMED;
    for (size_t i = begin; i < plain->length; i++) {
        if (!is_digit(plain->data[i])) return STATUS_MALFORMED;
        if (decimal->part_length == DECIMAL_DIGITS_MAX) return STATUS_OUT_OF_RANGE;
        decimal->part[decimal->part_length++] = plain->data[i];
    }
    return STATUS_OK;
}

enum status decimal_read(struct text text, struct decimal_habit habit, enum decimal_reading reading,
                         struct decimal *ret_decimal)
{
    struct plain plain;
    char sign, told;
    TRY(simplify(text, &plain));
    TRY(find_sign(&plain, habit, reading, &sign, &told));
    struct decimal decimal = { .is_negative = plain.is_negative, .sign = told };
    const size_t end = sign == '\0' ? plain.length : last_place(&plain, sign);
    TRY(read_whole(&plain, end, &decimal));
    if (sign != '\0') TRY(read_part(&plain, end + 1, &decimal));
    *ret_decimal = decimal;
    return STATUS_OK;
}

void decimal_habit_note(struct decimal_habit *habit, struct text text)
{
    struct decimal decimal;
    const struct decimal_habit none = { 0 };
    if (decimal_read(text, none, DECIMAL_BY_HABIT, &decimal) != STATUS_OK) return;
    habit->has_point = habit->has_point || decimal.sign == '.';
    habit->has_comma = habit->has_comma || decimal.sign == ',';
}
