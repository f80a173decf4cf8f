/* One pass over the bytes. White space is kept back until text follows it, so that none is left at
 * the ends. */
#include "messages/product_file/html_text.h"

#include <string.h>
#include <strings.h>

#include "runtime/plain_text.h"

enum { TAG_NAME_MAX = 16, ENTITY_NAME_MAX = 10, CODE_POINT_MAX = 0x10FFFF, REPLACEMENT = 0xFFFD };

struct html {
    struct text input;
    size_t position;
    struct text_builder out;
    bool has_space, has_break; /* to be written before the next character */
};

struct entity {
    const char *name;
    unsigned code_point;
};

/* HTML 4.01, chapter 24.2: the names of the characters 160 to 255. */
static const char *const latin_names[] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml",
};
static_assert(sizeof latin_names / sizeof latin_names[0] == 96, "one name for each of 160..255");

static const struct entity entities[] = {
    { "amp", '&' },       { "lt", '<' },       { "gt", '>' },        { "quot", '"' },
    { "apos", '\'' },     { "OElig", 0x152 },  { "oelig", 0x153 },   { "Scaron", 0x160 },
    { "scaron", 0x161 },  { "Yuml", 0x178 },   { "circ", 0x2C6 },    { "tilde", 0x2DC },
    { "ensp", ' ' },      { "emsp", ' ' },     { "thinsp", ' ' },    { "ndash", 0x2013 },
    { "mdash", 0x2014 },  { "lsquo", 0x2018 }, { "rsquo", 0x2019 },  { "sbquo", 0x201A },
    { "ldquo", 0x201C },  { "rdquo", 0x201D }, { "bdquo", 0x201E },  { "dagger", 0x2020 },
    { "Dagger", 0x2021 }, { "bull", 0x2022 },  { "hellip", 0x2026 }, { "permil", 0x2030 },
    { "prime", 0x2032 },  { "Prime", 0x2033 }, { "lsaquo", 0x2039 }, { "rsaquo", 0x203A },
    { "euro", 0x20AC },   { "trade", 0x2122 }, { "larr", 0x2190 },   { "uarr", 0x2191 },
    { "rarr", 0x2192 },   { "darr", 0x2193 },  { "minus", 0x2212 },  { "asymp", 0x2248 },
    { "ne", 0x2260 },     { "le", 0x2264 },    { "ge", 0x2265 },     { "infin", 0x221E },
    { "hearts", 0x2665 }, { "check", 0x2713 },
};

static const char *const block_tags[] = {
    "address", "article", "aside", "blockquote", "br",     "caption", "center",  "dd",
    "details", "div",     "dl",    "dt",         "figure", "footer",  "form",    "h1",
    "h2",      "h3",      "h4",    "h5",         "h6",     "header",  "hr",      "li",
    "main",    "nav",     "ol",    "option",     "p",      "pre",     "section", "summary",
    "table",   "tbody",   "td",    "tfoot",      "th",     "thead",   "tr",      "ul",
};

static const char *const hidden_tags[] = { "script",   "style",  "template", "title",
                                           "noscript", "iframe", "svg",      "textarea" };

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return false;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static struct text rest_of(const struct html *html)
{
    return (struct text){ html->input.data + html->position, html->input.length - html->position };
}

/* The builder drops a write that does not fit as a whole, so that no character is cut. */
static void put(struct html *html, struct text character)
{
    if (html->out.is_full) return;
    /* What is not seen, or turns the text round, is no text: editors leave it behind. */
    if ((unsigned char)character.data[0] >= 0x80 && text_is_utf8(character) &&
        !plain_text_is_block(character))
        return;
    if (html->has_break && html->out.length > 0)
        text_builder_add_byte(&html->out, '\n');
    else if (html->has_space && html->out.length > 0)
        text_builder_add_byte(&html->out, ' ');
    html->has_break = html->has_space = false;
    text_builder_add(&html->out, character);
}

static void put_code_point(struct html *html, uint32_t code_point)
{
    char bytes[TEXT_CHARACTER_BYTES_MAX];
    const bool is_invalid = code_point == 0 || (code_point >= 0xD800 && code_point <= 0xDFFF) ||
                            code_point > CODE_POINT_MAX;
    if (is_invalid) code_point = REPLACEMENT;
    if (code_point == 0xA0 || code_point <= ' ') {
        html->has_space = true;
        return;
    }
    const size_t length = text_put_character(bytes, code_point);
    put(html, (struct text){ bytes, length });
}

/* HTML 5, "numeric character reference end state": these numbers mean windows-1252. */
static uint32_t from_windows_1252(uint32_t code_point)
{
    static const uint16_t table[32] = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
    };
    return code_point >= 0x80 && code_point < 0xA0 ? table[code_point - 0x80] : code_point;
}

/* "&#233;" or "&#xE9;": returns how many bytes it has; 0: it is not a number. */
static size_t read_number(struct text rest, uint32_t *ret_code_point)
{
    size_t i = 2;
    uint32_t base = 10, value = 0;
    if (i < rest.length && (rest.data[i] == 'x' || rest.data[i] == 'X')) {
        base = 16;
        i++;
    }
    const size_t first = i;
    for (; i < rest.length; i++) {
        const char byte = rest.data[i];
        uint32_t digit;
        if (is_digit(byte))
            digit = (uint32_t)(byte - '0');
        else if (base == 16 && (byte | 32) >= 'a' && (byte | 32) <= 'f')
            digit = (uint32_t)((byte | 32) - 'a') + 10;
        else
            break;
        if (value <= CODE_POINT_MAX) value = value * base + digit;
    }
    if (i == first) return 0;
    if (i < rest.length && rest.data[i] == ';') i++;
    *ret_code_point = from_windows_1252(value);
    return i;
}

