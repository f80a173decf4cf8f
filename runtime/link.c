/* ZeroMQ on libuv: a poll handle only wakes the loop, the sockets are drained after each poll, and
 * a turn that would sleep on pending input does not sleep. */
#include "runtime/link.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "runtime/envelope.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

enum {
    LINK_SEND_QUEUE_MAX = 256, /* frames */
    LINK_HEARTBEAT_MS = 500,
    LINK_HEARTBEAT_TIMEOUT_MS = 1500,
    LINK_HEARTBEAT_TTL_MS = 2000,
    LINK_RECONNECT_MS = 100,
    LINK_RECONNECT_MAX_MS = 500, /* of ipc: a restarted peer is looked for at no cost */
    LINK_HANDSHAKE_MS = 2000,
    LINK_CONTROL_BUDGET = 32, /* messages per turn */
    LINK_DATA_BUDGET = 256,
};

struct router {
    void *socket; /* NULL: not bound */
    char *path;   /* of the socket file, which ZeroMQ leaves behind */
    uv_poll_t poll;
};

struct links {
    struct links_options options;
    struct net net;
    void *context;
    struct router routers[LANES_COUNT];
    void *dealers[LINKS_MAX]; /* NULL: free, or closed after a violation */
    bool is_taken[LINKS_MAX];
    uv_prepare_t prepare;
    uv_check_t check;
    size_t handles_open;
    bool is_past_flush; /* this turn's frames are sent; what comes now needs another turn */
    bool is_closing;
};

/* ---- options ---- */

static void link_set(void *socket, int option, int value)
{
    const int result = zmq_setsockopt(socket, option, &value, sizeof value);
    assert(result == 0);
}

static void link_set_common(void *socket)
{
    const int64_t bytes_max = FRAME_BYTES_MAX;
    const int result = zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max);
    assert(result == 0);
    link_set(socket, ZMQ_RCVHWM, 0);
    link_set(socket, ZMQ_LINGER, 0);
    link_set(socket, ZMQ_HANDSHAKE_IVL, LINK_HANDSHAKE_MS);
}

static void link_set_dealer(void *socket)
{
    link_set_common(socket);
    link_set(socket, ZMQ_SNDHWM, LINK_SEND_QUEUE_MAX);
    link_set(socket, ZMQ_IMMEDIATE, 1);
    link_set(socket, ZMQ_HEARTBEAT_IVL, LINK_HEARTBEAT_MS);
    link_set(socket, ZMQ_HEARTBEAT_TIMEOUT, LINK_HEARTBEAT_TIMEOUT_MS);
    link_set(socket, ZMQ_HEARTBEAT_TTL, LINK_HEARTBEAT_TTL_MS);
    link_set(socket, ZMQ_RECONNECT_IVL, LINK_RECONNECT_MS);
    link_set(socket, ZMQ_RECONNECT_IVL_MAX, LINK_RECONNECT_MAX_MS);
}

static bool endpoint_is_allowed(const char *endpoint)
{
    return strncmp(endpoint, "ipc:///", 7) == 0;
}

/* ---- receiving ---- */

/* EINTR may be reported although commands were processed, so it is always tried again. */
static bool link_receive(void *socket, zmq_msg_t *message)
{
    int length;
    do {
        length = zmq_msg_recv(message, socket, ZMQ_DONTWAIT);
    } while (length < 0 && errno == EINTR);
    return length >= 0;
}

static void link_skip_parts(void *socket, zmq_msg_t *message)
{
    while (zmq_msg_more(message) && link_receive(socket, message))
        continue;
}

/* One message: the identity that the ROUTER puts in front, then exactly one frame. */
static bool router_receive(struct links *links, enum lane lane, zmq_msg_t *message)
{
    void *socket = links->routers[lane].socket;
    if (!link_receive(socket, message)) return false;
    const bool has_frame = zmq_msg_more(message) && link_receive(socket, message);
    if (!has_frame || zmq_msg_more(message)) {
        link_skip_parts(socket, message);
        metric_add(METRIC_FRAMES_DROPPED, 1);
        return true;
    }
    metric_add(METRIC_FRAMES_RECEIVED, 1);
    const struct text frame = { zmq_msg_data(message), zmq_msg_size(message) };
    links->options.on_frame(links->options.context, lane, frame);
    return true;
}

