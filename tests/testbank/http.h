/* A small HTTP/1.1 server (RFC 9112) that can also answer badly: what faults need is what no proper
 * server library does. Loopback only. One request of a connection at a time; bodies by
 * Content-Length. */
#pragma once

#include "runtime/arena.h"
#include "runtime/loop.h"
#include "runtime/text.h"

enum {
    HTTP_CONNECTIONS_MAX = 256, /* more are closed at once */
    HTTP_HEAD_MAX = 16 * 1024,
    HTTP_BODY_MAX = 64 * 1024,
    HTTP_HEADERS_MAX = 64,
};
#define HTTP_IDLE_US (75 * INT64_C(1000000))
#define HTTP_HOLD_US (600 * INT64_C(1000000)) /* how long a request waits for nothing */

/* Lives until it is answered. A header that is not there has data NULL. */
struct http_request {
    struct arena *arena;
    struct text method, path, query, body;
    struct text authorization, idempotency_key, stripe_version, content_type;
};

struct http_reply {
    int code;
    struct text body;
    const char *content_type;                 /* NULL: there is no body */
    const char *location;                     /* NULL: none */
    struct text request_id, original_request; /* the latter: of an answer that is given again */
    enum http_damage {
        HTTP_WHOLE,
        HTTP_HALF,    /* the connection ends in the middle of the body */
        HTTP_GARBAGE, /* bytes that are no HTTP */
        HTTP_NOTHING, /* the connection stays, and says nothing */
        HTTP_CLOSE
    } damage;
    int64_t delay_us;
};

struct http_server;

/* `on_request` answers now or later, exactly once. The caller destroys the server before the loop.
 */
struct http_server *http_server_new(struct loop *loop,
                                    void (*on_request)(void *context, struct http_request *request),
                                    void *context);
/* On 127.0.0.1. Statuses: OK, UNAVAILABLE (the port is taken). */
MUST_CHECK enum status http_server_listen(struct http_server *server, int port);
/* Ends the request; what it points to is gone. Also right when the client has gone. */
void http_reply(struct http_request *request, const struct http_reply *reply);
/* Takes no more, and closes all connections; every request must have been answered. */
void http_server_destroy(struct http_server **server);
