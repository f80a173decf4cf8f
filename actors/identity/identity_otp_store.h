/* Rows of second factors and recovery codes. Nothing but SQL, its mapping, and the seal on the
 * secret. */
#pragma once

#include "actors/host/request.h"
#include "actors/identity/identity_otp.h"
#include "actors/identity/identity_secret.h"
#include "common_messages.h"

/* For a SELECT of a domain: whether the person with the id in that column has a second factor in
 * force. */
#define IDENTITY_HAS_FACTOR_SQL(person_id)                                                         \
    "EXISTS (SELECT 1 FROM identity.otp o WHERE o.person_id = " person_id                          \
    " AND o.confirmed_at IS NOT NULL)"

struct identity_otp {
    struct uuid person_id;
    uint8_t secret[IDENTITY_OTP_SECRET_BYTES];
    bool is_confirmed; /* otherwise enrolment is not finished and nothing is asked for */
    int64_t last_step; /* of the last code */
    int64_t version;   /* of its row; 0: there is none */
};

/* All zero when the person has none. WAITS. Statuses: OK, CORRUPT (sealed with another market's
 * key), those of request_query(). */
MUST_CHECK enum status identity_otp_load(struct request *request, struct uuid person_id,
                                         struct identity_otp *ret_otp);
/* Whether a second factor is in force, and how many recovery codes are left. WAITS; statuses of
 * request_query(). */
MUST_CHECK enum status identity_otp_find_state(struct request *request, struct uuid person_id,
                                               struct common_otp_state *ret_state);
/* Queues a new secret in place of an unfinished enrolment; the unit ends with CONFLICT when it was
 * finished meanwhile. */
void identity_otp_save_secret(struct request *request, const struct identity_otp *otp);
/* Queues is_confirmed and last_step; the unit ends with CONFLICT when the row is not at the version
 * before. */
void identity_otp_save_use(struct request *request, const struct identity_otp *otp);
/* Queues the end of the second factor and of its recovery codes. */
void identity_otp_remove(struct request *request, struct uuid person_id);

/* Whether a recovery code is there and unused. WAITS; statuses of request_query(). */
MUST_CHECK enum status identity_recovery_find(struct request *request, struct uuid person_id,
                                              const uint8_t digest[IDENTITY_DIGEST_BYTES],
                                              bool *ret_is_good);
/* Queues its use; the unit ends with CONFLICT when it was used meanwhile. */
void identity_recovery_use(struct request *request, struct uuid person_id,
                           const uint8_t digest[IDENTITY_DIGEST_BYTES]);
/* Queues new codes in place of all that there were. */
void identity_recovery_replace(struct request *request, struct uuid person_id,
                               const uint8_t digests[][IDENTITY_DIGEST_BYTES], size_t count);
