/* Memory of packers is kept from answer to answer: it would cost more to get than an answer to
 * pack. */
#include "gateway/coding.h"

#include <brotli/encode.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

enum {
    WINDOW_BITS = 15 + 16, /* zlib: the largest window, with the head of gzip */
    MEMORY_LEVEL = 8,
    BR_WINDOW_BITS = 18 /* what is packed at all is no longer */
};

/* Efforts by use, measured with lists of products: a list of 20 KB takes 22, 97 and 51 us at the
 * first, 93, 151 and 149 us at the second, and is a sixth of its length or less. */
static const int efforts[CODING_COUNT][CODING_ALWAYS + 1] = {
    [CODING_ZSTD] = { 1, 6, 9 },
    [CODING_BR] = { 1, 5, 6 },
    [CODING_GZIP] = { 1, 6, 9 },
};

struct packer {
    z_stream stream;
    ZSTD_CCtx *zstd;
};

/* ---- what a client takes ---- */

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

static bool is_named(struct text coding, struct text name)
{
    return coding.length == name.length && strncasecmp(coding.data, name.data, name.length) == 0;
}

/* In thousandths; 1000 where there is none, and where it cannot be read (RFC 9110, section 12.4.2).
 */
static int weight_of(struct text parameter)
{
    if (parameter.length < 3 || strncasecmp(parameter.data, "q=", 2) != 0) return 1000;
    if (parameter.data[2] != '0') return 1000;
    int weight = 0, digit_worth = 100;
    for (size_t i = 4; i < parameter.length && digit_worth > 0; i++, digit_worth /= 10) {
        if (parameter.data[i] < '0' || parameter.data[i] > '9') return 1000;
        weight += digit_worth * (parameter.data[i] - '0');
    }
    return weight;
}

static enum coding named_coding(struct text name)
{
    if (is_named(name, TEXT("x-gzip"))) return CODING_GZIP;
    int coding = 0;
    while (coding < CODING_COUNT && !is_named(name, coding_name((enum coding)coding)))
        coding++;
    return (enum coding)coding;
}

enum coding coding_choose(struct text accept_encoding)
{
    enum { UNSAID = -1 };
    int weights[CODING_COUNT + 1], any = UNSAID; /* the last: the plain answer's */
    for (size_t i = 0; i < ARRAY_LENGTH(weights); i++)
        weights[i] = UNSAID;
    while (accept_encoding.length > 0) {
        struct text element = cut(&accept_encoding, ',');
        const struct text name = cut(&element, ';');
        const int weight = weight_of(text_trim(element));
        const enum coding coding = named_coding(name);
        if (is_named(name, TEXT("*")))
            any = weight;
        else if (coding != CODING_NONE || is_named(name, TEXT("identity")))
            weights[coding] = weight;
    }
    enum coding chosen = CODING_NONE;
    /* The plain answer is taken where nothing is said of it, but gladly only where it is named. */
    int most = weights[CODING_NONE] == UNSAID ? 0 : weights[CODING_NONE] - 1;
    for (int i = 0; i < CODING_COUNT; i++) {
        const int weight = weights[i] == UNSAID ? any : weights[i];
        if (weight <= most) continue;
        most = weight;
        chosen = (enum coding)i;
    }
    return chosen;
}

/* ---- packing ---- */

struct packer *packer_new(void)
{
    struct packer *packer = calloc(1, sizeof *packer);
    if (packer == NULL) abort();
    if (deflateInit2(&packer->stream, 1, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    packer->zstd = ZSTD_createCCtx();
    if (packer->zstd == NULL) abort();
    return packer;
}

void packer_destroy(struct packer **packer)
{
    if (*packer == NULL) return;
    (void)deflateEnd(&(*packer)->stream);
    (void)ZSTD_freeCCtx((*packer)->zstd);
    free(*packer);
    *packer = NULL;
}

/* Each returns the packed length, 0 where that is not below the body's. */

static size_t pack_gzip(struct packer *packer, struct text body, int effort, char *packed)
{
    z_stream *stream = &packer->stream;
    if (deflateReset(stream) != Z_OK || deflateParams(stream, effort, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    stream->next_in = (unsigned char *)(uintptr_t)body.data; /* zlib only reads it */
    stream->avail_in = (uInt)body.length;
    stream->next_out = (unsigned char *)packed;
    stream->avail_out = (uInt)body.length;
    /* Where the end does not fit, the packed body is the larger one. */
    return deflate(stream, Z_FINISH) == Z_STREAM_END ? body.length - stream->avail_out : 0;
}

static size_t pack_br(struct text body, int effort, char *packed)
{
    size_t length = body.length;
    return BrotliEncoderCompress(effort, BR_WINDOW_BITS, BROTLI_MODE_TEXT, body.length,
                                 (const uint8_t *)body.data, &length, (uint8_t *)packed)
               ? length
               : 0;
}

/* A context never becomes smaller, so what is packed with effort, once, gets one of its own. */
static size_t pack_zstd(struct packer *packer, struct text body, enum coding_use use, char *packed)
{
    ZSTD_CCtx *zstd = use == CODING_ONCE ? packer->zstd : ZSTD_createCCtx();
    if (zstd == NULL) abort();
    const size_t length = ZSTD_compressCCtx(zstd, packed, body.length, body.data, body.length,
                                            efforts[CODING_ZSTD][use]);
    if (zstd != packer->zstd) (void)ZSTD_freeCCtx(zstd);
    return ZSTD_isError(length) ? 0 : length;
}

struct text packer_pack(struct packer *packer, struct arena *arena, struct text body,
                        enum coding coding, enum coding_use use)
{
    assert(coding < CODING_COUNT);
    if (body.length == 0) return (struct text){ .data = NULL };
    const int effort = efforts[coding][use];
    char *packed = arena_allocate(arena, body.length);
    size_t length = 0;
    if (coding == CODING_ZSTD) length = pack_zstd(packer, body, use, packed);
    if (coding == CODING_BR) length = pack_br(body, effort, packed);
    if (coding == CODING_GZIP) length = pack_gzip(packer, body, effort, packed);
    return (struct text){ length > 0 ? packed : NULL, length };
}
