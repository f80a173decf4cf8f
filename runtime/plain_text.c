/* Walks UTF-8 and looks for what must not be there. */
#include "runtime/plain_text.h"

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

static bool is_hidden(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
    if (code >= 0x200b && code <= 0x200f) return true;
    if (code >= 0x2028 && code <= 0x202e) return true;
    if (code >= 0x2060 && code <= 0x2064) return true;
    if (code >= 0x2066 && code <= 0x2069) return true;
    return code == 0xfeff;
}

static bool is_plain(struct text text, bool may_have_lines)
{
    if (!text_is_utf8(text)) return false;
    while (text.length > 0) {
        const size_t width = text_utf8_width(text);
        const uint32_t code = code_point((struct text){ text.data, width });
        const bool is_allowed =
            may_have_lines && (code == '\t' || code == '\n' || code == '\r' || is_joiner(code));
        if (is_hidden(code) && !is_allowed) return false;
        text = (struct text){ text.data + width, text.length - width };
    }
    return true;
}

bool plain_text_is_line(struct text text)
{
    return is_plain(text, false);
}

bool plain_text_is_block(struct text text)
{
    return is_plain(text, true);
}
