/* Reading: one statement on a domain's read connection. */
#pragma once

#include "storage/database.h"

/* Runs one read-only statement on the read connection; sees committed rows only. The arena keeps
 * the rows. WAITS. Statuses: OK, UNAVAILABLE, DEADLINE_EXCEEDED, STOPPING, INTERNAL (the SQL
 * failed: a bug, or a limit of the server). */
MUST_CHECK enum status query_run(struct database *database, struct arena *arena,
                                 const struct statement *statement,
                                 const struct store_params *params, int64_t deadline_us,
                                 struct rows *ret_rows);

/* What the outcome of a read's segment means for the reader; what nobody can wait out is logged.
 * Statuses: OK, UNAVAILABLE (try again), INTERNAL. */
MUST_CHECK enum status query_judge(enum status outcome, const struct store_call *call);
