/* Serves one connection after the other, with blocking calls, by a script. */
#include "tests/runtime/peer.h"

#include <assert.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t receive(struct peer *peer, int socket, char *bytes, size_t size)
{
    if (peer->ssl != NULL) return SSL_read(peer->ssl, bytes, (int)size);
    return recv(socket, bytes, size, 0);
}

static void send_bytes(struct peer *peer, int socket, const char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t sent = peer->ssl != NULL ? SSL_write(peer->ssl, bytes, (int)length)
                                               : send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

static bool start_tls(struct peer *peer, int socket)
{
    peer->ssl = SSL_new(peer->tls_context);
    assert(peer->ssl != NULL);
    (void)SSL_set_fd(peer->ssl, socket);
    return SSL_accept(peer->ssl) == 1;
}

/* Reads until what came since `start` ends as told; false when the client has gone. */
static bool read_until(struct peer *peer, int socket, size_t start, const char *end)
{
    const size_t end_length = strlen(end);
    while (peer->seen_length < PEER_SEEN_MAX - 1) {
        if (peer->seen_length >= start + end_length &&
            memcmp(peer->seen + peer->seen_length - end_length, end, end_length) == 0)
            return true;
        if (receive(peer, socket, peer->seen + peer->seen_length, 1) != 1) return false;
        peer->seen_length++;
        peer->seen[peer->seen_length] = '\0';
    }
    return false;
}

static void fall_silent(struct peer *peer, int socket)
{
    char bytes[1024];
    atomic_store(&peer->is_silent, true);
    while (receive(peer, socket, bytes, sizeof bytes) > 0)
        ;
}

/* False when the connection is to be closed. */
static bool reply_to(struct peer *peer, int socket, const char *verb, const char *usual)
{
    const char *reply = usual;
    for (size_t i = 0; i < PEER_RULES_MAX && peer->rules[i].verb != NULL; i++) {
        const struct peer_rule *rule = &peer->rules[i];
        if (strcmp(rule->verb, verb) != 0) continue;
        reply = rule->reply;
        if (rule->delay_ms > 0) (void)usleep(rule->delay_ms * 1000);
    }
    if (reply == NULL) fall_silent(peer, socket);
    if (reply == NULL || reply[0] == '\0') return false;
    send_bytes(peer, socket, reply, strlen(reply));
    return true;
}

static void serve_smtp(struct peer *peer, int socket)
{
    static const char *const verbs[] = { "EHLO", "HELO", "MAIL", "RCPT",
                                         "DATA", "QUIT", "AUTH", "STARTTLS" };
    bool goes_on = reply_to(peer, socket, "", "220 peer\r\n");
    while (goes_on) {
        const size_t start = peer->seen_length;
        if (!read_until(peer, socket, start, "\n")) return;
        const char *verb = "?";
        for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
            if (strncmp(peer->seen + start, verbs[i], strlen(verbs[i])) == 0) verb = verbs[i];
        }
        const char *usual = "250 fine\r\n";
        if (strcmp(verb, "EHLO") == 0) usual = "250-peer\r\n250 8BITMIME\r\n";
        if (strcmp(verb, "DATA") == 0) usual = "354 go on\r\n";
        if (strcmp(verb, "STARTTLS") == 0) usual = "220 go on\r\n";
        if (strcmp(verb, "QUIT") == 0) usual = "221 bye\r\n";
        if (strcmp(verb, "EHLO") == 0 && peer->tls == PEER_STARTTLS && peer->ssl == NULL)
            usual = "250-peer\r\n250 STARTTLS\r\n";
        goes_on = reply_to(peer, socket, verb, usual);
        if (strcmp(verb, "STARTTLS") == 0 && !start_tls(peer, socket)) return;
        if (strcmp(verb, "DATA") != 0 || !goes_on) continue;
        if (!read_until(peer, socket, peer->seen_length, "\r\n.\r\n")) return;
        goes_on = reply_to(peer, socket, ".", "250 queued as 1\r\n");
    }
}

static void serve_http(struct peer *peer, int socket)
{
    const size_t start = peer->seen_length;
    if (!read_until(peer, socket, start, "\r\n\r\n")) return;
    const char *length = strcasestr(peer->seen + start, "content-length:");
    size_t left = length == NULL ? 0 : strtoul(length + 15, NULL, 10);
    for (; left > 0 && peer->seen_length < PEER_SEEN_MAX - 1; left--) {
        if (receive(peer, socket, peer->seen + peer->seen_length, 1) != 1) return;
        peer->seen[++peer->seen_length] = '\0';
    }
    if (peer->answer == NULL) {
        fall_silent(peer, socket);
        return;
    }
    send_bytes(peer, socket, peer->answer, strlen(peer->answer));
    for (size_t i = 0; i < peer->padding; i++)
        send_bytes(peer, socket, "x", 1);
}

static void *serve(void *argument)
{
    struct peer *peer = argument;
    for (;;) {
        const int socket = accept(peer->listener, NULL, NULL);
        if (socket < 0) return NULL;
        atomic_fetch_add(&peer->connections, 1);
        if (peer->tls == PEER_TLS && !start_tls(peer, socket))
            ; /* the client has refused */
        else if (peer->is_http)
            serve_http(peer, socket);
        else
            serve_smtp(peer, socket);
        SSL_free(peer->ssl);
        peer->ssl = NULL;
        (void)close(socket);
    }
}

void peer_open(struct peer *peer)
{
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(peer->listener >= 0);
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int result = bind(peer->listener, (const struct sockaddr *)&address, length);
    assert(result == 0);
    result = getsockname(peer->listener, (struct sockaddr *)&address, &length);
    assert(result == 0);
    result = listen(peer->listener, 64);
    assert(result == 0);
    peer->port = ntohs(address.sin_port);
    peer->seen = calloc(1, PEER_SEEN_MAX);
    assert(peer->seen != NULL);
}

void peer_start(struct peer *peer)
{
    const int result = pthread_create(&peer->thread, NULL, serve, peer);
    assert(result == 0);
    peer->is_started = true;
}

void peer_stop(struct peer *peer)
{
    (void)shutdown(peer->listener, SHUT_RDWR); /* ends accept() */
    if (peer->is_started) (void)pthread_join(peer->thread, NULL);
    peer->is_started = false;
}

void peer_close(struct peer *peer)
{
    peer_stop(peer);
    (void)close(peer->listener);
    SSL_CTX_free(peer->tls_context);
    free(peer->seen);
}

void peer_make_certificate(struct peer *peer, const char *address, const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    assert(key != NULL);
    assert(certificate != NULL);
    (void)X509_set_version(certificate, X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    (void)X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"peer", -1,
                                     -1, 0);
    (void)X509_set_issuer_name(certificate, name);
    char alternative[64];
    (void)snprintf(alternative, sizeof alternative, "IP:%s", address);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
    assert(extension != NULL);
    (void)X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    int result = X509_sign(certificate, key, EVP_sha256());
    assert(result > 0);
    FILE *file = fopen(path, "w");
    assert(file != NULL);
    result = PEM_write_X509(file, certificate);
    assert(result == 1);
    (void)fclose(file);
    peer->tls_context = SSL_CTX_new(TLS_server_method());
    assert(peer->tls_context != NULL);
    (void)SSL_CTX_use_certificate(peer->tls_context, certificate);
    (void)SSL_CTX_use_PrivateKey(peer->tls_context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
}
