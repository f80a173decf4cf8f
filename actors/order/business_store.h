/* Business numbers in PostgreSQL. Reads WAIT and see committed rows only; what they return lives in
 * the request's arena; their statuses are those of request_query() and CORRUPT. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* The number of a shopper. Also NOT_FOUND. */
MUST_CHECK enum status business_store_find(struct request *request, struct uuid user_id,
                                           struct order_business *ret_business);
/* Those of a status, with smaller ids of their shoppers than `before`, at most `limit`. */
MUST_CHECK enum status business_store_list(struct request *request,
                                           enum order_business_status status, struct uuid before,
                                           int64_t limit, struct order_business **ret_businesses,
                                           size_t *ret_count);
/* Queues a number with its state; guarded by the version before, which is 0 of a new one. */
void business_store_save(struct request *request, const struct order_business *business);
/* Queues its end, whatever its version. */
void business_store_remove(struct request *request, struct uuid user_id);
