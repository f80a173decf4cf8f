/* The list is searched as the text that it was configured as: it is short, and only requests with
 * an Origin come here. */
#include "gateway/cors.h"

#include <string.h>

/* Removes the first entry from the list; returns it trimmed. */
static struct text list_next(struct text *list)
{
    assert(list->length > 0);
    const char *comma = memchr(list->data, ',', list->length);
    const size_t length = comma == NULL ? list->length : (size_t)(comma - list->data);
    const size_t used = comma == NULL ? length : length + 1;
    const struct text entry = text_trim((struct text){ list->data, length });
    *list = (struct text){ list->data + used, list->length - used };
    return entry;
}

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(".-:[]", c) != NULL);
}

static bool ends_with(struct text text, struct text end)
{
    return text.length >= end.length &&
           text_equals((struct text){ text.data + text.length - end.length, end.length }, end);
}

static bool is_origin(struct text entry)
{
    const struct text http = TEXT("http://"), https = TEXT("https://");
    const bool is_https = text_starts_with(entry, https);
    if (!is_https && !text_starts_with(entry, http)) return false;
    const size_t scheme = is_https ? https.length : http.length;
    for (size_t i = scheme; i < entry.length; i++) {
        if (!is_host_byte(entry.data[i])) return false;
    }
    /* A browser leaves the scheme's own port out, so that such an entry would never match. */
    return entry.length > scheme && !ends_with(entry, is_https ? TEXT(":443") : TEXT(":80"));
}

bool cors_list_is_good(struct text list)
{
    while (list.length > 0) {
        if (!is_origin(list_next(&list))) return false;
    }
    return true;
}

bool cors_is_listed(struct text list, struct text origin)
{
    if (origin.length == 0) return false;
    while (list.length > 0) {
        if (text_equals(list_next(&list), origin)) return true;
    }
    return false;
}
