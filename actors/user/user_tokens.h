/* What a sign-in hands out: an access token that the domain signs and a refresh token that it keeps
 * a digest of. */
#pragma once

#include "actors/user/user_store.h"

enum {
    USER_ACCESS_TOKEN_LIFE_MAX_US = 900 * 1000000
}; /* a closed session is heard at most so long */

/* Draws a refresh secret. */
void user_draw_secret(struct request *request, uint8_t ret_secret[USER_SECRET_BYTES],
                      uint8_t ret_digest[USER_DIGEST_BYTES]);
void user_digest_secret(struct text secret, uint8_t ret_digest[USER_DIGEST_BYTES]);
/* The life of a refresh token and of the session that it belongs to. */
int64_t user_session_life_us(const struct request *request);

/* Queues a new session of the account in the request's shard and fills in the answer. WAITS. */
MUST_CHECK enum status user_open_session(struct request *request,
                                         const struct user_account *account,
                                         struct user_signed_in *ret_reply);
/* The answer for a session whose current secret is given. Makes the signing key when there is none
 * (queued with the unit). WAITS. Statuses: OK, and those of request_query(). */
MUST_CHECK enum status user_sign_in(struct request *request, const struct user_account *account,
                                    const struct user_session *session,
                                    const uint8_t secret[USER_SECRET_BYTES],
                                    struct user_signed_in *ret_reply);
/* Queues a signing key when there is none. WAITS. Statuses: OK, and those of request_query(). */
MUST_CHECK enum status user_ensure_signing_key(struct request *request);
void user_describe(const struct user_account *account, struct user_user *ret_user);
