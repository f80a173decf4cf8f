/* Who answers requests, as a table of functions: the bus in production, a script in tests. */
#pragma once

#include "runtime/arena.h"
#include "runtime/envelope.h"

struct backend {
    void *context; /* of the functions */
    /* Sends a request to the node that owns its domain and shard, and waits for the answer; its
     * texts and body are in `arena`. WAITS. Statuses: of the transport, as bus_ask(); what the
     * domain says is in ret_reply->status. */
    enum status (*ask)(void *context, const struct envelope *request, int64_t deadline_us,
                       struct arena *arena, struct envelope *ret_reply);
    /* True when every shard of the domain has a node that owns it. */
    bool (*is_ready)(void *context, unsigned domain);
    /* True while every node can be heard saying what is new (server_on_hint()). */
    bool (*hears_hints)(void *context);
};
