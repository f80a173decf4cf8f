/* A running saga in the memory of its node: shared by saga.c (what handlers and steps call) and
 * saga_run.c (the runner). */
#pragma once

#include "actors/host/host.h"

enum {
    SAGA_ARENA_BYTES = 8 * 1024,
    SAGA_BACKOFF_MIN_US = 50 * 1000,
    SAGA_BACKOFF_MAX_US = 2000 * 1000
};

struct saga_process {
    struct hosted *hosted;
    const struct saga_kind *kind;
    struct uuid id;
    unsigned shard;
    struct arena *arena;
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
    unsigned references; /* the runner, its step fibers, the waiter */
    enum status refusal;
    const struct saga_step *stuck_step; /* that fails again and again; NULL: none */
    enum status stuck_status;
    struct request_fault faults[FAULTS_MAX];
    size_t faults_count;
    struct saga_process *next;
};

/* What one step sees. */
struct saga {
    struct saga_process *process;
    const struct saga_step *step;
    enum saga_direction direction;
    struct arena *arena;   /* of this attempt */
    struct text last_body; /* of the last reply, whatever its status */
    uint16_t last_http_status;
    enum status last_status;
};

struct saga_process *saga_process_new(struct hosted *hosted, const struct saga_kind *kind,
                                      struct uuid id, unsigned shard);
/* Gives a reference back; the last one frees. */
void saga_process_release(struct saga_process *process);
struct saga_process *saga_process_find(const struct hosted *hosted, struct uuid id);
/* Gives the client its answer. */
void saga_process_answer(struct saga_process *process, const struct stored_answer *answer);
/* Drives the process to its end. Entry of its fiber. */
void saga_process_run(void *argument);
