/* Numbers as people and spreadsheets of many countries write them. Pure.
 *
 * Digits may stand in groups of three, parted by points, commas, spaces or apostrophes of any kind.
 * Of a point and a comma the last is the decimal sign. One that stands alone is it, too, unless
 * exactly three digits follow it and one to three stand before it, of which the first is not zero
 * ("1.234", "12,500"): that can be read in two ways. Then the habit of the file decides, which is
 * what all its other numbers have in common. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum { DECIMAL_DIGITS_MAX = 32 /* on each side of the sign */ };

/* Which decimal signs were seen in numbers that can be read in one way only. */
struct decimal_habit {
    bool has_point, has_comma;
};

struct decimal {
    char whole[DECIMAL_DIGITS_MAX], part[DECIMAL_DIGITS_MAX]; /* digits */
    size_t whole_length, part_length;                         /* whole_length > 0 */
    bool is_negative;
    char sign; /* its decimal sign: '.' or ','; 0: it does not tell */
};

/* What a number that can be read in two ways is. */
enum decimal_reading {
    DECIMAL_BY_HABIT, /* refused, if the habit does not say */
    DECIMAL_GROUPED,  /* the sign parts groups, whatever the habit */
    DECIMAL_PARTED,   /* the sign is the decimal one, unless the habit says that it is not */
};

/* Statuses: OK, MALFORMED (no number), OUT_OF_RANGE (too many digits), INVALID_VALUE (it can be
 * read in two ways, and nothing tells in which). */
MUST_CHECK enum status decimal_read(struct text text, struct decimal_habit habit,
                                    enum decimal_reading reading, struct decimal *ret_decimal);
/* Notes what the text tells of the file's habit; texts that are no numbers tell nothing. */
void decimal_habit_note(struct decimal_habit *habit, struct text text);
