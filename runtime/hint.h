/* A hint: something new was committed in a shard of a domain. It may be lost, so whoever waits for
 * something also looks by itself from time to time. It names what is new, if that is little, so
 * that not all who wait in the shard ask. Wire form: an envelope whose body is the ids, one behind
 * the other. */
#pragma once

#include "runtime/envelope.h"

enum {
    HINT_IDS_MAX = 64,
    HINT_LOST = 255 /* in place of a domain, on the wire: hints before this one were dropped */
};

struct hint {
    unsigned domain, shard;
    uint64_t sequence; /* of the shard's last event; 0: nothing was published, and `ids` have
                          something new all the same: orders, and those who follow all of theirs */
    /* What is new is about these actors; none: about any. */
    struct uuid ids[HINT_IDS_MAX];
    size_t ids_count;
    bool is_about_any;
};

/* About nothing so far; its domain is left open. */
void hint_begin(struct hint *hint, unsigned shard, uint64_t sequence);
/* Adds what the news is about, once; behind HINT_IDS_MAX it is about any. The zero id is any. */
void hint_add(struct hint *hint, struct uuid id);
/* The envelope's body is a view of the hint, empty when it is about any. */
struct envelope hint_write(const struct hint *hint);
/* Statuses: OK, CORRUPT. */
MUST_CHECK enum status hint_read(const struct envelope *envelope, struct hint *ret_hint);

/* One bit of 64 for an id; and those of all that a hint is about, so that many hints can be kept as
 * one number. Others may have the same bit. */
uint64_t hint_mark(struct uuid id);
uint64_t hint_marks(const struct hint *hint);
