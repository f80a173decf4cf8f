/* A committer over a store in the hands of the test, and units whose waiters are no fibers: their
 * completions are looked at. */
#pragma once

#include "storage/committer.h"
#include "storage/unit_private.h"
#include "tests/storage/fake_store.h"

enum { STAGE_UNITS_MAX = 80, STAGE_SHARD = 5 };

extern struct fake_store fake;
extern struct fibers *fibers;
extern struct committer *committer;
extern unsigned fenced_count, fenced_shard;
extern struct hint told; /* the last one */

/* For each claim. */
int committer_stage_open(void **state);
int committer_stage_close(void **state);

/* A unit of `writes` statements, queued. */
struct unit *queue_in(unsigned shard, size_t writes);
struct unit *queue(size_t writes);
/* A unit of one statement with that key and deadline, queued. */
struct unit *queue_keyed(uint8_t key, int64_t deadline_us);
bool is_settled(const struct unit *unit, enum status status);
/* Which call of the segment under way is number `index` among those of the units themselves: behind
 * fence and inbox. */
size_t own_call(size_t index);
