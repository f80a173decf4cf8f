/* Accepts connections while there is room and time for them; the others wait in the kernel
 * (gateway/README.md, Decisions: storms wait in the kernel). */
#include "gateway/listener.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    LISTEN_BACKLOG = 4096,
    ACCEPTS_PER_TURN = 16, /* a storm of connections must not keep open ones from being served */
    SOCKET_BUFFER_BYTES = 131072
};

struct listener {
    uv_tcp_t tcp; /* first */
    struct server *server;
    h2o_accept_ctx_t accept;
    uint16_t port;
    bool is_waiting;   /* a connection waits because there are too many, or for the next turn */
    uint64_t turn;     /* of the loop, that `accepted` is about */
    unsigned accepted; /* connections */
};

static bool listener_has_room(struct listener *listener)
{
    const uint64_t turn = loop_turns(listener->server->options.loop);
    if (turn != listener->turn) listener->accepted = 0;
    listener->turn = turn;
    const struct connections *connections = listener->server->connections;
    return listener->accepted < ACCEPTS_PER_TURN && connections_have_time(connections) &&
           !connections_are_full(connections);
}

static void listener_accept(struct listener *listener)
{
    assert(listener->accepted < ACCEPTS_PER_TURN);
    struct server *server = listener->server;
    listener->is_waiting = false;
    listener->accepted++;
    connection_accept(server->connections, (uv_stream_t *)&listener->tcp, &listener->accept,
                      loop_now_us(server->options.loop));
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = (struct listener *)(void *)stream;
    if (status != 0) return;
    if (listener_has_room(listener))
        listener_accept(listener);
    else
        listener->is_waiting =
            true; /* libuv asks the kernel for no other until this one is accepted */
}

void listener_check(struct listener *listener)
{
    if (listener->is_waiting && listener_has_room(listener)) listener_accept(listener);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

/* A listening socket that several gateways may share (SO_REUSEPORT). Accepted sockets inherit the
 * sizes of its buffers, so that what the kernel holds for a client that floods us, or does not
 * read, is bounded, too; Linux would let each grow to megabytes. */
static enum status socket_listen(const char *address, uint16_t port, int *ret_socket)
{
    struct sockaddr_storage name = { .ss_family = AF_INET };
    socklen_t name_length = sizeof(struct sockaddr_in);
    if (uv_ip4_addr(address, port, (struct sockaddr_in *)&name) != 0) {
        name_length = sizeof(struct sockaddr_in6);
        if (uv_ip6_addr(address, port, (struct sockaddr_in6 *)&name) != 0)
            return STATUS_INVALID_VALUE;
    }
    const int on = 1, size = SOCKET_BUFFER_BYTES;
    const int descriptor = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return STATUS_UNAVAILABLE;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) != 0 ||
        bind(descriptor, (struct sockaddr *)&name, name_length) != 0) {
        (void)close(descriptor);
        return STATUS_UNAVAILABLE;
    }
    *ret_socket = descriptor;
    return STATUS_OK;
}

static uint16_t socket_port(int descriptor)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } name = { .six = { .sin6_family = AF_UNSPEC } };
    socklen_t length = sizeof name;
    if (getsockname(descriptor, &name.any, &length) != 0) return 0;
    return ntohs(name.any.sa_family == AF_INET6 ? name.six.sin6_port : name.four.sin_port);
}

enum status listener_open(struct server *server, uint16_t port, SSL_CTX *tls,
                          struct listener **ret_listener)
{
    assert(server != NULL);
    assert(ret_listener != NULL);
    int descriptor;
    TRY(socket_listen(server->options.address, port, &descriptor));
    struct listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL) abort();
    listener->server = server;
    listener->accept.ctx = &server->context;
    listener->accept.hosts = server->config.hosts;
    listener->accept.ssl_ctx = tls;
    if (uv_tcp_init(loop_uv(server->options.loop), &listener->tcp) != 0) abort();
    if (uv_tcp_open(&listener->tcp, descriptor) != 0 ||
        uv_listen((uv_stream_t *)&listener->tcp, LISTEN_BACKLOG, on_connection) != 0) {
        uv_close((uv_handle_t *)&listener->tcp, on_closed);
        return STATUS_UNAVAILABLE;
    }
    listener->port = socket_port(descriptor);
    *ret_listener = listener;
    return STATUS_OK;
}

void listener_set_tls(struct listener *listener, SSL_CTX *tls)
{
    assert(listener != NULL);
    assert(listener->accept.ssl_ctx != NULL);
    listener->accept.ssl_ctx = tls;
}

void listener_close(struct listener **listener)
{
    if (*listener == NULL) return;
    uv_close((uv_handle_t *)&(*listener)->tcp, on_closed);
    *listener = NULL;
}

uint16_t listener_port(const struct listener *listener)
{
    return listener == NULL ? 0 : listener->port;
}
