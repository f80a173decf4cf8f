/* What the clock has to look at: pairs of ids that a statement lists by shard. */
#pragma once

#include "actors/host/request.h"

struct due_object {
    struct uuid owner_id, id; /* whose actor is asked, and about what of it */
};

/* Asks `statement` for its two columns: $1 now, $2 and $3 the shards, $4 at most how many. What it
 * gives is in the request's arena. Committed rows; WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_due_list(struct request *request, const struct statement *statement,
                                      unsigned shard_first, unsigned shard_last, int64_t most,
                                      const struct due_object **ret_due, size_t *ret_count);
