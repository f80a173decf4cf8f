/* What the files of the direct market share. */
#pragma once

#include <libpq-fe.h>

#include "actors/host/request_internal.h"
#include "tests/support/direct_request.h"

enum { RUNS_MAX = 5, AGGREGATE_MAX = 16384 };

/* A unit that was queued, and the key that it is of. */
struct direct_unit {
    struct unit *unit;
    struct uuid key;
};

struct direct_memory {
    struct uuid key;
    size_t size;
    uint8_t aggregate[AGGREGATE_MAX];
};

/* An event that was committed; its body lives in the market's arena. */
struct direct_event {
    uint16_t number;
    struct text body;
};

struct direct_market {
    struct host host; /* its configuration and its principal key only */
    struct hosted hosted;
    struct timers timers; /* never used: nothing waits here */
    struct clock clock;
    struct fibers *fibers;
    struct scratch *scratch;
    PGconn *connection; /* as the domain's role */
    PGconn *admin;
    struct arena *arena;
    struct config *config;
    int64_t now_us;
    uint64_t messages; /* sent so far; their ids count */
    size_t statements; /* run so far */
    struct direct_memory memories[DIRECT_KEYS_MAX];
    size_t memories_count;
    bool is_queueing;
    struct direct_unit queued[DIRECT_UNITS_MAX];
    size_t queued_count;
    struct direct_event events[DIRECT_EVENTS_MAX];
    size_t events_count;
    struct uuid hints[DIRECT_EVENTS_MAX]; /* the newest */
    size_t hints_count;
    struct request_fault fault;
    enum status (*peer)(void *context, const struct message *message, const void *body,
                        void *ret_reply);
    void *peer_context;
};

/* Of which market the request is. */
struct direct_market *direct_of(const struct request *request);

/* Readies a request for a run, as request_init() does for a node. */
void direct_init(struct direct_market *market, struct request *request,
                 const struct envelope *envelope);
/* Makes and runs a message that is addressed already, as receive.c and dispatch.c do: body and
 * reply go through the codec, and the handler runs again after a conflict. Statuses: the handler's,
 * those of the codec. */
MUST_CHECK enum status direct_deliver(struct direct_market *market, const struct message *message,
                                      const struct envelope *envelope, struct envelope *ret_reply);

/* Runs a statement as the domain's role. The result is libpq's. */
PGresult *direct_run(struct direct_market *market, const struct statement *statement,
                     const struct store_params *params);
/* Commits what a handler has queued, in one transaction; a refusal forgets the key. */
MUST_CHECK enum status direct_commit(struct direct_market *market, const struct unit *unit,
                                     struct uuid key);
/* Commits, or queues until direct_commit_units(). */
MUST_CHECK enum status direct_settle(struct direct_market *market, struct unit *unit,
                                     struct uuid key);

/* What the activation of a key remembers. */
struct direct_memory *direct_recall(struct direct_market *market, struct uuid key);
void direct_remember(struct direct_market *market, const struct request *request);
void direct_forget_key(struct direct_market *market, struct uuid key);
