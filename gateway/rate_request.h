/* Whose bucket a request is counted in, and under which policy (rate_limit.h has the buckets). */
#pragma once

#include "gateway/exchange.h"

/* A quota that requests are counted under. */
struct rate_policy {
    const char *name; /* in the RateLimit headers */
    uint8_t number;   /* in struct rate_key */
};

/* Counts a request; at most once each. By its network under "auth" when its message says so, else
 * by its principal, or by its network when it has none: under "codes" or "webhooks" when its
 * message says so, or under "default". Sets exchange->rate and rate_policy. Statuses: OK (also when
 * there are no limits, or it is a probe), TOO_MANY_REQUESTS.
 */
MUST_CHECK enum status rate_count(struct exchange *exchange);
/* Counts the question for an API key that is not known yet, by its network, under "default".
 * Statuses as above. */
MUST_CHECK enum status rate_count_guess(const struct exchange *exchange);
/* The key that a request is counted as under a policy of that number: of its principal, else of its
 * network. 0 is no policy: for counts that are not rates. */
struct rate_key rate_key_of(const struct exchange *exchange, uint8_t policy);
/* Requests per window of the policy that the exchange was counted under. */
int64_t rate_quota(const struct exchange *exchange);
