/* Processes that listen in a directory since before the agent started: it asks each of them to join
 * before it speaks, since a snapshot without them would cut them off. */
#pragma once

#include "runtime/members.h"
#include "runtime/outbox.h"

struct listener {
    struct outbox outbox;
    uint64_t incarnation; /* 0: answered, or given up */
};

struct listeners {
    struct listener list[MEMBERS_MAX];
    size_t count, left; /* found; and those that have not answered */
};

/* Looks for control sockets in `run_dir`; asks those behind which somebody listens, and removes the
 * others. `header` is the agent's, proved. */
void listeners_ask(struct listeners *listeners, const char *run_dir, struct net *net,
                   const struct frame_header *header);
/* Sends what could not be sent. True if somebody's link does not take it yet. */
bool listeners_flush(struct listeners *listeners);
/* One has answered. */
void listeners_answered(struct listeners *listeners, uint64_t incarnation);
/* Waits for no one any more, and closes the links. */
void listeners_give_up(struct listeners *listeners);
