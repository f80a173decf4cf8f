/* Claims in the database. Nothing but SQL and its mapping. What changes about a claim changes about
 * its order, too: each is queued beside order_life_save(). */
#pragma once

#include "actors/order/claim.h"
#include "actors/order/order_due.h"
#include "actors/order/order_life_store.h"

/* Gives an order that is shown with its lines and returns its claims, and to both what went back of
 * what was sent again for them. WAITS. Statuses: OK, CORRUPT, and those
 * of request_query(). */
MUST_CHECK enum status claim_store_fill(struct request *request, struct order_order *order);
/* The same as values, of an order in motion, the oldest first. WAITS. */
MUST_CHECK enum status claim_store_load(struct request *request, const struct order_life *life,
                                        struct claim **ret_claims, size_t *ret_count);
/* Counts what they keep from being asked for (claim_block()). WAITS. Statuses likewise. */
MUST_CHECK enum status claim_store_block(struct request *request, struct order_life *life);

/* Queues a new claim, the order's n-th. */
void claim_store_add(struct request *request, const struct order_life *life,
                     const struct claim *made, size_t position);
/* Queues where a claim stands by now. */
void claim_store_save(struct request *request, const struct order_life *life,
                      const struct claim *saved);

enum { CLAIMS_DUE_MAX = 200 };
/* Claims of these shards that are due, the longest first, at most CLAIMS_DUE_MAX, in the request's
 * arena. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status claim_store_list_due(struct request *request, unsigned shard_first,
                                            unsigned shard_last, const struct due_object **ret_due,
                                            size_t *ret_count);
