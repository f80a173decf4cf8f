/* The text form of secrets that are handed out once: "<typed id>.<secret in base64url>", as in
 * "ses_01h455vb4pex5vsknk084sn02q.<43 characters>". The id says where the secret is looked up.
 * Pure.
 */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"
#include "runtime/text.h"

enum {
    CREDENTIAL_SECRET_BYTES = 32,
    CREDENTIAL_MAX = 128 /* bytes of the text */
};

/* In the arena. */
struct text credential_write(struct arena *arena, const char *prefix, struct uuid id,
                             const uint8_t secret[CREDENTIAL_SECRET_BYTES]);
/* Statuses: OK, MALFORMED (anything else, whatever its length). */
MUST_CHECK enum status credential_read(struct text text, const char *prefix, struct uuid *ret_id,
                                       uint8_t ret_secret[CREDENTIAL_SECRET_BYTES]);
