/* Walks UTF-8 and looks for what must not be there. */
#include "runtime/plain_text.h"

struct range {
    uint32_t first, last;
};

/* Controls, separators, marks of direction, and what has no width. */
static const struct range hidden[] = {
    { 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x061c, 0x061c },
    { 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
    { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
};
/* What is not seen in a name, but has its place in longer texts: the soft hyphen, fillers of
 * Hangul, and tags (of flags). */
static const struct range hidden_in_lines[] = {
    { 0x00ad, 0x00ad }, { 0x3164, 0x3164 }, { 0xffa0, 0xffa0 }, { 0xe0000, 0xe007f }
};
/* White space beyond ASCII, and the empty cell of Braille. */
static const struct range blank[] = {
    { 0x00a0, 0x00a0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200a }, { 0x202f, 0x202f },
    { 0x205f, 0x205f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) return true;
    }
    return false;
}

/* The code point of a character that is known to be well-formed. */
static uint32_t code_point(struct text character)
{
    const unsigned char *byte = (const unsigned char *)character.data;
    if (character.length == 1) return byte[0];
    uint32_t code = byte[0] & (0x7fU >> character.length);
    for (size_t i = 1; i < character.length; i++)
        code = code << 6 | (byte[i] & 0x3fU);
    return code;
}

static bool is_joiner(uint32_t code)
{
    return code == 0x200c || code == 0x200d;
}

enum { ONE_LINE, JOINED_LINE, LINES };

static bool is_shown(uint32_t code, int shape)
{
    if (shape == LINES && (code == '\t' || code == '\n' || code == '\r')) return true;
    if (shape != ONE_LINE && is_joiner(code)) return true;
    if (shape != LINES && is_in(hidden_in_lines, ARRAY_LENGTH(hidden_in_lines), code)) return false;
    return !is_in(hidden, ARRAY_LENGTH(hidden), code);
}

/* How many bytes at the front are shown in any shape: most of most texts, and quickly passed. */
static size_t count_letters(struct text text)
{
    size_t count = 0;
    while (count < text.length && text.data[count] >= ' ' && text.data[count] <= '~')
        count++;
    return count;
}

static bool is_plain(struct text text, int shape)
{
    if (!text_is_utf8(text)) return false;
    while (text.length > 0) {
        const size_t letters = count_letters(text);
        text = (struct text){ text.data + letters, text.length - letters };
        if (text.length == 0) break;
        const size_t width = text_utf8_width(text);
        if (!is_shown(code_point((struct text){ text.data, width }), shape)) return false;
        text = (struct text){ text.data + width, text.length - width };
    }
    return true;
}

bool plain_text_is_line(struct text text)
{
    return is_plain(text, ONE_LINE);
}

bool plain_text_is_block(struct text text)
{
    return is_plain(text, LINES);
}

bool plain_text_is_postal(struct text text)
{
    return is_plain(text, JOINED_LINE);
}

bool plain_text_is_blank(struct text text)
{
    while (text.length > 0) {
        const size_t width = text_utf8_width(text);
        const uint32_t code = code_point((struct text){ text.data, width });
        const bool is_space = code == ' ' || (code >= '\t' && code <= '\r');
        if (!is_space && !is_in(blank, ARRAY_LENGTH(blank), code)) return false;
        text = (struct text){ text.data + width, text.length - width };
    }
    return true;
}

bool plain_text_is_name(struct text text)
{
    return plain_text_is_line(text) && !plain_text_is_blank(text);
}

bool plain_text_is_reason(struct text text)
{
    return plain_text_is_block(text) && !plain_text_is_blank(text);
}
