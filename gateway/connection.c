/* Connections from accept to close: counted, listed, cut when they break a limit. */
#include "gateway/connection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/connection_parts.h"
#include "gateway/http2_heads.h"
#include "runtime/metrics.h"

enum { RESETS_OF_A_HEAD = 10 }; /* that is refused: in 10 s, by default, a connection has ten */

/* ---- all of them ---- */

struct connections *connections_new(const struct connection_limits *limits, struct loop *loop,
                                    const uint8_t seed[16])
{
    assert(limits->connections_max > 0);
    assert(loop != NULL);
    struct connections *connections = calloc(1, sizeof *connections);
    if (connections == NULL) abort();
    connections->limits = *limits;
    connections->loop = loop;
    connections->addresses = key_counts_new(seed);
    connections->faults = rate_limiter_new(seed);
    connection_input_open(connections);
    return connections;
}

void connections_destroy(struct connections **connections)
{
    if (*connections == NULL) return;
    assert((*connections)->first == NULL);
    assert((*connections)->count == 0);
    connection_input_close(*connections);
    key_counts_destroy(&(*connections)->addresses);
    rate_limiter_destroy(&(*connections)->faults);
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

static void connections_add(struct connections *connections, struct connection *connection)
{
    assert(connection->previous == NULL);
    connection->next = connections->first;
    if (connection->next != NULL) connection->next->previous = connection;
    connections->first = connection;
    connections->count++;
}

static void connections_remove(struct connections *connections, struct connection *connection)
{
    assert(connections->count > 0);
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        connections->first = connection->next;
    if (connection->next != NULL) connection->next->previous = connection->previous;
    connections->count--;
}

/* ---- accept and close ---- */

/* One IPv4 address, or one /64 of IPv6: what one client has at its disposal. */
static struct rate_key address_key(const struct in6_addr *address)
{
    enum { MAPPED_AT = 12, FOUR_BYTES = 4 };
    const struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = *address };
    struct rate_key key = rate_key_of_address(0, (const struct sockaddr *)&six);
    if (key.kind == RATE_BY_ADDRESS_4) memcpy(key.who, address->s6_addr + MAPPED_AT, FOUR_BYTES);
    return key;
}

/* All connections of a proxy of ours have its address, so it says nothing. False: it is gone. */
static bool connection_learn_address(struct connection *connection)
{
    struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
    int length = sizeof address;
    if (uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&address, &length) != 0)
        return false;
    const struct in6_addr peer = client_address_of_peer((const struct sockaddr *)&address);
    connection->has_address = !proxies_have(&connection->owner->limits.proxies, &peer);
    if (connection->has_address) connection->address = address_key(&peer);
    return true;
}

/* False: its address has too many. */
static bool connection_count_address(struct connection *connection)
{
    struct connections *owner = connection->owner;
    assert(!connection->is_counted);
    if (owner->limits.per_address_max == 0 || !connection->has_address) return true;
    connection->is_counted =
        key_counts_add(owner->addresses, &connection->address, owner->limits.per_address_max);
    if (!connection->is_counted) metric_add(METRIC_HTTP_CONNECTIONS_REFUSED, 1);
    return connection->is_counted;
}

void connection_has_fault(struct connection *connection)
{
    struct connections *owner = connection->owner;
    if (owner->limits.faults_max == 0 || !connection->has_address) return;
    (void)rate_limiter_charge(owner->faults, &connection->address, owner->limits.faults_max,
                              loop_now_us(owner->loop));
}

static bool connection_must_wait(const struct connection *connection, int64_t now_us)
{
    const struct connections *owner = connection->owner;
    return owner->limits.faults_max > 0 && connection->has_address &&
           !rate_limiter_would_allow(owner->faults, &connection->address, owner->limits.faults_max,
                                     now_us);
}

void connection_keep(struct connection *connection)
{
    assert(connection->references > 0);
    connection->references++;
}

void connection_release(struct connection *connection)
{
    assert(connection->references > 0);
    if (--connection->references > 0) return;
    assert(connection->is_closed);
    assert(connection->open_requests == 0);
    assert(connection->asks == 0);
    connections_remove(connection->owner, connection);
    free(connection);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = (struct connection *)(void *)handle;
    if (connection->is_counted)
        key_counts_remove(connection->owner->addresses, &connection->address);
    connection_release(connection);
}

static void on_socket_closes(void *data)
{
    struct connection *connection = data;
    connection->is_closed = true;
    read_schedule_remove(&connection->owner->schedule, &connection->entry);
}

static struct connection *connection_new(struct connections *connections, int64_t now_us)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) abort();
    connection->owner = connections;
    connection->references = 1;
    connection->idle_since_us = now_us;
    connection_input_begin(connection, now_us);
    connections_add(connections, connection);
    return connection;
}

