/* What is kept of one shopper: for exports and erasures. Nothing but SQL and its mapping. */
#pragma once

#include "actors/order/order_store.h"

enum { ORDER_OPEN_LISTED_MAX = 14 };

/* The numbers of orders that have not come to their end, at most ORDER_OPEN_LISTED_MAX, and whether
 * a checkout is under way. WAITS; statuses of request_query(). */
MUST_CHECK enum status order_shopper_find_open(struct request *request, struct uuid user_id,
                                               const struct text **ret_numbers, size_t *ret_count,
                                               bool *ret_is_checking_out);
/* Queues that the shopper's checkouts are refused until then; the unit of one that was not yet
 * committed ends with ACCOUNT_CLOSING. */
void order_shopper_hold(struct request *request, struct uuid user_id, int64_t until_us);
/* Queues that they are not, unless it was for ever (INT64_MAX). */
void order_shopper_free(struct request *request, struct uuid user_id);
/* Queues the deletion of the shopper's active cart with its lines. */
void order_shopper_delete_cart(struct request *request, struct uuid user_id);
/* Queues that groups which the shopper has bought as a guest and claimed forget the address. */
void order_shopper_forget_email(struct request *request, struct uuid user_id);
