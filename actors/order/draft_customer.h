/* Whether something may be ordered in somebody's name. */
#pragma once

#include "actors/host/request.h"

/* Whether the account is there, and neither blocked nor erased. WAITS. Statuses: OK, and those of
 * request_ask(). */
MUST_CHECK enum status draft_find_active(struct request *request, struct uuid user_id,
                                         bool *ret_is_active);
/* The account is there, and neither blocked nor erased. WAITS. Statuses: OK, CUSTOMER_INACTIVE (at
 * `pointer`), and those of request_ask(). */
MUST_CHECK enum status draft_require_active(struct request *request, const char *pointer,
                                            struct uuid user_id);
