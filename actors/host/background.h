/* Background work of a node, each on a fiber of its own until the node stops. */
#pragma once

#include "actors/host/host.h"

/* Runs the sweeps of a domain (domain.h), each every so often. */
void background_start_sweeps(struct hosted *hosted);
/* Runs all of them now, each again as long as it finds much: a sweep takes a bounded number of rows
 * at a time. WAITS. Statuses: OK, DEADLINE_EXCEEDED, STOPPING, those of the sweeps. */
MUST_CHECK enum status background_run_sweeps(struct hosted *hosted, int64_t deadline_us);
/* Once an hour forgets answers that nobody can ask for any more, and events that all have read. */
void background_start_retention(struct hosted *hosted);
/* Gives memory back to the system when the node is quiet after a burst. */
void background_start_tidying(struct host *host);
