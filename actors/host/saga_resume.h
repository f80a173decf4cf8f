/* Sagas after a restart of their node. */
#pragma once

#include "actors/host/host.h"

/* Starts every open saga of the domain's shards from its row. WAITS. Statuses: OK, those of
 * saga_store_open(). */
MUST_CHECK enum status saga_resume_all(struct hosted *hosted);
/* Starts one of them, unless it runs. WAITS. Statuses: OK, NOT_FOUND (none is open by that id),
 * UNSUPPORTED (nobody knows its kind and version), CORRUPT, those of query_run(). */
MUST_CHECK enum status saga_resume_one(struct hosted *hosted, struct arena *arena, struct uuid id,
                                       int64_t deadline_us);
