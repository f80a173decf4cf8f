/* SQL of carts that were left. Reads WAIT and see committed rows only; their statuses are those of
 * request_query(). */
#pragma once

#include "actors/host/request.h"

enum { CART_REMINDERS_MAX = 64 }; /* of one list */

/* Times of the last change between which a cart has been left. */
struct cart_reminder_span {
    int64_t from_us, until_us;
};
/* Carts of shoppers that are active, have lines, were left in the span and not reminded of; the
 * longest left first, at most CART_REMINDERS_MAX, in the request's arena. */
MUST_CHECK enum status cart_reminder_store_list(struct request *request, unsigned shard_first,
                                                unsigned shard_last,
                                                const struct cart_reminder_span *span,
                                                const struct uuid **ret_ids, size_t *ret_count);
/* Whose cart it is, if it is still one of those. Also NOT_FOUND. */
MUST_CHECK enum status cart_reminder_store_find(struct request *request, struct uuid cart_id,
                                                const struct cart_reminder_span *span,
                                                struct uuid *ret_user_id);
/* Queues that the cart was reminded of; a second time ends the unit with CONFLICT. */
void cart_reminder_store_mark(struct request *request, struct uuid cart_id);
