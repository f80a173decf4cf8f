/* Shoppers who want to be are told, once, of a cart that they have left. */
#pragma once

#include "actors/host/request.h"

/* Reminds of the shoppers' carts of these shards that have had something in them and no change for
 * cart.reminder, but for no longer than a week more. WAITS. Statuses: those of request_query() and
 * of request_ask(). */
MUST_CHECK enum status cart_reminder_sweep(struct request *request, unsigned shard_first,
                                           unsigned shard_last);
