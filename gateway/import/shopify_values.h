/* Single values of a product CSV, and how they are shown in a complaint. Pure. */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"
#include "runtime/text.h"

enum { SHOPIFY_QUOTE_MAX = 40 /* bytes of a value that a complaint repeats */ };

/* "19.99" -> 1999 minor units, by the currency's digits and without floating point. Further digits
 * must be zeros. Statuses: OK, MALFORMED (signs, separators, too many digits), OUT_OF_RANGE,
 * INVALID_VALUE (no such currency). */
MUST_CHECK enum status shopify_parse_price(struct text text, const char *currency,
                                           struct money *ret_price);
/* A whole number of 0 to `max`; zeros may follow a point ("454.0"). Statuses: OK, MALFORMED,
 * OUT_OF_RANGE. */
MUST_CHECK enum status shopify_parse_count(struct text text, int64_t max, int64_t *ret_count);
/* Splits at '>' and joins with " > " what is not blank. Statuses: OK, OUT_OF_RANGE (more than 15
 * names, a name of more than 200 bytes, 500 in all), MISSING_FIELD (nothing is left). */
MUST_CHECK enum status shopify_parse_category(struct arena *arena, struct text text,
                                              struct text *ret_path);
/* Compares ASCII letters without their case. */
bool shopify_is_word(struct text text, const char *word);
/* The value between quotes, cut and without control characters. */
const char *shopify_quote(struct arena *arena, struct text text);
