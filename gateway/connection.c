/* Counts connections and their resets, and cuts those that break a limit. */
#include "gateway/connection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/key_counts.h"
#include "runtime/metrics.h"

enum {
    INPUT_BURST_BYTES = 65536,    /* that a connection may send at once */
    UNCREDITED_READ_BYTES = 512,  /* at once, of a connection without credit (read_schedule.h) */
    HELD_TICK_US = 10000,         /* how often held connections are let go */
    REQUEST_BYTES = 1024,         /* of a usual head, free of the limit of input */
    IDLE_GRACE_US = 2000000,      /* libh2o says goodbye first */
    CUTS_PER_CHECK = 128,         /* the others follow with the next: closing takes time, too */
    ARRIVING_BYTES_MAX = 64 << 20 /* of bodies that are not whole yet, all together */
};

struct connections {
    struct connection_limits limits;
    struct loop *loop;
    struct key_counts *addresses;
    struct timer held_tick; /* runs while a connection is held */
    bool is_ticking;
    struct connection *first;
    size_t count;
    size_t cuts_left; /* of this check */
    struct read_schedule schedule;
    struct timer slice; /* runs while the next slice of time is awaited */
    int64_t read_began_us;
};

static int64_t connections_now_us(const struct connections *connections)
{
    struct clock *clock = loop_clock(connections->loop);
    return clock->monotonic_us(clock->context);
}

/* ---- input: no connection is read faster than its rate ---- */

static void input_reckon(struct connection *connection, int64_t now_us)
{
    const int64_t rate = connection->owner->limits.input_rate_max;
    const int64_t elapsed_us = now_us - connection->input_since_us;
    /* More than a second fills it anyway, and must not overflow. */
    const int64_t more = (elapsed_us < 1000000 ? elapsed_us : 1000000) * rate / 1000000;
    if (more == 0) return;
    connection->input_since_us = now_us;
    connection->input_left += more;
    if (connection->input_left > INPUT_BURST_BYTES) connection->input_left = INPUT_BURST_BYTES;
}

static void on_held_tick(struct timer *timer)
{
    struct connections *connections = CONTAINER_OF(timer, struct connections, held_tick);
    const int64_t now_us = connections_now_us(connections);
    bool is_any_held = false;
    for (struct connection *c = connections->first; c != NULL; c = c->next) {
        if (!c->meter.is_held || c->entry.is_queued || c->is_closed) continue;
        input_reckon(c, now_us);
        if (c->input_left <= 0 || c->paused_until_us > now_us) {
            is_any_held = true;
            continue;
        }
        if (c->paused_until_us > 0)
            read_schedule_enqueue(&connections->schedule, &c->entry);
        else
            uv_read_fix_let_go((uv_stream_t *)&c->tcp);
        c->paused_until_us = 0;
    }
    connections->is_ticking = is_any_held;
    struct timers *timers = loop_timers(connections->loop);
    if (is_any_held) timers->start(timers->context, timer, now_us + HELD_TICK_US);
}

static void connection_hold(struct connection *connection, int64_t now_us)
{
    struct connections *owner = connection->owner;
    uv_read_fix_hold((uv_stream_t *)&connection->tcp);
    metric_add(METRIC_HTTP_CONNECTIONS_HELD, 1);
    if (owner->is_ticking) return;
    owner->is_ticking = true;
    struct timers *timers = loop_timers(owner->loop);
    timers->start(timers->context, &owner->held_tick, now_us + HELD_TICK_US);
}

static void on_bytes(struct uv_read_meter *meter, size_t bytes)
{
    struct connection *connection = CONTAINER_OF(meter, struct connection, meter);
    struct connections *owner = connection->owner;
    connection->arriving_bytes += (int64_t)bytes;
    if (connection->is_cut || connection->is_closed || owner->limits.input_rate_max == 0) return;
    connection->input_left -= (int64_t)bytes;
    if (connection->input_left > 0) return;
    const int64_t now_us = connections_now_us(owner);
    input_reckon(connection, now_us);
    if (connection->input_left <= 0) connection_hold(connection, now_us);
}

/* ---- the schedule of reads ---- */

