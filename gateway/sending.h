/* The last step of a request: its answer leaves. Until libh2o lets go of an answer it is unread:
 * its client has not taken all of it. How many answers are unread, and for how long, is bounded. */
#pragma once

#include "gateway/exchange.h"

/* Hands the answer to libh2o: status and headers are set in exchange->req->res; `body` lives as
 * long as the exchange. On the loop's stack. The exchange may be gone afterwards. */
void sending_start(struct exchange *exchange, struct text body);
/* libh2o has let go of an answer: it is written, or its client is gone. */
void sending_end(struct exchange *exchange);
/* Cuts the connections that do not take their answers in time; to be called several times a
 * second. */
void sending_cut_slow(struct server *server, int64_t now_us);
