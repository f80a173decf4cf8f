/* One HTTP request from its arrival to the end of its answer. It ends when libh2o has let go of its
 * request (which sets `req` to NULL) and no fiber waits for the backend: later than libh2o's
 * request if the client leaves while a domain works, and never earlier. */
#pragma once

#include <h2o.h>

#include "gateway/backend.h"
#include "gateway/connection.h"
#include "gateway/cursor.h"
#include "gateway/rate_limit.h"
#include "gateway/route.h"
#include "messages/validate.h"
#include "runtime/arena.h"

struct server;
struct exchange;
struct rate_policy;
struct service;
struct api_key_digest;
struct kept_answer;
struct picture_job;

enum {
    REQUEST_ID_MAX = 64,
    HTTP_URL_MAX = 4096,
    HTTP_HEADERS_MAX = 16384, /* names and values of one request */
    HTTP_FIELDS_MAX = 100,    /* in a head; libh2o takes no more of HTTP/1 */
    IDEMPOTENCY_KEY_MAX = 255,
    CONNECTION_ASKS_MAX = 256, /* questions that one connection may have under way, resets or not */
    EXCHANGE_CLIENT_LEFT = 499 /* status in the access log: the client was gone before the answer */
};

/* In the order of appending. */
struct exchange_list {
    struct exchange *first, *last;
};

struct exchange {
    struct server *server;
    h2o_req_t *req;          /* NULL once libh2o has let go of it */
    struct exchange **guard; /* in the pool of `req`, which says there when it ends */
    struct connection *connection;
    struct exchange *previous, *next;
    struct exchange_list *list; /* the one that it is in, or NULL */
    struct arena *arena;        /* holds the exchange itself, and all that is read or made for it */
    const char *method;         /* a static text for logs: "GET" ..., or "OTHER" */
    struct text path, query;    /* views into req */
    const struct service *service; /* the gateway's own resource that is asked for, or NULL */
    struct text policy;       /* the Content-Security-Policy of a page; empty: nothing at all */
    struct route_match match; /* route is NULL with `service`, and before it is found */
    struct text request_id;
    bool has_cursor_tag; /* its answer has pages (cursor.h) */
    uint8_t cursor_tag[CURSOR_TAG_BYTES];
    struct in6_addr client; /* who asks, behind the site's own proxies */
    struct principal principal;
    struct envelope request, reply;
    void *value;                     /* the message, of a route that takes a picture */
    struct picture_job *picture_job; /* it is being decoded, from the bytes of `req` */
    struct text picture;             /* what is answered, of media and of routes that answer one */
    enum status outcome;             /* of the transport: OK if there is a reply */
    struct rate_state rate;          /* with rate_policy */
    const struct rate_policy *rate_policy; /* NULL: not counted yet */
    struct text target;             /* that its answer may be kept under; empty: it may not */
    const struct kept_answer *kept; /* what it is answered with, held until its end; or NULL */
    int64_t started_us;
    int64_t ask_deadline_us;                  /* of the question, with the time in the queue */
    int64_t answered_us;                      /* 0: not yet */
    size_t answer_bytes;                      /* of the body, with answered_us */
    int64_t write_deadline_us;                /* of the answer, with answered_us */
    size_t body_bytes;                        /* counted in server->bodies_bytes (raw_body.h) */
    struct rate_key counted_as;               /* with is_counted */
    bool is_counted;                          /* in server->in_flight_each */
    bool is_asking;                           /* a fiber waits for the backend */
    bool was_parked;                          /* it has waited for keys, which it may do once */
    enum principal_kind awaited_kind;         /* while parked: for token keys of that surface, */
    const struct api_key_digest *awaited_key; /* or for this API key */
};

/* A new exchange for a request that libh2o has read, in no list. Counts it as in flight. */
struct exchange *exchange_new(struct server *server, h2o_req_t *req, struct connection *connection);
/* Nothing may know it any more: neither libh2o nor a list nor a fiber. */
void exchange_free(struct exchange *exchange);
/* Its request of libh2o goes on without it: frees the exchange, and does not say that the request
 * has ended. In no list. */
void exchange_hand_over(struct exchange *exchange);

/* An exchange is in one list at most. Both take constant time. */
void exchange_list_append(struct exchange_list *list, struct exchange *exchange);
/* Does nothing when it is in none. */
void exchange_list_remove(struct exchange *exchange);

/* Value of a request header, trimmed; data is NULL if it is not there. `name` in lower case. */
struct text exchange_header(const struct exchange *exchange, struct text name);
/* The same of a header that is a list: values of several lines are one, with commas between them
 * (RFC 9110, section 5.3). In the exchange's arena. */
struct text exchange_header_list(const struct exchange *exchange, struct text name);
/* The values of the last `max` headers of a name, in the order of the request, not trimmed. Returns
 * how many there are. */
size_t exchange_last_headers(const struct exchange *exchange, struct text name,
                             struct text *ret_values, size_t max);
/* True for the request's method, in capitals. */
bool exchange_is(const struct exchange *exchange, const char *method);
bool exchange_is_head(const struct exchange *exchange);

/* Adds a line about the request to the access log, if there is one. */
void exchange_write_access(struct exchange *exchange, int http_status, size_t bytes);
