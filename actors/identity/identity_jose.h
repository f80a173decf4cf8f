/* Signed tokens of others: JWS in its compact form (RFC 7515) against a set of JSON Web Keys (RFC
 * 7517, 7518), RS256 and ES256 only. The key says which of the two, never the token: a token that
 * names another algorithm than its key's is refused. Not for a fiber's stack: for pool threads. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum {
    IDENTITY_JWS_MAX = 16 * 1024, /* bytes of a token */
    IDENTITY_JWKS_MAX = 64 * 1024,
    IDENTITY_JWKS_KEYS_MAX = 64,
    IDENTITY_RSA_BITS_MIN = 2048,
    IDENTITY_RSA_BITS_MAX = 8192
};

/* The payload of a token whose signature is right, in the arena. A token without `kid` is taken
 * only when the set has one key that can be meant. Statuses: OK, MALFORMED (no such token, an
 * algorithm of others, extensions that must be understood), NOT_FOUND (no such key in the set),
 * UNAUTHENTICATED (the signature is wrong, or the key is for something else), CORRUPT (this is no
 * set of keys). */
MUST_CHECK enum status identity_jws_verify(struct arena *arena, struct text token, struct text jwks,
                                           struct text *ret_payload);
/* How many keys of a set can verify anything here. Statuses: OK, CORRUPT. */
MUST_CHECK enum status identity_jwks_count(struct arena *arena, struct text jwks,
                                           size_t *ret_count);

/* The S256 challenge of a code verifier (RFC 7636, 4.2). */
struct text identity_pkce_challenge(struct arena *arena, struct text verifier);
