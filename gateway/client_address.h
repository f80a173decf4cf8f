/* Who a request comes from: the peer, or, if the peer is one of the site's own proxies, the last
 * address in X-Forwarded-For that is not one of them. Each proxy appends whom it was called by, so
 * everything before that address may have been written by the client, and is not believed. Pure. */
#pragma once

#include <netinet/in.h>

#include "runtime/base.h"
#include "runtime/text.h"

struct arena;

enum {
    PROXY_NETWORKS_MAX = 32,
    FORWARDED_MAX = 16 /* addresses of a request that are looked at, from the last one backwards */
};

struct proxy_network {
    struct in6_addr address; /* IPv4 mapped into IPv6 */
    unsigned bits;           /* of the prefix, of 128 */
};

/* The networks of the site's own proxies. */
struct proxies {
    struct proxy_network networks[PROXY_NETWORKS_MAX];
    size_t count;
};

/* Reads a list such as "10.0.0.0/8, 192.0.2.7, fd00::/8"; an empty text is an empty list. Statuses:
 * OK, INVALID_VALUE (not an address, a bit set behind the prefix, too many). */
MUST_CHECK enum status proxies_read(struct text list, struct proxies *ret_proxies);
/* True if the address is in one of the networks. */
bool proxies_have(const struct proxies *proxies, const struct in6_addr *address);

/* The address of a socket's peer: IPv4 mapped into IPv6; all zero for any other family. */
struct in6_addr client_address_of_peer(const struct sockaddr *peer);
/* The client of a request that came from `peer`. `fields` are the values of its X-Forwarded-For
 * headers, in their order. An address that cannot be read ends the search, and the proxy that wrote
 * it counts as the client. */
struct in6_addr client_address_find(const struct proxies *proxies, struct in6_addr peer,
                                    const struct text *fields, size_t count);
/* The address as people write it, IPv4 without the mapping; in the arena. */
struct text client_address_text(struct arena *arena, const struct in6_addr *address);
