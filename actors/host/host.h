/* The inside of a node program: what the files of actors/host/ share, and no domain sees. */
#pragma once

#include "actors/host/domain.h"
#include "runtime/actor.h"
#include "runtime/bus.h"
#include "runtime/offload.h"
#include "runtime/transfer.h"
#include "storage/database.h"
#include "storage/unit_of_work.h"

enum {
    ATTEMPTS_MAX = 5, /* runs of one handler, version conflicts included */
    JOB_ARENA_BYTES = 8 * 1024,
    FREE_ARENA_BYTES = 16 * 1024, /* of work that nobody sent */
    FREE_TIMEOUT_US = 10 * 1000 * 1000,
    SPARE_ARENAS_MAX = 64, /* of jobs that have ended, for the next ones */
    FAULTS_MAX = 16,
    JOBS_MAX = 16384, /* messages under way in one node */
    ASK_TIMEOUT_US = 10 * 1000 * 1000,
    ANSWER_WAIT_US = 5 * 1000 * 1000, /* a checkout that takes longer is answered 202 */
    START_TIMEOUT_US = 60 * 1000 * 1000
};

/* How long a second factor is good for what needs a fresh one. */
#define STEP_UP_LIFE_US (INT64_C(5) * 60 * 1000000)

struct host;
struct saga_process;
struct consumer;
struct feed_source;

/* One domain as this node hosts it. */
struct hosted {
    struct host *host;
    const struct domain_definition *definition; /* NULL: not hosted here */
    enum domain domain;
    struct database *database;
    struct actors *actors;
    unsigned shard_first, shard_last;
    bool is_ready;
    struct saga_process *sagas; /* running ones */
    struct consumer *consumers; /* one per source of events */
    struct feed_source *feed;   /* how far others have read this domain's events */
};

struct host {
    struct loop *loop;
    struct fibers *fibers;
    struct bus *bus;
    struct offload *offload;
    struct transfers *transfers; /* NULL until the first one */
    const struct config *config;
    uint8_t principal_key[32];
    size_t jobs;      /* under way */
    int64_t offloads; /* pieces of blocking work that wait or run */
    struct arena *spare_arenas[SPARE_ARENAS_MAX];
    size_t spare_arenas_count;
    size_t services; /* sweeps, consumers, sagas and starters that still run */
    bool is_started; /* every domain is served and has resumed what was under way */
    bool is_stopping;
    bool is_untidy; /* there was a burst since memory was last given back */
    int exit_code;
    struct hosted hosted[DOMAIN_LIMIT];
};

/* One message under way, from arrival to reply. Owns its arena. */
struct job {
    struct hosted *hosted;
    const struct dispatch_entry *entry;
    struct envelope envelope; /* its texts are in the arena */
    struct return_address from;
    const void *body; /* decoded */
    struct arena *arena;
    int64_t arrived_us, deadline_us;
    int64_t id_time_us; /* the time part of ids that the handler makes, the same in each run */
    unsigned attempts;
    bool has_secret_reply; /* what the handler has answered is not to be kept */
    bool must_look_again;  /* a refusal counts only after another look at the Idempotency-Key */
};

/* What a handler sees. Lives for one run of the handler. */
struct request {
    struct hosted *hosted;
    struct arena *arena;
    const struct envelope *envelope;
    struct activation *activation; /* NULL in queries, consumers and sweeps */
    int64_t now_us, deadline_us;
    int64_t id_time_us;
    uint64_t asks_count, ids_count;
    struct unit *unit; /* NULL until something is written */
    void *intake;      /* of a batch of events; NULL elsewhere */
    const void *remembered;
    size_t remembered_size;
    int http_status;
    struct request_fault faults[FAULTS_MAX];
    size_t faults_count;
    enum status asked_refusal; /* of the last ask that was refused, and what was said about it */
    struct text asked_faults;
    bool is_audited; /* on request, whatever the message's role */
    struct text audit_subject, audit_before;
    struct saga_process *started; /* by saga_begin() */
    struct saga_process *settled; /* by saga_reach_pivot() or saga_end_undone() */
    enum status settled_status;
};

/* Readies a request for a run. */
void request_init(struct request *request, struct hosted *hosted, struct arena *arena,
                  const struct envelope *envelope, int64_t deadline_us);
struct unit *request_unit(struct request *request);
/* The faults as the body of a refusal; empty if there are none. */
struct text request_encode_faults(struct arena *arena, const struct request_fault *faults,
                                  size_t count);
/* The first fault in the body of a refusal; false if there is none. */
bool request_decode_fault(struct arena *arena, struct text body, struct request_fault *ret_fault);

