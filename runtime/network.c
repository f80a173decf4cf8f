/* Addresses of clients, cut to their networks. */
#include "runtime/network.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

enum { NETWORK_OF_LINE_4 = 3, LOOPBACK_4 = 127 };

bool network_of(struct text address, enum network_width width, struct network *ret_network)
{
    char word[INET6_ADDRSTRLEN];
    uint8_t bytes[sizeof(struct in6_addr)] = { 0 };
    struct network network = { .is_loopback = false };
    static_assert(NETWORK_BYTES == 1 + NETWORK_OF_LINE, "the widest fits");
    assert(width == NETWORK_OF_SITE || width == NETWORK_OF_LINE);
    assert(ret_network != NULL);
    if (address.length == 0 || address.length >= sizeof word) return false;
    memcpy(word, address.data, address.length);
    word[address.length] = '\0';
    if (inet_pton(AF_INET, word, bytes) == 1) {
        network.bytes[0] = 4;
        network.is_loopback = bytes[0] == LOOPBACK_4;
        memcpy(network.bytes + 1, bytes, NETWORK_OF_LINE_4);
    } else if (inet_pton(AF_INET6, word, bytes) == 1) {
        static const uint8_t loopback_6[sizeof bytes] = { [sizeof bytes - 1] = 1 };
        network.bytes[0] = 6;
        network.is_loopback = memcmp(bytes, loopback_6, sizeof bytes) == 0;
        memcpy(network.bytes + 1, bytes, width);
    } else {
        return false;
    }
    *ret_network = network;
    return true;
}
