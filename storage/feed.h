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

/* What is to be read: events of these shards, each after its cursor; of kinds that are not among
 * the numbers the body is left out. */
struct feed_query {
    const unsigned *shards;
    const uint64_t *after;
    size_t shards_count;
    const int64_t *numbers;
    size_t numbers_count;
    size_t max; /* events */
};

/* Reads events of several shards after their cursors, each shard in order. WAITS. */
MUST_CHECK enum status feed_read(struct database *database, struct arena *arena,
                                 const struct feed_query *query, int64_t deadline_us,
                                 struct feed_event *ret_events, size_t *ret_count);
/* The cursors of this database's owner as a consumer of `source`, for the shards first..last; 0
 * where nothing was consumed yet. Makes the rows that are missing. WAITS. */
MUST_CHECK enum status feed_cursors(struct database *database, struct arena *arena,
                                    const char *source, unsigned first, unsigned last,
                                    int64_t deadline_us, uint64_t ret_after[64]);

struct feed_move {
    unsigned shard;
    uint64_t from, to; /* from < to */
};

/* Adds to a unit: moves the cursors of several shards, each from where it is believed to be, or
 * ends the unit with CONFLICT. feed_cursors() must have been called for them. */
void feed_move_cursors(struct unit *unit, struct arena *arena, const char *source,
                       const struct feed_move *moves, size_t count);

/* Deletes events of several shards up to a number each, of those the ones published before
 * `before_us` (market time). At most FEED_TRIMMED_MAX, so that no call is long; call again while it
 * is so many. Who calls must know that every consumer has passed them. WAITS. */
enum { FEED_TRIMMED_MAX = 500 };
MUST_CHECK enum status feed_trim(struct database *database, const unsigned *shards,
                                 const uint64_t *through, size_t count, int64_t before_us,
                                 int64_t deadline_us, int64_t *ret_deleted);
