/* What a vendor does with bundles; and bundles by the clock: their parts change without them. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"
#include "catalog_messages.h"

enum { CATALOG_BUNDLE_SWEEP_EVERY_US = 5 * 1000000 };

/* Has the bundles of those shards that can be bought in another way than search knows tell so.
 * WAITS. Statuses: OK and those of request_query() and request_ask(). */
MUST_CHECK enum status catalog_bundle_sweep(struct request *request, unsigned shard_first,
                                            unsigned shard_last);

/* Whether one of the item's variants may be made of these parts now. WAITS. Statuses: those of
 * catalog_bundle_check() (explained), NOT_FOUND (no such variant), those of request_query(). */
MUST_CHECK enum status catalog_bundles_check(struct request *request,
                                             const struct catalog_item *item,
                                             const struct catalog_set_bundle *command);
