/* What the clock does in the schema identity. One actor of the whole market is enough for it, and
 * all nodes agree which: the one whose key is the name of the domain's audience. */
#pragma once

#include "actors/host/request.h"

/* For a domain's table of sweeps: each asks that actor, if its shard is the node's own, to
 * make_signing_key, or to trim_failures. WAIT. Statuses of request_ask(). */
MUST_CHECK enum status identity_keys_sweep(struct request *request, unsigned shard_first,
                                           unsigned shard_last);
MUST_CHECK enum status identity_trim_sweep(struct request *request, unsigned shard_first,
                                           unsigned shard_last);
