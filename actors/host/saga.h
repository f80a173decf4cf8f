/* Long processes as durable tables of steps. Each step asks other actors (or a command of the own
 * domain) and is idempotent by (saga, step name, direction), so the row is written only at the
 * start, at the pivot, before the first undo and at the end, each time in the unit that holds the
 * local effect; a restart repeats from the last written point. A table of steps is never edited,
 * only superseded by one with a higher version. */
#pragma once

#include "actors/host/request.h"

enum { SAGA_STEPS_MAX = 12, SAGA_ASKS_MAX = 64, SAGA_DATA_MAX = 768 * 1024 };

struct saga; /* one step of a running process, as the step sees it */

enum saga_direction { SAGA_FORWARD, SAGA_UNDO };

struct saga_step {
    const char *name;
    unsigned stage; /* steps of one stage run side by side; stages run in order */
    /* WAITS in saga_ask*. A refusal before the pivot starts the undo; after it, and for outages,
     * the step is tried again. */
    enum status (*act)(struct saga *saga, void *data);
    enum status (*undo)(struct saga *saga, void *data); /* NULL: nothing to undo */
    bool is_pivot;                                      /* from here only forward */
    int64_t give_up_us; /* before the pivot: an outage that lasts longer is a refusal UNAVAILABLE */
};

struct saga_kind {
    const char *name; /* "checkout" */
    int version;
    const struct schema *data; /* what a restart needs, encoded by the message codec */
    const struct saga_step *steps;
    size_t steps_count;
    /* Runs after the last undo, to leave the end state (a command of the own domain that writes
     * saga_end in its unit). `refusal` is why. */
    enum status (*end_undone)(struct saga *saga, void *data, enum status refusal);
};

/* --- in handlers of the owning domain: what joins the handler's unit --- */

/* Starts a saga when the unit commits: writes its row with `data`, which is encoded at once. The
 * request is then answered by the saga: with the pivot's reply, or with the refusal when it was
 * undone, or after 5 s with 202 and the handler's own reply. */
MUST_CHECK enum status saga_begin(struct request *request, const struct saga_kind *kind,
                                  struct uuid saga_id, const void *data, int64_t deadline_us);
/* In the pivot's handler: records the pivot in the row and completes the idempotency key that the
 * starting request brought with this handler's reply and `http_status`. Statuses: OK, UNAVAILABLE
 * (the saga does not run here). */
MUST_CHECK enum status saga_reach_pivot(struct request *request, struct uuid saga_id,
                                        int http_status);
/* In the handler that ends an undone saga: closes the row, and answers client and idempotency key
 * with the refusal, which may be another one than the step's. Statuses as above. */
MUST_CHECK enum status saga_end_undone(struct request *request, struct uuid saga_id,
                                       enum status refusal);

/* How many sagas of this domain on this node have let their client go, that were begun from the
 * network of this request; 0 where it has no address. */
size_t saga_count_let_go(const struct request *request);
/* Ends the pauses of a saga's steps, if it runs on this node: what they wait for may have happened.
 * From any handler. */
void saga_wake(struct request *request, struct uuid saga_id);

/* The refusal that a message names, for saga_end_undone(): INTERNAL where this version of the
 * program does not know it, since that must not keep the process open. */
enum status saga_read_refusal(struct text name);

/* --- in steps --- */
struct arena *saga_arena(struct saga *saga);
int64_t saga_now_us(const struct saga *saga); /* market time */
/* Sends with msg_id BLAKE2b-128(saga, step name + index, direction). WAITS. `index` tells the asks
 * of one step apart. */
MUST_CHECK enum status saga_ask(struct saga *saga, unsigned index, const struct message *message,
                                const void *body, void *ret_reply);
struct saga_ask;
MUST_CHECK enum status saga_ask_begin(struct saga *saga, unsigned index,
                                      const struct message *message, const void *body,
                                      struct saga_ask **ret_ask);
MUST_CHECK enum status saga_ask_end(struct saga *saga, struct saga_ask **ask, void *ret_reply);
/* How the ask number `index` begins; leaves *ret_ask alone where there is nothing to ask. */
typedef enum status saga_begin_one(struct saga *saga, const void *data, unsigned index,
                                   struct saga_ask **ret_ask);
/* Hears how it ended; saga_last_fault() is its own then. */
typedef void saga_hear_one(struct saga *saga, void *listener, unsigned index, enum status status);
struct saga_asks {
    unsigned count; /* at most SAGA_ASKS_MAX */
    saga_begin_one *begin;
    const void *data;    /* for `begin` */
    enum status as_good; /* an answer that is as good as OK (which is 0), for each by itself */
    saga_hear_one *hear; /* may be NULL */
    void *listener;
};
/* Sends all before it waits for any, and returns the first failure, and which (may be NULL). A
 * refusal weighs more than an outage, since it will not go away. WAITS. */
MUST_CHECK enum status saga_ask_all(struct saga *saga, const struct saga_asks *asks,
                                    unsigned *ret_index);
/* True for what is no refusal, so that the step will be tried again: outages, and failures that are
 * not the caller's (CONFLICT, INTERNAL, CORRUPT), after which nobody knows what has happened. */
bool saga_is_undecided(enum status status);
/* Why the last ask of this step was refused, as the participant explained it; false if it said
 * nothing. */
bool saga_last_fault(const struct saga *saga, struct request_fault *ret_fault);
/* Explains the refusal to the client that waits; see request_add_fault(). */
void saga_add_fault(struct saga *saga, const struct request_fault *fault);
/* Waits for somebody outside, such as a person, who takes his time: 50 ms, then twice as long each
 * time up to 2 s, or until saga_wake(). Nobody is alarmed, and the patience of the step begins
 * anew. All that is in saga_arena() is gone then. WAITS. Statuses: OK; the refusal of another step
 * of the stage, for which nothing is waited for any more; OVERLOADED (so many wait on this node,
 * and its client was not let go yet); STOPPING. */
MUST_CHECK enum status saga_pause(struct saga *saga);
/* The client that waits is answered 202 with the body of the last reply, and so is who comes again
 * with its Idempotency-Key, until there is an end. False: not yet, since another step of the stage
 * may still refuse; the pause ends when it is over. */
bool saga_let_go(struct saga *saga);
