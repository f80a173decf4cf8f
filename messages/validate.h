/* Checks a struct against its table and names every field at fault. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "messages/schema.h"

/* Said of a text with it, wherever it is found. */
#define FIELD_HAS_NUL "A text cannot have the character U+0000."
#define FIELD_HAS_CARD_NUMBER "This looks like the number of a payment card: none is taken here."

enum { FIELD_FAULTS_MAX = 16, FIELD_POINTER_MAX = 256 };

/* Where a field stands in a request. */
enum field_place { PLACE_BODY, PLACE_QUERY, PLACE_PATH, PLACE_HEADER };

/* What the field would have taken: numbers, characters of a text, entries of a list. */
struct field_limits {
    bool has_minimum, has_maximum;
    int64_t minimum, maximum;
    const struct field *allowed; /* the values of an enum; NULL: none to list */
};

/* One field that was refused. */
struct field_fault {
    char pointer[FIELD_POINTER_MAX]; /* RFC 6901, "/lines/0/quantity"; "" is the whole body; cut
                                        when longer */
    enum field_place place;
    enum status status;
    const char *detail; /* one static sentence for people, never NULL */
    struct field_limits limits;
};

/* The first faults, in the order of discovery; more are dropped. Over 4 KiB: keep it in an arena,
 * not on a stack. */
struct field_faults {
    struct field_fault entries[FIELD_FAULTS_MAX];
    size_t count;
};

/* Where a check stands, as a JSON pointer that grows and shrinks with the walk. */
struct field_path {
    char text[FIELD_POINTER_MAX];
    size_t length;
    enum field_place place;
};

/* Adds "/name" (escaped) or "/index"; returns the old length, to which field_path_pop() goes back.
 */
size_t field_path_push(struct field_path *path, struct text name);
size_t field_path_push_index(struct field_path *path, size_t index);
void field_path_pop(struct field_path *path, size_t length);

/* Notes a fault at the path and returns its status. faults may be NULL. */
enum status field_faults_add(struct field_faults *faults, const struct field_path *path,
                             enum status status, const char *detail);
/* The same, with what would have been taken. */
enum status field_faults_add_limited(struct field_faults *faults, const struct field_path *path,
                                     enum status status, const char *detail,
                                     struct field_limits limits);
/* What a value of the field may be: its numbers or its values. Nothing of ids, times and records.
 */
struct field_limits field_limits_of(const struct field *field);
/* How many entries a list or map may have. */
struct field_limits field_count_limits_of(const struct field *field);
/* "path", "query" ...: the name of a place; never NULL. */
const char *field_place_name(enum field_place place);
/* Where a field that does not come from a body stands. */
enum field_place field_place_of(const struct field *field);

/* Bytes of one value of the field: of one element of a list, of one entry of a map. */
size_t field_value_size(const struct field *field);
/* True when the field is there: optional ones by has_x, lists and maps when not empty, others
 * always. */
bool field_is_present(const struct field *field, const void *value);

/* Checks the limits, UTF-8, currencies, times, enums and counts of a struct, records inside it too.
 * It says nothing about presence: a struct cannot lack a mandatory field. Returns the status of the
 * first fault. faults may be NULL; else faults are added to it. Statuses: OK, OUT_OF_RANGE
 * (limits), INVALID_VALUE (not UTF-8, no such currency or enum), DUPLICATE_FIELD (a map names
 * something twice). */
MUST_CHECK enum status validate(const struct schema *schema, const void *value,
                                struct field_faults *faults);
/* The same for one field of the struct, whose pointer is `path`, as a client writes it: its words,
 * too, must be readable (enum field_words). Of what is decoded nobody asks that: messages are kept,
 * and some are older than the rule. */
MUST_CHECK enum status validate_field(const struct field *field, const void *value,
                                      const struct field_path *path, struct field_faults *faults);
