/* Claims that are sent again, and what the clock does to them. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* The pivot of a replacement that is for a claim. WAITS. Statuses: NOT_FOUND, ILLEGAL_TRANSITION,
 * and those of reading. */
MUST_CHECK enum status claim_place_replacement(struct request *request,
                                               const struct order_place_replacement *command,
                                               struct order_order *ret_reply);
/* Sweep: settles claims that are due. WAITS. Statuses: those of reading and of asking. */
MUST_CHECK enum status claim_sweep_due(struct request *request, unsigned shard_first,
                                       unsigned shard_last);
