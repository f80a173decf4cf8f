/* The callbacks of libh2o and of the loop. A request that arrives is only put in a list; requests
 * are served, and answers written, at the end of the loop's turn, so that a stream that is reset at
 * once never reaches a domain (CVE-2023-44487; gateway/README.md, Decisions: nothing is dispatched
 * before the turn's end). */
#include "gateway/server.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/access_log.h"
#include "gateway/admit.h"
#include "gateway/http1_chunks.h"
#include "gateway/http2_heads.h"
#include "gateway/listener.h"
#include "gateway/picture_intake.h"
#include "gateway/sending.h"
#include "gateway/serve.h"
#include "gateway/server_parts.h"
#include "gateway/service.h"
#include "gateway/stream.h"
#include "gateway/uv_read_fix.h"
#include "gateway/waiting.h"
#include "runtime/metrics.h"

enum {
    TICK_US = 250000,
    STOP_TICK_US = 20000,
    KEPT_BYTES = 1 << 20, /* of free memory, and stacks of fibers, that are kept after a burst */
    KEPT_STACKS = 16,
    STOP_QUIET_US = 1500000, /* libh2o's two GOAWAYs are a second apart */
    STOP_DEADLINE_US = 10000000,
    BODY_READ_MAX = 16 << 20, /* bytes; what is longer is not even refused in words */
    HTTP2_REQUESTS_MAX =
        64, /* at once, of a connection, beside live streams; more wait in libh2o */
    HTTP1_REQUEST_MS = 300000,
    ANY_PORT = 65535 /* libh2o's name for "whatever the Host header says" */
};

/* Lives in the memory pool of libh2o's request and ends with it. 2.2.5 has no other signal for a
 * client that is gone before its answer has begun. */
struct exchange_guard {
    struct exchange *exchange;
};

struct request_handler {
    h2o_handler_t super; /* first */
    struct server *server;
};

/* ---- the life of a request ---- */

/* libh2o has let go of the request: its answer is written, or its client is gone. */
static void on_request_disposed(void *data)
{
    struct exchange *exchange = ((struct exchange_guard *)data)->exchange;
    if (exchange == NULL) return; /* a stream has the request */
    assert(exchange->req != NULL);
    const bool was_reset = exchange->answered_us == 0;
    picture_intake_abandon(exchange);
    exchange->req = NULL;
    if (was_reset) exchange_write_access(exchange, EXCHANGE_CLIENT_LEFT, 0);
    if (was_reset) metric_add(METRIC_HTTP_CANCELLED, 1);
    if (!was_reset) sending_end(exchange);
    connection_request_ends(exchange->connection, was_reset,
                            loop_now_us(exchange->server->options.loop));
    waiting_release(exchange);
}

static void server_begin_exchange(struct server *server, h2o_req_t *req,
                                  struct connection *connection)
{
    struct exchange *exchange = exchange_new(server, req, connection);
    struct exchange_guard *guard =
        h2o_mem_alloc_shared(&req->pool, sizeof *guard, on_request_disposed);
    guard->exchange = exchange;
    exchange->guard = &guard->exchange;
    exchange_list_append(&server->arrived, exchange);
}

/* Came by an upgrade from HTTP/1 to h2c. The bytes of its head are gone, so that it cannot be
 * checked for a second meaning (http1_head.h), and behind a proxy that lets the upgrade pass the
 * connection would be a tunnel around the proxy's own rules. libh2o has one switch for this and for
 * HTTP/2 with prior knowledge, which is wanted. */
static bool is_upgraded(const h2o_req_t *req)
{
    return req->version >= 0x200 &&
           h2o_find_header_by_str(&req->headers, H2O_STRLIT("http2-settings"), -1) != -1;
}

static int on_req(h2o_handler_t *self, h2o_req_t *req)
{
    struct server *server = ((struct request_handler *)(void *)self)->server;
    struct connection *connection = connection_of(req);
    metric_add(METRIC_HTTP_REQUESTS, 1);
    if (is_upgraded(req)) connection_cut(connection);
    /* A cut HTTP/2 connection reads its end next and disposes of everything, so there is nothing to
     * serve. A cut HTTP/1 connection reads nothing until its request is answered: without an answer
     * it would stay. */
    if (!connection->is_cut || req->version < 0x200) server_begin_exchange(server, req, connection);
    return 0;
}

/* ---- turns and ticks ---- */

/* Serves those that are in the list now. What these append to it waits for the next turn, so that a
 * turn has an end. */
static void server_empty_list(struct exchange_list *list, void (*serve)(struct exchange *exchange))
{
    const struct exchange *last = list->last;
    for (bool is_last = last == NULL; !is_last && list->first != NULL;) {
        struct exchange *exchange = list->first;
        is_last = exchange == last;
        exchange_list_remove(exchange);
        serve(exchange);
    }
}

