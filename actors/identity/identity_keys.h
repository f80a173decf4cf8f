/* The keys that sign access tokens, one line of generations per audience. A new key is published
 * before it signs, so that gateways know it, and verifies for as long as a token that it signed may
 * live. Secrets are sealed with a key that the database does not hold. */
#pragma once

#include "actors/host/request.h"
#include "common_messages.h"
#include "runtime/paseto.h"

enum { IDENTITY_KEYS_MAX = 8 };
#define IDENTITY_KEY_PUBLISHED_US (INT64_C(10) * 1000000) /* before it signs */
/* How long a key verifies after the next one signs: the longest life of a token, and clock skew. */
#define IDENTITY_KEY_RETIRED_US (INT64_C(86400 + 60) * 1000000)

struct identity_key {
    struct text kid;
    int64_t generation; /* 1, 2, ... */
    int64_t created_us; /* real time */
    uint8_t public_key[PASETO_PUBLIC_KEY_BYTES];
    uint8_t secret_key[PASETO_SECRET_KEY_BYTES];
    bool can_sign; /* the secret is there */
    bool is_clear; /* a version before the seal has left it in clear */
};

/* Which of keys, the newest first, signs at that time; `count`: none can. */
size_t identity_keys_choose(const struct identity_key *keys, size_t count, int64_t real_us);
/* Whether the next generation is due: none yet, or the newest is older than `life_us`, lies in
 * clear or cannot sign; never beyond IDENTITY_KEYS_MAX keys, for then a good token could not be
 * verified.
 */
bool identity_keys_are_due(const struct identity_key *keys, size_t count, int64_t real_us,
                           int64_t life_us);

/* The key that signs now; makes the first one when there is none (queued with the unit, which ends
 * with CONFLICT when another unit was faster). WAITS; statuses of request_query(). */
MUST_CHECK enum status identity_keys_find(struct request *request, enum common_audience audience,
                                          struct identity_key *ret_key);
/* Makes the next generation when it is due (setting ttl.signing_key), and drops keys that no token
 * needs. For the handler of make_signing_key, which a sweep asks every few seconds. WAITS; statuses
 * of request_query(). */
MUST_CHECK enum status identity_keys_turn(struct request *request, enum common_audience audience);
/* All public keys of the audience, the newest first. WAITS; statuses of request_query(). */
MUST_CHECK enum status identity_keys_list(struct request *request, enum common_audience audience,
                                          struct common_token_keys *ret_keys);
