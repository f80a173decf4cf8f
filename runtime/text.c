/* Bounded views of bytes, and a builder that writes them into an arena. */
#include "runtime/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/arena.h"

enum { TEXT_BUILDER_START = 256 };

struct text text_of(const char *string)
{
    if (string == NULL) return (struct text){ 0 };
    return (struct text){ .data = string, .length = strlen(string) };
}

bool text_equals(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool text_equals_string(struct text a, const char *b)
{
    return text_equals(a, text_of(b));
}

bool text_starts_with(struct text a, struct text prefix)
{
    return a.length >= prefix.length && text_equals((struct text){ a.data, prefix.length }, prefix);
}

int text_compare(struct text a, struct text b)
{
    const size_t common = a.length < b.length ? a.length : b.length;
    const int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) return order;
    return (a.length > b.length) - (a.length < b.length);
}

size_t text_utf8_width(struct text text)
{
    if (text.length == 0) return 0;
    const unsigned char *bytes = (const unsigned char *)text.data;
    const unsigned char lead = bytes[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const size_t width = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.length < width) return 0;
    /* RFC 3629, section 4: only the second byte has limits of its own. */
    unsigned char least = 0x80, most = 0xBF;
    if (lead == 0xE0) least = 0xA0;
    if (lead == 0xED) most = 0x9F;
    if (lead == 0xF0) least = 0x90;
    if (lead == 0xF4) most = 0x8F;
    if (bytes[1] < least || bytes[1] > most) return 0;
    for (size_t i = 2; i < width; i++)
        if (bytes[i] < 0x80 || bytes[i] > 0xBF) return 0;
    return width;
}

/* Whole words at the front that are ASCII without NUL: a byte has its high bit set by itself, or by
 * the subtraction when it is 0. */
static size_t ascii_words_length(struct text text)
{
    size_t length = 0;
    for (uint64_t word; text.length - length >= sizeof word; length += sizeof word) {
        memcpy(&word, text.data + length, sizeof word);
        if (((word | (word - BYTES_ALL(0x01))) & BYTES_ALL(0x80)) != 0) break;
    }
    return length;
}

bool text_is_utf8(struct text text)
{
    while (text.length > 0) {
        const size_t ascii = ascii_words_length(text);
        text.data += ascii;
        text.length -= ascii;
        if (text.length == 0) break;
        const size_t width = text_utf8_width(text);
        if (width == 0 || text.data[0] == '\0') return false;
        text.data += width;
        text.length -= width;
    }
    return true;
}

/* RFC 3629, section 3. */
size_t text_put_character(char bytes[TEXT_CHARACTER_BYTES_MAX], uint32_t code_point)
{
    assert(code_point < 0xD800 || (code_point > 0xDFFF && code_point <= 0x10FFFF));
    if (code_point < 0x80) {
        bytes[0] = (char)code_point;
        return 1;
    }
    const size_t width = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = width - 1; i > 0; i--) {
        bytes[i] = (char)(0x80U | (code_point & 0x3FU));
        code_point >>= 6;
    }
    bytes[0] = (char)(leads[width] | code_point);
    return width;
}

size_t text_characters(struct text text)
{
    size_t count = 0;
    /* Every byte but those that continue a character, 10xxxxxx, begins one. */
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.data[i] & 0xc0U) != 0x80U;
    return count;
}

struct text text_copy(struct arena *arena, struct text text)
{
    char *copy = arena_allocate(arena, text.length + 1);
    if (text.length > 0) memcpy(copy, text.data, text.length);
    return (struct text){ .data = copy, .length = text.length };
}

const char *text_string(struct arena *arena, struct text text)
{
    return text_copy(arena, text).data;
}

struct text text_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    char *data = arena_allocate(arena, (size_t)length + 1);
    (void)vsnprintf(data, (size_t)length + 1, format, again);
    va_end(again);
    return (struct text){ .data = data, .length = (size_t)length };
}

enum status text_parse_int(struct text text, int64_t *ret_value)
{
    assert(ret_value != NULL);
    const bool is_negative = text.length > 0 && text.data[0] == '-';
    size_t position = is_negative ? 1 : 0;
    if (position == text.length) return STATUS_MALFORMED;
    int64_t value = 0;
    for (; position < text.length; position++) {
        const char byte = text.data[position];
        if (byte < '0' || byte > '9') return STATUS_MALFORMED;
        const int64_t digit = is_negative ? '0' - byte : byte - '0';
        if (__builtin_mul_overflow(value, 10, &value)) return STATUS_MALFORMED;
        if (__builtin_add_overflow(value, digit, &value)) return STATUS_MALFORMED;
    }
    *ret_value = value;
    return STATUS_OK;
}

static bool text_is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct text text_trim(struct text text)
{
    while (text.length > 0 && text_is_space(text.data[0])) {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && text_is_space(text.data[text.length - 1]))
        text.length--;
    return text;
}

void text_builder_init(struct text_builder *builder, struct arena *arena, size_t limit)
{
    assert(builder != NULL);
    assert(arena != NULL);
    *builder = (struct text_builder){ .arena = arena, .limit = limit };
}

static void text_builder_grow(struct text_builder *builder, size_t least)
{
    size_t capacity = builder->capacity == 0 ? TEXT_BUILDER_START : builder->capacity;
    while (capacity < least)
        capacity *= 2;
    if (capacity > builder->limit) capacity = builder->limit;
    if (builder->capacity > 0 &&
        arena_extend(builder->arena, builder->data, builder->capacity, capacity)) {
        builder->capacity = capacity;
        return;
    }
    char *data = arena_reserve(builder->arena, capacity);
    if (builder->length > 0) memcpy(data, builder->data, builder->length);
    builder->data = data;
    builder->capacity = capacity;
}

void text_builder_add(struct text_builder *builder, struct text text)
{
    assert(builder != NULL);
    if (text.length == 0) return;
    if (builder->is_full || text.length > builder->limit - builder->length) {
        builder->is_full = true;
        return;
    }
    if (text.length > builder->capacity - builder->length)
        text_builder_grow(builder, builder->length + text.length);
    memcpy(builder->data + builder->length, text.data, text.length);
    builder->length += text.length;
}

void text_builder_add_byte(struct text_builder *builder, char byte)
{
    assert(builder != NULL);
    if (builder->length < builder->capacity && !builder->is_full) {
        builder->data[builder->length++] = byte;
        return;
    }
    text_builder_add(builder, (struct text){ .data = &byte, .length = 1 });
}

void text_builder_add_int(struct text_builder *builder, int64_t value)
{
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%" PRId64, value);
    text_builder_add(builder, (struct text){ .data = digits, .length = (size_t)length });
}

struct text text_builder_view(const struct text_builder *builder)
{
    assert(builder != NULL);
    return (struct text){ .data = builder->data, .length = builder->length };
}
