/* The sockets of one process: receive-only ROUTERs, one per lane, and send-only DEALERs, one per
 * peer and lane, in one ZeroMQ context on the loop. The production `struct net`. Several defaults
 * of libzmq 4.3.4 lose messages or abort (runtime/README.md, Decisions: socket options against
 * aborts, socket options against silence). ZeroMQ's descriptor is edge-triggered and signals
 * commands, so every send and every poll is followed by a drain (there: the descriptor only wakes).
 */
#pragma once

#include "runtime/loop.h"
#include "runtime/platform.h"

struct links;

/* Control is polled first and takes no part in flow control. */
enum lane { LANE_CONTROL, LANE_DATA, LANES_COUNT };

enum { LINKS_MAX = 512 };

struct links_options {
    struct loop *loop;
    void *context;
    /* A frame arrived; the view is valid during the call. */
    void (*on_frame)(void *context, enum lane lane, struct text frame);
    /* The turn ends: what is to be sent in it must be sent now. */
    void (*on_turn_end)(void *context);
};

/* Only ipc:// is spoken: tcp:// needs CURVE. */
struct links *links_new(const struct links_options *options);
/* Closes every socket; nothing is called back any more. The memory goes when libuv has let go of
 * the handles. */
void links_destroy(struct links **links);
/* Binds the lane's ROUTER. Statuses: OK, UNAVAILABLE (cannot bind, or not ipc). */
MUST_CHECK enum status links_bind(struct links *links, enum lane lane, const char *endpoint);
/* send, open and close as platform.h says. */
struct net *links_net(struct links *links);
/* What the link has taken is still sent for so long when it is closed, and links_destroy() waits
 * for it; 0 for every link at first. */
void links_set_linger(struct links *links, unsigned link, int milliseconds);
/* Makes sure that on_turn_end is called before the loop sleeps. */
void links_wake(struct links *links);
