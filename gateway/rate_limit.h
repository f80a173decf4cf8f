/* How many requests a principal or a network may send: a token bucket for each, in a bounded table
 * that forgets the least recently used one. Pure: the time is a parameter. */
#pragma once

#include "runtime/base.h"

enum {
    RATE_BUCKETS_MAX = 65536,
    RATE_WINDOW_S = 60,
    RATE_QUOTA_MAX = 1000000, /* per window */
    RATE_WHO_BYTES = 16
};

struct rate_limiter;

enum rate_kind {
    RATE_BY_ADDRESS_4 = 1, /* IPv4, /24 */
    RATE_BY_ADDRESS_6,     /* IPv6, /64 */
    RATE_BY_SHOPPER,
    RATE_BY_VENDOR,
    RATE_BY_STAFF
};

/* Whose requests are counted together. Compared as bytes, so it must be zeroed before it is filled.
 */
struct rate_key {
    uint8_t policy; /* the caller's number, so that one principal may have several buckets */
    uint8_t kind;   /* enum rate_kind */
    uint8_t who[RATE_WHO_BYTES]; /* a principal's id, or the first bytes of an address */
};

/* What a request has left in its bucket, for the RateLimit headers. */
struct rate_state {
    bool is_allowed;
    int64_t remaining; /* requests that would be allowed at once */
    int64_t full_s;    /* seconds until the bucket is full again */
    int64_t retry_s;   /* seconds until the next request is allowed; 0 while `remaining` is not */
};

/* `seed` (16 random bytes) keeps clients from choosing their place in the hash table. */
struct rate_limiter *rate_limiter_new(const uint8_t seed[16]);
void rate_limiter_destroy(struct rate_limiter **limiter);
/* Takes one request from the bucket of `key`, which holds `quota` (1 to RATE_QUOTA_MAX) and fills
 * within RATE_WINDOW_S. A refused request takes nothing. The algorithm is the virtual scheduling of
 * ITU-T I.371 (generic cell rate algorithm): one number per bucket, no timers. */
struct rate_state rate_limiter_charge(struct rate_limiter *limiter, const struct rate_key *key,
                                      int64_t quota, int64_t now_us);
/* Whether rate_limiter_charge() would allow it now; takes nothing, and does not count as use. */
bool rate_limiter_would_allow(const struct rate_limiter *limiter, const struct rate_key *key,
                              int64_t quota, int64_t now_us);
/* How many buckets are in the table. */
size_t rate_limiter_count(const struct rate_limiter *limiter);

struct sockaddr;
/* The key of an address's network: /24 of IPv4 (mapped into IPv6, too), /64 of IPv6, since a client
 * may have that many addresses to choose from. All other families are one network. */
struct rate_key rate_key_of_address(uint8_t policy, const struct sockaddr *address);
