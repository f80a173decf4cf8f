/* Random secrets that are handed out once (messages/credential.h) and kept as digests. */
#pragma once

#include "actors/host/request.h"
#include "messages/credential.h"

enum {
    IDENTITY_SECRET_BYTES = CREDENTIAL_SECRET_BYTES,
    IDENTITY_DIGEST_BYTES = 32 /* BLAKE2b */
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
