/* A picture on its way in: from the bytes of a request to files that are kept and a field that
 * names them; and on its way out, of routes that answer with one. */
#pragma once

#include "gateway/exchange.h"

/* Of a route that takes a picture: decodes it, keeps its files, and makes exchange->request.body
 * with it; does nothing of other routes. In the fiber of the request. WAITS. Statuses: OK, those of
 * picture_decode() and picture_store_put(), and UNAVAILABLE (the domain is away, or its files are
 * just being deleted). */
MUST_CHECK enum status picture_intake(struct exchange *exchange);
/* Its client has left, so that the bytes are about to go. */
void picture_intake_abandon(struct exchange *exchange);
/* Of a route that answers with a picture: reads the one that exchange->reply names, which becomes
 * exchange->picture; does nothing of others, or when the domain has refused. In the fiber of the
 * request. WAITS. Statuses: OK, those of picture_store_get(), CORRUPT. */
MUST_CHECK enum status picture_fetch(struct exchange *exchange);
