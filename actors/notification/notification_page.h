/* Cursors of this domain's lists: where the next page begins, in base64url. Opaque to clients, who
 * may send anything back. */
#pragma once

#include "actors/host/request.h"

/* The id below which a page begins: that of the cursor, or without one the highest there is.
 * Statuses: OK, INVALID_PARAMETER (not a cursor of such a list; a fault says so). */
MUST_CHECK enum status notification_page_start(struct request *request, bool has_after,
                                               struct text after, struct uuid *ret_before);
/* The cursor of the page after the row of that id, in the request's arena. */
struct text notification_page_next(struct request *request, struct uuid last);
/* The same two for lists in the order of a sequence, whose places are 1 to INT64_MAX. */
MUST_CHECK enum status notification_page_start_seq(struct request *request, bool has_after,
                                                   struct text after, int64_t *ret_before);
struct text notification_page_next_seq(struct request *request, int64_t last);