static bool may_read(struct uv_read_meter *meter)
{
    struct connection *connection = CONTAINER_OF(meter, struct connection, meter);
    struct connections *owner = connection->owner;
    meter->read_max = connection->entry.credit_us > 0 ? 0 : UNCREDITED_READ_BYTES;
    owner->read_began_us = connections_now_us(owner);
    return read_schedule_allows(&owner->schedule, &connection->entry);
}

static void on_read(struct uv_read_meter *meter, size_t bytes)
{
    struct connection *connection = CONTAINER_OF(meter, struct connection, meter);
    struct connections *owner = connection->owner;
    const int64_t now_us = connections_now_us(owner), spent_us = now_us - owner->read_began_us;
    read_schedule_charge(&owner->schedule, &connection->entry, bytes, spent_us);
    /* Who takes an answer sends small frames, as it has to (WINDOW_UPDATE). */
    if (connection->open > 0 || !read_schedule_must_pause(&connection->entry)) return;
    if (connection->is_cut || connection->is_closed) return;
    connection->paused_until_us = now_us + READ_PAUSE_US;
    connection_hold(connection, now_us);
}

bool connections_have_time(const struct connections *connections)
{
    return read_schedule_has_time(&connections->schedule);
}

/* There is nothing to do but to have a turn. */
static void on_slice(struct timer *timer)
{
    (void)timer;
}

void connections_end_turn(struct connections *connections, bool is_busy)
{
    struct read_schedule *schedule = &connections->schedule;
    read_schedule_end_turn(schedule, is_busy, connections_now_us(connections));
    struct read_entry *entry;
    while ((entry = read_schedule_call(schedule)) != NULL) {
        struct connection *connection = CONTAINER_OF(entry, struct connection, entry);
        if (!connection->is_closed) uv_read_fix_let_go((uv_stream_t *)&connection->tcp);
    }
    const int64_t next_us = read_schedule_wake_us(schedule);
    if (next_us == INT64_MAX) return;
    struct timers *timers = loop_timers(connections->loop);
    timers->start(timers->context, &connections->slice, next_us);
}

/* ---- all of them ---- */

struct connections *connections_new(const struct connection_limits *limits, struct loop *loop,
                                    const uint8_t seed[16])
{
    struct connections *connections = calloc(1, sizeof *connections);
    if (connections == NULL) abort();
    connections->limits = *limits;
    connections->loop = loop;
    connections->addresses = key_counts_new(seed);
    connections->held_tick.on_fire = on_held_tick;
    connections->slice.on_fire = on_slice;
    return connections;
}

void connections_destroy(struct connections **connections)
{
    if (*connections == NULL) return;
    assert((*connections)->first == NULL);
    struct timers *timers = loop_timers((*connections)->loop);
    timers->stop(timers->context, &(*connections)->held_tick);
    timers->stop(timers->context, &(*connections)->slice);
    key_counts_destroy(&(*connections)->addresses);
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

/* One IPv4 address, or one /64: what one client has. */
static struct rate_key address_key(const struct in6_addr *address)
{
    enum { MAPPED_AT = 12, FOUR_BYTES = 4 };
    const struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = *address };
    struct rate_key key = rate_key_of_address(0, (const struct sockaddr *)&six);
    if (key.kind == RATE_BY_ADDRESS_4) memcpy(key.who, address->s6_addr + MAPPED_AT, FOUR_BYTES);
    return key;
}

static bool connection_count_address(struct connection *connection)
{
    struct connections *owner = connection->owner;
    struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
    int length = sizeof address;
    if (owner->limits.per_address_max == 0) return true;
    if (uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&address, &length) != 0)
        return false;
    const struct in6_addr peer = client_address_of_peer((const struct sockaddr *)&address);
    if (proxies_have(&owner->limits.proxies, &peer)) return true;
    connection->address = address_key(&peer);
    connection->is_counted =
        key_counts_add(owner->addresses, &connection->address, owner->limits.per_address_max);
    if (!connection->is_counted) metric_add(METRIC_HTTP_CONNECTIONS_REFUSED, 1);
    return connection->is_counted;
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

