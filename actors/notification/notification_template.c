/* Puts values into templates. Only the template is looked through for {{names}}, never a value. */
#include "actors/notification/notification_template.h"

#include <string.h>

struct rendering {
    struct text_builder *out;
    const struct text_pair *values;
    size_t values_count;
    enum notification_format format;
};

static const struct notification_locale *locale_of(struct text locale)
{
    for (size_t i = 0; i < notification_locales_count; i++) {
        if (text_equals_string(locale, notification_locales[i].name))
            return &notification_locales[i];
    }
    return &notification_locales[0];
}

const struct notification_template *notification_template_of(enum common_notice_kind kind,
                                                             struct text locale)
{
    assert((size_t)kind < COMMON_NOTICE_KIND_COUNT);
    return &locale_of(locale)->templates[kind];
}

static size_t digits_at(struct text text, size_t start)
{
    size_t end = start;
    while (end < text.length && text.data[end] >= '0' && text.data[end] <= '9')
        end++;
    return end - start;
}

struct text notification_money(struct arena *arena, struct text amount, struct text locale)
{
    enum { MONEY_BYTES_MAX = 128 };
    const struct notification_locale *marks = locale_of(locale);
    const size_t sign = amount.length > 0 && amount.data[0] == '-' ? 1 : 0;
    const size_t whole = digits_at(amount, sign);
    if (whole == 0 || amount.length > MONEY_TEXT_MAX) return amount;
    struct text_builder out;
    text_builder_init(&out, arena, MONEY_BYTES_MAX);
    text_builder_add(&out, (struct text){ amount.data, sign });
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0) text_builder_add(&out, text_of(marks->thousands));
        text_builder_add_byte(&out, amount.data[sign + i]);
    }
    struct text rest = { amount.data + sign + whole, amount.length - sign - whole };
    if (rest.length > 0 && rest.data[0] == '.') {
        text_builder_add(&out, text_of(marks->cents));
        rest = (struct text){ rest.data + 1, rest.length - 1 };
    }
    text_builder_add(&out, rest);
    return text_builder_view(&out);
}

