/* A small server of HTTP or SMTP on a thread of its own, for tests of transfers. Does what its
 * script says and remembers what it was told. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct ssl_st;
struct ssl_ctx_st;

enum { PEER_SEEN_MAX = 512 * 1024, PEER_RULES_MAX = 8 };

/* What is answered to a line that begins with `verb` ("." is the end of a message, "" the
 * connection itself). */
struct peer_rule {
    const char *verb;
    const char *reply; /* NULL: nothing, until the client goes; "": closes the connection */
    unsigned delay_ms;
};

enum peer_tls { PEER_CLEAR, PEER_TLS, PEER_STARTTLS };

struct peer {
    pthread_t thread;
    int listener, port;
    bool is_http, is_started;
    const char *answer; /* HTTP: NULL is nothing, until the client goes */
    size_t padding;     /* HTTP: so many bytes more after it */
    struct peer_rule rules[PEER_RULES_MAX];
    enum peer_tls tls;
    struct ssl_ctx_st *tls_context;
    struct ssl_st *ssl; /* of the connection */
    char *seen;
    size_t seen_length;
    atomic_size_t connections;
    atomic_bool is_silent; /* a rule without a reply has been reached */
};

/* Listens on a port of the loopback; nothing is accepted before peer_start(). */
void peer_open(struct peer *peer);
void peer_start(struct peer *peer);
/* Makes a certificate for the IP address and writes it to `path`, for those who are to trust it. */
void peer_make_certificate(struct peer *peer, const char *address, const char *path);
/* Waits for the thread, so that what was seen can be looked at. */
void peer_stop(struct peer *peer);
void peer_close(struct peer *peer);
