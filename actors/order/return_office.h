/* What the clock does to returns. */
#pragma once

#include "actors/host/request.h"

/* Sweep: settles returns that are due. WAITS. Statuses: those of reading and of asking. */
MUST_CHECK enum status return_sweep_due(struct request *request, unsigned shard_first,
                                        unsigned shard_last);
