/* Puts the address of the next page together. */
#include "gateway/next_link.h"

#include <string.h>

enum { LINK_MAX = 16 * 1024 };

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           memchr("-._~", c, 4) != NULL;
}

/* RFC 3986, section 2.1. */
static void add_value(struct text_builder *out, struct text value, struct arena *arena)
{
    for (size_t i = 0; i < value.length; i++) {
        const unsigned char c = (unsigned char)value.data[i];
        if (is_unreserved(c))
            text_builder_add_byte(out, (char)c);
        else
            text_builder_add(out, text_format(arena, "%%%02X", c));
    }
}

struct text next_link(struct arena *arena, struct text path, struct text query, struct text next)
{
    struct text_builder out;
    text_builder_init(&out, arena, LINK_MAX);
    text_builder_add_byte(&out, '<');
    text_builder_add(&out, path);
    text_builder_add_byte(&out, '?');
    while (query.length > 0) {
        const char *end = memchr(query.data, '&', query.length);
        const size_t length = end == NULL ? query.length : (size_t)(end - query.data);
        const struct text parameter = { query.data, length };
        const size_t used = end == NULL ? length : length + 1;
        query = (struct text){ query.data + used, query.length - used };
        if (length == 0 || text_starts_with(parameter, TEXT("after="))) continue;
        text_builder_add(&out, parameter);
        text_builder_add_byte(&out, '&');
    }
    text_builder_add(&out, TEXT("after="));
    add_value(&out, next, arena);
    text_builder_add(&out, TEXT(">; rel=\"next\""));
    return out.is_full ? (struct text){ 0 } : text_builder_view(&out);
}
