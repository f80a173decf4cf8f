/* Forms as they are sent: application/x-www-form-urlencoded (RFC 6749, appendix B; WHATWG URL,
 * section 5.2). Pure. */
#pragma once

#include "runtime/text.h"

/* Adds "name=value" with a "&" before it, unless it is the first or stands behind a "?". The name
 * is written as it is; the value is escaped. */
void form_add(struct text_builder *form, const char *name, struct text value);
void form_add_int(struct text_builder *form, const char *name, int64_t value);
/* Adds a value by itself, escaped: every byte but letters, digits, "-", "." and "_". */
void form_add_escaped(struct text_builder *form, struct text value);
