/* Rows of wrong passwords by address. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/request.h"
#include "actors/user/user_throttle.h"

enum { USER_FAILURES_TRIMMED_MAX = 5000 };

/* What is known of an address; all zero when nothing is. WAITS, with the statuses of
 * request_query(). */
MUST_CHECK enum status user_throttle_load(struct request *request, struct text address_digest,
                                          struct user_failures *ret_failures);
/* Queues the row; the unit ends with CONFLICT when it is not at the version before. */
void user_throttle_save(struct request *request, struct text address_digest,
                        const struct user_failures *failures);
void user_throttle_remove(struct request *request, struct text address_digest);
/* Queues the deletion of rows that have ended, at most USER_FAILURES_TRIMMED_MAX. */
void user_throttle_trim(struct request *request);
