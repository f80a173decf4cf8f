/* A payment by card as whoever may see its checkout is shown it. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* Adds to the group what a card pays of it, `card_amount` minor units; 0: none does. WAITS.
 * Statuses: OK, also when nobody can say now and the group is not pending; those of an ask. */
MUST_CHECK enum status card_show(struct request *request, int64_t card_amount,
                                 struct order_group *group);