static void on_turn_end(void *context)
{
    struct server *server = context;
    waiting_go_on(server);
    server_empty_list(&server->answered, serve_answer);
    server_empty_list(&server->arrived, serve_request);
    streams_end_turn(server->streams);
    connections_end_turn(server->connections, server->waiting > 0);
    for (size_t i = 0; i < ARRAY_LENGTH(server->listeners); i++) {
        if (server->listeners[i] != NULL) listener_check(server->listeners[i]);
    }
    if (server->arrived.first != NULL || server->answered.first != NULL)
        loop_wake(server->options.loop);
    if (server->options.access_log != NULL) access_log_flush(server->options.access_log);
}

static void server_check_stopped(struct server *server, int64_t now_us)
{
    assert(server->is_stopping);
    const int64_t elapsed_us = now_us - server->stop_began_us;
    if (elapsed_us > STOP_QUIET_US)
        connections_cut(server->connections, elapsed_us > STOP_DEADLINE_US);
    const bool is_quiet = connections_count(server->connections) == 0 && server->in_flight == 0 &&
                          admit_is_quiet(server) && !node_health_is_asking(server->health) &&
                          streams_are_quiet(server->streams) &&
                          (server->sweep == NULL || !picture_sweep_is_under_way(server->sweep));
    if (!is_quiet || server->on_stopped == NULL) return;
    void (*on_stopped)(void *) = server->on_stopped;
    server->on_stopped = NULL;
    on_stopped(server->on_stopped_context);
}

/* After a burst most of what malloc holds is free but scattered over its heap, of which glibc
 * returns the top only. When all is answered the rest goes back to the kernel, too. */
static void server_tidy(struct server *server)
{
    if (server->in_flight > 0) {
        server->is_untidy = true;
    } else if (server->is_untidy) {
        server->is_untidy = false;
        fibers_trim(server->options.fibers, KEPT_STACKS);
        (void)malloc_trim(KEPT_BYTES);
    }
}

static void on_tick(struct timer *timer)
{
    struct server *server = CONTAINER_OF(timer, struct server, tick);
    const int64_t now_us = loop_now_us(server->options.loop);
    connections_check_deadlines(server->connections, &server->context, now_us,
                                loop_real_us(server->options.loop));
    sending_cut_slow(server, now_us);
    waiting_expire(server, now_us);
    streams_tick(server->streams, now_us, loop_real_us(server->options.loop));
    admit_tick(server);
    if (!server->is_stopping) node_health_tick(server->health);
    server_tidy(server);
    if (server->is_stopping) server_check_stopped(server, now_us);
    timer_start(loop_timers(server->options.loop), timer,
                now_us + (server->is_stopping ? STOP_TICK_US : TICK_US));
}

/* ---- start and stop ---- */

static void server_configure_h2o(struct server *server)
{
    h2o_config_init(&server->config);
    server->config.server_name = h2o_iovec_init(H2O_STRLIT("souk"));
    /* libh2o refuses a longer body with REFUSED_STREAM, which tells HTTP/2 clients to try again; so
     * ours, a 413, must come first (serve.c), for whatever is sent by mistake. */
    const size_t readable = 2 * server->body_max;
    server->config.max_request_entity_size =
        readable > BODY_READ_MAX ? readable : (size_t)BODY_READ_MAX;
    server->config.http2.max_concurrent_requests_per_connection =
        HTTP2_REQUESTS_MAX + server->options.limits.streams_per_connection;
    /* libh2o's deadline for a whole HTTP/1 request knows no rate: ours come first
     * (connection_deadlines.c). */
    server->config.http1.req_timeout = HTTP1_REQUEST_MS;
    server->config.http2.idle_timeout =
        (uint64_t)(server->options.limits.connection.idle_deadline_us / 1000);
    server->config.http2.graceful_shutdown_timeout = STOP_DEADLINE_US / 1000;
    h2o_hostconf_t *host =
        h2o_config_register_host(&server->config, h2o_iovec_init(H2O_STRLIT("default")), ANY_PORT);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct request_handler *handler = (void *)h2o_create_handler(path, sizeof *handler);
    handler->super.on_req = on_req;
    handler->server = server;
    h2o_context_init(&server->context, loop_uv(server->options.loop), &server->config);
}

/* Which body is the longest that some route takes. */
static void server_learn_bodies(struct server *server)
{
    server->body_max = server->options.limits.body_max;
    for (size_t i = 0; i < server->options.routes_count; i++) {
        const size_t most = server->options.routes[i].body_max;
        if (most > server->body_max) server->body_max = most;
    }
}

static void server_learn_routes(struct server *server)
{
    server->router = router_new(server->options.routes, server->options.routes_count,
                                server->options.has_test_routes);
    for (size_t i = 0; i < server->options.routes_count; i++) {
        const struct message *message = server->options.routes[i].message;
        assert(message->domain < DOMAIN_LIMIT);
        server->domains |= (uint32_t)1 << message->domain;
        server->surfaces_needed |= (uint32_t)1 << admit_kind_of(message->role);
    }
}

