/* The outbox as consumers see it: rows of a shard after a sequence, in order, without gaps; cursors
 * of consumers. */
#pragma once

#include "storage/unit_of_work.h"

enum { FEED_EVENTS_MAX = 256 };

struct feed_event {
    unsigned shard;
    uint64_t sequence;
    struct uuid msg_id, key;
    uint16_t number;
    int64_t at_us;
    struct text body;
};

/* Reads up to `max` events of several shards after their cursors, each shard in order. WAITS. */
MUST_CHECK enum status feed_read(struct database *database, struct arena *arena,
                                 const unsigned *shards, const uint64_t *after, size_t shards_count,
                                 size_t max, int64_t deadline_us, struct feed_event *ret_events,
                                 size_t *ret_count);
/* The cursors of this database's owner as a consumer of `source`, for the shards first..last; 0
 * where there is none yet. WAITS. */
MUST_CHECK enum status feed_cursors(struct database *database, struct arena *arena,
                                    const char *source, unsigned first, unsigned last,
                                    int64_t deadline_us, uint64_t ret_after[64]);
/* Adds to a unit: moves the cursor from `from` to `to` or ends the unit with CONFLICT. */
void feed_move_cursor(struct unit *unit, struct arena *arena, const char *source, unsigned shard,
                      uint64_t from, uint64_t to);
