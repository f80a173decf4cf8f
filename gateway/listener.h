/* A listening socket of the server, TLS or clear. Included by gateway/ only. */
#pragma once

#include <openssl/ssl.h>

#include "gateway/server_parts.h"

struct listener;

/* Listens on the server's address; several gateways may share one. `tls` is NULL for clear text.
 * Statuses: OK, UNAVAILABLE (cannot listen), INVALID_VALUE (not an address). */
MUST_CHECK enum status listener_open(struct server *server, uint16_t port, SSL_CTX *tls,
                                     struct listener **ret_listener);
/* Stops listening; libuv frees it later. Clears the pointer, which may be NULL already. */
void listener_close(struct listener **listener);
/* 0 for NULL. */
uint16_t listener_port(const struct listener *listener);
/* Takes the connection that waits, if there is room now; to be called at the end of each turn. */
void listener_check(struct listener *listener);
