/* RFC 3339 without libc: the calendar is Howard Hinnant's days_from_civil and civil_from_days
 * (https://howardhinnant.github.io/date_algorithms.html), which need no tables and no time zone. */
#include "messages/values.h"

enum { SECONDS_PER_DAY = 86400, US_PER_SECOND = 1000000, FRACTION_DIGITS_MAX = 9 };

struct civil {
    int64_t year;
    unsigned month, day;
};

static int64_t days_from_civil(struct civil civil)
{
    const int64_t year = civil.year - (civil.month <= 2);
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const unsigned year_of_era = (unsigned)(year - era * 400);
    const unsigned month = civil.month > 2 ? civil.month - 3 : civil.month + 9;
    const unsigned day_of_year = (153 * month + 2) / 5 + civil.day - 1;
    const unsigned day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil civil_from_days(int64_t days)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const unsigned day_of_era = (unsigned)(days - era * 146097);
    const unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month = (5 * day_of_year + 2) / 153;
    return (struct civil){ .year = year_of_era + era * 400 + (month >= 10),
                           .month = month < 10 ? month + 3 : month - 9,
                           .day = day_of_year - (153 * month + 2) / 5 + 1 };
}

/* Gregorian, for all years: RFC 3339 has no other calendar. */
static unsigned days_in_month(int64_t year, unsigned month)
{
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static char *put_digits(char *at, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--) {
        at[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

static char *put_mark(char *at, char mark)
{
    *at = mark;
    return at + 1;
}

/* As few digits as the time needs: none, three or six behind the point. */
size_t time_format(int64_t time_us, char ret_text[TIME_TEXT_MAX + 1])
{
    if (time_us < TIME_MIN_US) time_us = TIME_MIN_US;
    if (time_us > TIME_MAX_US) time_us = TIME_MAX_US;
    const int64_t day_us = (int64_t)SECONDS_PER_DAY * US_PER_SECOND;
    const int64_t days = time_us / day_us - (time_us % day_us < 0);
    const uint64_t rest_us = (uint64_t)(time_us - days * day_us);
    const uint64_t seconds = rest_us / US_PER_SECOND, fraction_us = rest_us % US_PER_SECOND;
    const struct civil civil = civil_from_days(days);

    char *at = ret_text;
    at = put_mark(put_digits(at, (uint64_t)civil.year, 4), '-');
    at = put_mark(put_digits(at, civil.month, 2), '-');
    at = put_mark(put_digits(at, civil.day, 2), 'T');
    at = put_mark(put_digits(at, seconds / 3600, 2), ':');
    at = put_mark(put_digits(at, seconds / 60 % 60, 2), ':');
    at = put_digits(at, seconds % 60, 2);
    if (fraction_us % 1000 != 0)
        at = put_digits(put_mark(at, '.'), fraction_us, 6);
    else if (fraction_us != 0)
        at = put_digits(put_mark(at, '.'), fraction_us / 1000, 3);
    at = put_mark(at, 'Z');
    *at = '\0';
    return (size_t)(at - ret_text);
}

/* Reads from the front of a view; is_bad stays set once something did not fit. */
struct scanner {
    struct text rest;
    bool is_bad;
};

static char scan_char(struct scanner *scanner)
{
    if (scanner->rest.length == 0) {
        scanner->is_bad = true;
        return '\0';
    }
    const char taken = scanner->rest.data[0];
    scanner->rest.data++;
    scanner->rest.length--;
    return taken;
}

static void scan_mark(struct scanner *scanner, char upper, char lower)
{
    const char taken = scan_char(scanner);
    if (taken != upper && taken != lower) scanner->is_bad = true;
}

/* Goes on after a fault, so that callers need not look after each step; is_bad tells them at the
 * end. */
static unsigned scan_number(struct scanner *scanner, unsigned digits, unsigned max)
{
    unsigned value = 0;
    for (unsigned i = 0; i < digits; i++) {
        const char taken = scan_char(scanner);
        if (taken < '0' || taken > '9') {
            scanner->is_bad = true;
            return 0;
        }
        value = value * 10 + (unsigned)(taken - '0');
    }
    if (value > max) scanner->is_bad = true;
    return value;
}

static bool is_next(const struct scanner *scanner, char wanted)
{
    return scanner->rest.length > 0 && scanner->rest.data[0] == wanted;
}

/* Digits beyond the microsecond are read and dropped. */
static int64_t scan_fraction_us(struct scanner *scanner)
{
    if (!is_next(scanner, '.')) return 0;
    (void)scan_char(scanner);
    int64_t value_us = 0, weight_us = US_PER_SECOND / 10;
    unsigned digits = 0;
    while (scanner->rest.length > 0 && scanner->rest.data[0] >= '0' &&
           scanner->rest.data[0] <= '9') {
        value_us += (scan_char(scanner) - '0') * weight_us;
        weight_us /= 10;
        digits++;
    }
    if (digits == 0 || digits > FRACTION_DIGITS_MAX) scanner->is_bad = true;
    return value_us;
}

static int64_t scan_offset_s(struct scanner *scanner)
{
    const char sign = scan_char(scanner);
    if (sign == 'Z' || sign == 'z') return 0;
    if (sign != '+' && sign != '-') scanner->is_bad = true;
    const unsigned hours = scan_number(scanner, 2, 23);
    scan_mark(scanner, ':', ':');
    const unsigned minutes = scan_number(scanner, 2, 59);
    const int64_t offset_s = (int64_t)hours * 3600 + (int64_t)minutes * 60;
    return sign == '-' ? -offset_s : offset_s;
}

/* Leap seconds are refused: no clock here can tell them. */
enum status time_parse(struct text text, int64_t *ret_time_us)
{
    struct scanner scanner = { .rest = text };
    struct civil civil;
    civil.year = scan_number(&scanner, 4, 9999);
    scan_mark(&scanner, '-', '-');
    civil.month = scan_number(&scanner, 2, 12);
    scan_mark(&scanner, '-', '-');
    civil.day = scan_number(&scanner, 2, 31);
    scan_mark(&scanner, 'T', 't');
    const int64_t hours = scan_number(&scanner, 2, 23);
    scan_mark(&scanner, ':', ':');
    const int64_t minutes = scan_number(&scanner, 2, 59);
    scan_mark(&scanner, ':', ':');
    const int64_t seconds = scan_number(&scanner, 2, 59);
    const int64_t fraction_us = scan_fraction_us(&scanner);
    const int64_t offset_s = scan_offset_s(&scanner);

    if (scanner.is_bad || scanner.rest.length != 0) return STATUS_MALFORMED;
    if (civil.month == 0 || civil.day == 0) return STATUS_MALFORMED;
    if (civil.day > days_in_month(civil.year, civil.month)) return STATUS_MALFORMED;
    const int64_t second =
        days_from_civil(civil) * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds - offset_s;
    const int64_t time_us = second * US_PER_SECOND + fraction_us;
    if (time_us < TIME_MIN_US || time_us > TIME_MAX_US) return STATUS_MALFORMED;
    *ret_time_us = time_us;
    return STATUS_OK;
}
