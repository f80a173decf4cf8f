/* One z_stream is kept and reset: its memory would cost more to get than an answer to pack. */
#include "gateway/gzip.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum { WINDOW_BITS = 15 + 16 /* the largest window, with the head of gzip */, MEMORY_LEVEL = 8 };

struct gzip {
    z_stream stream;
};

/* ---- what a client takes ---- */

/* "q=0", "q=0.000": not this one (RFC 9110, section 12.4.2). */
static bool is_weight_of_nothing(struct text parameter)
{
    if (parameter.length < 3 || strncasecmp(parameter.data, "q=0", 3) != 0) return false;
    for (size_t i = 3; i < parameter.length; i++)
        if (parameter.data[i] != '.' && parameter.data[i] != '0') return false;
    return true;
}

/* The part up to the separator, which is taken off the rest. */
static struct text cut(struct text *rest, char separator)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->data, separator, rest->length);
    const size_t length = end == NULL ? rest->length : (size_t)(end - rest->data);
    const size_t used = end == NULL ? length : length + 1;
    const struct text part = { rest->data, length };
    *rest = (struct text){ rest->data + used, rest->length - used };
    return text_trim(part);
}

static bool is_named(struct text coding, const char *name)
{
    return coding.length == strlen(name) && strncasecmp(coding.data, name, coding.length) == 0;
}

bool gzip_is_accepted(struct text accept_encoding)
{
    bool is_any_good = false, is_named_so = false, is_good = false;
    while (accept_encoding.length > 0) {
        struct text element = cut(&accept_encoding, ',');
        const struct text coding = cut(&element, ';');
        const bool is_wanted = !is_weight_of_nothing(text_trim(element));
        if (is_named(coding, "gzip") || is_named(coding, "x-gzip")) {
            is_named_so = true;
            is_good = is_wanted;
        } else if (is_named(coding, "*")) {
            is_any_good = is_wanted;
        }
    }
    return is_named_so ? is_good : is_any_good;
}

/* ---- packing ---- */

struct gzip *gzip_new(void)
{
    struct gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip == NULL) abort();
    if (deflateInit2(&gzip->stream, 1, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        abort();
    return gzip;
}

void gzip_destroy(struct gzip **gzip)
{
    if (*gzip == NULL) return;
    (void)deflateEnd(&(*gzip)->stream);
    free(*gzip);
    *gzip = NULL;
}

struct text gzip_pack(struct gzip *gzip, struct arena *arena, struct text body, int effort)
{
    assert(effort >= 1);
    assert(effort <= 9);
    z_stream *stream = &gzip->stream;
    if (deflateReset(stream) != Z_OK || deflateParams(stream, effort, Z_DEFAULT_STRATEGY) != Z_OK ||
        body.length == 0)
        return (struct text){ .data = NULL };
    char *packed = arena_allocate(arena, body.length);
    stream->next_in = (unsigned char *)(uintptr_t)body.data; /* zlib only reads it */
    stream->avail_in = (uInt)body.length;
    stream->next_out = (unsigned char *)packed;
    stream->avail_out = (uInt)body.length;
    /* Where the end does not fit, the packed body is the larger one. */
    if (deflate(stream, Z_FINISH) != Z_STREAM_END) return (struct text){ .data = NULL };
    return (struct text){ packed, body.length - stream->avail_out };
}
