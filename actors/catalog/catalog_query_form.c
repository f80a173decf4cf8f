/* Searches as text: their form for comparing, and attributes written as a list. */
#include "actors/catalog/catalog_query_form.h"

#include <stdlib.h>
#include <utf8proc.h>

enum {
    QUERY_CHARACTERS_MAX = 200,
    DIGITS_MAX = 6, /* with more it may be somebody's telephone */
};

static void add_words(struct text_builder *builder, struct text text)
{
    bool is_gap = false;
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        if ((unsigned char)byte <= ' ') {
            is_gap = builder->length > 0;
            continue;
        }
        if (is_gap) text_builder_add_byte(builder, ' ');
        is_gap = false;
        text_builder_add_byte(builder, byte);
    }
}

struct text catalog_query_form(struct arena *arena, struct text query)
{
    utf8proc_uint8_t *folded = NULL;
    const utf8proc_ssize_t length =
        utf8proc_map((const utf8proc_uint8_t *)query.data, (utf8proc_ssize_t)query.length, &folded,
                     UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_IGNORE |
                         UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_STRIPCC);
    if (length <= 0) {
        free(folded);
        return (struct text){ 0 };
    }
    struct text_builder builder;
    text_builder_init(&builder, arena, (size_t)length);
    add_words(&builder, (struct text){ (const char *)folded, (size_t)length });
    free(folded);
    return text_builder_view(&builder);
}

bool catalog_query_is_nobodys(struct text form)
{
    size_t digits = 0;
    if (form.length == 0 || text_characters(form) > QUERY_CHARACTERS_MAX) return false;
    for (size_t i = 0; i < form.length; i++) {
        if (form.data[i] == '@') return false;
        digits += form.data[i] >= '0' && form.data[i] <= '9' ? 1 : 0;
    }
    return digits <= DIGITS_MAX;
}

/* Reads up to `end` or the end of the text, of which it takes that much off. False if there is
 * nothing before it, or a backslash with nothing behind it. */
static bool read_part(struct arena *arena, struct text *rest, char end, bool *ret_is_ended,
                      struct text *ret_part)
{
    struct text_builder part;
    size_t i = 0;
    text_builder_init(&part, arena, rest->length);
    for (; i < rest->length && rest->data[i] != end; i++) {
        if (rest->data[i] == '\\' && ++i == rest->length) return false;
        text_builder_add_byte(&part, rest->data[i]);
    }
    *ret_is_ended = i < rest->length;
    const size_t used = *ret_is_ended ? i + 1 : i;
    rest->data += used;
    rest->length -= used;
    *ret_part = text_trim(text_builder_view(&part));
    return ret_part->length > 0;
}

enum status catalog_query_read_attributes(struct arena *arena, struct text text,
                                          const struct search_attribute **ret_attributes,
                                          size_t *ret_count)
{
    struct search_attribute *attributes =
        arena_allocate_array(arena, SEARCH_FILTER_ATTRIBUTES_MAX, sizeof *attributes);
    struct text rest = text;
    size_t count = 0;
    bool has_name, has_more = true;
    while (has_more) {
        if (count == SEARCH_FILTER_ATTRIBUTES_MAX) return STATUS_INVALID_PARAMETER;
        struct search_attribute *attribute = &attributes[count++];
        if (!read_part(arena, &rest, ':', &has_name, &attribute->name) || !has_name ||
            !read_part(arena, &rest, ',', &has_more, &attribute->value))
            return STATUS_INVALID_PARAMETER;
    }
    *ret_attributes = attributes;
    *ret_count = count;
    return STATUS_OK;
}
