/* Units that met a lock of somebody else's, and behind each of them those of the same key: they
 * wait aside, so that all others go on, and a few of them are tried again now and then. Pure: the
 * committer sends them and says how it went. For the files of storage/. */
#pragma once

#include "storage/unit_queue.h"

enum {
    WAITING_ROOM_MAX = 1024,              /* units; more are refused */
    WAITING_ROOM_PAUSE_US = 100 * 1000,   /* after a try that met a lock */
    WAITING_ROOM_BACKOFF_US = 400 * 1000, /* at most, of one unit */
};

/* Zeroed before its first use, but for `width`: 1. */
struct waiting_room {
    struct unit_queue queue;
    size_t width;        /* units in the next try; grows while tries go well */
    int64_t next_try_us; /* monotonic; no try before */
};

bool waiting_room_is_full(const struct waiting_room *room);
/* True if a unit with this key would have to wait behind others here. */
bool waiting_room_has_key(const struct waiting_room *room, struct uuid key);
/* A unit has met a lock: it comes in with all units of its key that stand behind it in its queue;
 * or, if it is here already, waits for longer. */
void waiting_room_admit(struct waiting_room *room, struct unit *unit, int64_t now_us);
/* A unit comes in behind others of its key. */
void waiting_room_follow(struct waiting_room *room, struct unit *unit);
/* Takes a unit out; the next of its key takes its place. */
void waiting_room_remove(struct waiting_room *room, struct unit *unit);
/* Up to `width` units that are to be tried now; they stay here until they are settled. */
size_t waiting_room_collect(const struct waiting_room *room, int64_t now_us,
                            struct unit *ret_units[UNITS_BATCH_MAX]);
/* How a try went. */
void waiting_room_note_try(struct waiting_room *room, bool went_well, int64_t now_us);
/* When the next try is due; INT64_MAX: nobody waits. */
int64_t waiting_room_next_us(const struct waiting_room *room);
