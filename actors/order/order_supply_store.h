/* SQL of where the units of lines come from: those that are not there yet. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* Queues what the lines of the group say of it, behind the statement that makes them; of a group
 * whose units are all there, nothing. */
void order_supply_store_place(struct request *request, const struct order_group *group);
