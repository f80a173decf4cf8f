/* Reads forms: percent-decoding, the shape of names, bounds. */
#include "tests/testbank/form.h"

#include <string.h>

enum { CARD_DIGITS_MIN = 13, CARD_DIGITS_MAX = 19 };

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

static enum status decode(struct arena *arena, struct text coded, size_t max, struct text *ret_text)
{
    char *bytes = arena_reserve(arena, coded.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < coded.length; i++) {
        char byte = coded.data[i];
        if (byte == '+') byte = ' ';
        if (byte == '%') {
            if (coded.length - i < 3) return STATUS_MALFORMED;
            const int high = hex_value(coded.data[i + 1]), low = hex_value(coded.data[i + 2]);
            if (high < 0 || low < 0) return STATUS_MALFORMED;
            byte = (char)(high * 16 + low);
            i += 2;
        }
        bytes[length++] = byte;
    }
    bytes[length] = '\0';
    if (length > max) return STATUS_OUT_OF_RANGE;
    const struct text text = { .data = bytes, .length = length };
    if (!text_is_utf8(text)) return STATUS_MALFORMED;
    *ret_text = text;
    return STATUS_OK;
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.';
}

/* name, name[key], name[], name[a][b]: what stands in brackets may be anything but brackets. */
static enum status check_name(struct text name)
{
    size_t i = 0;
    while (i < name.length && is_name_byte(name.data[i]))
        i++;
    if (i == 0) return STATUS_MALFORMED;
    size_t depth = 0;
    while (i < name.length) {
        if (name.data[i] != '[') return STATUS_MALFORMED;
        const char *end = memchr(name.data + i, ']', name.length - i);
        if (end == NULL) return STATUS_MALFORMED;
        const size_t inside = (size_t)(end - name.data) - i - 1;
        if (memchr(name.data + i + 1, '[', inside) != NULL) return STATUS_MALFORMED;
        if (++depth > FORM_DEPTH_MAX) return STATUS_OUT_OF_RANGE;
        i += inside + 2;
    }
    return STATUS_OK;
}

static bool is_list(struct text name)
{
    return name.length > 2 && memcmp(name.data + name.length - 2, "[]", 2) == 0;
}

static bool is_there(const struct form *form, struct text name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (text_equals(form->fields[i].name, name)) return true;
    }
    return false;
}

static enum status add_field(struct arena *arena, struct form *form, struct text pair)
{
    if (form->count == FORM_FIELDS_MAX) return STATUS_OUT_OF_RANGE;
    const char *equals = memchr(pair.data, '=', pair.length);
    const size_t name_length = equals == NULL ? pair.length : (size_t)(equals - pair.data);
    struct text value = { .data = pair.data + name_length, .length = 0 };
    if (equals != NULL) {
        value = (struct text){ .data = equals + 1, .length = pair.length - name_length - 1 };
    }
    struct form_field field;
    TRY(decode(arena, (struct text){ .data = pair.data, .length = name_length }, FORM_NAME_MAX,
               &field.name));
    TRY(decode(arena, value, FORM_VALUE_MAX, &field.value));
    TRY(check_name(field.name));
    if (!is_list(field.name) && is_there(form, field.name)) return STATUS_MALFORMED;
    form->fields[form->count++] = field;
    return STATUS_OK;
}

enum status form_parse(struct arena *arena, struct text text, struct form *ret_form)
{
    if (text.length > FORM_BYTES_MAX) return STATUS_OUT_OF_RANGE;
    struct form form = { .fields = NULL, .count = 0 };
    if (text.length > 0) {
        form.fields = arena_allocate_array(arena, FORM_FIELDS_MAX, sizeof *form.fields);
    }
    size_t start = 0;
    while (start < text.length) {
        const char *ampersand = memchr(text.data + start, '&', text.length - start);
        const size_t end = ampersand == NULL ? text.length : (size_t)(ampersand - text.data);
        const struct text pair = { .data = text.data + start, .length = end - start };
        if (pair.length > 0) TRY(add_field(arena, &form, pair));
        start = end + 1;
    }
    *ret_form = form;
    return STATUS_OK;
}

struct text form_find(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (text_equals_string(form->fields[i].name, name)) return form->fields[i].value;
    }
    return (struct text){ .data = NULL, .length = 0 };
}

struct text form_child(struct text name, const char *parent)
{
    const struct text none = { .data = NULL, .length = 0 };
    const size_t start = strlen(parent);
    if (name.length < start + 2 || memcmp(name.data, parent, start) != 0) return none;
    if (name.data[start] != '[') return none;
    const char *end = memchr(name.data + start, ']', name.length - start);
    if (end == NULL || end + 1 != name.data + name.length) return none;
    return (struct text){ .data = name.data + start + 1, .length = name.length - start - 2 };
}

static bool name_matches(struct text name, struct text pattern)
{
    size_t i = 0, k = 0;
    while (i < name.length && k < pattern.length) {
        const bool is_any =
            pattern.data[k] == '[' && k + 1 < pattern.length && pattern.data[k + 1] == ']';
        if (!is_any) {
            if (name.data[i++] != pattern.data[k++]) return false;
            continue;
        }
        if (name.data[i] != '[') return false;
        while (i < name.length && name.data[i] != ']')
            i++;
        i++;
        k += 2;
    }
    return i == name.length && k == pattern.length;
}

bool form_name_is_allowed(struct text name, const char *allowed)
{
    while (*allowed != '\0') {
        const size_t length = strcspn(allowed, " ");
        if (name_matches(name, (struct text){ .data = allowed, .length = length })) return true;
        allowed += length;
        while (*allowed == ' ')
            allowed++;
    }
    return false;
}

static bool luhn_is_right(const char *digits, size_t count)
{
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        int value = digits[count - 1 - i] - '0';
        if (i % 2 == 1) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    return sum % 10 == 0;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_alphanumeric(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* The run of digits at `start`, with what may stand between two of them; the digits are counted
 * beyond CARD_DIGITS_MAX, too, so that a longer number is none. */
static size_t take_run(struct text text, size_t start, char digits[CARD_DIGITS_MAX],
                       size_t *ret_count)
{
    size_t i = start, count = 0;
    while (i < text.length) {
        const bool is_gap = (text.data[i] == ' ' || text.data[i] == '-') && i + 1 < text.length &&
                            is_digit(text.data[i + 1]);
        if (!is_digit(text.data[i]) && !is_gap) break;
        if (!is_gap) {
            if (count < CARD_DIGITS_MAX) digits[count] = text.data[i];
            count++;
        }
        i++;
    }
    *ret_count = count;
    return i;
}

bool form_holds_card_number(struct text text)
{
    size_t i = 0;
    while (i < text.length) {
        if (!is_digit(text.data[i]) || (i > 0 && is_alphanumeric(text.data[i - 1]))) {
            i++;
            continue;
        }
        char digits[CARD_DIGITS_MAX];
        size_t count;
        i = take_run(text, i, digits, &count);
        const bool ends = i == text.length || !is_alphanumeric(text.data[i]);
        if (ends && count >= CARD_DIGITS_MIN && count <= CARD_DIGITS_MAX &&
            luhn_is_right(digits, count)) {
            return true;
        }
    }
    return false;
}
