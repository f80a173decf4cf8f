/* Whose scripts may read answers in a browser: the allow-list of CORS (Fetch, section 3.2) with
 * exact origins, no wildcard, no credentials. Pure. */
#pragma once

#include "runtime/text.h"

/* Headers that scripts may send. */
#define CORS_ALLOWED                                                                               \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "       \
    "Traceparent, X-Cart-Token, X-Order-Token, X-Request-Id"
/* Headers of answers that scripts may read. */
#define CORS_EXPOSED                                                                               \
    "Accept-Post, Allow, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "         \
    "WWW-Authenticate, "                                                                           \
    "X-Request-Id, Idempotent-Replayed, Souk-Impersonated-By"
#define CORS_MAX_AGE "600" /* seconds that a browser may remember what it was told */

/* True if a comma separated list has only origins as browsers write them: http or https, host in
 * lower case, no port that is the scheme's own, no path. Another one would never match. */
bool cors_list_is_good(struct text list);
/* True if the origin is in the list, byte for byte. */
bool cors_is_listed(struct text list, struct text origin);
