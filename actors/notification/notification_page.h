/* Cursors of this domain's lists: base64url of the last row's id. */
#pragma once

#include "actors/host/request.h"

/* The id that a page starts behind; without `after` the highest there is. Statuses: OK,
 * INVALID_PARAMETER. */
MUST_CHECK enum status notification_page_start(struct request *request, bool has_after,
                                               struct text after, struct uuid *ret_before);
struct text notification_page_next(struct request *request, struct uuid last);
/* The same for places in a sequence. */
MUST_CHECK enum status notification_page_start_seq(struct request *request, bool has_after,
                                                   struct text after, int64_t *ret_before);
struct text notification_page_next_seq(struct request *request, int64_t last);
