/* The bank's HTTP server over libuv; heads are read by the parser of h2o (picohttpparser). */
#include "tests/testbank/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BACKLOG = 128, BUFFER_BYTES = HTTP_HEAD_MAX + HTTP_BODY_MAX, REPLY_HEAD_MAX = 4096 };

/* Of libh2o 2.2.5, which does not install the header that declares them (picohttpparser.h, 2017).
 */
struct phr_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};
int phr_parse_request(const char *buf, size_t len, const char **method, size_t *method_len,
                      const char **path, size_t *path_len, int *minor_version,
                      struct phr_header *headers, size_t *num_headers, size_t last_len);

struct connection {
    uv_tcp_t tcp;
    struct http_server *server;
    struct exchange *exchange; /* under way */
    struct timer deadline;
    struct connection *previous, *next;
    char *buffer;
    size_t length;
    bool is_closing, wants_close;
};

struct exchange {
    struct http_request request;
    struct connection *connection; /* NULL: the client has gone */
    struct arena *arena;
    struct timer delay;
    struct text bytes; /* to be written */
    uv_write_t write;
    bool is_answered, is_writing;
};

struct http_server {
    struct loop *loop;
    void (*on_request)(void *context, struct http_request *request);
    void *context;
    uv_tcp_t listener;
    bool is_listening;
    struct connection *connections;
    size_t connections_count;
};

static void free_exchange(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    if (exchange->connection != NULL) exchange->connection->exchange = NULL;
    arena_destroy(&arena);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    free(connection->buffer);
    free(connection);
}

static void close_connection(struct connection *connection)
{
    if (connection->is_closing) return;
    connection->is_closing = true;
    struct http_server *server = connection->server;
    timer_stop(loop_timers(server->loop), &connection->deadline);
    struct exchange *exchange = connection->exchange;
    if (exchange != NULL) {
        exchange->connection = NULL;
        connection->exchange = NULL;
        timer_stop(loop_timers(server->loop), &exchange->delay);
        if (exchange->is_answered && !exchange->is_writing) free_exchange(exchange);
    }
    if (connection->previous != NULL) connection->previous->next = connection->next;
    if (connection->next != NULL) connection->next->previous = connection->previous;
    if (server->connections == connection) server->connections = connection->next;
    server->connections_count--;
    uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

static void on_deadline(struct timer *timer)
{
    close_connection(CONTAINER_OF(timer, struct connection, deadline));
}

static void set_deadline(struct connection *connection, int64_t wait_us)
{
    struct loop *loop = connection->server->loop;
    timer_start(loop_timers(loop), &connection->deadline, loop_now_us(loop) + wait_us);
}

static void take_requests(struct connection *connection);

static void on_written(uv_write_t *write, int code)
{
    struct exchange *exchange = CONTAINER_OF(write, struct exchange, write);
    struct connection *connection = exchange->connection;
    free_exchange(exchange);
    if (connection == NULL) return;
    if (code != 0 || connection->wants_close) {
        close_connection(connection);
        return;
    }
    set_deadline(connection, HTTP_IDLE_US);
    take_requests(connection);
}

static void write_bytes(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    const uv_buf_t buffer =
        uv_buf_init((char *)(uintptr_t)exchange->bytes.data, (unsigned)exchange->bytes.length);
    exchange->is_writing = true;
    if (uv_write(&exchange->write, (uv_stream_t *)&connection->tcp, &buffer, 1, on_written) != 0) {
        exchange->is_writing = false;
        close_connection(connection);
    }
}

static void on_delay_over(struct timer *timer)
{
    write_bytes(CONTAINER_OF(timer, struct exchange, delay));
}

static const char *reason_of(int code)
{
    switch (code) {
    case 200:
        return "OK";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 402:
        return "Payment Required";
    case 404:
        return "Not Found";
    case 409:
        return "Conflict";
    case 429:
        return "Too Many Requests";
    default:
        return code < 500 ? "Bad Request" : "Internal Server Error";
    }
}

static struct text head_of(struct arena *arena, const struct http_reply *reply, bool closes)
{
    struct text_builder head;
    text_builder_init(&head, arena, REPLY_HEAD_MAX);
    text_builder_add(&head, text_format(arena, "HTTP/1.1 %d %s\r\ncontent-length: %zu\r\n",
                                        reply->code, reason_of(reply->code), reply->body.length));
    const struct {
        const char *name;
        struct text value;
    } fields[] = {
        { "content-type", text_of(reply->content_type) },
        { "location", text_of(reply->location) },
        { "request-id", reply->request_id },
        { "original-request", reply->original_request },
        { "idempotent-replayed", reply->original_request.length > 0 ? TEXT("true") : TEXT("") },
        { "connection", closes ? TEXT("close") : TEXT("") },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        if (fields[i].value.length == 0) continue;
        text_builder_add(&head, text_of(fields[i].name));
        text_builder_add(&head, TEXT(": "));
        text_builder_add(&head, fields[i].value);
        text_builder_add(&head, TEXT("\r\n"));
    }
    text_builder_add(&head, TEXT("cache-control: no-store\r\n\r\n"));
    return text_builder_view(&head);
}

static struct text bytes_of(struct arena *arena, const struct http_reply *reply, bool closes)
{
    if (reply->damage == HTTP_GARBAGE) return TEXT("\x16\x03\x01 what is this?\r\n\r\n{\"id\": ");
    const struct text head = head_of(arena, reply, closes);
    const size_t body = reply->damage == HTTP_HALF ? reply->body.length / 2 : reply->body.length;
    char *bytes = arena_reserve(arena, head.length + body + 1);
    memcpy(bytes, head.data, head.length);
    if (body > 0) memcpy(bytes + head.length, reply->body.data, body);
    return (struct text){ .data = bytes, .length = head.length + body };
}

void http_reply(struct http_request *request, const struct http_reply *reply)
{
    struct exchange *exchange = CONTAINER_OF(request, struct exchange, request);
    struct connection *connection = exchange->connection;
    assert(!exchange->is_answered);
    exchange->is_answered = true;
    if (connection == NULL) {
        free_exchange(exchange);
        return;
    }
    if (reply->damage == HTTP_NOTHING) {
        set_deadline(connection, HTTP_HOLD_US);
        return;
    }
    if (reply->damage == HTTP_CLOSE) {
        close_connection(connection);
        return;
    }
    if (reply->damage != HTTP_WHOLE) connection->wants_close = true;
    exchange->bytes = bytes_of(exchange->arena, reply, connection->wants_close);
    if (reply->delay_us == 0) {
        write_bytes(exchange);
        return;
    }
    struct loop *loop = connection->server->loop;
    timer_start(loop_timers(loop), &exchange->delay, loop_now_us(loop) + reply->delay_us);
}

static struct text find_header(const struct phr_header *headers, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const struct phr_header *header = &headers[i];
        if (header->name != NULL && header->name_len == strlen(name) &&
            strncasecmp(header->name, name, header->name_len) == 0) {
            return (struct text){ .data = header->value, .length = header->value_len };
        }
    }
    return (struct text){ .data = NULL, .length = 0 };
}

