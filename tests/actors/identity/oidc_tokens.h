/* A provider's pen for tests: keys, sets of keys, signed tokens, honest or not. */
#pragma once

#include <openssl/evp.h>

#include "runtime/arena.h"
#include "runtime/text.h"

struct oidc_key {
    EVP_PKEY *pair;
    const char *kid; /* NULL: none */
    bool is_rsa;
};

/* RSA of 2048 bits, or P-256. */
struct oidc_key oidc_key_new(bool is_rsa, const char *kid);
void oidc_key_destroy(struct oidc_key *key);
/* The public key as a JSON Web Key; `more` is added as it is, such as ",\"use\":\"enc\"". */
struct text oidc_key_write(struct arena *arena, const struct oidc_key *key, const char *more);
/* {"keys":[...]} of up to two written keys; the second may be empty. */
struct text oidc_keys_write(struct arena *arena, struct text first, struct text second);
/* A token with that header and payload, signed by the key. */
struct text oidc_token_sign(struct arena *arena, const struct oidc_key *key, struct text header,
                            struct text payload);
/* The same with the header that the key wants. */
struct text oidc_token_write(struct arena *arena, const struct oidc_key *key, struct text payload);
