/* What of orders waits for staff. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"
#include "queue_messages.h"

/* The items behind the query's place, the oldest first, in the request's arena. It looks at all
 * orders that are not at their end. WAITS. Statuses: OK, CORRUPT and those of request_query(). */
MUST_CHECK enum status order_stuck_list(struct request *request,
                                        const struct queue_list_stuck *query,
                                        struct common_stuck_items *ret_items);
/* Which of these vendors have orders that are not at their end, at most 200. WAITS. Statuses: OK
 * and those of request_query(). */
MUST_CHECK enum status order_stuck_openings(struct request *request, const struct uuid *vendor_ids,
                                            size_t count,
                                            struct order_openings_of_vendors *ret_openings);
