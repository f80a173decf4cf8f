/* Principals are counted by their id, all others by the network of the client's address. What tries
 * credentials is always counted by network: a guesser has no principal, or one that is not his. */
#include "gateway/rate_request.h"

#include <string.h>

#include "gateway/server_parts.h"
#include "gateway/service.h"

static const struct rate_policy policy_default = { "default", 1 };
static const struct rate_policy policy_auth = { "auth", 2 };
static const struct rate_policy policy_codes = { "codes", 3 };
static const struct rate_policy policy_webhooks = { "webhooks", 4 };

/* A request without a route (not found, not allowed) reaches no secret, whatever its path is. */
static const struct rate_policy *policy_of(const struct exchange *exchange)
{
    static const struct rate_policy *const policies[] = {
        [RATE_DEFAULT] = &policy_default,
        [RATE_AUTH] = &policy_auth,
        [RATE_CODES] = &policy_codes,
        [RATE_WEBHOOKS] = &policy_webhooks,
    };
    const struct route *route = exchange->match.route;
    if (route == NULL) return &policy_default;
    assert(route->message->rate < ARRAY_LENGTH(policies));
    return policies[route->message->rate];
}

static struct rate_key rate_key_of_network(const struct exchange *exchange, uint8_t policy)
{
    const struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = exchange->client };
    return rate_key_of_address(policy, (const struct sockaddr *)&address);
}

struct rate_key rate_key_of(const struct exchange *exchange, uint8_t policy)
{
    static_assert(sizeof(struct uuid) == RATE_WHO_BYTES, "an id fits a key");
    static const uint8_t kinds[] = { [PRINCIPAL_SHOPPER] = RATE_BY_SHOPPER,
                                     [PRINCIPAL_VENDOR] = RATE_BY_VENDOR,
                                     [PRINCIPAL_ADMIN] = RATE_BY_STAFF };
    const struct principal *principal = &exchange->principal;
    if (policy != policy_auth.number && principal->kind != PRINCIPAL_NONE) {
        assert(principal->kind < ARRAY_LENGTH(kinds));
        assert(kinds[principal->kind] != 0);
        struct rate_key key = { .policy = policy, .kind = kinds[principal->kind] };
        memcpy(key.who, principal->id.bytes, sizeof key.who);
        return key;
    }
    return rate_key_of_network(exchange, policy);
}

int64_t rate_quota(const struct exchange *exchange)
{
    const struct server_limits *limits = &exchange->server->options.limits;
    assert(exchange->rate_policy != NULL);
    if (exchange->rate_policy == &policy_auth) return limits->rate_auth;
    if (exchange->rate_policy == &policy_webhooks) return limits->rate_webhooks;
    return exchange->rate_policy == &policy_codes ? limits->rate_codes : limits->rate_requests;
}

enum status rate_count(struct exchange *exchange)
{
    struct server *server = exchange->server;
    const bool is_free = exchange->service != NULL && exchange->service->is_free;
    if (server->rate_limiter == NULL || is_free) return STATUS_OK;
    assert(exchange->rate_policy == NULL);
    exchange->rate_policy = policy_of(exchange);
    const struct rate_key key = rate_key_of(exchange, exchange->rate_policy->number);
    exchange->rate = rate_limiter_charge(server->rate_limiter, &key, rate_quota(exchange),
                                         loop_now_us(server->options.loop));
    return exchange->rate.is_allowed ? STATUS_OK : STATUS_TOO_MANY_REQUESTS;
}

enum status rate_count_guess(const struct exchange *exchange)
{
    struct server *server = exchange->server;
    if (server->rate_limiter == NULL) return STATUS_OK;
    const struct rate_key key = rate_key_of_network(exchange, policy_default.number);
    const struct rate_state rate =
        rate_limiter_charge(server->rate_limiter, &key, server->options.limits.rate_requests,
                            loop_now_us(server->options.loop));
    return rate.is_allowed ? STATUS_OK : STATUS_TOO_MANY_REQUESTS;
}
