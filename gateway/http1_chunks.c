/* A state machine over single bytes, except for data, which is moved as a whole. The dynamic linker
 * prefers the executable's symbols to the library's, for libh2o's own calls, too. */
#include "gateway/http1_chunks.h"

#include <assert.h>
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

enum { HEX_DIGITS_MAX = 8 /* 4 GiB; bodies are limited to much less */ };

static_assert(CHUNK_EXTENSION_MAX <= 127, "the extension is counted in a char");

enum chunk_state {
    CHUNK_SIZE, /* where a zeroed decoder begins */
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER_START,
    CHUNK_TRAILER,
    CHUNK_TRAILER_LF,
    CHUNK_LAST_LF,
    CHUNK_END,
    CHUNK_BROKEN
};

static int hex_digit(unsigned char byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    const unsigned char lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_printed(unsigned char byte)
{
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

static enum chunk_state size_next(struct phr_chunked_decoder *decoder, unsigned char byte)
{
    const int digit = hex_digit(byte);
    if (digit >= 0) {
        if (decoder->_hex_count == HEX_DIGITS_MAX) return CHUNK_BROKEN;
        decoder->_hex_count++;
        decoder->bytes_left_in_chunk = decoder->bytes_left_in_chunk * 16 + (size_t)digit;
        return CHUNK_SIZE;
    }
    if (decoder->_hex_count == 0) return CHUNK_BROKEN;
    decoder->_hex_count = 0;
    if (byte == ';') return CHUNK_EXTENSION;
    return byte == '\r' ? CHUNK_SIZE_LF : CHUNK_BROKEN;
}

static enum chunk_state extension_next(struct phr_chunked_decoder *decoder, unsigned char byte)
{
    if (byte == '\r') return CHUNK_SIZE_LF;
    if (!is_printed(byte) || decoder->_hex_count == CHUNK_EXTENSION_MAX) return CHUNK_BROKEN;
    decoder->_hex_count++; /* the digits are read: it counts the extension's bytes now */
    return CHUNK_EXTENSION;
}

static enum chunk_state after_size(struct phr_chunked_decoder *decoder)
{
    decoder->_hex_count = 0;
    if (decoder->bytes_left_in_chunk > 0) return CHUNK_DATA;
    return decoder->consume_trailer != 0 ? CHUNK_TRAILER_START : CHUNK_END;
}

/* The last chunk has no data, so `bytes_left_in_chunk` is free to count the bytes of trailers. */
static enum chunk_state trailer_next(struct phr_chunked_decoder *decoder, unsigned char byte,
                                     bool is_first)
{
    if (++decoder->bytes_left_in_chunk > CHUNK_TRAILERS_MAX) return CHUNK_BROKEN;
    if (byte == '\r') return is_first ? CHUNK_LAST_LF : CHUNK_TRAILER_LF;
    if (is_first && (byte == ' ' || byte == '\t')) return CHUNK_BROKEN; /* a folded line */
    return is_printed(byte) ? CHUNK_TRAILER : CHUNK_BROKEN;
}

/* The state after a byte that is not data. */
static enum chunk_state chunk_next(struct phr_chunked_decoder *decoder, unsigned char byte)
{
    switch ((enum chunk_state)decoder->_state) {
    case CHUNK_SIZE:
        return size_next(decoder, byte);
    case CHUNK_EXTENSION:
        return extension_next(decoder, byte);
    case CHUNK_SIZE_LF:
        return byte == '\n' ? after_size(decoder) : CHUNK_BROKEN;
    case CHUNK_DATA_CR:
        return byte == '\r' ? CHUNK_DATA_LF : CHUNK_BROKEN;
    case CHUNK_DATA_LF:
        return byte == '\n' ? CHUNK_SIZE : CHUNK_BROKEN;
    case CHUNK_TRAILER_START:
        return trailer_next(decoder, byte, true);
    case CHUNK_TRAILER:
        return trailer_next(decoder, byte, false);
    case CHUNK_TRAILER_LF:
        return byte == '\n' ? CHUNK_TRAILER_START : CHUNK_BROKEN;
    case CHUNK_LAST_LF:
        return byte == '\n' ? CHUNK_END : CHUNK_BROKEN;
    case CHUNK_DATA:
    case CHUNK_END:
    case CHUNK_BROKEN:
        break;
    }
    return CHUNK_BROKEN;
}

ssize_t phr_decode_chunked(struct phr_chunked_decoder *decoder, char *buf, size_t *bufsz)
{
    const size_t size = *bufsz;
    size_t from = 0, to = 0; /* `to` never overtakes `from` */
    assert(decoder->_state >= CHUNK_SIZE && decoder->_state <= CHUNK_BROKEN);
    while (from < size && decoder->_state != CHUNK_END && decoder->_state != CHUNK_BROKEN) {
        if (decoder->_state != CHUNK_DATA) {
            decoder->_state = (char)chunk_next(decoder, (unsigned char)buf[from++]);
            continue;
        }
        size_t length = size - from;
        if (length > decoder->bytes_left_in_chunk) length = decoder->bytes_left_in_chunk;
        memmove(buf + to, buf + from, length);
        from += length;
        to += length;
        decoder->bytes_left_in_chunk -= length;
        if (decoder->bytes_left_in_chunk == 0) decoder->_state = CHUNK_DATA_CR;
    }
    if (decoder->_state == CHUNK_BROKEN) return -1;
    assert(to <= from && from <= size);
    memmove(buf + to, buf + from, size - from);
    *bufsz = to;
    return decoder->_state == CHUNK_END ? (ssize_t)(size - from) : -2;
}

int phr_decode_chunked_is_in_data(struct phr_chunked_decoder *decoder)
{
    return decoder->_state == CHUNK_DATA;
}

bool http1_chunks_are_linked(void)
{
    /* RTLD_DEFAULT: what all libraries of the process resolve the name to. */
    void *resolved = dlsym(RTLD_DEFAULT, "phr_decode_chunked"), *own;
    ssize_t (*const function)(struct phr_chunked_decoder *, char *, size_t *) = phr_decode_chunked;
    static_assert(sizeof function == sizeof own, "a function's address fits a pointer");
    memcpy(&own, &function, sizeof own);
    return resolved == own;
}
