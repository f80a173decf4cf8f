/* Replays prepared requests over HTTP/2 in clear, each once, with so many connections and streams,
 * and prints how long they took: a load client for calls that cannot be repeated, such as
 * checkouts. Input lines: method TAB path TAB token TAB key TAB body TAB signature (of an event of
 * a provider); all but the first two may be empty. Output: one JSON object; and, if a fifth
 * argument names a file, the answers in the order of the input, one per line: status TAB body.
 * REPLAY_FROM in the environment is the address that it connects from. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, STATUSES_MAX = 600, RUN_SECONDS_MAX = 300, OUTPUT_MAX = 65536 };

struct prepared {
    char *method, *path, *token, *key, *body, *signature;
    int status;
    char *answer; /* kept only when it is asked for */
    size_t answer_length;
};

struct exchange {
    struct prepared *request;
    double started_s;
    size_t sent;
    int status;
};

struct client {
    int fd;
    nghttp2_session *session;
    unsigned streams; /* under way */
    uint8_t *output;  /* OUTPUT_MAX: what one turn has to say, in one piece */
    size_t output_length;
    bool is_full; /* the kernel takes no more for now */
};

static struct {
    struct prepared *requests;
    size_t requests_count, next, done, failed;
    double *latencies_s;
    size_t statuses[STATUSES_MAX];
    unsigned streams_max;
    char authority[32];
    bool keeps_answers;
} run;

static void give_up(const char *what)
{
    fprintf(stderr, "replay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static nghttp2_nv header(const char *name, const char *value)
{
    return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name,
                         .value = (uint8_t *)(uintptr_t)value,
                         .namelen = strlen(name),
                         .valuelen = strlen(value) };
}

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t capacity,
                         uint32_t *flags, nghttp2_data_source *source, void *context)
{
    struct exchange *exchange = source->ptr;
    const size_t left = strlen(exchange->request->body) - exchange->sent;
    const size_t part = left < capacity ? left : capacity;
    (void)session;
    (void)stream;
    (void)context;
    memcpy(buffer, exchange->request->body + exchange->sent, part);
    exchange->sent += part;
    if (part == left) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)part;
}

static void begin(struct client *client)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) give_up("no memory");
    struct prepared *request = &run.requests[run.next++];
    exchange->request = request;
    exchange->started_s = now_s();
    nghttp2_nv headers[8] = { header(":method", request->method), header(":scheme", "http"),
                              header(":authority", run.authority), header(":path", request->path) };
    char bearer[2048];
    size_t count = 4;
    if (request->token[0] != '\0') {
        snprintf(bearer, sizeof bearer, "Bearer %s", request->token);
        headers[count++] = header("authorization", bearer);
    }
    if (request->key[0] != '\0') headers[count++] = header("idempotency-key", request->key);
    if (request->body[0] != '\0') headers[count++] = header("content-type", "application/json");
    if (request->signature[0] != '\0')
        headers[count++] = header("stripe-signature", request->signature);
    const nghttp2_data_provider body = { .source.ptr = exchange, .read_callback = read_body };
    if (nghttp2_submit_request(client->session, NULL, headers, count,
                               request->body[0] != '\0' ? &body : NULL, exchange) < 0)
        give_up("submit");
    client->streams++;
}

static void fill(struct client *client)
{
    while (client->streams < run.streams_max && run.next < run.requests_count)
        begin(client);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
                     void *context)
{
    (void)flags;
    (void)context;
    (void)value_length;
    struct exchange *exchange = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (exchange != NULL && name_length == 7 && memcmp(name, ":status", 7) == 0)
        exchange->status = (int)strtol((const char *)value, NULL, 10);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                   size_t length, void *context)
{
    (void)flags;
    (void)context;
    struct exchange *exchange = nghttp2_session_get_stream_user_data(session, stream);
    if (exchange == NULL || !run.keeps_answers) return 0;
    struct prepared *request = exchange->request;
    request->answer = realloc(request->answer, request->answer_length + length);
    if (request->answer == NULL) give_up("no memory");
    memcpy(request->answer + request->answer_length, data, length);
    request->answer_length += length;
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *context)
{
    struct client *client = context;
    struct exchange *exchange = nghttp2_session_get_stream_user_data(session, stream);
    if (exchange == NULL) return 0;
    exchange->request->status = exchange->status;
    run.latencies_s[run.done++] = now_s() - exchange->started_s;
    if (error != 0 || exchange->status <= 0 || exchange->status >= STATUSES_MAX)
        run.failed++;
    else
        run.statuses[exchange->status]++;
    free(exchange);
    client->streams--;
    fill(client);
    return 0;
}

static void push(struct client *client)
{
    size_t sent = 0;
    client->is_full = false;
    while (sent < client->output_length && !client->is_full) {
        const ssize_t length =
            send(client->fd, client->output + sent, client->output_length - sent, MSG_NOSIGNAL);
        if (length < 0 && errno != EAGAIN) give_up("send");
        client->is_full = length < 0;
        if (length > 0) sent += (size_t)length;
    }
    memmove(client->output, client->output + sent, client->output_length - sent);
    client->output_length -= sent;
}

