/* Rows of sign-ins through providers: identities, states, what providers say of themselves. Nothing
 * but SQL and its mapping. Every find and list WAITS, with the statuses of request_query(). */
#pragma once

#include "actors/identity/identity_id_token.h"
#include "actors/identity/identity_secret.h"
#include "actors/user/user_store.h"

enum {
    USER_IDENTITIES_MAX = 20, /* of an account */
    USER_OIDC_STATES_MAX = 100000,
    USER_OIDC_ATTEMPTS_MAX = 10, /* to complete a state */
    USER_OIDC_STATES_TRIMMED_MAX = 5000
};

/* ---- identities ---- */

struct user_linked_identity {
    struct uuid id, user_id;
    struct text issuer, subject, provider;
    struct text email; /* empty: none */
    int64_t created_at_us;
};

/* Statuses: OK, NOT_FOUND. */
MUST_CHECK enum status user_oidc_find(struct request *request, struct text issuer,
                                      struct text subject,
                                      struct user_linked_identity *ret_identity);
/* Of an account, the newest first, at most USER_IDENTITIES_MAX. */
MUST_CHECK enum status user_oidc_list(struct request *request, struct uuid user_id,
                                      const struct user_identity **ret_list, size_t *ret_count);
/* Queues the row; the unit ends with IDENTITY_TAKEN when another one was faster. */
void user_oidc_add(struct request *request, const struct user_linked_identity *identity);
/* The unit ends with CONFLICT when the identity is no longer there. */
void user_oidc_require(struct request *request, const struct user_linked_identity *identity);
/* Queues the deletion of an identity; the unit ends with CONFLICT when it is no longer there. */
void user_oidc_remove(struct request *request, struct uuid identity_id, struct uuid user_id);
/* Queues the deletion of all identities of an account, and of links that are under way. */
void user_oidc_remove_all(struct request *request, struct uuid user_id);
void user_oidc_describe(const struct user_linked_identity *identity,
                        struct user_identity *ret_identity);
/* Which of the names are taken, in their order. */
MUST_CHECK enum status user_oidc_check_names(struct request *request, const struct text *names,
                                             size_t count, bool *ret_are_taken);

/* ---- states ---- */

struct user_oidc_state {
    struct uuid id, user_id; /* zero: a sign-in */
    uint8_t digest[IDENTITY_DIGEST_BYTES], code_digest[IDENTITY_DIGEST_BYTES];
    struct text provider, redirect_uri;
    bool is_claimed, has_profile; /* a profile has a code_digest */
    int64_t attempts, expires_at_us;
    struct user_profile profile; /* without its provider */
};

/* True if no more states may be opened now. */
MUST_CHECK enum status user_oidc_states_are_full(struct request *request, bool *ret_are_full);
/* Queues a new state; older ones of the same account are superseded. */
void user_oidc_add_state(struct request *request, const struct user_oidc_state *state);
/* Statuses: OK, NOT_FOUND. */
MUST_CHECK enum status user_oidc_find_state(struct request *request, struct uuid state_id,
                                            struct user_oidc_state *ret_state);
/* Queues the claim of a state, which also clears its stored profile; the unit ends with CONFLICT
 * when another attempt has claimed it meanwhile. */
void user_oidc_claim_state(struct request *request, const struct user_oidc_state *state,
                           struct text code_digest);
/* Queues the end of the claim, and stores what the provider has said; NULL: nothing yet. */
void user_oidc_release_state(struct request *request, struct uuid state_id,
                             const struct user_profile *profile_or_null);
/* Queues the deletion of states that have expired. */
void user_oidc_trim_states(struct request *request);

/* ---- providers ---- */

struct user_oidc_provider {
    struct text name, issuer;
    struct identity_provider_metadata metadata; /* jwks_uri is not kept */
    struct text keys;
    int64_t fetched_us, tried_us; /* real time; 0: never */
};

/* Statuses: OK, NOT_FOUND. */
MUST_CHECK enum status user_oidc_find_provider(struct request *request, struct text name,
                                               struct user_oidc_provider *ret_provider);
void user_oidc_save_provider(struct request *request, const struct user_oidc_provider *provider);
