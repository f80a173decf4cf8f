/* Who sends a request: an access token or an API key becomes the principal, as the route wants it.
 * Owns what the server knows about both. */
#pragma once

#include "gateway/exchange.h"

/* For server.c: makes, feeds, and frees what is known of tokens. */
void admit_open(struct server *server);
void admit_close(struct server *server);
/* From the loop, several times a second. */
void admit_tick(struct server *server);
/* True when no question is under way. */
bool admit_is_quiet(const struct server *server);
/* True when every surface that has routes has its keys. */
bool admit_is_ready(const struct server *server);

/* Sets exchange->principal. `ret_is_parked`: the request waits for keys and will be run again.
 * Statuses: OK, UNAUTHENTICATED, TOKEN_EXPIRED, TOO_MANY_REQUESTS, OVERLOADED, UNAVAILABLE. */
MUST_CHECK enum status admit_principal(struct exchange *exchange, bool *ret_is_parked);
/* Whose tokens a role wants; NONE when it wants none. */
enum principal_kind admit_kind_of(enum message_role role);
/* Looks at an answer that is good: whoever has signed out here is out here at once. */
void admit_note_reply(struct exchange *exchange);
