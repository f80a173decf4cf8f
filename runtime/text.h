/* Bounded views of bytes that are usually UTF-8, and a builder that writes them into an arena. A
 * view never owns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base.h"

struct arena;

enum { TEXT_CHARACTER_BYTES_MAX = 4 }; /* of UTF-8 */

/* `length` bytes at `data`; not NUL-terminated. data may be NULL when length is 0. */
struct text {
    const char *data;
    size_t length;
};

/* A view of a string literal. */
#define TEXT(literal) ((struct text){ .data = (literal), .length = sizeof(literal) - 1 })

/* A view of a NUL-terminated string; NULL gives the empty view. */
struct text text_of(const char *string);
bool text_equals(struct text a, struct text b);
bool text_equals_string(struct text a, const char *b);
bool text_starts_with(struct text a, struct text prefix);
int text_compare(struct text a, struct text b);
/* True if the bytes are UTF-8 by RFC 3629 (no surrogates, no overlong forms) without NUL. */
bool text_is_utf8(struct text text);
/* Bytes of the UTF-8 character at the start of the view (1 to 4), or 0 if there is none. NUL counts
 * as a character. */
size_t text_utf8_width(struct text text);
/* Writes the character (no surrogate, at most U+10FFFF) as UTF-8; returns how many bytes it has. */
size_t text_put_character(char bytes[TEXT_CHARACTER_BYTES_MAX], uint32_t code_point);
/* Characters (code points) of a text that is UTF-8. */
size_t text_characters(struct text text);
/* Copies into the arena and adds a NUL, which the length does not count. */
struct text text_copy(struct arena *arena, struct text text);
/* The same as a C string. */
const char *text_string(struct arena *arena, struct text text);
/* Like snprintf into the arena. */
struct text text_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Reads a decimal int64, the whole view. Statuses: OK, MALFORMED (anything else, overflow too). */
MUST_CHECK enum status text_parse_int(struct text text, int64_t *ret_value);
/* The view without ASCII white space at both ends. */
struct text text_trim(struct text text);

/* Grows in an arena up to `limit` bytes; beyond it, writes are dropped and `is_full` says so. */
struct text_builder {
    struct arena *arena;
    char *data;
    size_t length, capacity, limit;
    bool is_full;
};

void text_builder_init(struct text_builder *builder, struct arena *arena, size_t limit);
void text_builder_add(struct text_builder *builder, struct text text);
void text_builder_add_byte(struct text_builder *builder, char byte);
void text_builder_add_int(struct text_builder *builder, int64_t value);
struct text text_builder_view(const struct text_builder *builder);
