/* SQL of what staff sees of payments. WAITS where it returns a status. */
#pragma once

#include "actors/host/list_place.h"
#include "payment_messages.h"

/* At most `max` behind the place; the arena's. Statuses: OK, those of request_query(). */
MUST_CHECK enum status payment_store_list(struct request *request,
                                          const struct payment_list_payments *query,
                                          const struct list_place *place, int64_t max,
                                          struct payment_managed_payment **ret_payments,
                                          size_t *ret_count);
/* One of them. Statuses: OK, NOT_FOUND (also of a mark), those of request_query(). */
MUST_CHECK enum status payment_store_find_managed(struct request *request, struct uuid payment_id,
                                                  struct payment_managed_payment *ret_payment);
/* What was asked of the provider, the latest first; at most `max`. Statuses as
 * payment_store_list().
 */
MUST_CHECK enum status
payment_store_list_operations(struct request *request, struct uuid payment_id, const char *currency,
                              int64_t max, struct payment_payment_operation **ret_operations,
                              size_t *ret_count);
/* Queues that so many of the payment's mismatches were looked at. */
void payment_store_see_mismatches(struct request *request, struct uuid payment_id, int64_t count);
/* Queues that an event that was set aside is forgotten. */
void payment_store_discard_event(struct request *request, struct text event_id);
/* What waits for staff. Statuses as payment_store_list(). */
MUST_CHECK enum status payment_store_list_stuck(struct request *request,
                                                const struct queue_list_stuck *query,
                                                struct common_stuck_items *ret_items);