/* Fills in the envelope of a message to an actor. Statuses: OK, OUT_OF_RANGE (body too large),
 * those of the encoder. */
MUST_CHECK enum status host_address(struct host *host, const struct message *message,
                                    const void *body, struct uuid msg_id, struct arena *arena,
                                    struct envelope *ret_envelope);
/* Decodes a reply that came. Statuses: the reply's own, CORRUPT. */
MUST_CHECK enum status host_accept(const struct message *message, const struct envelope *reply,
                                   struct arena *arena, void *ret_reply);
struct uuid host_random_uuid(const struct host *host);

/* Frees what ended jobs have left for others; no job may be under way. */
void host_drop_arenas(struct host *host);
/* Makes the domain's actors, which run its commands. */
void host_prepare_actors(struct hosted *hosted, size_t activations_max, size_t mailbox_max);
/* Takes a message from the bus. */
void host_on_request(void *context, const struct envelope *envelope,
                     const struct return_address *from);
/* Who may send it: by kind of peer and by proved principal. Statuses: OK, UNAUTHENTICATED,
 * FORBIDDEN. */
MUST_CHECK enum status host_authorise(const struct host *host, const struct message *message,
                                      const struct envelope *envelope,
                                      const struct return_address *from);

/* Runs `run(request)` with a request that has no key: sweeps and consumers. WAITS. */
MUST_CHECK enum status host_run_free(struct hosted *hosted, struct uuid msg_id,
                                     enum status (*run)(struct request *request, void *context),
                                     void *context);

/* Spawns a fiber that counts as a service of the host. */
MUST_CHECK enum status host_spawn(struct host *host, void (*entry)(void *argument), void *argument);
void host_service_ends(struct host *host);

/* Sagas: starts one whose row has been committed, unless it runs already. With `wants_answer` the
 * caller must call saga_wait_answer() on what is returned; NULL means that somebody else waits
 * already, or that nothing was wanted. */
struct saga_process *saga_start(struct saga_process *saga, bool wants_answer);
/* Waits until the saga has an answer for its client, at most `timeout_us`. WAITS. Statuses: OK,
 * DEADLINE_EXCEEDED, STOPPING. */
MUST_CHECK enum status saga_wait_answer(struct saga_process *saga, int64_t timeout_us,
                                        struct arena *arena, struct stored_answer *ret_answer);
/* Forgets a saga whose starting unit was not committed. */
void saga_discard(struct saga_process *saga);
/* Adds to a unit what saga_begin(), saga_reach_pivot() or saga_end_undone() announced. */
void saga_join_unit(struct request *request, struct text reply);
/* Resumes the open sagas of a domain from their rows. WAITS. */
MUST_CHECK enum status sagas_resume(struct hosted *hosted);

/* Background work of a hosted domain, started once it is ready. */
void sweeps_start(struct hosted *hosted);
void retention_start(struct hosted *hosted);
void tidy_start(struct host *host);

/* Consumers fetch the events of other domains and hand them on (consumer.h). */
void consumers_start(struct hosted *hosted);
void consumers_on_hint(struct host *host, unsigned domain);

/* The other side. Answers host.fetch_events, and keeps how far each consumer has come. WAITS. */
struct feed_source *feed_source_new(void);
void feed_source_destroy(struct feed_source **feed);
MUST_CHECK enum status feed_source_answer(struct hosted *hosted, struct arena *arena,
                                          struct text body, int64_t deadline_us,
                                          struct text *ret_body);
/* Deletes events that every consumer is done with and that are older than events.kept; a few, call
 * again while *ret_deleted is FEED_TRIMMED_MAX. A consumer that has not been heard of since this
 * node started keeps everything. WAITS. Statuses as feed_trim(). */
MUST_CHECK enum status feed_source_trim(struct hosted *hosted, int64_t *ret_deleted);

/* What operators ask every domain: host.list_parked_events and host.settle_parked_event. WAIT. */
MUST_CHECK enum status parked_answer_list(struct hosted *hosted, struct arena *arena,
                                          struct text body, int64_t deadline_us,
                                          struct text *ret_body);
MUST_CHECK enum status parked_answer_settle(struct hosted *hosted, struct arena *arena,
                                            struct text body, int64_t deadline_us,
                                            struct text *ret_body);
/* host.list_late_sagas. WAITS. */
MUST_CHECK enum status late_sagas_answer(struct hosted *hosted, struct arena *arena,
                                         struct text body, int64_t deadline_us,
                                         struct text *ret_body);
