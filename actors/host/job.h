/* One message under way in a node, from its arrival to its reply. */
#pragma once

#include "actors/host/host.h"

/* Lives in its own arena, together with everything that the message needs. */
struct job {
    struct hosted *hosted;
    const struct dispatch_entry *entry;
    struct envelope envelope; /* its texts are in the arena */
    struct return_address from;
    const void *body; /* decoded; NULL until then */
    struct arena *arena;
    int64_t arrived_us, deadline_us; /* monotonic */
    int64_t id_time_us; /* the time part of ids that the handler makes, the same in each run */
    unsigned attempts;
    bool has_secret_reply; /* what the handler has answered is not to be kept */
    bool must_look_again;  /* a refusal counts only after another look at the Idempotency-Key */
};

/* What a job answers with. All zero but the status for plain refusals. */
struct job_answer {
    enum status status;
    uint16_t http_status; /* 0: the route's, or the status' own */
    bool is_replayed;     /* it was given before, to a request with the same Idempotency-Key */
    struct text body;     /* encoded */
};

/* A job for an envelope whose views end with the call: copies its texts. */
struct job *job_new(struct hosted *hosted, const struct dispatch_entry *entry,
                    const struct envelope *envelope, const struct return_address *from);
/* Sends the answer and frees the job with everything in its arena. */
void job_finish(struct job *job, const struct job_answer *answer);
/* The same with nothing but a status. */
void job_finish_with(struct job *job, enum status status);
/* The same with an answer that was stored. */
void job_finish_stored(struct job *job, const struct stored_answer *answer, bool is_replayed);
/* True when nobody waits for the answer any more. */
bool job_is_expired(const struct job *job);

/* Frees the arenas that ended jobs have left for others; no job may be under way. */
void jobs_drop_arenas(struct host *host);
