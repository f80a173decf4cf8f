/* Parcels in the database. Nothing but SQL and its mapping. What changes about a parcel changes
 * about its order, too: each is queued beside order_life_save(). */
#pragma once

#include "actors/order/order_due.h"
#include "actors/order/order_life_store.h"
#include "actors/order/shipment.h"

/* The parcels of an order, the oldest first, as they are shown, in the request's arena. WAITS.
 * Statuses: OK, CORRUPT, and those of request_query(). */
MUST_CHECK enum status shipment_store_list(struct request *request, struct uuid order_id,
                                           const struct order_shipment **ret_shipments,
                                           size_t *ret_count);
/* Gives an order its parcels for an answer. WAITS. Statuses likewise. */
MUST_CHECK enum status shipment_store_fill(struct request *request, struct order_order *order);
/* The same as values, of an order in motion. WAITS. */
MUST_CHECK enum status shipment_store_load(struct request *request, const struct order_life *life,
                                           struct shipment **ret_shipments, size_t *ret_count);
/* One of them. WAITS. Also NOT_FOUND. */
MUST_CHECK enum status shipment_store_find(struct request *request, const struct order_life *life,
                                           struct uuid shipment_id, struct shipment **ret_shipment);

/* Queues a new parcel with what it holds. */
void shipment_store_add(struct request *request, const struct order_life *life,
                        const struct shipment *shipment);
/* Queues that a parcel is not kept any more, and counts it no longer; its history is. */
void shipment_store_drop(struct request *request, struct order_life *life,
                         const struct shipment *shipment);
/* Queues where a parcel stands by now. */
void shipment_store_save(struct request *request, const struct shipment *shipment);

/* As it is shown, in the request's arena. */
struct order_shipment shipment_show(struct request *request, const struct order_life *life,
                                    const struct shipment *shipment);

enum { SHIPMENTS_DUE_MAX = 200 };
/* Parcels of these shards that are due, the longest first, at most SHIPMENTS_DUE_MAX, in the
 * request's arena. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status shipment_store_list_due(struct request *request, unsigned shard_first,
                                               unsigned shard_last,
                                               const struct due_object **ret_due,
                                               size_t *ret_count);
