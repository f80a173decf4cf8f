/* Cards that shoppers keep, as the rest of the domain sees them. */
#pragma once

#include "actors/host/request.h"
#include "actors/payment/payment.h"

/* Puts the provider's own token, and whose it is, in the place of a kept card's id. Somebody
 * else's, and one that cannot pay, stays as it is: the provider knows no such card, as it knows
 * none of a made-up token. WAITS. Statuses: OK, those of request_query(). */
MUST_CHECK enum status card_resolve(struct request *request, struct payment *payment);
/* A sweep (actors/host/domain.h): the provider forgets what is kept no more. WAITS. */
MUST_CHECK enum status card_sweep(struct request *request, unsigned shard_first,
                                  unsigned shard_last);
