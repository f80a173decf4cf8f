/* Tallies in PostgreSQL. */
#pragma once

#include "actors/@name@/@name@.h"
#include "actors/host/request.h"

/* The tally of a shopper, from the actor's memory or its row; an empty one if there is none. WAITS.
 * Statuses: OK and those of request_query(). */
MUST_CHECK enum status @name@_store_load(struct request *request, struct uuid user_id,
                                         struct @name@ *ret_@name@);
/* Queues the write of a changed tally and moves its version. Another change since it was loaded ends
 * the unit in CONFLICT, and the handler runs again. */
void @name@_store_save(struct request *request, struct @name@ *@name@);
