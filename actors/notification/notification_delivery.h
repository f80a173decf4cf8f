/* What this domain does by the clock. */
#pragma once

#include "actors/host/request.h"

/* Sends messages of these shards that are due. WAITS. */
MUST_CHECK enum status notification_sweep_due(struct request *request, unsigned shard_first,
                                              unsigned shard_last);
/* Keeps the list of what was sent bounded. WAITS. */
MUST_CHECK enum status notification_sweep_old(struct request *request, unsigned shard_first,
                                              unsigned shard_last);
