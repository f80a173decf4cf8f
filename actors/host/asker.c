/* A keyed hash of who asks. */
#include "actors/host/asker.h"

#include <sodium.h>
#include <string.h>

#include "runtime/network.h"

struct asker_name {
    uint8_t kind;
    uint8_t who[16];
};

static bool read_network(struct text client, struct asker_name *name)
{
    struct network network;
    static_assert(sizeof network.bytes <= sizeof name->who, "a network fits");
    if (!network_of(client, NETWORK_OF_LINE, &network)) return false;
    memcpy(name->who, network.bytes, sizeof network.bytes);
    return true;
}

read_asker asker_of(const struct envelope *envelope, const uint8_t seed[16])
{
    static_assert(crypto_shorthash_KEYBYTES == 16, "the seed is a key of the hash");
    static_assert(crypto_shorthash_BYTES == sizeof(read_asker), "a hash is an asker");
    assert(envelope != NULL);
    const struct principal *principal = &envelope->principal;
    struct asker_name name = { .kind = (uint8_t)principal->kind };
    read_asker asker;
    if (principal->kind != PRINCIPAL_NONE && principal->kind != PRINCIPAL_NODE)
        memcpy(name.who, principal->id.bytes, sizeof name.who);
    else if (read_network(envelope->client, &name))
        name.kind = PRINCIPAL_NONE;
    else
        return 0;
    (void)crypto_shorthash((uint8_t *)&asker, (const uint8_t *)&name, sizeof name, seed);
    return asker == 0 ? 1 : asker;
}
