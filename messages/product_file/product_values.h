/* Single values of a product CSV, and how they are shown when they are refused. Pure. */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"
#include "runtime/text.h"

enum { PRODUCT_QUOTE_MAX = 40 /* bytes of a value that are shown */ };

/* Reads a price in minor units: "19.99" is 1999, by the currency's digits and without floating
 * point. Further digits must be zeros. Statuses: OK, MALFORMED (signs, separators, too many
 * digits), OUT_OF_RANGE, INVALID_VALUE (no such currency). */
MUST_CHECK enum status product_parse_price(struct text text, const char *currency,
                                           struct money *ret_price);
/* Reads a whole number of 0 to `max`; zeros may follow a point ("454.0"). Statuses: OK, MALFORMED,
 * OUT_OF_RANGE. */
MUST_CHECK enum status product_parse_count(struct text text, int64_t max, int64_t *ret_count);
/* Reads the path of a category: splits at '>' and joins with " > " what is not blank. Statuses: OK,
 * OUT_OF_RANGE (more than 15 names, a name of more than 200 bytes, 500 in all), MISSING_FIELD
 * (nothing is left). */
MUST_CHECK enum status product_parse_category(struct arena *arena, struct text text,
                                              struct text *ret_path);
/* True if the text is the word; the case of ASCII letters does not count. */
bool product_is_word(struct text text, const char *word);
/* The value between quotes for a message, cut, with '?' in the place of what a terminal might obey.
 */
const char *product_quote(struct arena *arena, struct text text);
