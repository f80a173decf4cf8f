/* Random secrets that are handed out once and kept as digests, and the text form that all of them
 * share: "<typed id>.<secret in base64url>". */
#pragma once

#include "actors/host/request.h"

enum {
    IDENTITY_SECRET_BYTES = 32,
    IDENTITY_DIGEST_BYTES = 32,   /* BLAKE2b */
    IDENTITY_CREDENTIAL_MAX = 128 /* bytes of the text form */
};

void identity_digest(struct text secret, uint8_t ret_digest[IDENTITY_DIGEST_BYTES]);
void identity_draw_secret(struct request *request, uint8_t ret_secret[IDENTITY_SECRET_BYTES],
                          uint8_t ret_digest[IDENTITY_DIGEST_BYTES]);
/* Without a branch on the bytes, so that the time tells nothing. */
bool identity_digests_are_equal(const uint8_t a[IDENTITY_DIGEST_BYTES],
                                const uint8_t b[IDENTITY_DIGEST_BYTES]);

/* A typed id, or a time in RFC 3339, as text in the arena. */
struct text identity_id_text(struct arena *arena, const char *prefix, struct uuid id);
struct text identity_time_text(struct arena *arena, int64_t time_us);

struct text identity_write_credential(struct arena *arena, const char *prefix, struct uuid id,
                                      const uint8_t secret[IDENTITY_SECRET_BYTES]);
/* Statuses: OK, MALFORMED (anything else, whatever its length). */
MUST_CHECK enum status identity_read_credential(struct text text, const char *prefix,
                                                struct uuid *ret_id,
                                                uint8_t ret_secret[IDENTITY_SECRET_BYTES]);
