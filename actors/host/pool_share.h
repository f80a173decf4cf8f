/* Who waits for the pool: an account and a network have a share of its places, so that no one of
 * them can keep everybody else from having a password checked. Pure. */
#pragma once

#include "messages/schema.h"
#include "runtime/envelope.h"

enum { POOL_NETWORK_BYTES = 16 };

/* Somebody who waits. Linked while he does; lives on the stack of the fiber that waits. */
struct pool_asker {
    struct uuid account;                 /* zero: nobody is signed in */
    uint8_t network[POOL_NETWORK_BYTES]; /* zero: none is known */
    struct pool_asker *next;
};

/* `client` is the address of who asks, as the gateway has given it; addresses of one network (/24
 * of IPv4, /64 of IPv6) are one. The host itself and anything else is no network. */
void pool_asker_init(struct pool_asker *asker, const struct principal *principal,
                     struct text client);
/* The share of one account or network of so many places: a quarter, and one at least. */
int64_t pool_share_of(int64_t places);
/* Adds the asker to the list, unless `each_max` of the same account or network are on it. */
MUST_CHECK bool pool_share_take(struct pool_asker **list, struct pool_asker *asker,
                                int64_t each_max);
/* Takes an asker from the list, which it must be on. */
void pool_share_return(struct pool_asker **list, struct pool_asker *asker);
