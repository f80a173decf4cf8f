/* Deadlines of what arrives: heads, bodies, the time between requests. libh2o's own timers start
 * anew with each byte and each PING, so that a client who sends one now and then is never late for
 * them (gateway/README.md, Decisions: deadlines of our own). */
#include "gateway/connection_parts.h"

enum {
    IDLE_GRACE_US = 2000000, /* libh2o sends GOAWAY first */
    CUTS_PER_CHECK = 128     /* closing takes time, too; the others follow at the next check */
};

struct request_check {
    const struct connection_limits *limits;
    int64_t real_us;
};

static int64_t real_us_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* How much longer a body may take for what has come. libh2o does not tell how much of which body
 * has arrived, so all that the connection sent counts, up to the time that the longest body needs.
 */
static int64_t body_more_us(const struct connection_limits *limits, int64_t bytes)
{
    assert(bytes >= 0);
    assert(limits->body_rate_min > 0);
    if (bytes > limits->body_max) bytes = limits->body_max;
    return bytes * 1000000 / limits->body_rate_min;
}

static void connection_cut_late(struct connection *connection)
{
    struct connections *owner = connection->owner;
    if (owner->cuts_left == 0 || connection->is_cut) return;
    owner->cuts_left--;
    connection_cut(connection);
}

/* libh2o's timestamps are real time; a clock that is set moves these deadlines, once. */
static int on_request_checked(h2o_req_t *req, void *data)
{
    const struct request_check *check = data;
    const struct connection_limits *limits = check->limits;
    const bool is_arriving =
        req->timestamps.request_begin_at.tv_sec != 0 && req->processed_at.at.tv_sec == 0;
    if (!is_arriving) return 0;
    struct connection *connection = connection_of(req);
    connection->is_receiving = true;
    int64_t since_us = real_us_of(req->timestamps.request_begin_at);
    int64_t allowed_us = limits->header_deadline_us;
    if (req->timestamps.request_body_begin_at.tv_sec != 0) {
        since_us = real_us_of(req->timestamps.request_body_begin_at);
        allowed_us = limits->body_deadline_us + body_more_us(limits, connection->arriving_bytes);
    }
    if (check->real_us - since_us > allowed_us) connection_cut_late(connection);
    return 0;
}

static void connection_check(struct connection *connection, int64_t now_us, int64_t *arriving_bytes)
{
    const struct connection_limits *limits = &connection->owner->limits;
    if (connection->is_receiving) {
        *arriving_bytes += connection->arriving_bytes;
        if (*arriving_bytes > limits->arriving_max) connection_cut(connection);
        return;
    }
    connection->arriving_bytes = 0;
    const int64_t deadline_us = connection->had_request ? limits->idle_deadline_us + IDLE_GRACE_US
                                                        : limits->header_deadline_us;
    if (connection->open_requests == 0 && now_us - connection->idle_since_us > deadline_us)
        connection_cut_late(connection);
}

void connections_check_deadlines(struct connections *connections, h2o_context_t *context,
                                 int64_t now_us, int64_t real_us)
{
    assert(connections != NULL);
    assert(context != NULL);
    struct request_check check = { .limits = &connections->limits, .real_us = real_us };
    connections->cuts_left = CUTS_PER_CHECK;
    const h2o_globalconf_t *config = context->globalconf;
    int64_t arriving_bytes = 0;
    for (struct connection *c = connections->first; c != NULL; c = c->next)
        c->is_receiving = false;
    (void)config->http1.callbacks.foreach_request(context, on_request_checked, &check);
    (void)config->http2.callbacks.foreach_request(context, on_request_checked, &check);
    for (struct connection *c = connections->first; c != NULL; c = c->next)
        connection_check(c, now_us, &arriving_bytes);
}
