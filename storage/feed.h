/* The outbox as consumers see it: rows of a shard after a sequence, in order, without gaps; cursors
 * of consumers. And named readers: what keeps something of its own beside the database, follows the
 * events for that, and keeps its cursors itself. */
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

/* ---- named readers ---- */

enum { FEED_READERS_MAX = 64, FEED_READER_NAME_MAX = 100 };

/* What there is of each shard's events: all behind `forgotten`, up to `last`. */
struct feed_ends {
    uint64_t forgotten[64]; /* the last that is gone */
    uint64_t last[64];
};
/* WAITS. Statuses as query_run(). */
MUST_CHECK enum status feed_find_ends(struct database *database, struct arena *arena,
                                      int64_t deadline_us, struct feed_ends *ret_ends);
/* True if a reader that has come to `after` in the shard has lost events, or is ahead of them (the
 * database is an older one than it was): it must begin anew. */
bool feed_is_lost(const struct feed_ends *ends, unsigned shard, uint64_t after);

/* Says that the reader `name` (1 to FEED_READER_NAME_MAX bytes) lives and has committed what it
 * made of the events up to `after`; at `now_us`, real time. Readers that were last heard of before
 * `lost_us` are forgotten. WAITS. Statuses as query_run(); OVERLOADED (there are FEED_READERS_MAX
 * others: events are not kept for this one). */
MUST_CHECK enum status feed_reader_speak(struct database *database, struct arena *arena,
                                         struct text name, const uint64_t after[64], int64_t now_us,
                                         int64_t lost_us, int64_t deadline_us);

/* ---- forgetting ---- */

/* What may be forgotten of several shards: events up to a number each. */
struct feed_trimming {
    const unsigned *shards;
    const uint64_t *through; /* every consumer has passed them */
    size_t count;
    int64_t before_us; /* market time: of those, the ones published before */
    int64_t lost_us;   /* real time: readers that were last heard of before it count no more */
};

/* Deletes these events, but for those that a named reader has not passed. At most FEED_TRIMMED_MAX,
 * so that no call is long; call again while it is so many. WAITS. */
enum { FEED_TRIMMED_MAX = 500 };
MUST_CHECK enum status feed_trim(struct database *database, const struct feed_trimming *trimming,
                                 int64_t deadline_us, int64_t *ret_deleted);
