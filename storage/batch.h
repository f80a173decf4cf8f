/* The segment of several units: fence, inbox, their own writes, outbox, and the look-up of stored
 * answers. */
#pragma once

#include "storage/unit_private.h"

enum {
    BATCH_NO_UNIT = UNITS_BATCH_MAX,
    BATCH_JOINED,         /* of several units */
    BATCH_JOINS_MAX = 16, /* statements whose calls are joined; further ones run by themselves */
};

/* A call that others have joined, or may join. */
struct batch_join {
    const struct statement *statement;
    size_t call;                  /* its position */
    size_t count;                 /* of those that are in it */
    size_t bytes;                 /* of their parameters */
    struct batch_source *sources; /* the last one first */
};

struct batch {
    struct store_segment segment; /* calls_count 0: nothing needs the database */
    struct arena *arena;
    struct unit *units[UNITS_BATCH_MAX]; /* NULL: withdrawn */
    size_t count;
    uint8_t *call_units; /* per call the position of its unit, or BATCH_NO_UNIT, BATCH_JOINED */
    bool is_apart;       /* set by the caller: no call joins another, so that each names its unit */
    struct batch_join joins[BATCH_JOINS_MAX];
    size_t joins_count;
    /* Positions of the merged calls, or SIZE_MAX. */
    size_t fence_call, inbox_call, outbox_call, lookup_call;
    unsigned shards[SHARD_COUNT]; /* in the order of the fence's arguments */
    int64_t shard_events[SHARD_COUNT];
    size_t shards_count;
};

/* False for a withdrawn one (NULL), too. */
bool unit_is_written(const struct unit *unit);
/* Builds the segment of batch->units in batch->arena, which is emptied first. Parameters are
 * copied, so a unit may be withdrawn at any time. Calls of one statement that adds rows become one,
 * at the place of the first of them; the calls of each unit stay in their order. */
void batch_build(struct batch *batch, const int64_t *epochs);
/* The number that the fence gave to the shard's last event; index into batch->shards. */
uint64_t batch_last_sequence(const struct batch *batch, size_t shard_index);
/* Finds the stored answer of a repeated unit, copied into the unit's arena. Statuses: OK,
 * NOT_FOUND. */
MUST_CHECK enum status batch_find_answer(const struct batch *batch, const struct unit *unit,
                                         struct stored_answer *ret_answer);
/* The unit that an inbox violation means: the last one with the msg_id in DETAIL that is still to
 * be written. */
struct unit *batch_find_repeat(const struct batch *batch);
