/* Counts connections and their resets, and cuts those that break a limit. */
#include "gateway/connection.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "runtime/metrics.h"

struct connections {
    struct connection_limits limits;
    struct connection *first;
    size_t count;
};

struct connections *connections_new(const struct connection_limits *limits)
{
    struct connections *connections = calloc(1, sizeof(*connections));
    if (connections == NULL) abort();
    connections->limits = *limits;
    return connections;
}

void connections_destroy(struct connections **connections)
{
    if (*connections == NULL) return;
    assert((*connections)->first == NULL);
    free(*connections);
    *connections = NULL;
}

size_t connections_count(const struct connections *connections)
{
    return connections->count;
}

bool connections_are_full(const struct connections *connections)
{
    return connections->count >= connections->limits.connections_max;
}

void connection_release(struct connection *connection)
{
    assert(connection->references > 0);
    if (--connection->references > 0) return;
    struct connections *owner = connection->owner;
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        owner->first = connection->next;
    if (connection->next != NULL) connection->next->previous = connection->previous;
    owner->count--;
    free(connection);
}

static void on_closed(uv_handle_t *handle)
{
    connection_release((struct connection *)(void *)handle);
}

static void on_socket_closes(void *data)
{
    struct connection *connection = data;
    connection->is_closed = true;
}

void connection_accept(struct connections *connections, uv_stream_t *listener,
                       h2o_accept_ctx_t *accept_context, int64_t now_us)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) abort();
    connection->owner = connections;
    connection->references = 1;
    connection->quiet_since_us = now_us;
    connection->next = connections->first;
    if (connection->next != NULL) connection->next->previous = connection;
    connections->first = connection;
    connections->count++;
    if (uv_tcp_init(listener->loop, &connection->tcp) != 0) abort();
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0 ||
        uv_fileno((uv_handle_t *)&connection->tcp, &connection->descriptor) != 0) {
        connection->is_closed = true;
        uv_close((uv_handle_t *)&connection->tcp, on_closed);
        return;
    }
    (void)uv_tcp_nodelay(&connection->tcp,
                         1); /* libh2o sets it only without libuv; slower without, not wrong */
    h2o_socket_t *socket = h2o_uv_socket_create((uv_stream_t *)&connection->tcp, on_closed);
    socket->on_close.cb = on_socket_closes;
    socket->on_close.data = connection;
    h2o_accept(accept_context, socket);
}

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

void connection_request_begins(struct connection *connection)
{
    connection->references++;
    connection->open++;
    connection->had_request = true;
}

void connection_cut(struct connection *connection)
{
    if (connection->is_cut || connection->is_closed) return;
    connection->is_cut = true;
    (void)shutdown(connection->descriptor, SHUT_RDWR); /* fails only when the peer was faster */
    metric_add(METRIC_HTTP_CONNECTIONS_CUT, 1);
}

void connection_request_ends(struct connection *connection, bool was_reset, int64_t now_us)
{
    assert(connection->open > 0);
    connection->open--;
    connection->quiet_since_us = now_us;
    if (!was_reset) return;
    const struct connection_limits *limits = &connection->owner->limits;
    if (now_us - connection->resets_since_us > limits->resets_window_us) {
        connection->resets = 0;
        connection->resets_since_us = now_us;
    }
    if (++connection->resets >= limits->resets_max) connection_cut(connection);
}

struct request_check {
    const struct connections *connections;
    int64_t real_us;
};

static int on_request_checked(h2o_req_t *req, void *data)
{
    const struct request_check *check = data;
    const struct timeval begun = req->timestamps.request_begin_at;
    const bool is_arriving = begun.tv_sec != 0 && req->processed_at.at.tv_sec == 0;
    const int64_t begun_us = (int64_t)begun.tv_sec * 1000000 + begun.tv_usec;
    if (is_arriving && check->real_us - begun_us > check->connections->limits.read_deadline_us) {
        connection_cut(connection_of(req));
    }
    return 0;
}

void connections_check(struct connections *connections, h2o_context_t *context, int64_t now_us,
                       int64_t real_us)
{
    struct request_check check = { .connections = connections, .real_us = real_us };
    const h2o_globalconf_t *config = context->globalconf;
    (void)config->http1.callbacks.foreach_request(context, on_request_checked, &check);
    (void)config->http2.callbacks.foreach_request(context, on_request_checked, &check);
    const struct connection_limits *limits = &connections->limits;
    for (struct connection *c = connections->first; c != NULL; c = c->next) {
        const int64_t deadline_us =
            c->had_request ? limits->idle_deadline_us : limits->read_deadline_us;
        if (c->open == 0 && now_us - c->quiet_since_us > deadline_us) connection_cut(c);
    }
}

void connections_cut(struct connections *connections, bool with_requests)
{
    for (struct connection *c = connections->first; c != NULL; c = c->next) {
        if (with_requests || c->open == 0) connection_cut(c);
    }
}
