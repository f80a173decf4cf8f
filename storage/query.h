/* Reading: one statement on one of a domain's read connections. */
#pragma once

#include "storage/database.h"
#include "storage/readers.h"

enum { QUERY_ATTEMPTS_MAX = 4 };

/* Runs one read-only statement, as the node's own work; sees committed rows only. The arena keeps
 * the rows. WAITS. Statuses: OK, UNAVAILABLE, DEADLINE_EXCEEDED, STOPPING, INTERNAL (the SQL
 * failed: a bug). */
MUST_CHECK enum status query_run(struct database *database, struct arena *arena,
                                 const struct statement *statement,
                                 const struct store_params *params, int64_t deadline_us,
                                 struct rows *ret_rows);
/* The same for somebody, whose reads take turns with those of others (storage/readers.h). */
MUST_CHECK enum status query_run_for(struct database *database, read_asker asker,
                                     struct arena *arena, const struct statement *statement,
                                     const struct store_params *params, int64_t deadline_us,
                                     struct rows *ret_rows);

/* What the outcome of a read's segment, of one call, means for the reader; what nobody can wait out
 * is logged. Statuses: OK, UNAVAILABLE, DEADLINE_EXCEEDED (it took the server too long), INTERNAL.
 */
MUST_CHECK enum status query_judge(const struct store_segment *segment);
/* True if a read that ended so should be tried again: at once, up to QUERY_ATTEMPTS_MAX times, when
 * its connection was lost; until the deadline, after a pause, when somebody held a lock. `attempts`
 * counts from 1. WAITS. */
bool query_is_repeated(struct database *database, enum store_fault fault, unsigned attempts,
                       int64_t deadline_us);
