/* Addresses of clients, cut to their networks. */
#include "runtime/network.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

enum { LOOPBACK_4 = 127 };

/* In bytes. */
static const struct {
    size_t of_4, of_6;
} widths[] = {
    [NETWORK_OF_SITE] = { 3, 6 },
    [NETWORK_OF_LINE] = { 3, 8 },
    [NETWORK_OF_HOUSE] = { 4, 8 },
};

bool network_of(struct text address, enum network_width width, struct network *ret_network)
{
    char word[INET6_ADDRSTRLEN];
    uint8_t bytes[sizeof(struct in6_addr)] = { 0 };
    struct network network = { .is_loopback = false };
    assert((size_t)width < sizeof widths / sizeof widths[0]);
    assert(widths[width].of_6 < NETWORK_BYTES);
    assert(ret_network != NULL);
    if (address.length == 0 || address.length >= sizeof word) return false;
    memcpy(word, address.data, address.length);
    word[address.length] = '\0';
    if (inet_pton(AF_INET, word, bytes) == 1) {
        network.bytes[0] = 4;
        network.is_loopback = bytes[0] == LOOPBACK_4;
        memcpy(network.bytes + 1, bytes, widths[width].of_4);
    } else if (inet_pton(AF_INET6, word, bytes) == 1) {
        static const uint8_t loopback_6[sizeof bytes] = { [sizeof bytes - 1] = 1 };
        network.bytes[0] = 6;
        network.is_loopback = memcmp(bytes, loopback_6, sizeof bytes) == 0;
        memcpy(network.bytes + 1, bytes, widths[width].of_6);
    } else {
        return false;
    }
    *ret_network = network;
    return true;
}
