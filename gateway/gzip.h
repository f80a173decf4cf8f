/* Answers in the coding gzip (RFC 1952) for clients that accept it (RFC 9110, section 12.5.3). */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

enum {
    GZIP_BYTES_MIN = 1024,      /* below, the headers outweigh what is saved */
    GZIP_BYTES_MAX = 256 * 1024 /* above, packing an answer holds up all others */
};

/* Whether Accept-Encoding takes gzip: named, or by the asterisk, with a weight above nothing. An
 * absent header (no data) asks for the plain answer. Pure. */
bool gzip_is_accepted(struct text accept_encoding);

/* The packer's memory, a quarter of a megabyte, which one loop shares. */
struct gzip;
struct gzip *gzip_new(void);
void gzip_destroy(struct gzip **gzip);
/* The body packed, in the arena; `effort` is 1 (quick) to 9. Empty if that makes nothing smaller.
 */
struct text gzip_pack(struct gzip *gzip, struct arena *arena, struct text body, int effort);
