/* Forgetting rows that nothing needs any more, for the sweeps of domains. */
#pragma once

#include "actors/host/request.h"

enum {
    TRIM_ROWS_MAX = 500,  /* in one statement, so that none is long */
    TRIM_ROUNDS_MAX = 20, /* in one sweep */
};

/* Runs `statement` until it has nothing left to delete, or TRIM_ROUNDS_MAX times. Its parameters:
 * $1 the market time before which rows are old, which is `kept` ago; $2 and $3 the first and the
 * last shard; $4 how many rows at most. It yields the number of rows that are gone. Nobody writes
 * such rows, so the fence is not asked. WAITS. Statuses as request_query(). */
MUST_CHECK enum status request_trim(struct request *request, const struct statement *statement,
                                    enum setting kept, unsigned shard_first, unsigned shard_last);
