/* Who sends a request: its access token or API key becomes the principal that the route asks for.
 * Owns what the server knows of tokens and keys. */
#pragma once

#include "gateway/exchange.h"

/* Makes and frees what is known of tokens and keys. For server.c, as the next two. */
void admit_open(struct server *server);
void admit_close(struct server *server);
/* Asks domains for token keys and ended sessions when it is time; to be called several times a
 * second. */
void admit_tick(struct server *server);
/* True when no question to a domain is under way, so that admit_close() may be called. */
bool admit_is_quiet(const struct server *server);
/* True when the token keys of every surface that has routes are known. */
bool admit_is_ready(const struct server *server);

/* Sets exchange->principal, unless the route is for everybody. `ret_is_parked` is set if the
 * request has to wait for keys: it will be served again from its beginning, once. Statuses: OK,
 * UNAUTHENTICATED, TOKEN_EXPIRED, TOO_MANY_REQUESTS, OVERLOADED, UNAVAILABLE. */
MUST_CHECK enum status admit_principal(struct exchange *exchange, bool *ret_is_parked);
/* Whose tokens a role asks for; PRINCIPAL_NONE if it asks for none. */
enum principal_kind admit_kind_of(enum message_role role);
/* For what outlives an admitted request: the session that ends it beside the principal's own; zero:
 * none. Statuses: OK, UNAVAILABLE (its token is not remembered any more). */
MUST_CHECK enum status admit_find_parent(const struct exchange *exchange, struct uuid *ret_parent);
/* Notes a reply that is OK: a session that was ended through this gateway is refused by it at once.
 */
void admit_note_reply(struct exchange *exchange);
