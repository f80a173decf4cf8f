/* A decoded message to its handler and back: look for an answer that was given before, run in the
 * key's order, commit in one unit of work, reply. A version conflict puts the message back into its
 * mailbox; a repeat is answered from the inbox. */
#include "actors/host/dispatch.h"

#include "actors/host/audit.h"
#include "actors/host/fault_points.h"
#include "actors/host/host_answers.h"
#include "actors/host/live_session.h"
#include "actors/host/request_internal.h"
#include "actors/host/saga_run.h"
#include "actors/host/sealed_answer.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"

enum {
    ATTEMPTS_MAX = 5,                /* runs of one handler, version conflicts included */
    ANSWER_WAIT_US = 5 * 1000 * 1000 /* a checkout that takes longer is answered 202 */
};

/* ---- replies ---- */

/* A refusal that came from another actor is explained by that actor. */
static void finish_refused(struct job *job, enum status status, const struct request *request)
{
    struct job_answer answer = { .status = status };
    if (request->faults_count == 0 && status == request->asked_refusal)
        answer.body = request->asked_faults;
    else
        answer.body = faults_encode(job->arena, request->faults, request->faults_count);
    job_finish(job, &answer);
}

static void finish_well(struct job *job, const struct request *request, struct text body)
{
    job_finish(job, &(struct job_answer){ .status = STATUS_OK,
                                          .http_status = (uint16_t)request->http_status,
                                          .body = body });
}

static void *new_reply(const struct job *job)
{
    const struct schema *schema = job->entry->message->reply;
    return schema == NULL ? NULL : arena_allocate(job->arena, schema->size);
}

/* The reply struct as bytes. */
static enum status encode_reply(const struct job *job, const void *reply, struct text *ret_body)
{
    const struct schema *schema = job->entry->message->reply;
    if (schema == NULL || schema == &empty_schema) {
        *ret_body = (struct text){ 0 };
        return STATUS_OK;
    }
    return msgpack_encode(schema, reply, job->arena, ENVELOPE_BODY_MAX, ret_body);
}

/* ---- answers that were given before ---- */

/* True if what the key has begun shows how it stands meanwhile. */
static bool answer_pending(struct job *job)
{
    struct stored_answer answer;
    const struct saga_process *saga =
        saga_process_find_by_key(job->hosted, job->envelope.idempotency_key);
    if (saga == NULL || !saga_process_show(saga, job->arena, &answer)) return false;
    job_finish_stored(job, &answer, false);
    return true;
}

/* True if the idempotency key has decided already, and the job is answered. */
static bool answer_from_key(struct job *job)
{
    struct stored_answer answer;
    enum status status =
        idempotency_find(job->hosted->database, job->arena, job->envelope.idempotency_key,
                         job->envelope.idempotency_fingerprint, job->deadline_us, &answer);
    if (status == STATUS_NOT_FOUND) return false;
    if (status == STATUS_REQUEST_IN_PROGRESS && answer_pending(job)) return true;
    struct text body = { 0 };
    if (status == STATUS_OK)
        status = sealed_answer_open(job->hosted->host, job->arena, answer.body, &body);
    if (status != STATUS_OK) {
        job_finish_with(job, status);
        return true;
    }
    answer.body = body;
    job_finish_stored(job, &answer, true);
    return true;
}

/* True if a sender that repeats itself (actors and clients do, gateways never) has its answer
 * already: a repeat may be refused only because its first attempt has changed the state. */
static bool answer_from_inbox(struct job *job)
{
    if (job->from.kind == MEMBER_GATEWAY ||
        sealed_answer_holds_secret(job->entry->message->reply, NULL))
        return false;
    struct stored_answer answer;
    if (inbox_find(job->hosted->database, job->arena, job->envelope.msg_id, job->deadline_us,
                   &answer) != STATUS_OK)
        return false;
    metric_add(METRIC_INBOX_HITS, 1);
    job_finish_stored(job, &answer, false);
    return true;
}

static void answer_by_saga(struct job *job, struct saga_process *saga, struct text pending_body)
{
    struct stored_answer answer;
    const enum status status =
        saga == NULL ? STATUS_DEADLINE_EXCEEDED
                     : saga_process_wait_answer(saga, ANSWER_WAIT_US, job->arena, &answer);
    if (status == STATUS_OK)
        job_finish_stored(job, &answer, false);
    else if (status == STATUS_DEADLINE_EXCEEDED)
        job_finish(job, &(struct job_answer){
                            .status = STATUS_OK, .http_status = 202, .body = pending_body });
    else
        job_finish_with(job, status);
}

/* ---- the unit ---- */

