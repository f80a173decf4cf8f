/* One request, read downward. Both are called by server.c at the end of a turn, on the loop's
 * stack. */
#pragma once

#include "gateway/exchange.h"

/* Reads a request that has arrived, or that has waited for keys, and does what it asks for: sends
 * the answer, or asks the backend for it, or parks the request. The exchange may be gone
 * afterwards. */
void serve_request(struct exchange *exchange);
/* Turns what the backend said into the answer and sends it. The exchange may be gone afterwards. */
void serve_answer(struct exchange *exchange);
