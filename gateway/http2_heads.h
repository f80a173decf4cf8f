/* Heads of HTTP/2 as libh2o 2.2.5 is about to decode them. A field of one byte, a reference into
 * the table of earlier fields, becomes a hundred bytes of memory, and libh2o counts neither fields
 * nor memory: 1 MB of references held 110 MB until the request's deadline. So the fields are
 * counted before they are decoded, and what the heads of a connection and of all together may hold
 * is bounded. What is over a bound ends its connection, since the table cannot be kept in step
 * without decoding. And a head that is malformed ends its stream, where libh2o would end the
 * connection. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEAD_FIELDS_MAX = 256,      /* of one block; more than HTTP_FIELDS_MAX, which is a 431 */
    HEAD_BLOCK_MAX = 64 * 1024, /* bytes of one block, encoded; likewise */
    HEADS_OF_CONNECTION_MAX = 2 * 1024 * 1024, /* believed memory of open requests */
    HEADS_OF_ALL_MAX = 128 * 1024 * 1024       /* half of it for those that read no answers */
};

/* How many fields a block has (RFC 7541, section 6), up to where it is broken, if it is. Pure. */
size_t http2_heads_count(const uint8_t *block, size_t length);
/* True if libh2o decodes heads by way of this file. */
bool http2_heads_are_linked(void);
