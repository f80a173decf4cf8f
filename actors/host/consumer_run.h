/* What a consumer does with what it has fetched. */
#pragma once

#include "actors/host/consumer_internal.h"

/* Hands on what was fetched as far as that goes and commits the cursors; where an event fails, its
 * shard stays behind until stall.retry_us. `arena` is the fetch's. Returns true if any shard has
 * moved. WAITS. */
bool consumer_receive(struct consumer *consumer, const struct host_events *events,
                      struct arena *arena);
