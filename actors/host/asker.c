/* A keyed hash of who asks. */
#include "actors/host/asker.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

enum { NETWORK_4_BYTES = 3, NETWORK_6_BYTES = 8 };

struct asker_name {
    uint8_t kind;
    uint8_t who[16];
};

static bool read_network(struct text client, struct asker_name *name)
{
    char word[INET6_ADDRSTRLEN];
    uint8_t address[sizeof(struct in6_addr)];
    if (client.length == 0 || client.length >= sizeof word) return false;
    memcpy(word, client.data, client.length);
    word[client.length] = '\0';
    if (inet_pton(AF_INET, word, address) == 1)
        memcpy(name->who, address, NETWORK_4_BYTES);
    else if (inet_pton(AF_INET6, word, address) == 1)
        memcpy(name->who, address, NETWORK_6_BYTES);
    else
        return false;
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
