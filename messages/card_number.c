/* Card numbers. */
#include "messages/card_number.h"

#include <string.h>

/* GAP_MAX: bytes of marks between two groups of digits, as of digits on keys (U+FE0F U+20E3). */
enum { DIGITS_MIN = 13, DIGITS_MAX = 19, RUN_MAX = 64, GAP_MAX = 8, NO_DIGIT = -1 };

/* The zeros of the scripts' decimal digits (Unicode 15, category Nd), in order; one to nine follow
 * each. Who reads a number reads it in any of them, and a machine that is told to. */
static const uint32_t zeros[] = {
    0x0660,  0x06f0,  0x07c0,  0x0966,  0x09e6,  0x0a66,  0x0ae6,  0x0b66,  0x0be6,  0x0c66,
    0x0ce6,  0x0d66,  0x0de6,  0x0e50,  0x0ed0,  0x0f20,  0x1040,  0x1090,  0x17e0,  0x1810,
    0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,  0xa8d0,
    0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2,
    0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950, 0x1fbf0,
};

static uint32_t code_point_at(const char *bytes, size_t width)
{
    static const uint8_t lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    uint32_t code_point = (uint8_t)bytes[0] & lead[width];
    for (size_t i = 1; i < width; i++)
        code_point = code_point << 6 | ((uint8_t)bytes[i] & 0x3f);
    return code_point;
}

/* The digit that the character is, in whatever script; NO_DIGIT: it is none. */
static int digit_of(const char *bytes, size_t width)
{
    size_t low = 0, high = ARRAY_LENGTH(zeros);
    if (width == 1) return bytes[0] >= '0' && bytes[0] <= '9' ? bytes[0] - '0' : NO_DIGIT;
    const uint32_t character = code_point_at(bytes, width);
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (zeros[middle] <= character)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || character - zeros[low - 1] > 9) return NO_DIGIT;
    return (int)(character - zeros[low - 1]);
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Luhn: every second digit from the right counts twice, less nine where that is more than nine. */
static bool check_digit_fits(const char *digits, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] - '0');
        if (i % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        sum += digit;
    }
    return sum % 10 == 0;
}

/* What the schemes give out (ISO/IEC 7812-1, issuer identification): the first four digits, how
 * long their numbers are, and from what length on no telephone looks so. A telephone has at most 15
 * digits with its country (E.164), so 16 are none. Fewer may be: a mobile of Germany is +49 15..
 * and has 13, as a Visa has that begins so, and each tenth of them has a check digit that fits. But
 * no country whose code begins as American Express (34, 37) or Diners Club (30, 36, 38, 39) has
 * numbers as long as those. */
static const struct scheme {
    unsigned first, last;
    size_t length_min, length_max, of_no_phone;
} schemes[] = {
    { 4000, 4999, 13, 19, 16 },                             /* Visa */
    { 5100, 5599, 16, 16, 16 },                             /* Mastercard */
    { 2221, 2720, 16, 16, 16 }, { 3400, 3499, 15, 15, 15 }, /* American Express */
    { 3700, 3799, 15, 15, 15 }, { 3000, 3059, 14, 19, 14 }, /* Diners Club */
    { 3600, 3699, 14, 19, 14 }, { 3800, 3999, 14, 19, 14 }, { 3528, 3589, 16, 19, 16 }, /* JCB */
    { 6000, 6999, 13, 19, 16 }, /* Discover, UnionPay, Maestro */
    { 5000, 5099, 13, 19, 16 }, /* Maestro */
    { 5600, 5899, 13, 19, 16 },
};

static bool is_given_out(const char *digits, size_t count, bool is_phone)
{
    unsigned prefix = 0;
    for (size_t i = 0; i < 4; i++)
        prefix = 10 * prefix + (unsigned)(digits[i] - '0');
    for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++) {
        const struct scheme *scheme = &schemes[i];
        if (prefix >= scheme->first && prefix <= scheme->last && count >= scheme->length_min &&
            count <= scheme->length_max && (!is_phone || count >= scheme->of_no_phone))
            return true;
    }
    return false;
}

/* Digits with some marks between them; a number is one or several whole groups of them, so
 * that what stands beside it, such as a date, does not hide it. */
struct run {
    char digits[RUN_MAX];
    bool begins_group[RUN_MAX + 1];
    size_t count;
    bool is_phone; /* it stands where a telephone belongs */
};

static bool run_has_number(struct run *run)
{
    run->begins_group[run->count] = true;
    for (size_t first = 0; first + DIGITS_MIN <= run->count; first++) {
        if (!run->begins_group[first]) continue;
        for (size_t length = DIGITS_MIN; length <= DIGITS_MAX && first + length <= run->count;
             length++) {
            if (run->begins_group[first + length] &&
                is_given_out(run->digits + first, length, run->is_phone) &&
                check_digit_fits(run->digits + first, length))
                return true;
        }
    }
    return false;
}

/* A run that is longer than there is room for goes on with its last digits; what begins inside of
 * them was looked for before. Returns true when there was a number in what is left behind. */
static bool add_digit(struct run *run, char digit, bool begins_group)
{
    bool has_number = false;
    if (run->count == RUN_MAX) {
        has_number = run_has_number(run);
        memmove(run->digits, run->digits + RUN_MAX - DIGITS_MAX, DIGITS_MAX);
        memmove(run->begins_group, run->begins_group + RUN_MAX - DIGITS_MAX, DIGITS_MAX);
        run->count = DIGITS_MAX;
    }
    run->begins_group[run->count] = begins_group;
    run->digits[run->count++] = digit;
    return has_number;
}

static bool has_number(struct text text, bool is_phone)
{
    struct run run = { .count = 0, .is_phone = is_phone };
    bool begins_group = true;
    size_t gap = 0; /* bytes between two groups */
    for (size_t i = 0, width; i < text.length; i += width) {
        const struct text rest = { text.data + i, text.length - i };
        width = (uint8_t)*rest.data < 0x80 ? 1 : text_utf8_width(rest);
        if (width == 0) width = 1; /* no character: a mark */
        const int digit = digit_of(rest.data, width);
        if (digit != NO_DIGIT) {
            gap = 0;
            if (add_digit(&run, (char)('0' + digit), begins_group)) return true;
            begins_group = false;
            continue;
        }
        begins_group = true;
        gap += width;
        if (!is_letter(*rest.data) && run.count > 0 && gap <= GAP_MAX) continue;
        if (run_has_number(&run)) return true;
        run.count = 0;
    }
    return run_has_number(&run);
}

bool text_has_card_number(struct text text)
{
    return has_number(text, /* is_phone */ false);
}

bool phone_has_card_number(struct text text)
{
    return has_number(text, /* is_phone */ true);
}
