/* The signatures of Stripe's webhooks: "Stripe-Signature: t=1700000000,v1=<hex>[,v1=<hex>...]",
 * where v1 is HMAC-SHA-256 (RFC 2104, FIPS 180-4) of "<t>.<body>" under the endpoint's secret.
 * Pure. */
#pragma once

#include "runtime/text.h"

#define STRIPE_TOLERANCE_US (INT64_C(300) * 1000000)

enum { STRIPE_SIGNATURES_MAX = 16, STRIPE_SECRETS_MAX = 4, STRIPE_SIGNATURE_HEADER_MAX = 2048 };

/* Good if any of its signatures fits any of the secrets (both are rotated), and its time is within
 * STRIPE_TOLERANCE_US of now, either way. Statuses: OK, SIGNATURE_INVALID. */
MUST_CHECK enum status stripe_signature_verify(const struct text *secrets, size_t secrets_count,
                                               struct text header, struct text body,
                                               int64_t now_us);
