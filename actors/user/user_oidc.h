/* The two halves of every sign-in or link through a provider: somebody is sent there, and comes
 * back with a code (OpenID Connect Core 1.0, 3.1; PKCE by RFC 7636). Nonce and code verifier are
 * keyed digests of the state's secret, so that rows and backups hold neither. */
#pragma once

#include "actors/user/user_oidc_store.h"

/* Queues a new state in the request's shard and answers where to go. `user_id`: whose account is
 * linked; zero: a sign-in. WAITS. Statuses: OK, NOT_FOUND (no such provider), INVALID_VALUE (not
 * one of its redirect URIs), OVERLOADED (too many are on their way), UNAVAILABLE (the provider),
 * those of request_query() and request_ask(). */
MUST_CHECK enum status user_oidc_begin(struct request *request, struct text provider_name,
                                       struct text redirect_uri, struct uuid user_id,
                                       struct user_sent_to_provider *ret_reply);

struct user_oidc_return {
    struct text provider, code, state, redirect_uri;
    struct text issuer;  /* that the answer named (RFC 9207); may be empty */
    struct uuid user_id; /* as for user_oidc_begin() */
};
/* Takes the state and asks the provider who it was. The state is spent then, unless it is given
 * back; after an outage it was. WAITS. Statuses: OK, NOT_FOUND (no such provider), STATE_UNKNOWN
 * (of another provider, redirect URI, account or code, too), PROVIDER_REFUSED, UNAVAILABLE, those
 * of request_ask(). */
MUST_CHECK enum status user_oidc_prove(struct request *request,
                                       const struct user_oidc_return *arrival,
                                       struct uuid *ret_state_id, struct user_profile *ret_profile);
/* Gives a state back; what the provider has said is kept with it. An outage is logged, no more: the
 * state is spent then. WAITS. */
void user_oidc_give_back(struct request *request, struct uuid state_id,
                         const struct user_profile *profile_or_null);
/* True if the attempt failed for reasons that have nothing to do with it, so that it may be
 * repeated. */
bool user_oidc_is_outage(enum status status);

/* Tells the owner about an identity. Statuses: those of request_publish(). */
MUST_CHECK enum status user_oidc_raise_notice(struct request *request, enum common_notice_kind kind,
                                              struct uuid user_id, struct text provider_name);
/* The identity that a profile becomes when it is linked now, with a new id. */
struct user_linked_identity user_oidc_link(struct request *request, struct uuid user_id,
                                           const struct user_profile *profile);
