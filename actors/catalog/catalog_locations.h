/* Where a vendor's goods lie: what handlers of stock share, and the sweep. */
#pragma once

#include "actors/catalog/catalog_places_store.h"
#include "catalog_messages.h"

enum { CATALOG_SETTLE_SWEEP_EVERY_US = 5 * 1000000 };

/* Has the variants of those shards of which something was sold or came settle it. WAITS. Statuses:
 * OK and those of request_query() and request_ask(). */
MUST_CHECK enum status catalog_settle_sweep(struct request *request, unsigned shard_first,
                                            unsigned shard_last);
/* A variant's stock, and where it lies, at the same version. WAITS. Statuses: OK, NOT_FOUND (no
 * locations), VARIANT_IS_BUNDLE, CONFLICT (something is queued), UNAVAILABLE (too much is not
 * settled yet) and those of request_query(). */
MUST_CHECK enum status catalog_locations_open(struct request *request, struct uuid variant_id,
                                              struct catalog_stock *stock,
                                              struct catalog_located **ret_located);
/* Refuses that units come to a place that is not active. Returns INVALID_VALUE. */
enum status catalog_locations_refuse_resting(struct request *request, const char *pointer);
/* Queues so many units more (or fewer, if negative; not 0) at a place, and everywhere together;
 * catalog_stock_change() has accepted them. */
void catalog_locations_save(struct request *request, const struct catalog_stock *stock,
                            struct catalog_located *located, size_t place,
                            enum catalog_movement_kind kind, int64_t delta);