/* Frame by frame they would be as many system calls, of ours and of the server's. */
static void say(struct client *client)
{
    push(client);
    while (!client->is_full) {
        const uint8_t *frames;
        const ssize_t length = nghttp2_session_mem_send(client->session, &frames);
        if (length < 0) give_up("frames");
        if (length == 0) break;
        assert((size_t)length <= OUTPUT_MAX - client->output_length);
        memcpy(client->output + client->output_length, frames, (size_t)length);
        client->output_length += (size_t)length;
        if (client->output_length > OUTPUT_MAX / 2) push(client); /* the longest frame fits */
    }
    push(client);
}

static void open_client(struct client *client, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    const int on = 1;
    client->output = malloc(OUTPUT_MAX);
    if (client->output == NULL) give_up("no memory");
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in own = { .sin_family = AF_INET };
    const char *from = getenv("REPLAY_FROM");
    if (from != NULL && (inet_pton(AF_INET, from, &own.sin_addr) != 1 ||
                         bind(client->fd, (struct sockaddr *)&own, sizeof own) != 0))
        give_up("bind");
    if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("connect");
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_client_new(&client->session, callbacks, client);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = { { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20 } };
    nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, settings, 1);
}

static void receive(struct client *client)
{
    static uint8_t buffer[65536];
    for (;;) {
        const ssize_t length = recv(client->fd, buffer, sizeof buffer, 0);
        if (length < 0 && errno == EAGAIN) return;
        if (length <= 0) give_up("the server closed a connection");
        if (nghttp2_session_mem_recv(client->session, buffer, (size_t)length) < 0)
            give_up("protocol");
        if (length < (ssize_t)sizeof buffer) return;
    }
}

static void drive(struct client *clients, size_t count)
{
    static struct pollfd polls[CONNECTIONS_MAX];
    const double until_s = now_s() + RUN_SECONDS_MAX;
    for (size_t i = 0; i < count; i++)
        fill(&clients[i]);
    while (run.done < run.requests_count && now_s() < until_s) {
        for (size_t i = 0; i < count; i++) {
            say(&clients[i]);
            polls[i] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
            if (clients[i].is_full) polls[i].events |= POLLOUT;
        }
        if (poll(polls, count, 1000) < 0 && errno != EINTR) give_up("poll");
        for (size_t i = 0; i < count; i++) {
            if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) receive(&clients[i]);
        }
    }
}

static char *field(char **line)
{
    char *start = *line, *tab = strchr(start, '\t');
    if (tab != NULL) {
        *tab = '\0';
        *line = tab + 1;
    } else {
        *line = start + strlen(start);
    }
    return start;
}

static void load(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t capacity = 0, room = 0;
    char *line = NULL;
    ssize_t length;
    if (file == NULL) give_up(path);
    while ((length = getline(&line, &room, file)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = '\0';
        if (run.requests_count == capacity) {
            capacity = capacity == 0 ? 1024 : capacity * 2;
            run.requests = realloc(run.requests, capacity * sizeof *run.requests);
            if (run.requests == NULL) give_up("no memory");
        }
        char *rest = strdup(line);
        struct prepared *request = &run.requests[run.requests_count++];
        *request = (struct prepared){ 0 };
        request->method = field(&rest);
        request->path = field(&rest);
        request->token = field(&rest);
        request->key = field(&rest);
        request->body = field(&rest);
        request->signature = field(&rest);
    }
    free(line);
    fclose(file);
    run.latencies_s = calloc(run.requests_count + 1, sizeof *run.latencies_s);
    if (run.latencies_s == NULL) give_up("no memory");
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void print_result(double seconds)
{
    qsort(run.latencies_s, run.done, sizeof(double), compare);
    const size_t last = run.done == 0 ? 0 : run.done - 1;
    printf("{\"requests\": %zu, \"done\": %zu, \"failed\": %zu, \"seconds\": %.4f, \"rate\": %.1f, "
           "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"statuses\": {",
           run.requests_count, run.done, run.failed, seconds, (double)run.done / seconds,
           1000 * run.latencies_s[last / 2], 1000 * run.latencies_s[last * 99 / 100]);
    const char *comma = "";
    for (size_t i = 0; i < STATUSES_MAX; i++) {
        if (run.statuses[i] == 0) continue;
        printf("%s\"%zu\": %zu", comma, i, run.statuses[i]);
        comma = ", ";
    }
    printf("}}\n");
}

static void write_answers(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) give_up(path);
    for (size_t i = 0; i < run.requests_count; i++) {
        const struct prepared *request = &run.requests[i];
        fprintf(file, "%d\t%.*s\n", request->status, (int)request->answer_length,
                request->answer == NULL ? "" : request->answer);
    }
    if (fclose(file) != 0) give_up(path);
}

int main(int argc, char **argv)
{
    static struct client clients[CONNECTIONS_MAX];
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: replay PORT CONNECTIONS STREAMS FILE [ANSWERS]\n");
        return 2;
    }
    const int port = (int)strtol(argv[1], NULL, 10);
    const size_t count = (size_t)strtoul(argv[2], NULL, 10);
    run.streams_max = (unsigned)strtoul(argv[3], NULL, 10);
    if (count == 0 || count > CONNECTIONS_MAX || run.streams_max == 0) return 2;
    run.keeps_answers = argc == 6;
    load(argv[4]);
    snprintf(run.authority, sizeof run.authority, "127.0.0.1:%d", port);
    for (size_t i = 0; i < count; i++)
        open_client(&clients[i], port);
    const double started_s = now_s();
    drive(clients, count);
    print_result(now_s() - started_s);
    if (run.keeps_answers) write_answers(argv[5]);
    return run.done == run.requests_count && run.failed == 0 ? 0 : 1;
}
