/* Verifies access tokens: PASETO v4.public, verified once each and remembered by digest until they
 * expire (gateway/README.md, Decisions: a token is verified once). */
#pragma once

#include "gateway/ended_sessions.h"
#include "gateway/token_keys.h"
#include "messages/schema.h"
#include "runtime/arena.h"
#include "runtime/envelope.h"

enum { AUTHENTICATE_REMEMBERED_MAX = 4096 };

struct authenticator;

/* Keys and list must outlive the authenticator. */
struct authenticator *authenticator_new(const struct token_keys *keys,
                                        const struct ended_sessions *ended);
void authenticator_destroy(struct authenticator **authenticator);

/* The token of "Bearer <token>" (RFC 6750); empty if it is anything else. */
struct text authenticate_bearer(struct text header);
/* Verifies the token in the value of an Authorization header for a kind of principal. Refuses
 * tokens of sessions that have ended. `ret_is_key_unknown` is always set: true if the token names a
 * key that is not known, so that it is worth refreshing the keys and trying again. `arena` is
 * scratch. Statuses: OK, UNAUTHENTICATED, TOKEN_EXPIRED (also one that is older than an end that
 * was forgotten), UNAVAILABLE (not known yet what has ended). */
MUST_CHECK enum status authenticate(struct authenticator *authenticator, struct text header,
                                    enum principal_kind kind, int64_t real_us, struct arena *arena,
                                    struct principal *ret_principal, bool *ret_is_key_unknown);
/* Of a token that was verified just now: the session of the staff that acts in its principal's
 * name; zero when nobody does. False: it is not remembered any more. */
bool authenticate_find_parent(struct authenticator *authenticator, struct text header,
                              struct uuid *ret_parent);
