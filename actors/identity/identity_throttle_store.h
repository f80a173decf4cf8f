/* Rows of what was tried in vain. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/request.h"
#include "actors/identity/identity_throttle.h"

enum { IDENTITY_FAILURES_TRIMMED_MAX = 5000 };

/* What is known of a digest; all zero when nothing is. WAITS, with the statuses of
 * request_query(). */
MUST_CHECK enum status identity_throttle_load(struct request *request, struct text digest,
                                              struct identity_failures *ret_failures);
/* Queues the row; the unit ends with CONFLICT when it is not at the version before. */
void identity_throttle_save(struct request *request, struct text digest,
                            const struct identity_failures *failures, int64_t forget_at_us);
void identity_throttle_remove(struct request *request, struct text digest);
/* Queues the deletion of rows that have ended, at most IDENTITY_FAILURES_TRIMMED_MAX. */
void identity_throttle_trim(struct request *request);
