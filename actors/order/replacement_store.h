/* Orders that send goods of a return again, in the database. Nothing but SQL. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* Queues the order with its lines and its first rows of history, behind the change of the order
 * whose goods came back; its group counts it from then on. */
void replacement_store_add(struct request *request, const struct order_replacement_data *made);
