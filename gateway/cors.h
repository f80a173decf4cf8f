/* The allow-list of CORS (Fetch, section 3.2): exact origins, no wildcard, no credentials. Pure. */
#pragma once

#include "runtime/text.h"

#define CORS_ALLOWED                                                                               \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "       \
    "Traceparent, X-Cart-Token, X-Order-Token, X-Request-Id"
#define CORS_EXPOSED                                                                               \
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, "               \
    "Idempotent-Replayed, Souk-Impersonated-By"
#define CORS_MAX_AGE "600" /* seconds */

/* True if a comma separated list holds nothing but origins as browsers write them: http or https,
 * host in lower case, a port that is not the scheme's own, no path. */
bool cors_list_is_good(struct text list);
/* Compares bytes, as browsers do. */
bool cors_is_listed(struct text list, struct text origin);