static void router_drain(struct links *links, enum lane lane)
{
    static const size_t budgets[LANES_COUNT] = { LINK_CONTROL_BUDGET, LINK_DATA_BUDGET };
    if (links->routers[lane].socket == NULL) return;
    zmq_msg_t message;
    (void)zmq_msg_init(&message);
    for (size_t i = 0; i < budgets[lane] && !links->is_closing; i++)
        if (!router_receive(links, lane, &message)) break;
    (void)zmq_msg_close(&message);
}

static bool socket_has_input(void *socket)
{
    int events = 0;
    size_t size = sizeof events;
    while (zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) != 0)
        if (errno != EINTR) return false;
    return (events & ZMQ_POLLIN) != 0;
}

static void links_on_prepare(uv_prepare_t *handle)
{
    struct links *links = handle->data;
    links->options.on_turn_end(links->options.context);
    if (links->is_closing) return;
    links->is_past_flush = true;
    for (size_t i = 0; i < LANES_COUNT; i++) {
        void *socket = links->routers[i].socket;
        if (socket != NULL && socket_has_input(socket)) loop_wake(links->options.loop);
    }
}

static void links_on_check(uv_check_t *handle)
{
    struct links *links = handle->data;
    links->is_past_flush = false;
    router_drain(links, LANE_CONTROL);
    if (!links->is_closing) router_drain(links, LANE_DATA);
}

static void links_on_poll(uv_poll_t *handle, int status, int events)
{
    /* Waking the loop is all that the descriptor is for. */
    (void)handle, (void)status, (void)events;
}

void links_wake(struct links *links)
{
    assert(links != NULL);
    if (links->is_past_flush) loop_wake(links->options.loop);
}

/* ---- the net ---- */

static void link_drop_dealer(struct links *links, unsigned link)
{
    if (links->dealers[link] != NULL) (void)zmq_close(links->dealers[link]);
    links->dealers[link] = NULL;
}

static enum status net_send(void *context, unsigned link, struct text frame)
{
    struct links *links = context;
    assert(link < LINKS_MAX);
    void *socket = links->dealers[link];
    if (socket == NULL) return STATUS_UNAVAILABLE;
    int sent;
    do {
        sent = zmq_send(socket, frame.data, frame.length, ZMQ_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    const int problem = sent < 0 ? errno : 0;
    if (socket_has_input(socket)) {
        /* Nobody has any reason to send to a send-only socket, and what is not read would pile up.
         */
        log_warning("link_protocol_violated", LOG_INT("link", link));
        metric_add(METRIC_FRAMES_DROPPED, 1);
        link_drop_dealer(links, link);
        return STATUS_UNAVAILABLE;
    }
    if (sent >= 0) return STATUS_OK;
    return problem == EAGAIN ? STATUS_OVERLOADED : STATUS_UNAVAILABLE;
}

static enum status net_open(void *context, const char *endpoint, unsigned *ret_link)
{
    struct links *links = context;
    if (!endpoint_is_allowed(endpoint)) return STATUS_UNAVAILABLE;
    unsigned link = 0;
    while (link < LINKS_MAX && links->is_taken[link])
        link++;
    if (link == LINKS_MAX) return STATUS_UNAVAILABLE;
    void *socket = zmq_socket(links->context, ZMQ_DEALER);
    if (socket == NULL) return STATUS_UNAVAILABLE;
    link_set_dealer(socket);
    if (zmq_connect(socket, endpoint) != 0) {
        (void)zmq_close(socket);
        return STATUS_UNAVAILABLE;
    }
    links->dealers[link] = socket;
    links->is_taken[link] = true;
    *ret_link = link;
    return STATUS_OK;
}

static void net_close(void *context, unsigned link)
{
    struct links *links = context;
    assert(link < LINKS_MAX);
    assert(links->is_taken[link]);
    link_drop_dealer(links, link);
    links->is_taken[link] = false;
}

void links_set_linger(struct links *links, unsigned link, int milliseconds)
{
    assert(links != NULL);
    assert(link < LINKS_MAX);
    assert(milliseconds >= 0);
    if (links->dealers[link] != NULL) link_set(links->dealers[link], ZMQ_LINGER, milliseconds);
}

struct net *links_net(struct links *links)
{
    return &links->net;
}

enum status links_bind(struct links *links, enum lane lane, const char *endpoint)
{
    assert(links != NULL);
    struct router *router = &links->routers[lane];
    assert(router->socket == NULL);
    if (!endpoint_is_allowed(endpoint)) return STATUS_UNAVAILABLE;
    void *socket = zmq_socket(links->context, ZMQ_ROUTER);
    if (socket == NULL) return STATUS_UNAVAILABLE;
    link_set_common(socket);
    int descriptor = -1;
    size_t size = sizeof descriptor;
    if (zmq_bind(socket, endpoint) != 0 ||
        zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size) != 0) {
        (void)zmq_close(socket);
        return STATUS_UNAVAILABLE;
    }
    router->socket = socket;
    router->path = strdup(endpoint + strlen("ipc://"));
    if (router->path == NULL) abort();
    router->poll.data = links;
    int result = uv_poll_init(loop_uv(links->options.loop), &router->poll, descriptor);
    assert(result == 0);
    result = uv_poll_start(&router->poll, UV_READABLE, links_on_poll);
    assert(result == 0);
    links->handles_open++;
    return STATUS_OK;
}

/* ---- life ---- */

/* Signals are the loop's: threads that ZeroMQ starts inherit a mask that blocks them all. */
static void *context_new(void)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    int result = pthread_sigmask(SIG_SETMASK, &all, &before);
    assert(result == 0);
    void *context = zmq_ctx_new();
    if (context == NULL) abort();
    (void)zmq_ctx_set(context, ZMQ_IO_THREADS, 1);
    /* The context starts its threads with its first socket. */
    void *first = zmq_socket(context, ZMQ_DEALER);
    if (first != NULL) (void)zmq_close(first);
    result = pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(result == 0);
    return context;
}

