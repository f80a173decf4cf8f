/* PASETO v4.public tokens: signed, not encrypted. Source:
 * https://github.com/paseto-standard/paseto-spec, docs 01 and 01/Version4; Ed25519 (RFC 8032).
 * Pure, bounded; claims are the caller's business. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

/* Signed with every access token and never sent (PASETO, implicit assertions): a token of another
 * system is none of ours, even by the same key. Published beside the keys. */
#define TOKEN_IMPLICIT_ASSERTION "souk:v1"

enum {
    PASETO_TOKEN_MAX = 4096,      /* bytes */
    PASETO_SECRET_KEY_BYTES = 64, /* seed and public key, as libsodium keeps them */
    PASETO_PUBLIC_KEY_BYTES = 32,
    PASETO_SEED_BYTES = 32,
};

/* The pair of keys that belongs to 32 random bytes. */
void paseto_v4_keys(const uint8_t seed[PASETO_SEED_BYTES],
                    uint8_t ret_public_key[PASETO_PUBLIC_KEY_BYTES],
                    uint8_t ret_secret_key[PASETO_SECRET_KEY_BYTES]);
/* Signs a payload (JSON) into a token. The footer (may be empty) travels readable and signed; the
 * implicit assertion (may be empty) is signed and does not travel. Statuses: OK, OUT_OF_RANGE (the
 * token would be too long). */
MUST_CHECK enum status paseto_v4_sign(struct arena *arena,
                                      const uint8_t secret_key[PASETO_SECRET_KEY_BYTES],
                                      struct text payload, struct text footer, struct text implicit,
                                      struct text *ret_token);
/* Checks a token's signature and unpacks it into the arena.
 * Statuses: OK, MALFORMED (no v4.public token, or too long), UNAUTHENTICATED (signature of another
 * key or text). */
MUST_CHECK enum status paseto_v4_verify(struct arena *arena,
                                        const uint8_t public_key[PASETO_PUBLIC_KEY_BYTES],
                                        struct text token, struct text implicit,
                                        struct text *ret_payload, struct text *ret_footer);
/* Reads a token's footer WITHOUT any check of its signature, to choose the key. Statuses: OK,
 * MALFORMED. */
MUST_CHECK enum status paseto_v4_footer(struct arena *arena, struct text token,
                                        struct text *ret_footer);
