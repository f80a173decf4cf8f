/* What this domain does by the clock: sweeps of the domain (domain_sweep) over the shards
 * `shard_first` to `shard_last`. */
#pragma once

#include "actors/host/request.h"

/* Sends messages that are due, some at once, until no more is or it has looked a few times; what
 * fails stays due. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status notification_sweep_due(struct request *request, unsigned shard_first,
                                              unsigned shard_last);
/* Deletes messages that were done with `notification.kept` ago, and keeps the list of what was sent
 * bounded; on one node only. WAITS. Statuses: those of request_ask(). */
MUST_CHECK enum status notification_sweep_old(struct request *request, unsigned shard_first,
                                              unsigned shard_last);
