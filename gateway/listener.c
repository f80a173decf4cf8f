/* Accepts connections while there is room for them. */
#include "gateway/listener.h"

#include <stdlib.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 1024 };

struct listener {
    uv_tcp_t tcp; /* first */
    struct server *server;
    h2o_accept_ctx_t accept;
    uint16_t port;
    bool is_waiting; /* a connection waits because there are too many */
};

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = (struct listener *)(void *)stream;
    struct server *server = listener->server;
    if (status != 0) return;
    if (connections_are_full(server->connections)) {
        listener->is_waiting = true; /* libuv stops accepting until this one is taken */
        return;
    }
    connection_accept(server->connections, stream, &listener->accept, server_now_us(server));
}

void listener_check(struct listener *listener, int64_t now_us)
{
    struct server *server = listener->server;
    if (!listener->is_waiting || connections_are_full(server->connections)) return;
    listener->is_waiting = false;
    connection_accept(server->connections, (uv_stream_t *)&listener->tcp, &listener->accept,
                      now_us);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static enum status socket_listen(const char *address, uint16_t port, int *ret_socket)
{
    struct sockaddr_storage name = { .ss_family = AF_INET };
    socklen_t name_length = sizeof(struct sockaddr_in);
    if (uv_ip4_addr(address, port, (struct sockaddr_in *)&name) != 0) {
        name_length = sizeof(struct sockaddr_in6);
        if (uv_ip6_addr(address, port, (struct sockaddr_in6 *)&name) != 0)
            return STATUS_INVALID_VALUE;
    }
    const int on = 1;
    const int descriptor = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return STATUS_UNAVAILABLE;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
        bind(descriptor, (struct sockaddr *)&name, name_length) != 0) {
        (void)close(descriptor);
        return STATUS_UNAVAILABLE;
    }
    *ret_socket = descriptor;
    return STATUS_OK;
}

static uint16_t socket_port(int descriptor)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);
    if (getsockname(descriptor, (struct sockaddr *)&name, &length) != 0) return 0;
    return ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
                                            : ((struct sockaddr_in *)&name)->sin_port);
}

enum status listener_open(struct server *server, uint16_t port, SSL_CTX *tls,
                          struct listener **ret_listener)
{
    int descriptor;
    TRY(socket_listen(server->options.address, port, &descriptor));
    struct listener *listener = calloc(1, sizeof(*listener));
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
