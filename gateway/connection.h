/* The limits that libh2o 2.2.5 does not set: how many connections, how many stream resets, how much
 * input, how long a request may take to arrive and an answer to be taken. A connection that breaks
 * one is cut with shutdown(2), which is safe in any callback. */
#pragma once

#include <h2o.h>

#include "gateway/client_address.h"
#include "gateway/rate_limit.h"
#include "gateway/read_schedule.h"
#include "gateway/uv_read_fix.h"
#include "runtime/loop.h"

struct connections;

struct connection_limits {
    size_t connections_max;
    size_t per_address_max; /* of one address (IPv6: /64), proxies aside; 0: no limit */
    struct proxies proxies; /* the site's own, which tell who asks */
    size_t resets_max;      /* within resets_window_us */
    int64_t resets_window_us;
    int64_t header_deadline_us; /* from the first byte of a head to its last; also until the first
                                   request of a connection. PINGs or not, as all of these */
    int64_t body_deadline_us;   /* for a body, longer by a second for every body_rate_min bytes */
    int64_t body_rate_min;      /* bytes per second */
    int64_t body_max;           /* bytes */
    int64_t idle_deadline_us;   /* between requests */
    int64_t write_deadline_us;  /* from our answer to its last byte taken over by the kernel, longer
                                   by a second for every ANSWER_RATE_MIN bytes */
    int64_t input_rate_max;     /* bytes per second of one connection, read no faster; bodies that
                                   have become requests are not counted */
};

enum { ANSWER_RATE_MIN = 65536 };

struct connection {
    uv_tcp_t tcp; /* first: libh2o hands it back to be freed */
    struct uv_read_meter meter;
    struct connections *owner;
    struct connection *previous, *next;
    struct read_entry entry;
    size_t references; /* the socket's, and one of each request */
    size_t open;       /* requests that libh2o has given us and not yet disposed of */
    size_t asks; /* questions to the backend without an answer, even when the stream was reset */
    size_t resets;
    int64_t resets_since_us;
    int64_t quiet_since_us;  /* opened, or the end of the last request */
    int64_t input_left;      /* bytes that may be read now */
    int64_t input_since_us;  /* when input_left was reckoned */
    int64_t paused_until_us; /* not read before; 0: not paused */
    struct rate_key address;
    bool is_counted; /* at its address */
    bool had_request;
    int64_t arriving_bytes; /* read, of what has not become a request */
    bool is_receiving;      /* a head or a body, at the last check */
    bool is_cut;
    bool is_closed;
    int descriptor;
};

/* `seed` (16 random bytes) keeps clients from choosing places in tables. */
struct connections *connections_new(const struct connection_limits *limits, struct loop *loop,
                                    const uint8_t seed[16]);
/* All connections must be gone. */
void connections_destroy(struct connections **connections);
size_t connections_count(const struct connections *connections);
bool connections_are_full(const struct connections *connections);

/* Takes the waiting connection of a listener and gives it to libh2o; one that is gone already, or
 * whose address has too many, is dropped. */
void connection_accept(struct connections *connections, uv_stream_t *listener,
                       h2o_accept_ctx_t *accept_context, int64_t now_us);
/* The connection that a request came by. */
struct connection *connection_of(h2o_req_t *req);

void connection_request_begins(struct connection *connection, size_t body_bytes);
/* `was_reset`: the client gave up before it had an answer. Cuts the connection when that happens
 * too often. */
void connection_request_ends(struct connection *connection, bool was_reset, int64_t now_us);
/* Gives back what connection_request_begins() took; the connection may be freed. */
void connection_release(struct connection *connection);
void connection_cut(struct connection *connection);
/* True if it has read answers lately, for what it costs (read_schedule.h). */
bool connection_has_credit(const struct connection *connection);

/* Is there time in this turn to accept another one? */
bool connections_have_time(const struct connections *connections);
/* To be called at the end of each turn: reads some of those that had to wait. `is_busy`: there are
 * requests that wait for an answer. */
void connections_end_turn(struct connections *connections, bool is_busy);
/* Cuts connections whose requests do not arrive in time; to be called several times a second. */
void connections_check(struct connections *connections, h2o_context_t *context, int64_t now_us,
                       int64_t real_us);
/* Cuts those without a request under way, or all. */
void connections_cut(struct connections *connections, bool with_requests);
