/* The rules of sessions. */
#include "actors/identity/identity_session.h"

#include <string.h>

enum status identity_session_exchange(struct identity_session *session,
                                      const uint8_t digest[IDENTITY_DIGEST_BYTES],
                                      const uint8_t new_digest[IDENTITY_DIGEST_BYTES],
                                      int64_t real_us, int64_t life_us)
{
    assert(session != NULL);
    assert(life_us > 0);
    if (session->is_revoked || session->expires_at_us <= real_us)
        return STATUS_INVALID_REFRESH_TOKEN;
    const bool is_current = identity_digests_are_equal(session->secret_hash, digest);
    const bool is_retry = session->has_previous &&
                          identity_digests_are_equal(session->previous_hash, digest) &&
                          real_us - session->rotated_at_us <= IDENTITY_RETRY_GRACE_US;
    if (!is_current && !is_retry) return STATUS_INVALID_REFRESH_TOKEN;
    if (is_current) {
        memcpy(session->previous_hash, session->secret_hash, IDENTITY_DIGEST_BYTES);
        session->has_previous = true;
        session->rotated_at_us = real_us;
    }
    memcpy(session->secret_hash, new_digest, IDENTITY_DIGEST_BYTES);
    if (uuid_is_zero(session->impersonator_id)) session->expires_at_us = real_us + life_us;
    session->version++;
    return STATUS_OK;
}
