/* Writes JSON straight from the tables: no tree, no allocation but the builder's, since listings
 * are hot. */
#include <string.h>

#include "messages/codec_json.h"

enum { CONTROL_END = 0x20, ASCII_END = 0x80, DIGITS_MAX = 20 };

static void add_literal(struct text_builder *out, const char *literal)
{
    text_builder_add(out, text_of(literal));
}

/* Without printf: numbers are the most frequent values of listings. The sign is taken off unsigned,
 * since the smallest int64 has no positive twin. */
static void add_int(struct text_builder *out, int64_t value)
{
    char digits[DIGITS_MAX];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) digits[--at] = '-';
    text_builder_add(out, (struct text){ .data = &digits[at], .length = sizeof digits - at });
}

/* RFC 8259, section 7: short escapes where there are some, \\u00xx for the other control
 * characters. */
static void add_escape(struct text_builder *out, uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";
    char escape[6] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };
    size_t length = 2;
    switch (byte) {
    case '"':
    case '\\':
        escape[1] = (char)byte;
        break;
    case '\n':
        escape[1] = 'n';
        break;
    case '\r':
        escape[1] = 'r';
        break;
    case '\t':
        escape[1] = 't';
        break;
    default:
        length = sizeof escape;
    }
    text_builder_add(out, (struct text){ .data = escape, .length = length });
}

static bool is_plain(uint8_t byte)
{
    return byte >= CONTROL_END && byte < ASCII_END && byte != '"' && byte != '\\';
}

/* Not 0 when a byte of the word is 0 ("Bit Twiddling Hacks", Sean Eron Anderson). */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - BYTES_ALL(0x01)) & ~word & BYTES_ALL(0x80);
}

/* is_plain() of eight bytes at once; it may take a plain word for another, never the reverse. */
static bool is_plain_word(const char *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof word);
    const uint64_t controls = word - BYTES_ALL(CONTROL_END);
    return ((word | controls) & BYTES_ALL(0x80)) == 0 && zero_bytes(word ^ BYTES_ALL('"')) == 0 &&
           zero_bytes(word ^ BYTES_ALL('\\')) == 0;
}

/* Bytes at the front that can be copied as they are. */
static size_t plain_length(struct text text)
{
    size_t length = 0;
    while (length < text.length) {
        if (text.length - length >= sizeof(uint64_t) && is_plain_word(text.data + length)) {
            length += sizeof(uint64_t);
            continue;
        }
        size_t width = 1;
        if (!is_plain((uint8_t)text.data[length])) {
            if ((uint8_t)text.data[length] < ASCII_END) return length;
            width = text_utf8_width((struct text){ text.data + length, text.length - length });
            if (width == 0) return length;
        }
        length += width;
    }
    return length;
}

/* Bytes that are no UTF-8 become U+FFFD, so that an answer is valid JSON whatever a row holds. */
void json_encode_text(struct text text, struct text_builder *out)
{
    text_builder_add_byte(out, '"');
    while (text.length > 0) {
        const size_t plain = plain_length(text);
        text_builder_add(out, (struct text){ .data = text.data, .length = plain });
        text.data += plain;
        text.length -= plain;
        if (text.length == 0) break;
        if ((uint8_t)text.data[0] < ASCII_END)
            add_escape(out, (uint8_t)text.data[0]);
        else
            text_builder_add(out, TEXT("\xef\xbf\xbd"));
        text.data++;
        text.length--;
    }
    text_builder_add_byte(out, '"');
}

/* Names, ids and times need no escapes. */
static void add_quoted(struct text_builder *out, const char *text, size_t length)
{
    text_builder_add_byte(out, '"');
    text_builder_add(out, (struct text){ .data = text, .length = length });
    text_builder_add_byte(out, '"');
}

