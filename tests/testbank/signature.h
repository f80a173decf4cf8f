/* How Stripe signs what it sends to a webhook endpoint (docs.stripe.com/webhooks/signature): HMAC
 * with SHA-256 (RFC 2104, FIPS 180-4) over the time, a dot and the body, in lower-case hexadecimal.
 */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* "t=TIME,v1=…" with one v1 for each secret, in the arena; at least one secret. */
struct text signature_of(struct arena *arena, const char *const *secrets, size_t count,
                         int64_t time_s, struct text body);