/* Back into the mailbox, to run again on what is committed. */
static void run_again(struct activation *activation, struct job *job, enum status why)
{
    if (job->attempts >= ATTEMPTS_MAX) {
        job_finish_with(job, why);
        return;
    }
    metric_add(METRIC_MESSAGES_RETRIED, 1);
    const enum status status = actors_deliver(job->hosted->actors, activation_key(activation), job);
    if (status != STATUS_OK) job_finish_with(job, status);
}

/* The outcome of a unit decides what the sender hears. */
static void settle(struct activation *activation, struct job *job, struct request *request,
                   struct text body)
{
    bool is_repeat = false;
    struct stored_answer stored = { 0 };
    enum status status = unit_wait(request->unit, &is_repeat, &stored);
    activation_unit_ends(activation);
    if (status == STATUS_OK && !is_repeat) {
        /* Committed, and nobody has heard of it yet. */
        const enum status fault =
            fault_point(job->hosted, fault_name_of(job->entry->message), "commit", "after");
        if (fault != STATUS_OK) {
            if (request->started != NULL) (void)saga_run_start(request->started, false);
            job_finish_with(job, fault);
            return;
        }
    }
    if (status != STATUS_OK || is_repeat) activation_forget(activation);
    if (request->started != NULL && status != STATUS_OK) saga_process_release(request->started);
    if (status == STATUS_OK && request->started != NULL) {
        /* Ids are derived from the message, so a repeat means the same saga. */
        answer_by_saga(job, saga_run_start(request->started, true), body);
    } else if (status == STATUS_OK && is_repeat) {
        metric_add(METRIC_INBOX_HITS, 1);
        if (job->has_secret_reply) stored = (struct stored_answer){ .status = STATUS_UNAVAILABLE };
        job_finish_stored(job, &stored, false);
    } else if (status == STATUS_OK) {
        finish_well(job, request, body);
    } else if (status == STATUS_DUPLICATE && job->envelope.has_idempotency) {
        if (!answer_from_key(job)) job_finish_with(job, STATUS_REQUEST_IN_PROGRESS);
    } else if (status == STATUS_CONFLICT) {
        run_again(activation, job, status);
    } else {
        finish_refused(job, status, request);
    }
}

/* What the unit keeps of the answer, for repeats of the message and of the Idempotency-Key. */
static void keep_answer(struct job *job, struct request *request, struct text body)
{
    const struct stored_answer answer = {
        .status = STATUS_OK,
        .http_status = (uint16_t)request->http_status,
        .body = body,
    };
    const struct envelope *envelope = &job->envelope;
    struct stored_answer kept = answer, by_key = answer;
    if (job->has_secret_reply) {
        kept.body = (struct text){ 0 };
        by_key.body = sealed_answer_close(job->hosted->host, job->arena, body);
    }
    struct unit *unit = request_unit(request);
    unit_answer(unit, &kept);
    if (request->started != NULL || request->settled != NULL)
        saga_process_join_unit(request, by_key.body);
    if (envelope->has_idempotency && request->started != NULL)
        unit_idempotency_running(unit, envelope->idempotency_key,
                                 envelope->idempotency_fingerprint);
    else if (envelope->has_idempotency)
        unit_idempotency_answer(unit, envelope->idempotency_key, envelope->idempotency_fingerprint,
                                true, &by_key);
}

/* Queues the unit with everything that belongs into it, lets the key go, and waits for the commit.
 */
static void commit(struct activation *activation, struct job *job, struct request *request,
                   struct text body)
{
    keep_answer(job, request, body);
    const enum status status = unit_enqueue(request->unit, job->hosted->database);
    if (status != STATUS_OK) {
        if (request->started != NULL) saga_process_release(request->started);
        job_finish_with(job, status);
        return;
    }
    if (request->forgets) activation_forget(activation);
    if (request->remembered != NULL)
        activation_remember_used(activation, request->remembered, request->remembered_used,
                                 request->remembered_size);
    activation_unit_begins(activation);
    /* Early release: units of a shard are committed in the order of the queue, so the key's next
     * message may build on this one before it is committed. */
    activation_release(activation);
    settle(activation, job, request, body);
}

/* ---- commands ---- */

