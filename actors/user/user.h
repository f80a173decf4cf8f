/* A shopper's account and sessions: what an address and a user name may look like, and when a
 * refresh token is good. Pure. */
#pragma once

#include "messages/values.h"

enum {
    USER_EMAIL_MAX = 254, /* bytes; RFC 5321, section 4.5.3.1.3 without the angle brackets */
    USER_EMAIL_LOCAL_MAX = 64,
    USER_NAME_MIN = 3,
    USER_NAME_MAX = 40,
    USER_SECRET_BYTES = 32,
    USER_DIGEST_BYTES = 32, /* BLAKE2b of a secret */
    USER_RETRY_GRACE_US =
        10 * 1000000, /* a rotation whose answer was lost may be repeated so long */
};

/* An address in the one form that is stored and that decides the shard. */
struct user_email {
    char text[USER_EMAIL_MAX];
    size_t length;
};

/* Trims the address and lowers its ASCII letters. It must have one '@' with something before it,
 * and behind it a domain of at least two labels; no spaces, no control characters. Statuses: OK,
 * INVALID_VALUE. */
MUST_CHECK enum status user_normalise_email(struct text sent, struct user_email *ret_email);
struct text user_email_text(const struct user_email *email);

/* A user name as it is compared with others: lower case. */
struct user_name {
    char text[USER_NAME_MAX];
    size_t length;
};
/* ASCII letters, digits, dot, dash, underscore. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status user_normalise_name(struct text sent, struct user_name *ret_name);
struct text user_name_text(const struct user_name *name);

/* A sign-in. Times are real time; the secret itself is nowhere kept. */
struct user_session {
    struct uuid id, user_id;
    uint8_t secret_hash[USER_DIGEST_BYTES];
    bool has_previous;
    uint8_t previous_hash[USER_DIGEST_BYTES];
    int64_t rotated_at_us, expires_at_us;
    bool is_revoked;
    int64_t version; /* of its row */
};

/* Exchanges the secret whose digest is given for a new one, with a new life. Good are the current
 * secret, and the one before it until USER_RETRY_GRACE_US after its first exchange (the answer may
 * have been lost); that end does not move with retries, so a stolen secret cannot be kept alive.
 * Statuses: OK, INVALID_REFRESH_TOKEN (anything else, revoked, expired). */
MUST_CHECK enum status user_session_rotate(struct user_session *session,
                                           const uint8_t digest[USER_DIGEST_BYTES],
                                           const uint8_t new_digest[USER_DIGEST_BYTES],
                                           int64_t real_us, int64_t life_us);

enum { USER_REFRESH_TOKEN_MAX = 128 };
/* Splits "<ses_ id>.<secret in base64url>" at its dot. Statuses: OK, MALFORMED. */
MUST_CHECK enum status user_split_refresh_token(struct text token, struct uuid *ret_session_id,
                                                struct text *ret_secret_text);
