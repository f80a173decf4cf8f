/* What follows when an order was called off, or units of it were: goods and money go back, whatever
 * happens in between. Registered with the domain (order_actor.c). */
#pragma once

#include "actors/host/saga.h"

extern const struct saga_kind recall_saga;
/* Of orders that were called off before units of them could be: the order's id names all. */
extern const struct saga_kind recall_saga_1;
extern const struct saga_kind recall_saga_2;
