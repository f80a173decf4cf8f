/* Many asks of one kind: a sweep that finds rows which are due sends one command per row. */
#pragma once

#include "actors/host/request.h"

/* Begins the ask of number `index`, as request_ask_begin(). */
typedef enum status ask_each_begin(struct request *request, const void *context, size_t index,
                                   struct request_ask **ret_ask);

/* Asks `count` times, a few side by side, and waits for all of them. The replies are dropped. A
 * failure does not keep the next few from being asked, unless the node stops; the first one is
 * returned after all have ended. WAITS. Statuses: those of request_ask(). */
MUST_CHECK enum status request_ask_each(struct request *request, size_t count,
                                        ask_each_begin *begin, const void *context);