static bool is_money(struct text name)
{
    static const char *const names[] = { "total",     "owed",    "amount", "to_card",
                                         "to_wallet", "by_hand", "waived" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (text_equals_string(name, names[i])) return true;
    return false;
}

void notification_say_facts(struct arena *arena, const struct text_pair *facts, size_t count,
                            struct text locale, struct text_pair *ret_values)
{
    for (size_t i = 0; i < count; i++) {
        ret_values[i] = facts[i];
        if (is_money(facts[i].name))
            ret_values[i].value = notification_money(arena, facts[i].value, locale);
    }
}

static struct text value_of(const struct rendering *rendering, struct text name)
{
    for (size_t i = 0; i < rendering->values_count; i++) {
        if (text_equals(rendering->values[i].name, name)) return rendering->values[i].value;
    }
    return (struct text){ 0 };
}

/* Characters that end lines, hide text or turn its direction: C0, C1, U+2028 and 2029, U+202A to
 * 202E, U+2066 to 2069. */
static bool is_harmful(struct text character)
{
    const unsigned char *bytes = (const unsigned char *)character.data;
    switch (character.length) {
    case 1:
        return bytes[0] < ' ' || bytes[0] == 0x7f;
    case 2:
        return bytes[0] == 0xc2 && bytes[1] < 0xa0;
    case 3:
        return bytes[0] == 0xe2 && ((bytes[1] == 0x80 && bytes[2] >= 0xa8 && bytes[2] <= 0xae) ||
                                    (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9));
    default:
        return character.length == 0;
    }
}

static void put_character(struct text_builder *out, struct text character, bool is_html)
{
    assert(character.length >= 1);
    struct text escaped = character;
    const char byte = character.data[0];
    if (is_html && byte == '&') escaped = TEXT("&amp;");
    if (is_html && byte == '<') escaped = TEXT("&lt;");
    if (is_html && byte == '>') escaped = TEXT("&gt;");
    if (is_html && byte == '"') escaped = TEXT("&quot;");
    if (is_html && byte == '\'') escaped = TEXT("&#39;");
    /* Once full it stays full, so that a shorter character does not stand after one that was cut.
     */
    if (out->length + escaped.length > out->limit) out->is_full = true;
    if (!out->is_full) text_builder_add(out, escaped);
}

static void put(struct text_builder *out, struct text text, bool is_html)
{
    while (text.length > 0) {
        const size_t width = text_utf8_width(text);
        const struct text character = { text.data, width == 0 ? 1 : width };
        put_character(out, width == 0 || is_harmful(character) ? TEXT(" ") : character, is_html);
        text.data += character.length;
        text.length -= character.length;
    }
}

/* Cuts the next piece off the line: text up to a {{name}}, or the name. False at the end of the
 * line. */
static bool cut_piece(struct text *line, struct text *ret_piece, bool *ret_is_name)
{
    if (line->length == 0) return false;
    const char *open = memmem(line->data, line->length, "{{", 2);
    const char *close =
        open == NULL ? NULL : memmem(open, line->length - (size_t)(open - line->data), "}}", 2);
    size_t used = line->length;
    *ret_is_name = open == line->data && close != NULL;
    if (*ret_is_name) {
        *ret_piece = (struct text){ open + 2, (size_t)(close - open) - 2 };
        used = (size_t)(close - line->data) + 2;
    } else {
        if (close != NULL) used = (size_t)(open - line->data);
        *ret_piece = (struct text){ line->data, used };
    }
    line->data += used;
    line->length -= used;
    return true;
}

static bool lacks_value(const struct rendering *rendering, struct text line)
{
    struct text piece;
    bool is_name;
    while (cut_piece(&line, &piece, &is_name)) {
        if (is_name && value_of(rendering, piece).length == 0) return true;
    }
    return false;
}

static void put_line(const struct rendering *rendering, struct text line)
{
    const bool is_html = rendering->format == NOTIFICATION_FORMAT_HTML;
    struct text piece;
    bool is_name;
    while (cut_piece(&line, &piece, &is_name)) {
        const struct text value = is_name ? value_of(rendering, piece) : piece;
        const bool is_link = is_html && is_name && text_equals(piece, TEXT("link"));
        if (is_link) {
            text_builder_add(rendering->out, TEXT("<a href=\""));
            put(rendering->out, value, true);
            text_builder_add(rendering->out, TEXT("\">"));
        }
        put(rendering->out, value, is_html);
        if (is_link) text_builder_add(rendering->out, TEXT("</a>"));
    }
}

static struct text cut_line(struct text *rest)
{
    const char *end = memchr(rest->data, '\n', rest->length);
    const struct text line = { rest->data,
                               end == NULL ? rest->length : (size_t)(end - rest->data) };
    const size_t used = end == NULL ? line.length : line.length + 1;
    rest->data += used;
    rest->length -= used;
    return line;
}

static void put_lines(const struct rendering *rendering, struct text rest)
{
    const bool is_html = rendering->format == NOTIFICATION_FORMAT_HTML;
    struct text_builder *out = rendering->out;
    bool is_blank = true; /* the last line that was written */
    while (rest.length > 0) {
        const struct text line = cut_line(&rest);
        if (lacks_value(rendering, line)) continue;
        /* Two blank lines stand together only where what was between them is left out. */
        if (line.length == 0 && is_blank) continue;
        const size_t before = out->length;
        if (is_html && line.length == 0) text_builder_add(out, TEXT("</p>\n"));
        if (is_html && line.length > 0)
            text_builder_add(out, is_blank ? TEXT("<p>") : TEXT("<br>\n"));
        put_line(rendering, line);
        if (!is_html) text_builder_add_byte(out, '\n');
        if (out->is_full) {
            out->length = before;
            break;
        }
        is_blank = line.length == 0;
    }
    out->is_full = false;
    if (is_html && !is_blank) text_builder_add(out, TEXT("</p>\n"));
}

struct text notification_render(struct arena *arena, const char *template,
                                const struct text_pair *values, size_t values_count,
                                enum notification_format format, size_t limit)
{
    assert(limit >= 1);
    struct text_builder out;
    text_builder_init(&out, arena, limit);
    const struct rendering rendering = { &out, values, values_count, format };
    const struct text text = text_of(template);
    switch (format) {
    case NOTIFICATION_FORMAT_LINE:
        put_line(&rendering, text);
        break;
    case NOTIFICATION_FORMAT_TEXT:
        put_lines(&rendering, text);
        break;
    case NOTIFICATION_FORMAT_HTML:
        text_builder_add(&out, TEXT("<!DOCTYPE html>\n<html><body>\n"));
        put_lines(&rendering, text);
        text_builder_add(&out, TEXT("</body></html>\n"));
        break;
    }
    return text_builder_view(&out);
}
