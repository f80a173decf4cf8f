/* Stands in front of libh2o 2.2.5's decoder of chunked bodies (phr_decode_chunked()), which takes
 * "0x2" for a last chunk, a bare LF for a line's end, and extensions of any length: two readers of
 * such a body may find two different requests behind it (RFC 9112, sections 2.2 and 7.1). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    CHUNK_EXTENSION_MAX = 100, /* bytes behind a chunk's size; nobody sends any */
    CHUNK_TRAILERS_MAX = 4096  /* bytes; they are dropped */
};

/* The layout is libh2o's (picohttpparser.h of 2017). Zeroed before its first use. */
struct phr_chunked_decoder {
    size_t bytes_left_in_chunk;
    char consume_trailer; /* trailers belong to the body */
    char _hex_count;
    char _state;
};

/* Takes chunk headers out of the bytes in place; `bufsz` becomes the length of what is left.
 * Returns -2: more is to come; -1: this is no chunked body; else how many bytes follow the body's
 * end, from `bufsz` on. libh2o calls it. */
ssize_t phr_decode_chunked(struct phr_chunked_decoder *decoder, char *buf, size_t *bufsz);
int phr_decode_chunked_is_in_data(struct phr_chunked_decoder *decoder);

/* True when this program's decoder is the one that libh2o calls. Calling it also links it in. */
bool http1_chunks_are_linked(void);
