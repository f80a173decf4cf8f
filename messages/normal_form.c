/* By libutf8proc, which knows what is composed of what; ASCII needs no such knowledge. */
#include "messages/normal_form.h"

#include <utf8proc.h>

/* A character of two bytes becomes three at most when it is taken apart, one of three bytes four.
 */
enum { CHARACTERS_PER_BYTE = 2 };

static bool is_ascii(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] >= 0x80) return false;
    return true;
}

/* Letters that are composed as they stand, as long as only such follow: Latin, Cyrillic, Hiragana,
 * Katakana, Han, Hangul. Most texts have no others, and need no more than this look. */
static bool is_surely_composed(struct text text)
{
    static const utf8proc_int32_t ranges[][2] = {
        { 0x0000, 0x02FF }, { 0x0400, 0x0482 }, { 0x2010, 0x2027 }, { 0x3041, 0x3096 },
        { 0x30A1, 0x30FA }, { 0x4E00, 0x9FFF }, { 0xAC00, 0xD7A3 },
    };
    while (text.length > 0) {
        utf8proc_int32_t character;
        const utf8proc_ssize_t width = utf8proc_iterate((const utf8proc_uint8_t *)text.data,
                                                        (utf8proc_ssize_t)text.length, &character);
        if (width <= 0) return false;
        bool is_known = false;
        for (size_t i = 0; i < ARRAY_LENGTH(ranges) && !is_known; i++)
            is_known = character >= ranges[i][0] && character <= ranges[i][1];
        if (!is_known) return false;
        text = (struct text){ text.data + width, text.length - (size_t)width };
    }
    return true;
}

static bool is_space(utf8proc_int32_t character)
{
    return (character >= '\t' && character <= '\r') ||
           utf8proc_category(character) == UTF8PROC_CATEGORY_ZS;
}

/* The characters of the text, composed, in the arena; -1: it is no UTF-8. */
static utf8proc_ssize_t compose(struct arena *arena, struct text text,
                                utf8proc_int32_t **ret_characters)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.data;
    const utf8proc_ssize_t room = (utf8proc_ssize_t)text.length * CHARACTERS_PER_BYTE;
    utf8proc_int32_t *characters =
        arena_allocate_array(arena, (size_t)room + 1, sizeof *characters);
    const utf8proc_ssize_t count =
        utf8proc_decompose(bytes, (utf8proc_ssize_t)text.length, characters, room, options);
    if (count < 0 || count > room) return -1;
    *ret_characters = characters;
    return utf8proc_normalize_utf32(characters, count, options);
}

static struct text encode(struct arena *arena, const utf8proc_int32_t *characters, size_t count)
{
    char *bytes = arena_allocate(arena, count * TEXT_CHARACTER_BYTES_MAX + 1);
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += text_put_character(bytes + length, (uint32_t)characters[i]);
    return (struct text){ bytes, length };
}

struct text normal_form(struct arena *arena, struct text text)
{
    utf8proc_int32_t *characters;
    if (is_surely_composed(text)) return text;
    const utf8proc_ssize_t count = compose(arena, text, &characters);
    return count < 0 ? text : encode(arena, characters, (size_t)count);
}

static struct text ascii_key(struct arena *arena, struct text text)
{
    text = text_trim(text);
    char *bytes = arena_allocate(arena, text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        const bool is_gap = is_space(byte);
        if (is_gap && length > 0 && bytes[length - 1] == ' ') continue;
        bytes[length++] = (char)(is_gap ? ' ' : byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
    }
    return (struct text){ bytes, length };
}

struct text normal_key(struct arena *arena, struct text text)
{
    utf8proc_int32_t *characters;
    if (is_ascii(text)) return ascii_key(arena, text);
    const utf8proc_ssize_t count = compose(arena, text, &characters);
    if (count < 0) return text;
    size_t length = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        const bool is_gap = is_space(characters[i]);
        if (is_gap && (length == 0 || characters[length - 1] == ' ')) continue;
        characters[length++] = is_gap ? ' ' : utf8proc_tolower(characters[i]);
    }
    if (length > 0 && characters[length - 1] == ' ') length--;
    return encode(arena, characters, length);
}

bool normal_keys_are_same(struct arena *arena, struct text a, struct text b)
{
    return text_equals(a, b) || text_equals(normal_key(arena, a), normal_key(arena, b));
}
