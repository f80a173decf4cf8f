/* Card numbers. */
#include "messages/card_number.h"

#include <string.h>

/* GAP_MAX: marks between two groups of digits, or one mark beyond ASCII. */
enum { DIGITS_MIN = 13, DIGITS_MAX = 19, RUN_MAX = 64, GAP_MAX = 3 };

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
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

/* What the schemes give out (ISO/IEC 7812-1, issuer identification): the first four digits, and how
 * long their numbers are. */
static const struct scheme {
    unsigned first, last;
    size_t length_min, length_max;
} schemes[] = {
    { 4000, 4999, 13, 19 },                                                 /* Visa */
    { 5100, 5599, 16, 16 },                                                 /* Mastercard */
    { 2221, 2720, 16, 16 }, { 3400, 3499, 15, 15 },                         /* American Express */
    { 3700, 3799, 15, 15 }, { 3000, 3059, 14, 19 },                         /* Diners Club */
    { 3600, 3699, 14, 19 }, { 3800, 3999, 14, 19 }, { 3528, 3589, 16, 19 }, /* JCB */
    { 6000, 6999, 13, 19 },                         /* Discover, UnionPay, Maestro */
    { 5000, 5099, 13, 19 }, { 5600, 5899, 13, 19 }, /* Maestro */
};

static bool is_given_out(const char *digits, size_t count)
{
    unsigned prefix = 0;
    for (size_t i = 0; i < 4; i++)
        prefix = 10 * prefix + (unsigned)(digits[i] - '0');
    for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++) {
        const struct scheme *scheme = &schemes[i];
        if (prefix >= scheme->first && prefix <= scheme->last && count >= scheme->length_min &&
            count <= scheme->length_max)
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
};

static bool run_has_number(struct run *run)
{
    run->begins_group[run->count] = true;
    for (size_t first = 0; first + DIGITS_MIN <= run->count; first++) {
        if (!run->begins_group[first]) continue;
        for (size_t length = DIGITS_MIN; length <= DIGITS_MAX && first + length <= run->count;
             length++) {
            if (run->begins_group[first + length] && is_given_out(run->digits + first, length) &&
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

bool text_has_card_number(struct text text)
{
    struct run run = { .count = 0 };
    bool begins_group = true;
    size_t gap = 0; /* bytes between two groups */
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        if (is_digit(byte)) {
            gap = 0;
            if (add_digit(&run, byte, begins_group)) return true;
            begins_group = false;
            continue;
        }
        begins_group = true;
        if (!is_letter(byte) && run.count > 0 && ++gap <= GAP_MAX) continue;
        if (run_has_number(&run)) return true;
        run.count = 0;
    }
    return run_has_number(&run);
}
