/* A listening socket of the server, TLS or clear. Included by the HTTP server's own files only. */
#pragma once

#include <openssl/ssl.h>

#include "gateway/server_parts.h"

struct listener;

/* Listens on a port of the server's address (0: any free one). Several gateways may share one: the
 * kernel spreads connections over them. `tls` is NULL for clear text.
 * Statuses: OK, UNAVAILABLE (cannot listen), INVALID_VALUE (not an address). */
MUST_CHECK enum status listener_open(struct server *server, uint16_t port, SSL_CTX *tls,
                                     struct listener **ret_listener);
/* Connections that are accepted from now on use this certificate; those that are open keep theirs.
 */
void listener_set_tls(struct listener *listener, SSL_CTX *tls);
/* Stops listening and clears the pointer, which may be NULL. The memory is freed in a later phase
 * of the loop. */
void listener_close(struct listener **listener);
/* The port that it listens on; 0 for NULL. */
uint16_t listener_port(const struct listener *listener);
/* Accepts the connection that waits, if there is room now; to be called at the end of each turn. */
void listener_check(struct listener *listener);