void connection_accept(struct connections *connections, uv_stream_t *listener,
                       h2o_accept_ctx_t *accept_context, int64_t now_us)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) abort();
    connection->owner = connections;
    connection->references = 1;
    connection->quiet_since_us = now_us;
    connection->input_since_us = now_us;
    connection->input_left = INPUT_BURST_BYTES;
    connection->meter.may_read = may_read;
    connection->meter.on_bytes = on_bytes;
    connection->meter.on_read = on_read;
    connection->next = connections->first;
    if (connection->next != NULL) connection->next->previous = connection;
    connections->first = connection;
    connections->count++;
    if (uv_tcp_init(listener->loop, &connection->tcp) != 0) abort();
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0 ||
        uv_fileno((uv_handle_t *)&connection->tcp, &connection->descriptor) != 0 ||
        !connection_count_address(connection)) {
        connection->is_closed = true;
        uv_close((uv_handle_t *)&connection->tcp, on_closed);
        return;
    }
    (void)uv_tcp_nodelay(&connection->tcp,
                         1); /* libh2o sets it only without libuv; slower without, not wrong */
    uv_read_fix_meter((uv_stream_t *)&connection->tcp, &connection->meter);
    h2o_socket_t *socket = h2o_uv_socket_create((uv_stream_t *)&connection->tcp, on_closed);
    socket->on_close.cb = on_socket_closes;
    socket->on_close.data = connection;
    h2o_accept(accept_context, socket);
    read_schedule_charge_new(&connections->schedule, connections_now_us(connections) - now_us);
}

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

void connection_request_begins(struct connection *connection, size_t body_bytes)
{
    connection->input_left += (int64_t)body_bytes + REQUEST_BYTES;
    if (connection->input_left > INPUT_BURST_BYTES) connection->input_left = INPUT_BURST_BYTES;
    connection->arriving_bytes -= (int64_t)body_bytes;
    if (connection->arriving_bytes < 0) connection->arriving_bytes = 0;
    connection->references++;
    connection->open++;
    connection->had_request = true;
}

void connection_cut(struct connection *connection)
{
    if (connection->is_cut || connection->is_closed) return;
    connection->is_cut = true;
    (void)shutdown(connection->descriptor, SHUT_RDWR); /* fails only when the peer was faster */
    uv_read_fix_end((uv_stream_t *)&connection->tcp);
    metric_add(METRIC_HTTP_CONNECTIONS_CUT, 1);
}

bool connection_has_credit(const struct connection *connection)
{
    return connection->entry.credit_us > 0;
}

void connection_request_ends(struct connection *connection, bool was_reset, int64_t now_us)
{
    assert(connection->open > 0);
    connection->open--;
    connection->quiet_since_us = now_us;
    if (!was_reset) {
        read_schedule_reward(&connection->entry);
        return;
    }
    const struct connection_limits *limits = &connection->owner->limits;
    if (now_us - connection->resets_since_us > limits->resets_window_us) {
        connection->resets = 0;
        connection->resets_since_us = now_us;
    }
    if (++connection->resets >= limits->resets_max) connection_cut(connection);
}

/* ---- deadlines of what arrives ---- */

struct request_check {
    const struct connection_limits *limits;
    int64_t real_us;
};

static int64_t real_us_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* How much longer a body may take for what has come. libh2o does not tell how much of which body
 * is there, so all that the connection sent counts, up to the time that the longest body needs. */
static int64_t body_more_us(const struct connection_limits *limits, int64_t bytes)
{
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
        if (*arriving_bytes > ARRIVING_BYTES_MAX) connection_cut(connection);
        return;
    }
    connection->arriving_bytes = 0;
    const int64_t deadline_us = connection->had_request ? limits->idle_deadline_us + IDLE_GRACE_US
                                                        : limits->header_deadline_us;
    if (connection->open == 0 && now_us - connection->quiet_since_us > deadline_us)
        connection_cut_late(connection);
}

void connections_check(struct connections *connections, h2o_context_t *context, int64_t now_us,
                       int64_t real_us)
{
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

void connections_cut(struct connections *connections, bool with_requests)
{
    for (struct connection *c = connections->first; c != NULL; c = c->next) {
        if (with_requests || c->open == 0) connection_cut(c);
    }
}
