/* Who a request comes from: the peer, or, when the peer is one of the site's own proxies, the last
 * address of X-Forwarded-For that is none of them. Whatever stands before that one the client may
 * have written himself, and is not believed. Pure. */
#pragma once

#include <netinet/in.h>

#include "runtime/base.h"
#include "runtime/text.h"

enum {
    PROXY_NETWORKS_MAX = 32,
    FORWARDED_MAX = 16 /* addresses of a request that are looked at, from the last */
};

struct proxy_network {
    struct in6_addr address; /* IPv4 mapped into IPv6 */
    unsigned bits;
};

/* The networks of the site's own proxies. */
struct proxies {
    struct proxy_network networks[PROXY_NETWORKS_MAX];
    size_t count;
};

/* Reads "10.0.0.0/8, 192.0.2.7, fd00::/8"; empty: none. Statuses: OK, INVALID_VALUE (no address, a
 * bit behind the prefix, too many). */
MUST_CHECK enum status proxies_read(struct text list, struct proxies *ret_proxies);
bool proxies_have(const struct proxies *proxies, const struct in6_addr *address);

/* IPv4 mapped into IPv6; all zero for any other family. */
struct in6_addr client_address_of_peer(const struct sockaddr *peer);
/* `fields` are the request's X-Forwarded-For fields in their order. An address that cannot be read
 * ends the search: the proxy that told of it is taken for the client. */
struct in6_addr client_address_find(const struct proxies *proxies, struct in6_addr peer,
                                    const struct text *fields, size_t count);
/* As people write it, IPv4 without the mapping; lives as long as the arena. */
struct arena;
struct text client_address_text(struct arena *arena, const struct in6_addr *address);
