/* What a request waits for: the answer of a domain, or keys; and its end, when nothing waits for it
 * any more. */
#pragma once

#include "gateway/exchange.h"

/* Asks the backend for exchange->request in a fiber, at once or when others of the same asker have
 * been answered (waiting_go_on()). The exchange is then appended to server->answered, with
 * `outcome` and `reply` set, unless its client has left: then it is freed, and not even asked for
 * if it was still queued. Statuses: OK, OVERLOADED (no fiber is free). */
MUST_CHECK enum status waiting_ask(struct exchange *exchange);
/* Asks for queued requests whose share is free again; at the end of each turn. */
void waiting_go_on(struct server *server);
/* Answers queued requests whose deadline has come; to be called several times a second. */
void waiting_expire(struct server *server, int64_t now_us);
/* Parks a request that cannot be judged without keys that are being asked for; at most once each.
 */
void waiting_park(struct exchange *exchange);
/* Takes a request out of those that are parked, if it is there. */
void waiting_unpark(struct exchange *exchange);
/* libh2o's request has ended: frees the exchange now, or when the backend has answered. */
void waiting_release(struct exchange *exchange);
