/* The network that an address of a client is in: one client often has all of it. Pure. */
#pragma once

#include "runtime/text.h"

/* How much of an IPv6 address is a network, in bytes; of IPv4 it is /24. */
enum network_width {
    NETWORK_OF_SITE = 6, /* /48: what providers give to a whole site */
    NETWORK_OF_LINE = 8  /* /64: the least that anybody gets */
};
enum { NETWORK_BYTES = 9 };

struct network {
    uint8_t bytes[NETWORK_BYTES]; /* the family, 4 or 6, and the address, as far as it counts */
    bool is_loopback;             /* the host itself */
};

/* Reads an address as the gateway writes it; false, and ret_network untouched, if it is none. */
MUST_CHECK bool network_of(struct text address, enum network_width width,
                           struct network *ret_network);
