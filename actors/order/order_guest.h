/* What the order domain forgets of guests by the clock. Both are sweeps of the domain
 * (domain_sweep) over the shards `shard_first` to `shard_last`; a failed ask leaves the rest to the
 * next sweep. */
#pragma once

#include "actors/host/request.h"

/* Forgets guests' carts that nobody has touched for ttl.guest_cart. WAITS. Statuses: those of
 * request_query() and request_ask(). */
MUST_CHECK enum status order_sweep_guest_carts(struct request *request, unsigned shard_first,
                                               unsigned shard_last);
/* Forgets guests' addresses ttl.guest_email after the checkout, unless an order is still open.
 * WAITS. Statuses: those of request_query() and request_ask(). */
MUST_CHECK enum status order_sweep_guest_addresses(struct request *request, unsigned shard_first,
                                                   unsigned shard_last);
