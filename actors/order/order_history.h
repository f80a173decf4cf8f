/* What has happened to an order and to its parcels: one row for each change, in the unit of the
 * change, numbered over the order without gaps. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order_life.h"
#include "order_messages.h"

/* Queues the rows of what has changed since the life was loaded, as done by the request's sender.
 */
void order_history_add(struct request *request, const struct order_life *life);
/* Who does what the request asks for. */
enum order_history_actor order_history_actor_of(struct request *request);
/* How often something of an order (itself, a parcel, a return) was moved by a trigger. WAITS.
 * Statuses: those of request_query(). */
MUST_CHECK enum status order_history_count(struct request *request, struct uuid order_id,
                                           struct uuid object_id, enum order_trigger trigger,
                                           int64_t *ret_count);
/* Reads the columns from `sequence` to `note` of a row of history, with who did it. Statuses: OK,
 * CORRUPT (a name that this version of the program does not know). */
MUST_CHECK enum status order_history_read(struct row *row, struct order_order_event *ret_event);
/* The rows behind a sequence, the oldest first, at most `limit`, in the request's arena, with who
 * did it. WAITS. Statuses: OK, CORRUPT (a name that this version of the program does not know), and
 * those of request_query(). */
MUST_CHECK enum status order_history_list(struct request *request, struct uuid order_id,
                                          int64_t after, int64_t limit,
                                          struct order_order_event **ret_events, size_t *ret_count);
