/* Sweeps of redemptions, for the definition of the domain (struct domain_sweep). */
#pragma once

#include "actors/host/request.h"

/* Asks what became of the checkouts of redemptions that are held beyond their time: those that have
 * failed, or never began, give them back; the others keep them. */
MUST_CHECK enum status promotion_sweep_overdue(struct request *request, unsigned shard_first,
                                               unsigned shard_last);
/* Forgets what was released or returned retention.settled ago. */
MUST_CHECK enum status promotion_sweep_old(struct request *request, unsigned shard_first,
                                           unsigned shard_last);