struct links *links_new(const struct links_options *options)
{
    assert(options != NULL);
    assert(options->loop != NULL);
    assert(options->on_frame != NULL);
    assert(options->on_turn_end != NULL);
    struct links *links = calloc(1, sizeof *links);
    if (links == NULL) abort();
    links->options = *options;
    links->net = (struct net){ links, net_send, net_open, net_close };
    links->context = context_new();
    (void)uv_prepare_init(loop_uv(options->loop), &links->prepare);
    (void)uv_check_init(loop_uv(options->loop), &links->check);
    links->prepare.data = links->check.data = links;
    /* Started after the loop's own, so libuv calls it before the loop's hooks of the turn's end:
     * what a message that is handled here queues elsewhere still goes out in this turn. */
    (void)uv_prepare_start(&links->prepare, links_on_prepare);
    (void)uv_check_start(&links->check, links_on_check);
    links->handles_open = 2;
    return links;
}

static void links_on_closed(uv_handle_t *handle)
{
    struct links *links = handle->data;
    if (--links->handles_open == 0) free(links);
}

void links_destroy(struct links **links_pointer)
{
    assert(links_pointer != NULL);
    struct links *links = *links_pointer;
    if (links == NULL) return;
    *links_pointer = NULL;
    links->is_closing = true;
    uv_close((uv_handle_t *)&links->prepare, links_on_closed);
    uv_close((uv_handle_t *)&links->check, links_on_closed);
    for (size_t i = 0; i < LANES_COUNT; i++) {
        if (links->routers[i].socket == NULL) continue;
        uv_close((uv_handle_t *)&links->routers[i].poll, links_on_closed);
    }
    (void)zmq_ctx_shutdown(links->context);
    for (size_t i = 0; i < LANES_COUNT; i++) {
        struct router *router = &links->routers[i];
        if (router->socket == NULL) continue;
        (void)zmq_close(router->socket);
        (void)unlink(router->path);
        free(router->path);
        router->socket = router->path = NULL;
    }
    for (unsigned i = 0; i < LINKS_MAX; i++)
        link_drop_dealer(links, i);
    while (zmq_ctx_term(links->context) != 0 && errno == EINTR)
        continue;
}
