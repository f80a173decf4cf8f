/* Live streams (text/event-stream): an answer that goes on. It begins as the answer of its route's
 * query, which refuses what it refuses; then the stream has the request, and its exchange is gone.
 * A stream ends with its token or session, when the server stops, when its query is refused, after
 * STREAM_LIFE_US, and when its client does not read. */
#pragma once

#include "gateway/exchange.h"
#include "runtime/hint.h"

enum { STREAM_HEARTBEAT_US = 15000000 };
#define STREAM_LIFE_US (INT64_C(3600) * 1000000)

struct streams;

/* After admit_open(). */
struct streams *streams_new(struct server *server);
/* All streams must be gone. Clears the pointer, which may be NULL. */
void streams_destroy(struct streams **streams);

/* True if the request asks for a stream, and its route has one. */
bool stream_is_wanted(const struct exchange *exchange);
/* Whether one more may be opened. Statuses: OK, OVERLOADED (there are as many as there may be),
 * TOO_MANY_REQUESTS (the sender or the connection has as many as one may have), STOPPING. */
MUST_CHECK enum status stream_check(const struct exchange *exchange);
/* Answers a request whose query was answered well. The exchange is gone afterwards, but when the
 * status is not OK: those of stream_check(), CORRUPT (the reply is none), UNAVAILABLE (it cannot be
 * known when the token ends). */
MUST_CHECK enum status stream_open(struct exchange *exchange);

/* At the end of each turn. */
void streams_end_turn(struct streams *streams);
/* Ends streams whose time has come, cuts those that are not read, sends heartbeats; to be called
 * several times a second. */
void streams_tick(struct streams *streams, int64_t now_us, int64_t real_us);
/* Ends all. */
void streams_stop(struct streams *streams);
void streams_on_hint(struct streams *streams, const struct hint *hint);
/* True when no question is under way. */
bool streams_are_quiet(const struct streams *streams);
