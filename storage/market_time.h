/* How far market time is ahead of real time, as a domain's database keeps it. A market whose time
 * was never moved has 0 everywhere. */
#pragma once

#include "runtime/arena.h"
#include "storage/database.h"
#include "storage/unit.h"

/* Reads it, in microseconds. WAITS. Statuses: as query_run(). */
MUST_CHECK enum status market_time_load(struct database *database, struct arena *arena,
                                        int64_t deadline_us, int64_t *ret_offset_us);
/* Adds to a unit: from one value, which it must have, to another. */
void market_time_move(struct unit *unit, struct arena *arena, int64_t from_us, int64_t to_us);
/* Raises it to `offset_us` if it is less: time does not go back. WAITS. Statuses: as query_run().
 */
MUST_CHECK enum status market_time_raise(struct database *database, struct arena *arena,
                                         int64_t offset_us, int64_t deadline_us);
