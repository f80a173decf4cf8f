/* Returns in the database. Nothing but SQL and its mapping. What changes about a return changes
 * about its order, too: each is queued beside order_life_save(). */
#pragma once

#include "actors/order/order_due.h"
#include "actors/order/order_life_store.h"
#include "actors/order/return.h"

/* True if anything of an order that is shown with its lines has arrived: else nothing of it is
 * returned, or claimed. */
bool return_store_has_arrived(const struct order_order *order);
/* Gives an order that is shown with its lines its returns. WAITS. Statuses: OK, CORRUPT, and those
 * of request_query(). */
MUST_CHECK enum status return_store_fill(struct request *request, struct order_order *order);
/* The same as values, of an order in motion, the oldest first. WAITS. */
MUST_CHECK enum status return_store_load(struct request *request, const struct order_life *life,
                                         struct order_return **ret_returns, size_t *ret_count);

/* Queues a new return, the order's n-th. */
void return_store_add(struct request *request, const struct order_life *life,
                      const struct order_return *made, size_t position);
/* Queues where a return stands by now. */
void return_store_save(struct request *request, const struct order_life *life,
                       const struct order_return *saved);
/* Queues what has arrived, told by the row of history `sequence`. */
void return_store_add_receipts(struct request *request, struct uuid return_id, int64_t sequence,
                               const struct order_return_receipt *receipts, size_t count);

/* Queues that the stock has grown by what came back in a return; said again, nothing. */
void return_store_note_restocked(struct request *request, struct uuid order_id,
                                 struct uuid return_id);

enum { RETURNS_DUE_MAX = 200 };
/* Returns of these shards that are due, the longest first, at most RETURNS_DUE_MAX, in the
 * request's arena. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status return_store_list_due(struct request *request, unsigned shard_first,
                                             unsigned shard_last, const struct due_object **ret_due,
                                             size_t *ret_count);