static void server_set_limits(struct server *server)
{
    struct server_limits *limits = &server->options.limits;
    limits->connection.body_max = (int64_t)server->body_max;
    uint8_t seed[16];
    struct rng *rng = loop_rng(server->options.loop);
    rng->fill(rng->context, seed, sizeof seed);
    server->connections = connections_new(&limits->connection, server->options.loop, seed);
    server->in_flight_each = key_counts_new(seed);
    server->asking_each = key_counts_new(seed);
    if (limits->rate_requests > 0) server->rate_limiter = rate_limiter_new(seed);
}

enum status server_new(const struct server_options *options, struct server **ret_server)
{
    assert(uv_read_fix_is_linked());
    assert(http1_chunks_are_linked());
    assert(http2_heads_are_linked());
    assert(options->loop != NULL);
    assert(options->fibers != NULL);
    assert(options->backend != NULL);
    assert(options->principal_key != NULL);
    assert(options->limits.body_max > 0);
    assert(options->limits.connection.arriving_max > 0);
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) abort();
    server->options = *options;
    server_learn_bodies(server);
    server_set_limits(server);
    server->packer = packer_new();
    server->answers = answer_cache_new(server->options.limits.answers_bytes_max);
    server_learn_routes(server);
    admit_open(server);
    server->streams = streams_new(server);
    server->health = node_health_new(&server->inquirer, server->domains);
    if (options->pictures != NULL)
        server->sweep = picture_sweep_new(options->loop, &server->inquirer, options->pictures);
    server_configure_h2o(server);
    enum status status = STATUS_OK;
    if (options->tls != NULL)
        status = listener_open(server, options->tls_port, options->tls, &server->listeners[0]);
    if (status == STATUS_OK)
        status = listener_open(server, options->clear_port, NULL, &server->listeners[1]);
    if (status != STATUS_OK) {
        server_destroy(&server);
        return status;
    }
    loop_on_turn_end(options->loop, on_turn_end, server);
    server->tick.on_fire = on_tick;
    timer_start(loop_timers(options->loop), &server->tick, loop_now_us(server->options.loop));
    *ret_server = server;
    return STATUS_OK;
}

void server_set_tls(struct server *server, SSL_CTX *tls)
{
    assert(server != NULL);
    assert(tls != NULL);
    server->options.tls = tls;
    if (server->listeners[0] != NULL) listener_set_tls(server->listeners[0], tls);
}

uint16_t server_tls_port(const struct server *server)
{
    return listener_port(server->listeners[0]);
}

uint16_t server_clear_port(const struct server *server)
{
    return listener_port(server->listeners[1]);
}

void server_on_hint(struct server *server, const struct hint *hint)
{
    answer_cache_on_hint(server->answers, hint, loop_now_us(server->options.loop));
    if (!server->is_stopping) streams_on_hint(server->streams, hint);
}

void server_on_hints_lost(struct server *server)
{
    answer_cache_forget(server->answers, loop_now_us(server->options.loop));
}

void server_stop(struct server *server, void (*on_stopped)(void *context), void *context)
{
    assert(on_stopped != NULL);
    if (server->is_stopping) return;
    server->is_stopping = true;
    server->stop_began_us = loop_now_us(server->options.loop);
    server->on_stopped = on_stopped;
    server->on_stopped_context = context;
    for (size_t i = 0; i < ARRAY_LENGTH(server->listeners); i++)
        listener_close(&server->listeners[i]);
    h2o_context_request_shutdown(&server->context);
    streams_stop(server->streams);
    if (server->sweep != NULL) picture_sweep_stop(server->sweep);
    timer_start(loop_timers(server->options.loop), &server->tick, server->stop_began_us);
}

void server_destroy(struct server **server)
{
    struct server *gone = *server;
    if (gone == NULL) return;
    assert(gone->in_flight == 0);
    assert(gone->waiting == 0);
    assert(gone->unread_count == 0);
    timer_stop(loop_timers(gone->options.loop), &gone->tick);
    for (size_t i = 0; i < ARRAY_LENGTH(gone->listeners); i++)
        listener_close(&gone->listeners[i]);
    /* libh2o does not unlink the timer of its second GOAWAY, and asserts that no timer is left. */
    h2o_timeout_unlink(&gone->context.http2._graceful_shutdown_timeout);
    h2o_context_dispose(&gone->context); /* runs the loop once */
    h2o_config_dispose(&gone->config);
    service_forget_pages(gone);
    packer_destroy(&gone->packer);
    answer_cache_destroy(&gone->answers);
    rate_limiter_destroy(&gone->rate_limiter);
    node_health_destroy(&gone->health);
    picture_sweep_destroy(&gone->sweep);
    streams_destroy(&gone->streams);
    admit_close(gone);
    router_destroy(&gone->router);
    key_counts_destroy(&gone->in_flight_each);
    key_counts_destroy(&gone->asking_each);
    connections_destroy(&gone->connections);
    for (size_t i = 0; i < gone->spare_arenas_count; i++)
        arena_destroy(&gone->spare_arenas[i]);
    free(gone);
    *server = NULL;
}
