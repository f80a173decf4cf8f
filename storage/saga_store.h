/* The rows of long processes (actors/host/README.md, Decisions: sagas are tables of steps). Each
 * write joins the unit that holds the local effect and ends it with CONFLICT when the row is not as
 * expected: a saga is ended, turned and pivoted once. */
#pragma once

#include "storage/unit_of_work.h"

enum { SAGA_ROWS_MAX = 256 };

struct saga_row {
    struct uuid id;
    unsigned shard;
    struct text kind;
    int version;
    int direction; /* 0 forward, 1 undo */
    int point;     /* 0 before the pivot, 1 after it */
    struct text data;
    bool has_idempotency;
    uint8_t idempotency_key[32], fingerprint[16];
    int64_t started_us, deadline_us; /* market time */
    enum status refusal;             /* why it is undone; OK while it is not */
};

/* A second insert of the same id ends the unit with DUPLICATE. */
void saga_store_insert(struct unit *unit, struct arena *arena, const struct saga_row *row);
/* From forward to undo, and why; only before the pivot. */
void saga_store_begin_undo(struct unit *unit, struct arena *arena, struct uuid id,
                           enum status refusal);
void saga_store_reach_pivot(struct unit *unit, struct arena *arena, struct uuid id);
void saga_store_done(struct unit *unit, struct arena *arena, struct uuid id);

/* The sagas of the shards first..last that are not done, in the order of their ids, after `after`
 * (zero: from the start), at most SAGA_ROWS_MAX at a time. Texts live in the arena. WAITS. Statuses
 * as query_run(). */
MUST_CHECK enum status saga_store_open(struct database *database, struct arena *arena,
                                       unsigned first, unsigned last, struct uuid after,
                                       int64_t deadline_us, struct saga_row *ret_rows,
                                       size_t *ret_count);

/* One that is not done, alike. WAITS. Statuses: OK, NOT_FOUND, those of query_run(). */
MUST_CHECK enum status saga_store_find_open(struct database *database, struct arena *arena,
                                            struct uuid id, int64_t deadline_us,
                                            struct saga_row *ret_row);

/* Sagas whose deadline has passed and that are not done all the same, the oldest first, of all
 * shards; of each row only what tells which it is and where it stands. WAITS. Statuses as
 * query_run(). */
MUST_CHECK enum status saga_store_late(struct database *database, struct arena *arena,
                                       int64_t market_us, size_t max, int64_t deadline_us,
                                       const struct saga_row **ret_rows, size_t *ret_count);
