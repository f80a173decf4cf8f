/* What happens to parcels and orders by the clock. */
#pragma once

#include "actors/host/request.h"

/* Takes parcels for delivered of which nothing was heard for long enough. WAITS. Statuses: those of
 * request_query() and request_ask(). */
MUST_CHECK enum status shipment_sweep_due(struct request *request, unsigned shard_first,
                                          unsigned shard_last);
/* Completes orders whose time for returns is over, and refuses those that their vendors have not
 * accepted in time. WAITS. Statuses likewise. */
MUST_CHECK enum status order_life_sweep_due(struct request *request, unsigned shard_first,
                                            unsigned shard_last);
