/* What follows when an order was called off: its goods and its money go back, whatever happens in
 * between. Registered with the domain (order_actor.c). */
#pragma once

#include "actors/host/saga.h"

extern const struct saga_kind recall_saga;
