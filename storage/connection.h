/* One libpq connection in pipeline mode on the loop: segments of statements go out with one Sync each, several segments may
 * be under way. Reconnects by itself with backoff (100 ms .. 2 s, jittered); statements are prepared on first use per connection. The
 * production `struct store`. PLATFORM.md section 3 lists the traps. */
#pragma once

#include "runtime/loop.h"
#include "runtime/platform.h"

struct connection;

struct connection_options {
    struct loop *loop;
    const char *conninfo; /* copied */
    const char *application_name;
    /* Called on the loop whenever the connection has become usable, or has been lost; may be NULL. */
    void *context;
    void (*on_state)(void *context, bool is_up);
};

struct connection *connection_new(const struct connection_options *options);
/* Segments under way are answered UNAVAILABLE. */
void connection_destroy(struct connection **connection);
struct store *connection_store(struct connection *connection);
bool connection_is_up(const struct connection *connection);
/* Segments queued or under way. While the connection is down, queued segments wait up to `wait_down_us` for it, then
 * end as UNAVAILABLE with an empty sqlstate and `not_sent` true in segment->failed_call = SIZE_MAX. */
size_t connection_pending(const struct connection *connection);
