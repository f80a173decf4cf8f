/* What a request is inside. For the files of actors/host/ and for tests; handlers see request.h. */
#pragma once

#include "actors/host/asker.h"
#include "actors/host/faults.h"
#include "actors/host/host.h"

struct approval;
struct approval_wish;

/* What a handler sees. Lives for one run of the handler. */
struct request {
    struct hosted *hosted;
    struct arena *arena;
    const struct envelope *envelope;
    struct activation *activation; /* NULL in queries, consumers and sweeps */
    read_asker asker;              /* whose reads these are */
    int64_t now_us, deadline_us;
    int64_t id_time_us;
    uint64_t asks_count, ids_count;
    struct unit *unit; /* NULL until something is written */
    void *intake;      /* of a batch of events; NULL elsewhere */
    const void *remembered;
    bool forgets; /* what is remembered of before */
    size_t remembered_used, remembered_size;
    int http_status;
    struct request_fault faults[FAULTS_MAX];
    size_t faults_count;
    enum status asked_refusal; /* of the last ask that was refused, and what was said about it */
    struct text asked_faults;
    bool is_audited; /* on request, whatever the message's role */
    bool audits_names;
    struct text audit_subject, audit_before;
    struct approval *approval; /* what is run, since it was approved (approval.h) */
    bool is_approval_used;
    const struct approval_wish *approval_wish; /* what must wait */
    struct saga_process *started; /* by saga_begin() */
    struct saga_process *settled; /* by saga_reach_pivot() or saga_end_undone() */
    enum status settled_status;
};

/* ---- request.c ---- */

/* The request's unit, made by the first call. Only commands and batches of events write. */
struct unit *request_unit(struct request *request);
/* The id of the request's next ask, which is the same whenever the handler runs again. */
struct uuid request_next_ask_id(struct request *request);
/* The same of a request that may come again under its Idempotency-Key: one id for all of them. */
struct uuid request_next_ask_id_by_key(struct request *request);
/* True for a command to the very key that the request holds: it would wait for its own end. */
bool request_is_to_itself(const struct request *request, const struct message *message,
                          struct uuid key);

/* Part number `index` of a request's work: another request of the same message. */
struct request *request_part(struct request *request, size_t index);

/* ---- request_outside.c ---- */

/* Readies a request for a run that ends at the monotonic deadline. */
void request_init(struct request *request, struct hosted *hosted, struct arena *arena,
                  const struct envelope *envelope, int64_t deadline_us);
/* Runs `run(request, context)` with a request that has no key and writes nothing: sweeps, and
 * consumers that send commands. WAITS. Statuses: those of `run`. */
MUST_CHECK enum status request_run_free(struct hosted *hosted, struct uuid msg_id,
                                        enum status (*run)(struct request *request, void *context),
                                        void *context);
