/* The HTTP side of the gateway: h2o on one loop, a TLS port and a clear port, every limit that
 * gateway/README.md names under Hostile traffic. */
#pragma once

#include <openssl/ssl.h>

#include "gateway/backend.h"
#include "gateway/connection.h"
#include "messages/schema.h"
#include "runtime/fiber.h"
#include "runtime/loop.h"

struct server;
struct access_log;

struct server_limits {
    size_t body_max;           /* bytes */
    size_t in_flight_max;      /* requests under way */
    size_t in_flight_each_max; /* of one principal, or network without one */
    int64_t ask_deadline_us;
    int64_t rate_requests; /* per minute and principal, or address; 0: no limits of rate */
    int64_t rate_auth;     /* per minute and address, for /v1/auth/ and the log-ins */
    struct connection_limits connection;
};

struct server_options {
    struct loop *loop;
    struct fibers *fibers;
    const struct backend *backend;
    const struct route *routes; /* must outlive the server, as all views below */
    size_t routes_count;
    struct text openapi, docs;    /* what /openapi.json and /docs answer */
    const char *name;             /* of the process, in /metrics */
    const uint8_t *principal_key; /* 32 bytes */
    SSL_CTX *tls;                 /* NULL: no TLS; stays the caller's */
    const char *address;
    uint16_t tls_port, clear_port; /* 0: any free one */
    struct access_log *access_log; /* NULL: none; stays the caller's */
    struct text cors_origins;      /* as of cors_list_is_good(); empty: none */
    struct server_limits limits;
};

/* Limits for production. */
struct server_limits server_limits_default(void);

/* Listens and serves. Register before the bus, so that what a turn dispatches leaves in that turn.
 * Statuses: OK, UNAVAILABLE (cannot listen), INVALID_VALUE (not an address). */
MUST_CHECK enum status server_new(const struct server_options *options, struct server **ret_server);
/* The ports that are listened on; 0 when there is none of that kind. */
uint16_t server_tls_port(const struct server *server);
uint16_t server_clear_port(const struct server *server);
/* Stops listening and lets requests under way finish, for at most 10 s; then calls `on_stopped`
 * from the loop. */
void server_stop(struct server *server, void (*on_stopped)(void *context), void *context);
/* Only after on_stopped, outside of callbacks, when no fiber of the server is alive. */
void server_destroy(struct server **server);
