/* A list that is looked through: as long as password.checks_max at most. */
#include "actors/host/pool_share.h"

#include <string.h>

#include "messages/values.h"
#include "runtime/network.h"

static_assert((int)POOL_NETWORK_BYTES >= (int)NETWORK_BYTES, "a network fits");

/* The host itself is no network: what comes from there is a program of the site, or everybody
 * behind a proxy that nobody has named in gateway.proxies. */
static void read_network(struct text client, uint8_t ret_network[POOL_NETWORK_BYTES])
{
    struct network network;
    memset(ret_network, 0, POOL_NETWORK_BYTES);
    if (network_of(client, NETWORK_OF_LINE, &network) && !network.is_loopback)
        memcpy(ret_network, network.bytes, sizeof network.bytes);
}

void pool_asker_init(struct pool_asker *asker, const struct principal *principal,
                     struct text client)
{
    assert(asker != NULL);
    assert(principal != NULL);
    *asker = (struct pool_asker){ .account = principal->id };
    read_network(client, asker->network);
}

int64_t pool_share_of(int64_t places)
{
    enum { SHARES = 4 };
    assert(places > 0);
    return places < SHARES ? 1 : places / SHARES;
}

bool pool_share_take(struct pool_asker **list, struct pool_asker *asker, int64_t each_max)
{
    assert(list != NULL);
    assert(asker != NULL);
    assert(each_max > 0);
    int64_t of_account = 0, of_network = 0;
    for (const struct pool_asker *other = *list; other != NULL; other = other->next) {
        of_account += uuid_equals(other->account, asker->account);
        of_network += memcmp(other->network, asker->network, sizeof asker->network) == 0;
    }
    if (!uuid_is_zero(asker->account) && of_account >= each_max) return false;
    if (asker->network[0] != 0 && of_network >= each_max) return false;
    asker->next = *list;
    *list = asker;
    return true;
}

void pool_share_return(struct pool_asker **list, struct pool_asker *asker)
{
    assert(list != NULL);
    struct pool_asker **link = list;
    while (*link != asker) {
        assert(*link != NULL);
        link = &(*link)->next;
    }
    *link = asker->next;
}
