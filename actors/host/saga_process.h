/* A running saga in the memory of its node, and what a step of it sees. For the files of
 * actors/host/; domains see saga.h. */
#pragma once

#include "actors/host/request_internal.h"
#include "runtime/network.h"

enum { SAGA_ARENA_BYTES = 8 * 1024 };

/* Counted: its runner, each fiber of a step under way and the waiter hold a reference. */
struct saga_process {
    struct hosted *hosted;
    const struct saga_kind *kind;
    struct uuid id;
    unsigned shard;
    struct arena *arena; /* freed with the last reference */
    void *data;
    struct text data_bytes;
    int64_t deadline_us; /* market time */
    bool has_idempotency;
    uint8_t idempotency_key[32], idempotency_fingerprint[16];
    bool is_past_pivot, is_undoing;
    bool has_answer;
    struct stored_answer answer; /* in the arena */
    struct completion answered;
    bool has_waiter;
    bool is_accepted; /* its client was answered 202 */
    bool is_let_go;   /* who waits, or comes again, is answered 202 with this, in the arena */
    struct text pending_body;
    struct network client;         /* that it was asked from; zero: not known */
    struct saga_sleeper *sleepers; /* steps that pause, on their own stacks */
    unsigned wakes;
    unsigned references;
    enum status refusal;
    const struct saga_step *stuck_step; /* that fails again and again; NULL: none */
    enum status stuck_status;
    struct request_fault faults[FAULTS_MAX];
    size_t faults_count;
    struct saga_process *next; /* in hosted->sagas */
};

struct saga_sleeper {
    struct completion woken;
    struct saga_sleeper *next;
};

struct stage_run;

/* What one attempt of a step sees. */
struct saga {
    struct saga_process *process;
    struct stage_run *stage; /* that it is of; NULL at the end of an undone saga */
    const struct saga_step *step;
    enum saga_direction direction;
    struct arena *arena;   /* of this attempt */
    struct text last_body; /* of the last reply, whatever its status */
    uint16_t last_http_status;
    enum status last_status;
    unsigned pauses, wakes_seen;
    int64_t paused_us; /* when the last pause was over; 0: there was none */
};

/* One reference, the caller's. Its data are still to be filled in. */
struct saga_process *saga_process_new(struct hosted *hosted, const struct saga_kind *kind,
                                      struct uuid id, unsigned shard);
/* Gives a reference back; the last one frees. */
void saga_process_release(struct saga_process *process);
/* The running saga of that id, borrowed; NULL if there is none. */
struct saga_process *saga_process_find(const struct hosted *hosted, struct uuid id);
/* The one that this Idempotency-Key has started, as above. */
struct saga_process *saga_process_find_by_key(const struct hosted *hosted, const uint8_t key[32]);
/* Ends the pauses of its steps, also one that is about to begin. */
void saga_process_wake(struct saga_process *process);
/* What is answered while it has no end; false: nothing yet. */
bool saga_process_show(const struct saga_process *process, struct arena *arena,
                       struct stored_answer *ret_answer);
/* Among those that run, and out again. */
void saga_process_link(struct saga_process *process);
void saga_process_unlink(struct saga_process *process);
/* Gives the client its answer; the first one counts. */
void saga_process_answer(struct saga_process *process, const struct stored_answer *answer);
/* Waits until the saga has an answer, or lets its client go with what it shows meanwhile, at most
 * `timeout_us`, and gives the waiter's reference back.
 * WAITS. Statuses: OK, DEADLINE_EXCEEDED, STOPPING. */
MUST_CHECK enum status saga_process_wait_answer(struct saga_process *process, int64_t timeout_us,
                                                struct arena *arena,
                                                struct stored_answer *ret_answer);
/* Nothing comes behind the pivot, so that its unit is the process's last. */
bool saga_process_ends_with_pivot(const struct saga_process *process);
/* Adds to the request's unit what saga_begin(), saga_reach_pivot() or saga_end_undone() announced.
 * `reply` is the encoded reply of the handler. */
void saga_process_join_unit(struct request *request, struct text reply);
