/* Where a list that is sorted by a time and an id goes on: at the last row of the page before. To
 * clients it is base64url and opaque, and they may send anything back. */
#pragma once

#include "actors/host/request.h"

struct list_place {
    int64_t at_us;
    struct uuid id;
};

struct text list_place_write(struct arena *arena, int64_t at_us, struct uuid id);
/* Only the form is checked: a place that somebody has made up is elsewhere in the same list, which
 * he may see anyway. Statuses: OK, INVALID_PARAMETER (the fault is added). */
MUST_CHECK enum status list_place_read(struct request *request, struct text cursor,
                                       struct list_place *ret_place);