void connection_accept(struct connections *connections, uv_stream_t *listener,
                       h2o_accept_ctx_t *accept_context, int64_t now_us)
{
    assert(!connections_are_full(connections));
    struct connection *connection = connection_new(connections, now_us);
    if (uv_tcp_init(listener->loop, &connection->tcp) != 0) abort();
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0 ||
        uv_fileno((uv_handle_t *)&connection->tcp, &connection->descriptor) != 0 ||
        !connection_learn_address(connection) || !connection_count_address(connection)) {
        connection->is_closed = true;
        uv_close((uv_handle_t *)&connection->tcp, on_closed);
        return;
    }
    /* libh2o sets it only when it runs without libuv. Where it is refused all is slower, not wrong.
     */
    (void)uv_tcp_nodelay(&connection->tcp, 1);
    uv_read_fix_meter((uv_stream_t *)&connection->tcp, &connection->meter);
    if (accept_context->ssl_ctx == NULL) connection_input_expect_preface(connection);
    if (connection_must_wait(connection, now_us)) connection_input_wait(connection, now_us);
    h2o_socket_t *socket = h2o_uv_socket_create((uv_stream_t *)&connection->tcp, on_closed);
    socket->on_close.cb = on_socket_closes;
    socket->on_close.data = connection;
    h2o_accept(accept_context, socket);
    read_schedule_charge_new(&connections->schedule, loop_now_us(connections->loop) - now_us);
}

/* libh2o has no place of ours in a connection of its own, but its socket keeps what on_close gets.
 */
struct connection *connection_of(h2o_req_t *req)
{
    struct connection *connection = req->conn->callbacks->get_socket(req->conn)->on_close.data;
    assert(connection != NULL);
    return connection;
}

/* ---- requests ---- */

bool connection_head_fits(struct connection *connection, size_t bytes)
{
    struct connections *owner = connection->owner;
    const size_t most = connection_has_credit(connection) ? HEADS_OF_ALL_MAX : HEADS_OF_ALL_MAX / 2;
    if (connection->head_bytes + bytes > HEADS_OF_CONNECTION_MAX ||
        owner->head_bytes + bytes > most) {
        metric_add(METRIC_HTTP_CONNECTIONS_CUT, 1);
        connection_has_fault(connection);
        return false;
    }
    return true;
}

void connection_head_begins(struct connection_head *head)
{
    struct connection *connection = head->connection;
    connection->head_bytes += head->bytes;
    connection->owner->head_bytes += head->bytes;
    head->previous = NULL;
    head->next = connection->heads;
    if (head->next != NULL) head->next->previous = head;
    connection->heads = head;
}

/* There are as many as streams that are open, and those that came last stand first. */
static void mark_heads(struct connection *connection, const void *request)
{
    for (struct connection_head *head = connection->heads; head != NULL; head = head->next)
        if (head->request == request) head->is_a_request = true;
}

void connection_request_begins(struct connection *connection, const void *request,
                               size_t body_bytes)
{
    assert(connection->references > 0);
    mark_heads(connection, request);
    connection_input_refund(connection, body_bytes);
    connection->references++;
    connection->open_requests++;
    connection->had_request = true;
}

static void count_resets(struct connection *connection, size_t count, int64_t now_us)
{
    const struct connection_limits *limits = &connection->owner->limits;
    if (now_us - connection->resets_since_us > limits->resets_window_us) {
        connection->resets = 0;
        connection->resets_since_us = now_us;
    }
    connection->resets += count;
    if (connection->resets < limits->resets_max || connection->is_cut) return;
    connection_has_fault(connection);
    connection_cut(connection);
}

/* A stream that is reset before its body has ended never becomes a request, and costs as much. */
void connection_head_ends(struct connection_head *head)
{
    struct connection *connection = head->connection;
    assert(connection->head_bytes >= head->bytes);
    assert(connection->owner->head_bytes >= head->bytes);
    connection->head_bytes -= head->bytes;
    connection->owner->head_bytes -= head->bytes;
    if (head->next != NULL) head->next->previous = head->previous;
    if (head->previous != NULL)
        head->previous->next = head->next;
    else
        connection->heads = head->next;
    if (!head->is_a_request) count_resets(connection, 1, loop_now_us(connection->owner->loop));
}

void connection_head_is_malformed(struct connection *connection)
{
    assert(connection != NULL);
    count_resets(connection, 1, loop_now_us(connection->owner->loop));
}

void connection_head_is_refused(struct connection *connection)
{
    assert(connection != NULL);
    count_resets(connection, RESETS_OF_A_HEAD, loop_now_us(connection->owner->loop));
}

void connection_request_ends(struct connection *connection, bool was_reset, int64_t now_us)
{
    assert(connection->open_requests > 0);
    connection->open_requests--;
    connection->idle_since_us = now_us;
    if (!was_reset) {
        read_schedule_reward(&connection->entry);
        return;
    }
    count_resets(connection, 1, now_us);
}

bool connection_has_credit(const struct connection *connection)
{
    return connection->entry.credit_us > 0;
}

/* ---- cut ---- */

/* libh2o must not be told in the middle of its own work, so the socket is shut down below it. What
 * it has buffered is not parsed any more: the next thing that it reads is the end. */
void connection_cut(struct connection *connection)
{
    assert(connection != NULL);
    if (connection->is_cut || connection->is_closed) return;
    connection->is_cut = true;
    (void)shutdown(connection->descriptor, SHUT_RDWR); /* fails only when the peer was faster */
    uv_read_fix_end((uv_stream_t *)&connection->tcp);
    metric_add(METRIC_HTTP_CONNECTIONS_CUT, 1);
}

void connections_cut(struct connections *connections, bool with_requests)
{
    for (struct connection *c = connections->first; c != NULL; c = c->next) {
        if (with_requests || c->open_requests == 0) connection_cut(c);
    }
}
