/* Whether something may be ordered in somebody's name. */
#pragma once

#include "actors/host/request.h"

/* The account is there, and neither blocked nor erased. WAITS. Statuses: OK, CUSTOMER_INACTIVE (at
 * `pointer`), and those of request_ask(). */
MUST_CHECK enum status draft_require_active(struct request *request, const char *pointer,
                                            struct uuid user_id);
