/* How the characters of a file are written, and chunks of it as UTF-8. */
#pragma once

#include "messages/product_file/byte_source.h"

enum encoding {
    ENCODING_UTF8,
    ENCODING_UTF16_LE,
    ENCODING_UTF16_BE,
    ENCODING_WINDOWS_1252,
};

enum {
    ENCODING_CHUNK_BYTES = 1 << 15,
    ENCODING_UNSAID = -1, /* in the place of an encoding: the file's bytes say */
};

/* A stretch of a file as UTF-8. What is no UTF-8 in a file of it stays as it stands; what is no
 * character of another encoding becomes U+FFFD. */
struct encoding_chunk {
    size_t length; /* 0: the end of the file */
    uint64_t end;  /* where the next one begins in the file, in bytes */
    char text[ENCODING_CHUNK_BYTES];
};

/* The encoding of that name, as `Content-Type` names them; its case does not count. Latin-1 is
 * Windows-1252, as in browsers, and of UTF-16 the bytes say which. Statuses: OK, NOT_FOUND. */
MUST_CHECK enum status encoding_named(struct text name, int *ret_encoding);
/* Finds out how a file is written, by its mark; else it is as somebody has `said`; else by the
 * zeros of ASCII in UTF-16; else it is UTF-8, unless more of its bytes are none than it has
 * characters of UTF-8 beyond ASCII: then it is Windows-1252. May read the whole file. `ret_start`
 * is where its first character begins, behind the mark. Statuses: OK and those of the source. */
MUST_CHECK enum status encoding_recognise(const struct byte_source *source, int said,
                                          enum encoding *ret_encoding, uint64_t *ret_start);
/* Reads the chunk that begins at `offset`. Statuses: OK and those of the source. */
MUST_CHECK enum status encoding_read(const struct byte_source *source, enum encoding encoding,
                                     uint64_t offset, struct encoding_chunk *ret_chunk);
/* How many bytes of the file `text` was, a part of a chunk that ends between characters. */
uint64_t encoding_bytes(enum encoding encoding, struct text text);