static void add_money(struct text_builder *out, const struct money *money)
{
    text_builder_add(out, TEXT("{\"amount\":"));
    add_int(out, money->amount);
    text_builder_add(out, TEXT(",\"currency\":"));
    json_encode_text((struct text){ money->currency, strnlen(money->currency, 3) }, out);
    text_builder_add_byte(out, '}');
}

static void add_record(struct text_builder *out, const struct schema *schema, const void *value,
                       unsigned left_out);

static void add_value(struct text_builder *out, const struct field *field, const void *value,
                      unsigned left_out)
{
    switch (field->type) {
    case FIELD_BOOL:
        add_literal(out, *(const bool *)value ? "true" : "false");
        return;
    case FIELD_INT:
        add_int(out, *(const int64_t *)value);
        return;
    case FIELD_MONEY:
        add_money(out, value);
        return;
    case FIELD_ID: {
        char text[ID_TEXT_MAX + 1];
        add_quoted(out, text, id_format(field->prefixes[0], *(const struct uuid *)value, text));
        return;
    }
    case FIELD_TIME: {
        char text[TIME_TEXT_MAX + 1];
        add_quoted(out, text, time_format(*(const int64_t *)value, text));
        return;
    }
    case FIELD_ENUM: {
        const unsigned number = *(const unsigned *)value;
        assert(number < field->enum_count);
        add_quoted(out, field->enum_names[number], strlen(field->enum_names[number]));
        return;
    }
    case FIELD_RECORD:
        add_record(out, field->record, value, left_out);
        return;
    case FIELD_MAP: {
        const struct text_pair *pair = value;
        json_encode_text(pair->name, out);
        text_builder_add_byte(out, ':');
        json_encode_text(pair->value, out);
        return;
    }
    case FIELD_TEXT:
        if ((field->flags & FIELD_JSON) != 0) {
            text_builder_add(out, *(const struct text *)value);
            return;
        }
        json_encode_text(*(const struct text *)value, out);
        return;
    case FIELD_BYTES:
        json_encode_text(*(const struct text *)value, out);
        return;
    }
}

/* Empty lists and maps are written, too: clients need not tell empty from absent. */
static void add_counted(struct text_builder *out, const struct field *field, const void *value,
                        unsigned left_out)
{
    const char *base = value;
    const char *items = *(const char *const *)(const void *)(base + field->offset);
    const size_t count = *(const size_t *)(const void *)(base + field->presence_offset);
    const size_t stride = field_value_size(field);
    const bool is_map = field->type == FIELD_MAP;
    text_builder_add_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) text_builder_add_byte(out, ',');
        add_value(out, field, items + i * stride, left_out);
    }
    text_builder_add_byte(out, is_map ? '}' : ']');
}

/* `left_out` is a set of field flags. */
static void add_record(struct text_builder *out, const struct schema *schema, const void *value,
                       unsigned left_out)
{
    char mark = '{';
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        const bool is_counted = field->list_max > 0 || field->type == FIELD_MAP;
        if (field->type == FIELD_BYTES || (field->flags & left_out) != 0) continue;
        if (!is_counted && !field_is_present(field, value)) continue;
        text_builder_add_byte(out, mark);
        mark = ',';
        add_quoted(out, field->name, strlen(field->name));
        text_builder_add_byte(out, ':');
        if (is_counted)
            add_counted(out, field, value, left_out);
        else
            add_value(out, field, (const char *)value + field->offset, left_out);
    }
    if (mark == '{') text_builder_add_byte(out, mark);
    text_builder_add_byte(out, '}');
}

void json_encode(const struct schema *schema, const void *value, struct text_builder *out)
{
    assert(schema != NULL);
    assert(value != NULL);
    add_record(out, schema, value, 0);
}

/* For logs and audit entries: secret fields are left out by their flag, not by a list of names. */
void json_encode_open(const struct schema *schema, const void *value, struct text_builder *out)
{
    assert(schema != NULL);
    assert(value != NULL);
    add_record(out, schema, value, FIELD_SECRET);
}
