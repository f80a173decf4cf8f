/* The limits that libh2o 2.2.5 does not set: how many connections, how many stream resets, how much
 * input, how long a request may take to arrive and an answer to be read. A connection that breaks
 * one is cut with shutdown(2), which is safe in any callback: libh2o finds the end of the stream
 * when it reads next (gateway/README.md, Decisions: deadlines of our own). */
#pragma once

#include <h2o.h>

#include "gateway/client_address.h"
#include "gateway/preface.h"
#include "gateway/rate_limit.h"
#include "gateway/read_schedule.h"
#include "gateway/uv_read_fix.h"
#include "runtime/loop.h"

struct connections;

/* No deadline is prolonged by PINGs. */
struct connection_limits {
    size_t connections_max;
    size_t per_address_max; /* of one address (IPv6: /64), proxies aside; 0: no limit */
    int64_t faults_max; /* per minute and address; beyond, its new connections wait; 0: no limit */
    struct proxies proxies; /* the site's own, whose forwarded addresses are believed */
    size_t resets_max;      /* within resets_window_us */
    int64_t resets_window_us;
    int64_t header_deadline_us; /* from the first byte of a head to its last; also from a
                                   connection's beginning to its first request */
    int64_t body_deadline_us;   /* for a body; longer by a second for every body_rate_min bytes */
    int64_t body_rate_min;      /* bytes per second */
    int64_t body_max;           /* bytes of the longest that any route takes */
    int64_t arriving_max;       /* bytes of bodies that are not complete, of all connections */
    int64_t idle_deadline_us;   /* between requests */
    int64_t write_deadline_us;  /* from our answer to its last byte given to the kernel; longer by a
                                   second for every ANSWER_RATE_MIN bytes */
    int64_t input_rate_max; /* bytes per second of one connection, which is read no faster; 0: no
                               limit. Bodies that have become requests do not count */
};

enum { ANSWER_RATE_MIN = 65536 };

struct connection;

/* A head of HTTP/2 that was decoded, for as long as its stream lives. */
struct connection_head {
    struct connection *connection;
    const void *request; /* of libh2o; names it */
    size_t bytes;        /* that it holds, as believed */
    bool is_a_request;   /* given to us; or it needs not be: trailers, malformed ones */
    struct connection_head *previous, *next;
};

/* One connection. It is freed when its socket is closed and no request refers to it any more. */
struct connection {
    uv_tcp_t tcp; /* first: libh2o hands it back to be freed */
    struct uv_read_meter meter;
    struct connections *owner;
    struct preface preface; /* of one in clear text */
    struct connection *previous, *next;
    struct read_entry entry; /* in the schedule of reads */
    size_t references;       /* the socket's, and one of each request */
    size_t open_requests;    /* given to us by libh2o and not yet disposed of */
    size_t streams;          /* live ones (stream.h) */
    size_t asks;             /* questions to the backend without an answer, even of reset streams */
    size_t resets;           /* since resets_since_us */
    int64_t resets_since_us;
    int64_t idle_since_us;   /* opened, or the end of the last request */
    int64_t input_left;      /* bytes that may be read now */
    int64_t input_since_us;  /* when input_left was last refilled */
    int64_t paused_until_us; /* not read before that; 0: not paused */
    struct rate_key address; /* with has_address */
    bool has_address;        /* false: of a proxy of ours, whose address is that of many clients */
    bool is_counted;         /* among the connections of its address */
    bool had_request;
    int64_t arriving_bytes;        /* read, and not yet part of a request */
    size_t head_bytes;             /* what the heads of its requests hold, as believed */
    struct connection_head *heads; /* of HTTP/2, the newest first */
    bool is_receiving;             /* a head or a body, when deadlines were last checked */
    bool is_cut;
    bool is_closed;
    int descriptor;
};

/* `seed` (16 random bytes) keeps clients from choosing their places in hash tables. */
struct connections *connections_new(const struct connection_limits *limits, struct loop *loop,
                                    const uint8_t seed[16]);
/* All connections must be gone. */
void connections_destroy(struct connections **connections);
size_t connections_count(const struct connections *connections);
bool connections_are_full(const struct connections *connections);

/* Accepts the connection that waits at a listener and gives it to libh2o. One that is gone already,
 * or whose address has too many, is closed. */
void connection_accept(struct connections *connections, uv_stream_t *listener,
                       h2o_accept_ctx_t *accept_context, int64_t now_us);
/* The connection that a request came by. */
struct connection *connection_of(h2o_req_t *req);

/* Counts an end of a connection that its client has brought about by what it sent. Once an address
 * has too many of these, its new connections are not read in their first second. */
void connection_has_fault(struct connection *connection);
/* Whether a head of HTTP/2 that will hold so many bytes may be decoded; false: that would be too
 * much for the connection, or for all of them (http2_heads.h). */
MUST_CHECK bool connection_head_fits(struct connection *connection, size_t bytes);
/* It is about to be: counts it until connection_head_ends(), which counts a reset when no request
 * has become of it. The head is the caller's, with `connection`, `request` and `bytes` set. */
void connection_head_begins(struct connection_head *head);
void connection_head_ends(struct connection_head *head);
/* A request was refused for its head, by a reset of its stream: counts as a reset by the client. */
void connection_head_is_malformed(struct connection *connection);
/* A request was refused because its head is too large: as dear as ten resets, and counts as such.
 */
void connection_head_is_refused(struct connection *connection);
/* A request of libh2o has arrived, with so many bytes of body. connection_request_ends() and
 * connection_release() must follow. */
void connection_request_begins(struct connection *connection, const void *request,
                               size_t body_bytes);
/* libh2o has disposed of a request. `was_reset`: the client gave up before it had an answer; too
 * many of these cut the connection. */
void connection_request_ends(struct connection *connection, bool was_reset, int64_t now_us);
/* Takes another reference, for what goes on with a request. */
void connection_keep(struct connection *connection);
/* Gives back the reference of a request; the connection may be freed. */
void connection_release(struct connection *connection);
/* Cuts the connection; does nothing if it is cut or closed already. */
void connection_cut(struct connection *connection);
/* Cuts the connections without an open request, or all. */
void connections_cut(struct connections *connections, bool with_requests);
/* True if it has read answers lately, for what it costs (read_schedule.h). */
bool connection_has_credit(const struct connection *connection);

/* True if there is time in this turn to accept another connection. */
bool connections_have_time(const struct connections *connections);
/* To be called at the end of each turn: resumes reading from some of those that had to wait.
 * `is_busy`: some requests wait for an answer. */
void connections_end_turn(struct connections *connections, bool is_busy);
/* Cuts connections whose requests do not arrive in time; to be called several times a second. */
void connections_check_deadlines(struct connections *connections, h2o_context_t *context,
                                 int64_t now_us, int64_t real_us);
