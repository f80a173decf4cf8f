/* A hostile client on a network of its own (127.0.1.0/24): one kind of attack on the clear port (of
 * handshakes: on that of TLS) for so many seconds, on connections that are opened again when the
 * server hangs up. Prints one JSON object: bytes sent, connections made, and how many of them the
 * server ended. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/attack.h"

enum {
    CONNECTIONS_MAX = 8192,
    PATH_BYTES_MAX = 120,
    DRIP_MS = 200,
    HANDSHAKE_MS = 25 /* between two of them: 200 in 5 s */
};

struct attack attack = { .openings_count = 1 };

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void client_open(struct client *client)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)attack.port),
                                         .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const int on = 1, small = 4096, few = 65536;
    *client = (struct client){ .fd = socket(AF_INET, SOCK_STREAM, 0),
                               .opening = &attack.openings[attack.opened % attack.openings_count],
                               .next_stream = 1 };
    if (client->fd < 0) {
        fprintf(stderr, "attack: socket: %s\n", strerror(errno));
        exit(1);
    }
    if (attack.is_deaf) setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    /* Else the kernel takes it all at once, and who is cut does not notice. */
    if (attack.is_once) setsockopt(client->fd, SOL_SOCKET, SO_SNDBUF, &few, sizeof few);
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

/* What is sent before an answer is awaited. */
static size_t left_to_send(const struct client *client)
{
    const size_t left = attack.repeated.length - client->sent;
    if (attack.batch_bytes == 0) return left;
    const size_t left_of_batch = attack.batch_bytes - client->sent % attack.batch_bytes;
    return left < left_of_batch ? left : left_of_batch;
}

static bool client_attack(struct client *client)
{
    if (client->opening_sent < client->opening->length) {
        const size_t left = client->opening->length - client->opening_sent;
        return client_send(client, client->opening, &client->opening_sent, left);
    }
    if (attack.is_silent || (attack.is_reset && attack.resets >= RESETS_MAX)) return true;
    if (attack.is_slow) {
        if (now_s() - client->dripped_s < DRIP_MS / 1e3) return true;
        client->dripped_s = now_s();
        client->sent = 0;
        return client_send(client, &attack.repeated, &client->sent, attack.repeated.length);
    }
    /* Resets are made anew for each batch: one connection only. */
    if (attack.is_reset && client->sent == 0) attack_make_resets(client);
    const size_t end = client->sent + left_to_send(client);
    const bool is_sent = client_send(client, &attack.repeated, &client->sent, end - client->sent);
    if (client->sent == end) client->answers_due += attack.batch_heads;
    if (client->sent < attack.repeated.length) return is_sent;
    client->sent = 0;
    if (attack.is_once) client->is_done = shutdown(client->fd, SHUT_WR) == 0;
    return is_sent;
}

/* False when the server has hung up. */
static bool client_read(struct client *client)
{
    static uint8_t buffer[65536];
    const ssize_t n = recv(client->fd, buffer, sizeof buffer, 0);
    if (n > 0 && attack.batch_bytes > 0) attack_count_answers(client, buffer, (size_t)n);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static bool wants_to_send(const struct client *client)
{
    if (client->opening_sent < client->opening->length) return true;
    return !attack.is_silent && !attack.is_slow && !client->is_done && client->answers_due <= 0 &&
           !(attack.is_reset && attack.resets >= RESETS_MAX);
}

/* Does what may be done now on a connection; false when the server has hung up. */
static bool client_go_on(struct client *client, int events)
{
    if ((events & (POLLERR | POLLHUP)) != 0) return false;
    if ((events & POLLIN) != 0 && !client_read(client)) return false;
    return (!attack.is_slow && (events & POLLOUT) == 0) || client_attack(client);
}

static void run(struct client *clients, size_t count, double seconds)
{
    static struct pollfd polls[CONNECTIONS_MAX];
    const double began_s = now_s(), until_s = began_s + seconds;
    while (now_s() < until_s) {
        if (attack.is_paced && attack.opened < count &&
            now_s() - began_s >= (double)attack.opened * HANDSHAKE_MS / 1e3)
            client_open(&clients[attack.opened]);
        for (size_t i = 0; i < count; i++) {
            polls[i] =
                (struct pollfd){ .fd = clients[i].fd, .events = attack.is_deaf ? 0 : POLLIN };
            if (clients[i].fd >= 0 && wants_to_send(&clients[i])) polls[i].events |= POLLOUT;
        }
        if (poll(polls, count, attack.is_paced ? 5 : 50) < 0 && errno != EINTR) return;
        for (size_t i = 0; i < count; i++) {
            struct client *client = &clients[i];
            if (client->fd < 0 || client_go_on(client, polls[i].revents)) continue;
            if (!client->is_done) attack.ended++;
            client_end(client);
        }
        if (attack.is_silent && !attack.is_paced) {
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
    attack.port = (int)strtol(argv[2], NULL, 10);
    const size_t count = (size_t)strtoul(argv[3], NULL, 10);
    attack.path = argv[5];
    if (!attack_prepare(argv[1]) || count == 0 || count > CONNECTIONS_MAX ||
        strlen(attack.path) > PATH_BYTES_MAX)
        return 2;
    if (attack.is_reset && count != 1) return 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (size_t i = 0; i < count; i++) {
        clients[i].fd = -1;
        if (!attack.is_paced) client_open(&clients[i]);
    }
    printf("ready\n");
    fflush(stdout);
    run(clients, count, strtod(argv[4], NULL));
    printf("{\"sent\": %zu, \"opened\": %zu, \"ended\": %zu, \"resets\": %zu}\n", attack.sent,
           attack.opened, attack.ended, attack.resets);
    return 0;
}
