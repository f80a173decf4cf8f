/* The h2o side of the limit lines: libuv, no delay, answers that outlive their client
 * (gateway/README.md, Decisions: an exchange outlives its request). */
#include "tests/bench/limit_front.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/bench/limit_hop.h"

struct slot {
    h2o_req_t *req; /* NULL once it was cancelled */
    struct slot **guard;
    uint32_t next_free;
};

static struct {
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    uv_tcp_t listener;
    struct hop hop;
    struct slot slots[FRONT_SLOTS_MAX];
    uint32_t first_free;
} front;

void front_give_up(const char *what)
{
    fprintf(stderr, "limit: %s\n", what);
    exit(1);
}

static void on_accept(uv_stream_t *listener, int status)
{
    if (status != 0) return;
    uv_tcp_t *connection = h2o_mem_alloc(sizeof *connection);
    uv_tcp_init(listener->loop, connection);
    if (uv_accept(listener, (uv_stream_t *)connection) != 0) {
        uv_close((uv_handle_t *)connection, (uv_close_cb)free);
        return;
    }
    uv_tcp_nodelay(connection, 1);
    h2o_accept(&front.accept, h2o_uv_socket_create((uv_stream_t *)connection, (uv_close_cb)free));
}

void front_use_tls(const char *certificate_path, const char *key_path)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1 ||
        SSL_CTX_use_certificate_chain_file(context, certificate_path) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1)
        front_give_up("no TLS");
    h2o_ssl_register_alpn_protocols(context, h2o_http2_alpn_protocols);
    front.accept.ssl_ctx = context;
}

void front_listen(uv_loop_t *loop, int port, int (*on_request)(h2o_handler_t *, h2o_req_t *))
{
    struct sockaddr_in address;
    (void)signal(SIGPIPE, SIG_IGN);
    h2o_config_init(&front.config);
    h2o_hostconf_t *host =
        h2o_config_register_host(&front.config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;
    h2o_context_init(&front.context, loop, &front.config);
    front.accept.ctx = &front.context;
    front.accept.hosts = front.config.hosts;
    uv_ip4_addr("127.0.0.1", port, &address);
    if (uv_tcp_init(loop, &front.listener) != 0 ||
        uv_tcp_bind(&front.listener, (const struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&front.listener, 512, on_accept) != 0)
        front_give_up("cannot listen");
}

void front_answer(h2o_req_t *req, const char *body, size_t length)
{
    static h2o_generator_t generator;
    h2o_iovec_t copy = h2o_strdup(&req->pool, body, length);
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = length;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/json"));
    h2o_start_response(req, &generator);
    h2o_send(req, &copy, 1, H2O_SEND_STATE_FINAL);
}

static void on_pool_disposed(void *guard)
{
    struct slot *slot = *(struct slot **)guard;
    if (slot != NULL) slot->req = NULL;
}

static int relay_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    const uint32_t number = front.first_free;
    if (number == FRONT_SLOTS_MAX) front_give_up("too many requests at once");
    struct slot *slot = &front.slots[number];
    front.first_free = slot->next_free;
    slot->req = req;
    slot->guard = h2o_mem_alloc_shared(&req->pool, sizeof(struct slot *), on_pool_disposed);
    *slot->guard = slot;
    hop_send(&front.hop, number, req->path.base, req->path.len);
    return 0;
}

static void relay_answer(void *context, uint32_t number, const char *bytes, size_t length)
{
    (void)context;
    struct slot *slot = &front.slots[number];
    if (slot->req != NULL) {
        *slot->guard = NULL;
        front_answer(slot->req, bytes, length);
    }
    slot->next_free = front.first_free;
    front.first_free = number;
}

void front_relay(int port, const char *endpoint)
{
    for (uint32_t i = 0; i < FRONT_SLOTS_MAX; i++)
        front.slots[i].next_free = i + 1;
    hop_open(&front.hop, uv_default_loop(), endpoint, true, relay_answer, NULL);
    front_listen(uv_default_loop(), port, relay_request);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    exit(0);
}

void front_fork_back(void (*back)(void *argument), void *argument)
{
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) front_give_up("cannot fork");
    if (child > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    back(argument);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    _exit(0);
}
