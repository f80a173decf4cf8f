/* What the order domain does about guests by the clock. */
#pragma once

#include "actors/host/request.h"

/* Forgets guests' carts that nobody has touched for ttl.guest_cart; a domain_sweep. WAITS. */
MUST_CHECK enum status order_sweep_guest_carts(struct request *request, unsigned shard_first,
                                               unsigned shard_last);
/* Forgets guests' addresses ttl.guest_email after the checkout; a domain_sweep. WAITS. */
MUST_CHECK enum status order_sweep_guest_addresses(struct request *request, unsigned shard_first,
                                                   unsigned shard_last);
