/* SQL of what a card pays of checkouts and their orders. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* Queues what a card is to pay of a group that begins in this unit, in minor units. */
void card_store_begin(struct request *request, struct uuid group_id, int64_t amount);
/* Queues the share of each order of a group that is placed in this unit; `amounts` is in the order
 * of its orders. */
void card_store_place(struct request *request, const struct order_group *group,
                      const int64_t *amounts);