static void run_handler(struct activation *activation, struct job *job)
{
    struct request request;
    request_init(&request, job->hosted, job->arena, &job->envelope, job->deadline_us);
    request.activation = activation;
    request.id_time_us = job->id_time_us;
    job->attempts++;
    const bool rests_on_units = activation_units(activation) > 0 || job->must_look_again;
    const uint64_t generation = activation_generation(activation);
    void *reply = new_reply(job);
    enum status status = job->entry->handle(&request, job->body, reply);
    struct text body = { 0 };
    if (status == STATUS_OK) status = encode_reply(job, reply, &body);
    job->has_secret_reply = sealed_answer_holds_secret(job->entry->message->reply, reply);
    if (status == STATUS_OK && request.unit != NULL)
        status = audit_add(&request, job->entry->message, job->body);
    /* An answer under an Idempotency-Key is kept though nothing else was written: asked again, what
     * was found then may have changed. */
    if (status == STATUS_OK && job->envelope.has_idempotency) (void)request_unit(&request);
    if (status == STATUS_OK && request.unit != NULL)
        status = fault_point(job->hosted, fault_name_of(job->entry->message), "commit", "before");
    const bool has_effect = request.unit != NULL && status == STATUS_OK;
    if (has_effect && generation == activation_generation(activation)) {
        commit(activation, job, &request, body);
        return;
    }
    if (request.started != NULL) saga_process_release(request.started);
    if (has_effect || status == STATUS_CONFLICT) {
        /* What the handler started from has been proved wrong meanwhile. */
        run_again(activation, job, STATUS_CONFLICT);
        return;
    }
    if (rests_on_units) {
        /* The answer rests on state that is not committed; the key is still held, so look again
         * when it is. */
        job->must_look_again = false;
        status = activation_wait_settled(activation, job->deadline_us);
        if (status != STATUS_OK)
            job_finish_with(job, status);
        else if (!job->envelope.has_idempotency || !answer_from_key(job))
            run_handler(activation, job);
        return;
    }
    if (status == STATUS_OK)
        finish_well(job, &request, body);
    else if (!answer_from_inbox(job))
        finish_refused(job, status, &request);
}

/* One message of a key, on its fiber. */
static void run_command(void *context, struct activation *activation, void *message)
{
    (void)context;
    struct job *job = message;
    assert(job->body != NULL);
    if (job->hosted->host->is_stopping) {
        job_finish_with(job, STATUS_STOPPING);
        return;
    }
    if (job_is_expired(job)) {
        metric_add(METRIC_EXPIRED, 1);
        job_finish_with(job, STATUS_DEADLINE_EXCEEDED);
        return;
    }
    /* First of all: an answer that was given before is for who is signed in, too, and while this
     * waits the activation may change. */
    const enum status is_live = job->attempts == 0 ? live_session_require(job) : STATUS_OK;
    if (is_live != STATUS_OK) {
        job_finish_with(job, is_live);
        return;
    }
    if (!activation_has_memory(activation) && activation_units(activation) > 0) {
        /* Nothing is remembered, so the handler will read rows: those of queued units must be there
         * first. */
        const enum status status = activation_wait_settled(activation, job->deadline_us);
        if (status != STATUS_OK) {
            job_finish_with(job, status);
            return;
        }
    }
    /* A unit that commits while its key is looked up may not be seen by the look-up any more than
     * by activation_units() afterwards. */
    job->must_look_again = job->envelope.has_idempotency && activation_units(activation) > 0;
    if (job->envelope.has_idempotency && answer_from_key(job)) return;
    run_handler(activation, job);
}

void dispatch_prepare_actors(struct hosted *hosted, size_t activations_max, size_t mailbox_max)
{
    assert(hosted->actors == NULL);
    const struct actors_options options = {
        .fibers = hosted->host->fibers,
        .activations_max = activations_max,
        .mailbox_max = mailbox_max,
        .context = hosted,
        .run = run_command,
    };
    hosted->actors = actors_new(&options);
}

/* ---- what has no key ---- */

void dispatch_query(void *argument)
{
    struct job *job = argument;
    assert(job->body != NULL);
    struct request request;
    request_init(&request, job->hosted, job->arena, &job->envelope, job->deadline_us);
    struct text body = { 0 };
    void *reply = new_reply(job);
    enum status status = live_session_require(job);
    if (status == STATUS_OK) status = job->entry->handle(&request, job->body, reply);
    if (status == STATUS_OK) status = encode_reply(job, reply, &body);
    if (status == STATUS_OK)
        finish_well(job, &request, body);
    else
        finish_refused(job, status, &request);
}

void dispatch_host_message(void *argument)
{
    struct job *job = argument;
    struct text body = { 0 };
    const struct host_answer *known = host_answers_find(job->entry->message->number);
    assert(known != NULL);
    const bool is_there =
        !known->is_only_in_tests || config_bool(job->hosted->host->config, SETTING_TEST_MODE);
    const enum status status = is_there ? known->answer(job->hosted, job->arena, job->envelope.body,
                                                        job->deadline_us, &body)
                                        : STATUS_NOT_FOUND;
    job_finish(job,
               &(struct job_answer){ .status = status,
                                     .body = status == STATUS_OK ? body : (struct text){ 0 } });
}
