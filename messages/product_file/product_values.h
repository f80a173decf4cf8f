/* Single values of a product file, and how they are shown when they are refused. Pure. */
#pragma once

#include "messages/product_file/decimal.h"
#include "messages/values.h"
#include "runtime/arena.h"
#include "runtime/text.h"

enum { PRODUCT_QUOTE_MAX = 40 /* bytes of a value that are shown */ };

enum weight_unit { WEIGHT_GRAMS, WEIGHT_KILOGRAMS, WEIGHT_POUNDS, WEIGHT_OUNCES };

/* Reads a price in minor units: "19.99" is 1999, by the currency's digits and without floating
 * point. Further digits must be zeros. Statuses: OK, MALFORMED (no number, a negative one, too many
 * digits behind the sign), OUT_OF_RANGE, INVALID_VALUE (it can be read in two ways). */
MUST_CHECK enum status product_read_price(struct text text, struct decimal_habit habit,
                                          const char *currency, struct money *ret_price);
/* Reads a whole number of at most `max`; zeros may follow a decimal sign ("454.0"). A negative one
 * is read as 0, of which `ret_is_negative` tells. Statuses: OK, MALFORMED, OUT_OF_RANGE,
 * INVALID_VALUE (two ways). */
MUST_CHECK enum status product_read_count(struct text text, struct decimal_habit habit, int64_t max,
                                          int64_t *ret_count, bool *ret_is_negative);
/* Reads a weight in whole grams, rounded, of at most `max`. Statuses as above; a negative one is
 * MALFORMED. */
MUST_CHECK enum status product_read_weight(struct text text, struct decimal_habit habit,
                                           enum weight_unit unit, int64_t max, int64_t *ret_grams);
/* "kg", "lbs" ...; its case does not count. Statuses: OK, MALFORMED (no such unit). */
MUST_CHECK enum status product_read_weight_unit(struct text text, enum weight_unit *ret_unit);
/* Splits "1.5 kg" into the number and the unit behind it, which is empty where none stands. */
void product_split_weight(struct text text, struct text *ret_number, struct text *ret_unit);
/* Reads the path of a category: splits at '>' (or "->") and joins with " > " what is not blank.
 * Statuses: OK, OUT_OF_RANGE (more than 15 names, a name of more than 200 characters, 500 in all),
 * INVALID_VALUE (a name has control or hidden characters), MISSING_FIELD (nothing is left). */
MUST_CHECK enum status product_read_category(struct arena *arena, struct text text,
                                             struct text *ret_path);
/* True if the text is the word; the case of ASCII letters does not count. */
bool product_is_word(struct text text, const char *word);
/* The value between quotes for a message, cut, with '?' in the place of what a terminal might obey.
 */
const char *product_quote(struct arena *arena, struct text text);
