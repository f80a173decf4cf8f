/* The network that an address of a client is in: one client often has all of it. Pure. */
#pragma once

#include "runtime/text.h"

/* How much of an address is a network. */
enum network_width {
    NETWORK_OF_SITE, /* /48 of IPv6: what providers give to a whole site; /24 of IPv4 */
    NETWORK_OF_LINE, /* /64: the least that anybody gets; /24 */
    NETWORK_OF_HOUSE /* /64, and the whole address of IPv4, which a house has one of */
};
enum { NETWORK_BYTES = 9 };

struct network {
    uint8_t bytes[NETWORK_BYTES]; /* the family, 4 or 6, and the address, as far as it counts */
    bool is_loopback;             /* the host itself */
};

/* Reads an address as the gateway writes it; false, and ret_network untouched, if it is none. */
MUST_CHECK bool network_of(struct text address, enum network_width width,
                           struct network *ret_network);
