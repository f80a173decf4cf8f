/* A bucket is one number: the time at which it will be full again. */
#include "gateway/rate_limit.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/lru.h"

enum {
    MICROSECONDS = 1000000,
    IPV4_NETWORK_BYTES = 3,
    IPV6_NETWORK_BYTES = 8,
    IPV4_MAPPED_AT = 12
};

static const int64_t window_us = (int64_t)RATE_WINDOW_S * MICROSECONDS;

struct bucket {
    struct rate_key key;
    int64_t full_at_us;
};

struct rate_limiter {
    uint8_t seed[crypto_shorthash_KEYBYTES];
    struct lru *lru;
    struct bucket buckets[RATE_BUCKETS_MAX + 1]; /* by position */
};

struct rate_limiter *rate_limiter_new(const uint8_t seed[16])
{
    assert(seed != NULL);
    struct rate_limiter *limiter = calloc(1, sizeof *limiter);
    if (limiter == NULL) abort();
    memcpy(limiter->seed, seed, sizeof limiter->seed);
    limiter->lru = lru_new(RATE_BUCKETS_MAX);
    return limiter;
}

void rate_limiter_destroy(struct rate_limiter **limiter)
{
    if (*limiter == NULL) return;
    lru_destroy(&(*limiter)->lru);
    free(*limiter);
    *limiter = NULL;
}

size_t rate_limiter_count(const struct rate_limiter *limiter)
{
    return lru_size(limiter->lru);
}

static uint32_t hash_of(const struct rate_limiter *limiter, const struct rate_key *key)
{
    uint8_t bytes[crypto_shorthash_BYTES];
    uint32_t hash;
    (void)crypto_shorthash(bytes, (const uint8_t *)key, sizeof *key, limiter->seed);
    memcpy(&hash, bytes, sizeof hash);
    return hash;
}

static uint32_t bucket_find(const struct rate_limiter *limiter, const struct rate_key *key,
                            uint32_t hash)
{
    uint32_t position = lru_first(limiter->lru, hash);
    while (position != LRU_NONE && memcmp(&limiter->buckets[position].key, key, sizeof *key) != 0)
        position = lru_next(limiter->lru, position);
    return position;
}

/* The bucket of a key: its own, or a full one. In a full table that takes the place of the bucket
 * that was not used for longest. Such a one is probably full, too; else its owner gets a few
 * requests too many. */
static struct bucket *bucket_of(struct rate_limiter *limiter, const struct rate_key *key)
{
    const uint32_t hash = hash_of(limiter, key);
    uint32_t position = bucket_find(limiter, key, hash);
    if (position != LRU_NONE) {
        lru_use(limiter->lru, position);
    } else {
        position = lru_add(limiter->lru, hash);
        limiter->buckets[position] = (struct bucket){ .key = *key };
    }
    return &limiter->buckets[position];
}

static int64_t seconds_up(int64_t duration_us)
{
    return (duration_us + MICROSECONDS - 1) / MICROSECONDS;
}

struct rate_state rate_limiter_charge(struct rate_limiter *limiter, const struct rate_key *key,
                                      int64_t quota, int64_t now_us)
{
    assert(limiter != NULL);
    assert(key->kind != 0);
    assert(quota >= 1);
    assert(quota <= RATE_QUOTA_MAX);
    assert(now_us >= 0);
    const int64_t one_us = window_us / quota;
    struct bucket *bucket = bucket_of(limiter, key);
    const int64_t full_at_us = bucket->full_at_us > now_us ? bucket->full_at_us : now_us;
    struct rate_state state = { .is_allowed = full_at_us + one_us <= now_us + window_us };
    bucket->full_at_us = state.is_allowed ? full_at_us + one_us : full_at_us;
    const int64_t taken_us = bucket->full_at_us - now_us;
    state.remaining = (window_us - taken_us) / one_us;
    state.full_s = seconds_up(taken_us);
    if (state.remaining == 0) state.retry_s = seconds_up(taken_us + one_us - window_us);
    return state;
}

bool rate_limiter_would_allow(const struct rate_limiter *limiter, const struct rate_key *key,
                              int64_t quota, int64_t now_us)
{
    assert(quota >= 1);
    assert(quota <= RATE_QUOTA_MAX);
    const uint32_t position = bucket_find(limiter, key, hash_of(limiter, key));
    if (position == LRU_NONE) return true;
    return limiter->buckets[position].full_at_us + window_us / quota <= now_us + window_us;
}

struct rate_key rate_key_of_address(uint8_t policy, const struct sockaddr *address)
{
    struct rate_key key = { .policy = policy, .kind = RATE_BY_ADDRESS_6 };
    if (address->sa_family == AF_INET) {
        key.kind = RATE_BY_ADDRESS_4;
        memcpy(key.who, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
               IPV4_NETWORK_BYTES);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *six =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        const bool is_mapped = IN6_IS_ADDR_V4MAPPED(six);
        key.kind = is_mapped ? RATE_BY_ADDRESS_4 : RATE_BY_ADDRESS_6;
        memcpy(key.who, six->s6_addr + (is_mapped ? IPV4_MAPPED_AT : 0),
               is_mapped ? IPV4_NETWORK_BYTES : IPV6_NETWORK_BYTES);
    }
    return key;
}
