/* How many requests a principal or a network may send: one bucket each, in a bounded table that
 * forgets the one not used for longest. Pure: the time is a parameter. */
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

/* Whose requests are counted together. Compared as bytes: begin with zeros. */
struct rate_key {
    uint8_t policy; /* the caller's number: the same one may have several quotas */
    uint8_t kind;   /* enum rate_kind */
    uint8_t who[RATE_WHO_BYTES];
};

/* What is left after a request, for the RateLimit headers. */
struct rate_state {
    bool is_allowed;
    int64_t remaining; /* requests that would be taken at once */
    int64_t full_s;    /* until the whole quota is there again */
    int64_t retry_s;   /* until the next request is taken; 0 when `remaining` is not */
};

/* `seed` (16 random bytes) keeps clients from choosing their place in the table. */
struct rate_limiter *rate_limiter_new(const uint8_t seed[16]);
void rate_limiter_destroy(struct rate_limiter **limiter);
/* Takes one request out of the bucket of `key`, which holds `quota` (1 to RATE_QUOTA_MAX) and fills
 * within RATE_WINDOW_S. A refused request takes nothing. Source: the virtual scheduling algorithm
 * of ITU-T I.371 (generic cell rate algorithm). */
struct rate_state rate_limiter_charge(struct rate_limiter *limiter, const struct rate_key *key,
                                      int64_t quota, int64_t now_us);
/* Buckets in the table. */
size_t rate_limiter_count(const struct rate_limiter *limiter);

struct sockaddr;
/* The network of an address: /24 of IPv4 (mapped into IPv6, too), /64 of IPv6. Any other family is
 * one network. */
struct rate_key rate_key_of_address(uint8_t policy, const struct sockaddr *address);
