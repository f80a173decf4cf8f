/* application/x-www-form-urlencoded as Stripe takes it: names with brackets (metadata[order],
 * expand[], card[0]) stay as they are written; who asks for one writes it the same way. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum {
    FORM_BYTES_MAX = 64 * 1024,
    FORM_FIELDS_MAX = 200,
    FORM_NAME_MAX = 128,   /* bytes, decoded */
    FORM_VALUE_MAX = 5000, /* bytes, decoded */
    FORM_DEPTH_MAX = 5,    /* brackets of one name */
};

/* Views into memory of the arena that the form was read with; UTF-8 without NUL, and a NUL behind
 * each. */
struct form_field {
    struct text name, value;
};

struct form {
    struct form_field *fields;
    size_t count;
};

/* Reads a body or a query. A name of no or wrong brackets, one that comes twice without being a
 * list (name[]), bytes that are no UTF-8 and everything beyond the bounds are refused. `ret_form`
 * is empty for an empty text. Statuses: OK, MALFORMED, OUT_OF_RANGE. */
MUST_CHECK enum status form_parse(struct arena *arena, struct text text, struct form *ret_form);
/* The value of a field, or a text whose data is NULL. */
struct text form_find(const struct form *form, const char *name);
/* The name inside the brackets when the field is `parent[name]` and nothing deeper, else data is
 * NULL: of metadata[order] and "metadata" it is order. */
struct text form_child(struct text name, const char *parent);
/* Whether the name is one of those in `allowed`, which are separated by spaces; a pair of brackets
 * with nothing in it there stands for any one pair. */
bool form_name_is_allowed(struct text name, const char *allowed);
/* Whether a text holds what looks like the number of a payment card: 13 to 19 digits, perhaps with
 * single spaces or dashes between them, whose check digit is right (ISO/IEC 7812-1, Annex B: Luhn).
 */
bool form_holds_card_number(struct text text);
