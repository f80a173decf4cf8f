/* The HTTP side of the gateway: h2o on one loop, a TLS port and a clear port, every limit that
 * gateway/README.md names under Hostile traffic. */
#pragma once

#include <openssl/ssl.h>

#include "gateway/backend.h"
#include "gateway/connection.h"
#include "messages/schema.h"
#include "runtime/fiber.h"
#include "runtime/hint.h"
#include "runtime/loop.h"

struct server;
struct access_log;
struct pictures;

struct server_limits {
    size_t body_max;           /* bytes of a request's body of JSON; other routes have their own */
    size_t bodies_max;         /* bytes of all that are not JSON and wait for an answer */
    size_t in_flight_max;      /* requests that wait for a domain or for keys */
    size_t in_flight_each_max; /* of one principal; without one, of one network */
    int64_t ask_deadline_us;   /* a domain's time to answer */
    size_t streams_max, streams_each_max, streams_per_connection; /* live streams (stream.h) */
    size_t answers_bytes_max; /* of public answers that are kept (answer_cache.h) */
    int64_t rate_requests;    /* per minute and principal, or network; 0: no rate limits at all */
    int64_t rate_auth;        /* per minute and network, for messages with rate = "auth" */
    int64_t rate_webhooks;    /* per minute and network, for those with rate = "webhooks" */
    int64_t rate_codes; /* per minute and principal, or network, for those with rate = "codes" */
    struct connection_limits connection;
};

/* Everything that is pointed to stays the caller's and must outlive the server. */
struct server_options {
    struct loop *loop;
    struct fibers *fibers;
    const struct backend *backend;
    const struct route *routes;
    size_t routes_count;
    bool has_test_routes;      /* serves those of test mode, too */
    struct text openapi, docs; /* what /openapi.json and /docs answer */
    struct text docs_policy;   /* the Content-Security-Policy of the latter */
    const char *name;          /* of the process, in /metrics */
    const uint8_t
        *principal_key;  /* 32 bytes; proves to domains whom the gateway has authenticated */
    SSL_CTX *tls;        /* NULL: no TLS port */
    const char *address; /* IPv4 or IPv6 */
    uint16_t tls_port, clear_port;   /* 0: any free one */
    struct access_log *access_log;   /* NULL: none */
    const struct pictures *pictures; /* NULL: none are taken or shown */
    struct text cors_origins;        /* good for cors_list_is_good(); empty: none */
    struct text languages; /* of the market, separated by commas; one or none: nothing varies */
    struct server_limits limits;
};

/* The limits of production, without rate limits, proxies or what the configuration says. */
struct server_limits server_limits_default(void);

/* Listens and serves, once the loop runs. To be called before the bus is opened: ends of turns are
 * in the order of registration, and what the server asks in a turn is to leave in that turn.
 * Statuses: OK, UNAVAILABLE (cannot listen), INVALID_VALUE (not an address). */
MUST_CHECK enum status server_new(const struct server_options *options, struct server **ret_server);
/* Changes the certificate of connections to come; the server must have had one. The caller may free
 * the one before then. */
void server_set_tls(struct server *server, SSL_CTX *tls);
/* The ports that the server listens on; 0 when there is none of that kind. */
uint16_t server_tls_port(const struct server *server);
uint16_t server_clear_port(const struct server *server);
/* A node says that there is something new in a shard of its domain. */
void server_on_hint(struct server *server, const struct hint *hint);
/* Nobody knows what is new in whatever domain: hints were lost, or nodes have come or gone. */
void server_on_hints_lost(struct server *server);
/* Stops listening, says goodbye to clients and lets requests finish, for at most 10 s; then calls
 * `on_stopped` from the loop. Only the first call counts. */
void server_stop(struct server *server, void (*on_stopped)(void *context), void *context);
/* Frees the server and clears the pointer, which may be NULL. Only after on_stopped, outside of the
 * loop's callbacks, when no fiber of the server is alive. Runs the loop once more; it must not run
 * again afterwards, because ends of turns cannot be unregistered. */
void server_destroy(struct server **server);
