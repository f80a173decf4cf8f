/* A hash table of buckets with a list in order of use. A bucket is one number: the time at which it
 * will be full again. */
#include "gateway/rate_limit.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACES = RATE_BUCKETS_MAX * 2, /* a power of two */
    NONE = 0, /* bucket 0 is never used, so that zeroed memory is an empty table */
    MICROSECONDS = 1000000,
    IPV4_NETWORK_BYTES = 3,
    IPV6_NETWORK_BYTES = 8,
    IPV4_MAPPED_AT = 12
};

static_assert((PLACES & (PLACES - 1)) == 0, "a hash is cut to a place with a mask");

static const int64_t window_us = (int64_t)RATE_WINDOW_S * MICROSECONDS;

struct bucket {
    struct rate_key key;
    int64_t full_at_us;
    uint32_t next_at_place; /* these three are positions in the table, or NONE */
    uint32_t newer, older;
};

struct rate_limiter {
    uint8_t seed[crypto_shorthash_KEYBYTES];
    uint32_t places[PLACES];
    uint32_t newest, oldest;
    uint32_t count;
    struct bucket buckets[RATE_BUCKETS_MAX + 1];
};

struct rate_limiter *rate_limiter_new(const uint8_t seed[16])
{
    assert(seed != NULL);
    /* Megabytes of address space, but calloc gets zeroed pages from the kernel as they are used. */
    struct rate_limiter *limiter = calloc(1, sizeof *limiter);
    if (limiter == NULL) abort();
    memcpy(limiter->seed, seed, sizeof limiter->seed);
    return limiter;
}

void rate_limiter_destroy(struct rate_limiter **limiter)
{
    free(*limiter);
    *limiter = NULL;
}

size_t rate_limiter_count(const struct rate_limiter *limiter)
{
    return limiter->count;
}

static uint32_t *place_of(struct rate_limiter *limiter, const struct rate_key *key)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t number;
    (void)crypto_shorthash(hash, (const uint8_t *)key, sizeof *key, limiter->seed);
    memcpy(&number, hash, sizeof number);
    return &limiter->places[number & (PLACES - 1)];
}

static void bucket_unlink(struct rate_limiter *limiter, uint32_t position)
{
    assert(position != NONE);
    const struct bucket *bucket = &limiter->buckets[position];
    if (bucket->newer != NONE)
        limiter->buckets[bucket->newer].older = bucket->older;
    else
        limiter->newest = bucket->older;
    if (bucket->older != NONE)
        limiter->buckets[bucket->older].newer = bucket->newer;
    else
        limiter->oldest = bucket->newer;
}

static void bucket_push(struct rate_limiter *limiter, uint32_t position)
{
    struct bucket *bucket = &limiter->buckets[position];
    bucket->newer = NONE;
    bucket->older = limiter->newest;
    if (bucket->older != NONE)
        limiter->buckets[bucket->older].newer = position;
    else
        limiter->oldest = position;
    limiter->newest = position;
}

/* A position for a new bucket: a free one, or that of the bucket not used for longest. Such a
 * bucket is probably full; one that is not gives its owner a few requests too many. */
static uint32_t position_claim(struct rate_limiter *limiter)
{
    if (limiter->count < RATE_BUCKETS_MAX) return ++limiter->count;
    const uint32_t position = limiter->oldest;
    assert(position != NONE);
    uint32_t *link = place_of(limiter, &limiter->buckets[position].key);
    while (*link != position)
        link = &limiter->buckets[*link].next_at_place;
    *link = limiter->buckets[position].next_at_place;
    bucket_unlink(limiter, position);
    return position;
}

static struct bucket *bucket_of(struct rate_limiter *limiter, const struct rate_key *key)
{
    uint32_t *place = place_of(limiter, key);
    uint32_t position = *place;
    while (position != NONE && memcmp(&limiter->buckets[position].key, key, sizeof *key) != 0)
        position = limiter->buckets[position].next_at_place;
    if (position != NONE) {
        bucket_unlink(limiter, position);
    } else {
        position = position_claim(limiter);
        limiter->buckets[position] =
            (struct bucket){ .key = *key, .full_at_us = 0, .next_at_place = *place };
        *place = position;
    }
    bucket_push(limiter, position);
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
