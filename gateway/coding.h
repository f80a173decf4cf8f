/* Codings of answers for clients that accept them (RFC 9110, section 12.5.3): gzip (RFC 1952),
 * br (RFC 7932) and zstd (RFC 8878). */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"
#include "runtime/text.h"

enum {
    CODING_BYTES_MIN = 1024,      /* below, the headers outweigh what is saved */
    CODING_BYTES_MAX = 256 * 1024 /* above, packing an answer holds up all others */
};

/* How often it will be sent. */
enum coding_use { CODING_ONCE, CODING_OFTEN, CODING_ALWAYS };

/* The coding that Accept-Encoding weighs most, the first of our list among equal ones, named or by
 * the asterisk;
 * NONE where it takes none of ours, or the plain answer is weighed more. An absent header (no data)
 * asks for the plain answer. Pure. */
enum coding coding_choose(struct text accept_encoding);

/* The packers' memory, below a megabyte, which one loop shares. */
struct packer;
struct packer *packer_new(void);
void packer_destroy(struct packer **packer);
/* The body packed, in the arena. Empty if that makes nothing smaller. */
struct text packer_pack(struct packer *packer, struct arena *arena, struct text body,
                        enum coding coding, enum coding_use use);
