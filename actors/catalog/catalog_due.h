/* What sweeps look for: ids of rows of a node's shards that are due. */
#pragma once

#include "actors/host/request.h"

enum { CATALOG_DUE_IDS_MAX = 200 /* the LIMIT of every statement */ };

/* The ids that the statement selects, in the request's arena; its $1 is the time, $2 and $3 are the
 * shards. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status catalog_due_ids(struct request *request, const struct statement *statement,
                                       unsigned shard_first, unsigned shard_last,
                                       struct uuid **ret_ids, size_t *ret_count);