/* A request whose framing is not understood ends its connection after a last answer. */
static void refuse_framing(struct connection *connection, int code)
{
    struct arena *arena = arena_new(1024);
    struct exchange *exchange = arena_allocate(arena, sizeof *exchange);
    exchange->arena = arena;
    exchange->connection = connection;
    exchange->delay.on_fire = on_delay_over;
    connection->exchange = exchange;
    connection->wants_close = true;
    const struct http_reply reply = { .code = code };
    http_reply(&exchange->request, &reply);
}

static struct text keep(struct arena *arena, struct text text)
{
    return text.data == NULL ? text : text_copy(arena, text);
}

struct head {
    const char *method, *target;
    size_t method_length, target_length, headers_count;
    struct phr_header headers[HTTP_HEADERS_MAX];
    int minor;
};

static void begin_exchange(struct connection *connection, const struct head *head, struct text body)
{
    struct arena *arena = arena_new(8192);
    struct exchange *exchange = arena_allocate(arena, sizeof *exchange);
    const struct phr_header *headers = head->headers;
    const size_t count = head->headers_count;
    const struct text target = { .data = head->target, .length = head->target_length };
    const char *mark = memchr(target.data, '?', target.length);
    const size_t path_length = mark == NULL ? target.length : (size_t)(mark - target.data);
    struct text query = { .data = NULL, .length = 0 };
    if (mark != NULL) query = (struct text){ mark + 1, target.length - path_length - 1 };
    *exchange = (struct exchange){ .connection = connection, .arena = arena };
    exchange->delay.on_fire = on_delay_over;
    exchange->request = (struct http_request){
        .arena = arena,
        .method = text_copy(arena, (struct text){ head->method, head->method_length }),
        .path = text_copy(arena, (struct text){ target.data, path_length }),
        .query = keep(arena, query),
        .body = text_copy(arena, body),
        .authorization = keep(arena, find_header(headers, count, "authorization")),
        .idempotency_key = keep(arena, find_header(headers, count, "idempotency-key")),
        .stripe_version = keep(arena, find_header(headers, count, "stripe-version")),
        .content_type = keep(arena, find_header(headers, count, "content-type")),
    };
    connection->exchange = exchange;
    const struct text wish = find_header(headers, count, "connection");
    connection->wants_close =
        head->minor == 0 || (wish.length == 5 && strncasecmp(wish.data, "close", 5) == 0);
}

