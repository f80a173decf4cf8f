/* Where a list of rows with ids goes on: the id of the last row of the page before, in base64url,
 * opaque to clients, who may send anything back. */
#pragma once

#include "actors/host/request.h"

/* Without a cursor: the highest id there can be, so that a list from the newest begins there.
 * Statuses: OK, INVALID_PARAMETER (the fault is added). */
MUST_CHECK enum status order_cursor_read(struct request *request, bool has_cursor,
                                         struct text cursor, struct uuid *ret_id);
struct text order_cursor_write(struct request *request, struct uuid id);
