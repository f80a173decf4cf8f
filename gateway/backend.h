/* The part of the house that answers requests, as a small table: the bus in production, a script in
 * tests. */
#pragma once

#include "runtime/arena.h"
#include "runtime/envelope.h"

struct backend {
    void *context;
    /* Sends a request to the owner of its domain and shard and waits for the answer, whose texts
     * and body are copied into `arena`. WAITS. Statuses of the transport, as bus_ask(). */
    enum status (*ask)(void *context, const struct envelope *request, int64_t deadline_us,
                       struct arena *arena, struct envelope *ret_reply);
    /* True when every shard of the domain has a ready owner. */
    bool (*is_ready)(void *context, unsigned domain);
};