/* The length that the head says, or -1. */
static int64_t body_length_of(const struct head *head)
{
    const struct text length = find_header(head->headers, head->headers_count, "content-length");
    if (find_header(head->headers, head->headers_count, "transfer-encoding").data != NULL)
        return -1;
    int64_t value = 0;
    if (length.data == NULL) return 0;
    if (length.length == 0 || length.data[0] < '0' || length.data[0] > '9') return -1;
    return text_parse_int(length, &value) == STATUS_OK ? value : -1;
}

static void take_requests(struct connection *connection)
{
    if (connection->exchange != NULL || connection->is_closing || connection->length == 0) return;
    struct head head = { .headers_count = HTTP_HEADERS_MAX };
    const int head_length = phr_parse_request(
        connection->buffer, connection->length, &head.method, &head.method_length, &head.target,
        &head.target_length, &head.minor, head.headers, &head.headers_count, 0);
    if (head_length == -1 || (head_length == -2 && connection->length > HTTP_HEAD_MAX)) {
        refuse_framing(connection, 400);
        return;
    }
    if (head_length == -2) return;
    const int64_t body_length = body_length_of(&head);
    if (body_length < 0 || body_length > HTTP_BODY_MAX || head_length > HTTP_HEAD_MAX) {
        refuse_framing(connection, body_length > HTTP_BODY_MAX ? 413 : 400);
        return;
    }
    const size_t whole = (size_t)head_length + (size_t)body_length;
    if (connection->length < whole) return;
    const struct text body = { connection->buffer + head_length, (size_t)body_length };
    begin_exchange(connection, &head, body);
    connection->length -= whole;
    memmove(connection->buffer, connection->buffer + whole, connection->length);
    struct http_server *server = connection->server;
    timer_stop(loop_timers(server->loop), &connection->deadline);
    server->on_request(server->context, &connection->exchange->request);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct connection *connection = handle->data;
    *buffer = uv_buf_init(connection->buffer + connection->length,
                          (unsigned)(BUFFER_BYTES - connection->length));
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    (void)buffer;
    struct connection *connection = stream->data;
    if (length < 0) {
        close_connection(connection);
        return;
    }
    connection->length += (size_t)length;
    take_requests(connection);
}

static void on_connection(uv_stream_t *listener, int code)
{
    struct http_server *server = listener->data;
    if (code != 0) return;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) abort();
    connection->buffer = malloc(BUFFER_BYTES);
    if (connection->buffer == NULL) abort();
    connection->server = server;
    connection->tcp.data = connection;
    connection->deadline.on_fire = on_deadline;
    if (uv_tcp_init(loop_uv(server->loop), &connection->tcp) != 0) abort();
    connection->next = server->connections;
    if (connection->next != NULL) connection->next->previous = connection;
    server->connections = connection;
    server->connections_count++;
    set_deadline(connection, HTTP_IDLE_US);
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0 ||
        server->connections_count > HTTP_CONNECTIONS_MAX ||
        uv_tcp_nodelay(&connection->tcp, 1) != 0 ||
        uv_read_start((uv_stream_t *)&connection->tcp, on_allocate, on_read) != 0) {
        close_connection(connection);
    }
}

struct http_server *http_server_new(struct loop *loop,
                                    void (*on_request)(void *context, struct http_request *request),
                                    void *context)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) abort();
    server->loop = loop;
    server->on_request = on_request;
    server->context = context;
    return server;
}

enum status http_server_listen(struct http_server *server, int port)
{
    struct sockaddr_in address;
    if (uv_ip4_addr("127.0.0.1", port, &address) != 0) return STATUS_UNAVAILABLE;
    if (uv_tcp_init(loop_uv(server->loop), &server->listener) != 0) return STATUS_UNAVAILABLE;
    server->listener.data = server;
    server->is_listening = true;
    if (uv_tcp_bind(&server->listener, (const struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection) != 0) {
        return STATUS_UNAVAILABLE;
    }
    return STATUS_OK;
}

void http_server_destroy(struct http_server **server)
{
    if (*server == NULL) return;
    while ((*server)->connections != NULL)
        close_connection((*server)->connections);
    if ((*server)->is_listening) {
        uv_close((uv_handle_t *)&(*server)->listener, NULL);
        (void)uv_run(loop_uv((*server)->loop), UV_RUN_NOWAIT);
    }
    free(*server);
    *server = NULL;
}
