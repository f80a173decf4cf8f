/* Forgets what nobody can ask for any more: answers in the inbox and of idempotency keys, ended
 * sagas. */
#pragma once

#include "storage/database.h"

enum { RETENTION_ROWS_MAX = 500 /* deleted per table and call, so that no call is long */ };

/* How long answers are kept, in market time: no sender repeats a message for longer. */
#define RETENTION_US ((int64_t)7 * 24 * 3600 * 1000000)

/* Deletes rows older than `before_us` (market time; now - RETENTION_US). WAITS. *ret_deleted is the
 * number of rows; call again while it is RETENTION_ROWS_MAX or more. Statuses as query_run(). */
MUST_CHECK enum status retention_trim(struct database *database, int64_t before_us,
                                      int64_t deadline_us, int64_t *ret_deleted);
