/* A strict decoder of chunked bodies in the place of libh2o 2.2.5's, phr_decode_chunked(). That one
 * accepts "0x2" as a last chunk, a bare LF as the end of a line, and extensions of any length, so
 * that another reader of the same bytes (a proxy) may find a different request behind the body
 * (RFC 9112, sections 2.2 and 7.1; gateway/README.md, Decisions: chunks have one meaning). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    CHUNK_EXTENSION_MAX = 100, /* bytes after a chunk's size; clients send none */
    CHUNK_TRAILERS_MAX = 4096  /* bytes; they are dropped */
};

/* libh2o allocates it: the layout is that of its picohttpparser.h (2017). Zeroed before its first
 * use. */
struct phr_chunked_decoder {
    size_t bytes_left_in_chunk;
    char consume_trailer; /* nonzero: trailers belong to the body, and are dropped */
    char _hex_count;
    char _state;
};

/* Removes the framing from bytes as they come, in place; `bufsz` becomes the length of the data.
 * What follows the end of the body is moved behind that. Returns -2: more is to come; -1: this is
 * not a chunked body; else how many bytes follow its end. Called by libh2o. */
ssize_t phr_decode_chunked(struct phr_chunked_decoder *decoder, char *buf, size_t *bufsz);
/* True in the middle of a chunk's data. Called by libh2o. */
int phr_decode_chunked_is_in_data(struct phr_chunked_decoder *decoder);

/* True when libh2o calls this program's decoder and not its own. Calling it also links it in. */
bool http1_chunks_are_linked(void);
