/* A sign-in, and when its refresh token is good. Pure. */
#pragma once

#include "actors/identity/identity_secret.h"

/* A rotation whose answer was lost may be repeated so long. */
#define IDENTITY_RETRY_GRACE_US (INT64_C(10) * 1000000)

/* Times are real time but for created_at_us; the secret itself is nowhere kept. */
struct identity_session {
    struct uuid id;
    struct uuid account_id;
    struct uuid person_id;       /* who acts for the account: a vendor's member; else the account */
    struct uuid impersonator_id; /* staff that acts in a shopper's name, or zero */
    uint8_t secret_hash[IDENTITY_DIGEST_BYTES];
    bool has_previous;
    uint8_t previous_hash[IDENTITY_DIGEST_BYTES];
    int64_t created_at_us; /* market time */
    int64_t rotated_at_us, expires_at_us;
    int64_t confirmed_us; /* last second factor; 0: none */
    bool is_revoked;
    int64_t version; /* of its row */
};

/* Exchanges the secret whose digest is given for a new one, with a new life (an impersonator's ends
 * when it would have ended). Good are the current secret, and the one before it until
 * IDENTITY_RETRY_GRACE_US after its first exchange (the answer may have been lost); that end does
 * not move with retries, so a stolen secret cannot be kept alive. Statuses: OK,
 * INVALID_REFRESH_TOKEN (anything else, revoked, expired): then revoke the session. */
MUST_CHECK enum status identity_session_exchange(struct identity_session *session,
                                                 const uint8_t digest[IDENTITY_DIGEST_BYTES],
                                                 const uint8_t new_digest[IDENTITY_DIGEST_BYTES],
                                                 int64_t real_us, int64_t life_us);
