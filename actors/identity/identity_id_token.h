/* What an OpenID Connect provider says: who has signed in there (ID token, OpenID Connect Core 1.0,
 * 3.1.3.7), where its endpoints are (OpenID Connect Discovery 1.0, RFC 8414), what it gave for a
 * code (RFC 6749, 5.1). Not for a fiber's stack: for pool threads. */
#pragma once

#include "actors/identity/identity_jose.h"

enum {
    IDENTITY_ISSUER_MAX = 255,
    IDENTITY_SUBJECT_MAX = 255,
    IDENTITY_CLAIM_MAX = 254, /* names, addresses */
    IDENTITY_ENDPOINT_MAX = 1000
};

/* How far the clocks of others may be off. */
#define IDENTITY_CLOCK_LEEWAY_S INT64_C(60)

struct identity_id_expectation {
    struct text issuer, client_id, nonce;
    int64_t real_us;
};

/* Texts that the provider did not give, or that are too long, are empty. */
struct identity_id_claims {
    struct text subject, email, name, username, locale;
    bool is_email_verified;
};

/* Verifies a token's signature and all that it claims. Statuses: OK, NOT_FOUND (signed by a key
 * that is not in the set), CORRUPT (this is no set of keys), UNAUTHENTICATED (anything else). */
MUST_CHECK enum status identity_id_token_verify(struct arena *arena, struct text token,
                                                struct text jwks,
                                                const struct identity_id_expectation *expected,
                                                struct identity_id_claims *ret_claims);

/* How the market shows at the token endpoint who it is. Stored: append only. */
enum identity_client_proof { IDENTITY_CLIENT_BASIC = 0, IDENTITY_CLIENT_POST = 1 };

struct identity_provider_metadata {
    struct text authorization_endpoint, token_endpoint, jwks_uri;
    enum identity_client_proof client_proof;
};
/* Reads a discovery document, of this very issuer. Statuses: OK, CORRUPT (it is none, or of
 * another; its endpoints are not secure; it can neither do PKCE with S256 nor sign as we need it,
 * or wants proofs that we do not have). */
MUST_CHECK enum status identity_provider_read(struct arena *arena, struct text document,
                                              struct text issuer,
                                              struct identity_provider_metadata *ret_metadata);
/* The ID token in the answer of a token endpoint. Statuses: OK, CORRUPT. */
MUST_CHECK enum status identity_token_answer_read(struct arena *arena, struct text answer,
                                                  struct text *ret_id_token);
