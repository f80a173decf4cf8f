/* Messages between processes: one receive-only ROUTER per lane (control, data), one send-only
 * DEALER per peer and lane, one frame per link and loop turn, credits, deadlines. ZeroMQ's
 * descriptor is edge-triggered and signals commands, not messages: every poll and every send is
 * followed by a drain (runtime/README.md, Decisions: the descriptor only wakes). A message to the
 * own process takes a local queue instead of a socket. */
#pragma once

#include "runtime/fiber.h"
#include "runtime/hint.h"
#include "runtime/loop.h"
#include "runtime/members.h"

struct bus;

enum { BUS_HEARD_US = 3000000 /* peers speak every half second */, BUS_GOODBYE_MS = 500 };

/* Where a reply goes. A value: copy it freely. */
struct return_address {
    char member[MEMBER_NAME_MAX + 1];
    enum member_kind kind; /* of the sender, proved by its frame */
    uint64_t incarnation;
    uint64_t count; /* in which the request was counted: a private matter of the bus */
    uint64_t ask;
    uint16_t number;
};

struct bus_options {
    struct loop *loop;
    struct fibers *fibers;
    const char *name; /* the member's */
    enum member_kind kind;
    const char *run_dir; /* 0700; holds the sockets; the agent is at ipc://RUN_DIR/agent */
    const struct mesh_keys *keys;
    size_t credit_messages; /* a peer may have that many unanswered messages under way to us */
    size_t queue_max;       /* messages that wait for credit, per link */
    uint32_t domains;
    uint8_t shard_first, shard_last;
    void *context;
    /* A request arrived (views valid during the call). Must be answered once by bus_reply(), now or
     * later; the credit returns to the sender with that. */
    void (*on_request)(void *context, const struct envelope *envelope,
                       const struct return_address *from);
    /* May be NULL. */
    void (*on_hint)(void *context, const struct hint *hint);
    /* A node's hints, any of them, may have been lost; may be NULL. What was committed before a
     * node became a peer was not hinted at either, which on_members says. */
    void (*on_hints_lost)(void *context);
    /* A new snapshot was taken over; may be NULL. */
    void (*on_members)(void *context, const struct members *members);
};

/* Binds the sockets under a fresh incarnation and joins through the agent (again whenever the agent
 * was away). Statuses: OK, UNAVAILABLE (cannot bind). */
MUST_CHECK enum status bus_new(const struct bus_options *options, struct bus **ret_bus);
/* Closes every socket; asks under way end with STOPPING. A client says goodbye to the agent, so
 * that its place is free for the next one, and may wait BUS_GOODBYE_MS for that. */
void bus_destroy(struct bus **bus);

/* Tells the agent, and so every peer, that this node has claimed its shards (or no longer serves).
 */
void bus_set_ready(struct bus *bus, bool is_ready);
const struct members *bus_members(const struct bus *bus);
/* True if the agent's link has taken all that was said to it: it is there, whatever it answers. */
bool bus_reaches_agent(const struct bus *bus);
/* True if somebody owns the shard and, unless that is this very process, has been heard on its link
 * within the last BUS_HEARD_US: what bus_members() says may be older than a node's silence. */
bool bus_hears_owner(const struct bus *bus, unsigned domain, unsigned shard);
/* True if there is a node, and every node that is a peer has been heard on the lane of its hints
 * within the last BUS_HEARD_US: then nothing can have changed for longer without a hint. */
bool bus_hears_hints(const struct bus *bus);
uint64_t bus_incarnation(const struct bus *bus);

/* Sends a request to the owner of (envelope->domain, envelope->shard), or for a zero key to any
 * ready node of the domain (this process first), and waits for the answer. Sets ask, budget_ms and
 * kind. The reply's texts and body are copied into `arena`. WAITS. Statuses of the transport: OK
 * (an answer came; its own status is in ret_reply->status), OVERLOADED, UNAVAILABLE (nobody owns
 * the shard, or the peer went away), DEADLINE_EXCEEDED, STOPPING. */
MUST_CHECK enum status bus_ask(struct bus *bus, const struct envelope *request, int64_t deadline_us,
                               struct arena *arena, struct envelope *ret_reply);

/* The same in two halves, so that one fiber may have several under way. bus_ask_end() must be
 * called for each begin that returned OK. */
struct bus_ask;
MUST_CHECK enum status bus_ask_begin(struct bus *bus, const struct envelope *request,
                                     int64_t deadline_us, struct arena *arena,
                                     struct bus_ask **ret_ask);
MUST_CHECK enum status bus_ask_end(struct bus *bus, struct bus_ask **ask,
                                   struct envelope *ret_reply);

/* Answers; kind, ask and number are set from `to`. Lost if the asker is gone. */
void bus_reply(struct bus *bus, const struct return_address *to, const struct envelope *reply);
/* Tells every peer; may be lost, and then the peer is told so (on_hints_lost) as soon as it can be.
 */
void bus_hint(struct bus *bus, const struct hint *hint);