static bool find_entity(struct text name, uint32_t *ret_code_point)
{
    for (size_t i = 0; i < ARRAY_LENGTH(entities); i++) {
        if (!text_equals_string(name, entities[i].name)) continue;
        *ret_code_point = entities[i].code_point;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(latin_names); i++) {
        if (!text_equals_string(name, latin_names[i])) continue;
        *ret_code_point = (uint32_t)(160 + i);
        return true;
    }
    return false;
}

/* An entity that is unknown stays as it is written: '&' alone is common. */
static void read_entity(struct html *html)
{
    const struct text rest = rest_of(html);
    uint32_t code_point = '&';
    size_t taken = 0;
    if (rest.length > 2 && rest.data[1] == '#') {
        taken = read_number(rest, &code_point);
    } else {
        size_t end = 1;
        while (end < rest.length && end <= ENTITY_NAME_MAX &&
               (is_letter(rest.data[end]) || is_digit(rest.data[end])))
            end++;
        if (end < rest.length && rest.data[end] == ';' &&
            find_entity((struct text){ rest.data + 1, end - 1 }, &code_point))
            taken = end + 1;
    }
    html->position += taken == 0 ? 1 : taken;
    put_code_point(html, code_point);
}

/* Moves behind the next occurrence of `end`, or to the end of the text. */
static void skip_behind(struct html *html, struct text end)
{
    const struct text rest = rest_of(html);
    const char *found = memmem(rest.data, rest.length, end.data, end.length);
    html->position =
        found == NULL ? html->input.length : (size_t)(found - html->input.data) + end.length;
}

/* Moves to the end tag of that name, or to the end of the text. */
static void skip_hidden(struct html *html, const char *name)
{
    const size_t length = strlen(name);
    for (; html->position < html->input.length; html->position++) {
        const struct text rest = rest_of(html);
        if (rest.length >= length + 2 && rest.data[0] == '<' && rest.data[1] == '/' &&
            strncasecmp(rest.data + 2, name, length) == 0 &&
            (rest.length == length + 2 || !is_letter(rest.data[length + 2])))
            return;
    }
}

/* Moves behind the '>' of a tag. One inside a quoted value does not count; a quote only begins a
 * value after '=', because merchants write apostrophes in tags that they broke. */
static void skip_attributes(struct html *html)
{
    char quote = '\0';
    char before = '\0';
    for (; html->position < html->input.length; html->position++) {
        const char byte = html->input.data[html->position];
        if (quote != '\0') {
            if (byte == quote) quote = '\0';
        } else if ((byte == '"' || byte == '\'') && before == '=') {
            quote = byte;
        } else if (byte == '>') {
            html->position++;
            return;
        }
        if (byte != ' ') before = byte;
    }
}

static void read_tag(struct html *html, bool is_end)
{
    char name[TAG_NAME_MAX + 1];
    size_t length = 0;
    for (; html->position < html->input.length; html->position++) {
        const char byte = html->input.data[html->position];
        if (!is_letter(byte) && !is_digit(byte)) break;
        if (length < TAG_NAME_MAX)
            name[length++] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
    }
    name[length] = '\0';
    skip_attributes(html);
    const bool is_empty =
        html->input.data[html->position - 1] == '>' && html->input.data[html->position - 2] == '/';
    if (is_one_of(name, block_tags, ARRAY_LENGTH(block_tags)))
        html->has_break = true;
    else if (!is_end && !is_empty && is_one_of(name, hidden_tags, ARRAY_LENGTH(hidden_tags)))
        skip_hidden(html, name);
}

/* What begins with '<': a comment, a declaration, a tag, or just that character. */
static void read_markup(struct html *html)
{
    const struct text rest = rest_of(html);
    const char next = rest.length > 1 ? rest.data[1] : '\0';
    if (text_starts_with(rest, TEXT("<!--"))) {
        html->position += 4;
        skip_behind(html, TEXT("-->"));
    } else if (next == '!' || next == '?') {
        skip_behind(html, TEXT(">"));
    } else if (is_letter(next)) {
        html->position++;
        read_tag(html, false);
    } else if (next == '/' && rest.length > 2 && is_letter(rest.data[2])) {
        html->position += 2;
        read_tag(html, true);
    } else {
        put(html, TEXT("<"));
        html->position++;
    }
}

struct text html_to_text(struct arena *arena, struct text input, size_t limit)
{
    assert(limit > 0);
    struct html html = { .input = input };
    text_builder_init(&html.out, arena, limit);
    while (html.position < input.length && !html.out.is_full) {
        const char byte = input.data[html.position];
        if (byte == '<') {
            read_markup(&html);
        } else if (byte == '&') {
            read_entity(&html);
        } else if (byte >= 0 && (byte <= ' ' || byte == 0x7F)) {
            html.has_space = true;
            html.position++;
        } else {
            const struct text rest = rest_of(&html);
            const size_t width = text_utf8_width(rest);
            put(&html, (struct text){ rest.data, width == 0 ? 1 : width });
            html.position += width == 0 ? 1 : width;
        }
    }
    return text_builder_view(&html.out);
}
