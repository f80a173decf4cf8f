/* Talking to providers: what they say of themselves, kept for a while; a code for an ID token. */
#pragma once

#include "actors/user/user_oidc_store.h"
#include "runtime/config_oidc.h"

/* What a provider says of itself, not older than oidc.metadata_age; fetched when it is. WAITS.
 * Statuses: OK, UNAVAILABLE (it cannot be had now), those of request_ask(). */
MUST_CHECK enum status user_provider_load(struct request *request,
                                          const struct config_oidc_provider *settings,
                                          struct user_oidc_provider *ret_provider);

struct user_provider_question {
    struct text code, redirect_uri;
    struct text verifier, nonce; /* of the state */
};
/* Exchanges a code and verifies the ID token that comes for it; keys that are not known are fetched
 * once. WAITS. Statuses: OK, PROVIDER_REFUSED (for whatever reason), UNAVAILABLE (nobody knows
 * whether the code is spent), those of request_offload() and request_ask(). */
MUST_CHECK enum status user_provider_ask(struct request *request,
                                         const struct config_oidc_provider *settings,
                                         const struct user_provider_question *question,
                                         struct identity_id_claims *ret_claims);

