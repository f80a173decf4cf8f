/* One libpq connection in pipeline mode on the loop: segments of statements go out with one Sync
 * each, several segments may be under way. Reconnects by itself with backoff (100 ms .. 2 s,
 * jittered); statements are prepared on first use per connection. The production `struct store`.
 * Traps: storage/README.md, Decisions: prepared by address, reads share a Sync. */
#pragma once

#include "runtime/loop.h"
#include "storage/store.h"

struct connection;

enum {
    CONNECTION_QUEUE_MAX = 16384, /* segments queued or under way; beyond it they end as not sent */
    CONNECTION_STATEMENTS_MAX = 4096,    /* prepared on one connection */
    CONNECTION_CONNECT_US = 5 * 1000000, /* one attempt to connect */
    CONNECTION_BACKOFF_MIN_US = 100000,
    CONNECTION_BACKOFF_MAX_US = 2000000,
    CONNECTION_WAIT_DOWN_US = 2 * 1000000
};

struct connection_options {
    struct loop *loop;
    const char *conninfo;         /* copied */
    const char *application_name; /* copied; PostgreSQL keeps 63 bytes */
    int64_t wait_down_us;         /* how long queued segments wait for a lost connection; 0:
                                     CONNECTION_WAIT_DOWN_US */
    /* Called on the loop whenever the connection has become usable, or has been lost; may be NULL.
     */
    void *context;
    void (*on_state)(void *context, bool is_up);
};

struct connection *connection_new(const struct connection_options *options);
/* Segments under way are answered UNAVAILABLE. */
void connection_destroy(struct connection **connection);
struct store *connection_store(struct connection *connection);
bool connection_is_up(const struct connection *connection);
/* Segments queued or under way. While the connection is down, queued segments wait up to
 * `wait_down_us` for it, then end as UNAVAILABLE with segment->failed_call = SIZE_MAX, which says
 * that nothing was sent. A segment whose arena was set to NULL is abandoned: it is not sent any
 * more, or its results are dropped; on_done is called all the same. */
size_t connection_pending(const struct connection *connection);
