/* From a message of the bus to its handler and back: decode, authorise, run on a fiber in the key's
 * order, commit in one unit of work, reply. A version conflict puts the message back into its
 * mailbox; a repeat is answered from the inbox. */
#include <string.h>

#include "actors/host/audit.h"
#include "actors/host/host.h"
#include "actors/host/sealed_answer.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"

static void reply_to(struct job *job, const struct envelope *reply)
{
    struct host *host = job->hosted->host;
    metric_observe_us(METRIC_HANDLER_TIME, loop_now_us(host->loop) - job->arrived_us);
    bus_reply(host->bus, &job->from, reply);
}

/* Answers and ends the job. */
static void finish(struct job *job, enum status status, uint16_t http_status, bool is_replayed,
                   struct text body)
{
    const struct envelope reply = {
        .kind = ENVELOPE_REPLY,
        .domain = job->envelope.domain,
        .number = job->envelope.number,
        .msg_id = job->envelope.msg_id,
        .status = status,
        .http_status = http_status,
        .is_replayed = is_replayed,
        .body = body,
    };
    if (status == STATUS_INTERNAL || status == STATUS_CORRUPT)
        log_error("message_failed", LOG_STRING("message", job->entry->message->name),
                  LOG_UUID("key", job->envelope.key), LOG_STATUS(status),
                  LOG_TEXT("request", job->envelope.request_id));
    reply_to(job, &reply);
    struct host *host = job->hosted->host;
    struct arena *arena = job->arena; /* the job is in it */
    host->jobs--;
    if (host->spare_arenas_count == SPARE_ARENAS_MAX) {
        arena_destroy(&arena);
        return;
    }
    arena_reset(arena);
    host->spare_arenas[host->spare_arenas_count++] = arena;
}

static struct arena *pop_arena(struct host *host)
{
    if (host->spare_arenas_count == 0) return arena_new(JOB_ARENA_BYTES);
    return host->spare_arenas[--host->spare_arenas_count];
}

void host_drop_arenas(struct host *host)
{
    while (host->spare_arenas_count > 0)
        arena_destroy(&host->spare_arenas[--host->spare_arenas_count]);
}

static void finish_stored(struct job *job, const struct stored_answer *answer, bool is_replayed)
{
    finish(job, answer->status, answer->http_status, is_replayed, answer->body);
}

/* A refusal that came from another actor is explained by that actor. */
static void finish_refused(struct job *job, enum status status, const struct request *request)
{
    if (request->faults_count == 0 && status == request->asked_refusal) {
        finish(job, status, 0, false, request->asked_faults);
        return;
    }
    finish(job, status, 0, false,
           request_encode_faults(job->arena, request->faults, request->faults_count));
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

static bool is_expired(const struct job *job)
{
    return loop_now_us(job->hosted->host->loop) >= job->deadline_us;
}

static void *new_reply(const struct job *job)
{
    const struct schema *schema = job->entry->message->reply;
    return schema == NULL ? NULL : arena_allocate(job->arena, schema->size);
}

static void run_query(void *argument)
{
    struct job *job = argument;
    struct request request;
    request_init(&request, job->hosted, job->arena, &job->envelope, job->deadline_us);
    struct text body = { 0 };
    void *reply = new_reply(job);
    enum status status = job->entry->handle(&request, job->body, reply);
    if (status == STATUS_OK) status = encode_reply(job, reply, &body);
    if (status == STATUS_OK)
        finish(job, status, (uint16_t)request.http_status, false, body);
    else
        finish_refused(job, status, &request);
}

/* True if the idempotency key has decided already, and the job is answered. */
static bool answer_from_key(struct job *job)
{
    struct stored_answer answer;
    enum status status =
        idempotency_find(job->hosted->database, job->arena, job->envelope.idempotency_key,
                         job->envelope.idempotency_fingerprint, job->deadline_us, &answer);
    if (status == STATUS_NOT_FOUND) return false;
    struct text body = answer.body;
    if (status == STATUS_OK)
        status = sealed_answer_open(job->hosted->host, job->arena, answer.body, &body);
    answer.body = body;
    if (status == STATUS_OK)
        finish_stored(job, &answer, true);
    else
        finish(job, status, 0, false, (struct text){ 0 });
    return true;
}

/* Replies with secrets (tokens) are kept under an Idempotency-Key only, and sealed; a repeat of the
 * message itself cannot have them again. Without a reply:
 * whether one could have some. */
static bool is_secret(const struct schema *schema, const void *reply)
{
    for (size_t i = 0; schema != NULL && i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if ((field->flags & FIELD_SECRET) == 0) continue;
        const bool may_lack = reply != NULL && (field->flags & FIELD_OPTIONAL) != 0;
        if (!may_lack || *((const bool *)reply + field->presence_offset)) return true;
    }
    return false;
}

/* True if a sender that repeats itself (actors and clients do, gateways never) has its answer
 * already: a repeat may be refused only because its first attempt has changed the state. */
static bool answer_from_inbox(struct job *job)
{
    if (job->from.kind == MEMBER_GATEWAY || is_secret(job->entry->message->reply, NULL))
        return false;
    struct stored_answer answer;
    if (inbox_find(job->hosted->database, job->arena, job->envelope.msg_id, job->deadline_us,
                   &answer) != STATUS_OK)
        return false;
    metric_add(METRIC_INBOX_HITS, 1);
    finish_stored(job, &answer, false);
    return true;
}

/* Back into the mailbox, to run again on what is committed. */
static void run_again(struct activation *activation, struct job *job, enum status why)
{
    if (job->attempts >= ATTEMPTS_MAX) {
        finish(job, why, 0, false, (struct text){ 0 });
        return;
    }
    metric_add(METRIC_MESSAGES_RETRIED, 1);
    const enum status status = actors_deliver(job->hosted->actors, activation_key(activation), job);
    if (status != STATUS_OK) finish(job, status, 0, false, (struct text){ 0 });
}

static void answer_by_saga(struct job *job, struct saga_process *saga, struct text pending_body)
{
    struct stored_answer answer;
    const enum status status = saga == NULL
                                   ? STATUS_DEADLINE_EXCEEDED
                                   : saga_wait_answer(saga, ANSWER_WAIT_US, job->arena, &answer);
    if (status == STATUS_OK)
        finish_stored(job, &answer, false);
    else if (status == STATUS_DEADLINE_EXCEEDED)
        finish(job, STATUS_OK, 202, false, pending_body);
    else
        finish(job, status, 0, false, (struct text){ 0 });
}

/* The outcome of a unit decides what the sender hears. */
static void settle(struct activation *activation, struct job *job, struct request *request,
                   struct text body)
{
    bool is_repeat = false;
    struct stored_answer stored = { 0 };
    const enum status status = unit_wait(request->unit, &is_repeat, &stored);
    activation_unit_ends(activation);
    if (status != STATUS_OK || is_repeat) activation_forget(activation);
    if (request->started != NULL && status != STATUS_OK) saga_discard(request->started);
    if (status == STATUS_OK && request->started != NULL) {
        /* Ids are derived from the message, so a repeat means the same saga. */
        answer_by_saga(job, saga_start(request->started, true), body);
    } else if (status == STATUS_OK && is_repeat) {
        metric_add(METRIC_INBOX_HITS, 1);
        if (job->has_secret_reply) stored = (struct stored_answer){ .status = STATUS_UNAVAILABLE };
        finish_stored(job, &stored, false);
    } else if (status == STATUS_OK) {
        finish(job, STATUS_OK, (uint16_t)request->http_status, false, body);
    } else if (status == STATUS_DUPLICATE && job->envelope.has_idempotency) {
        if (!answer_from_key(job))
            finish(job, STATUS_REQUEST_IN_PROGRESS, 0, false, (struct text){ 0 });
    } else if (status == STATUS_CONFLICT) {
        run_again(activation, job, status);
    } else {
        finish_refused(job, status, request);
    }
}

/* Queues the unit with everything that belongs into it, lets the key go, and waits for the commit.
 */
static void commit(struct activation *activation, struct job *job, struct request *request,
                   struct text body)
{
    const struct stored_answer answer = {
        .status = STATUS_OK,
        .http_status = (uint16_t)request->http_status,
        .body = body,
    };
    struct stored_answer kept = answer, by_key = answer;
    if (job->has_secret_reply) {
        kept.body = (struct text){ 0 };
        by_key.body = sealed_answer_close(job->hosted->host, job->arena, body);
    }
    struct unit *unit = request_unit(request);
    unit_answer(unit, &kept);
    if (request->started != NULL || request->settled != NULL) saga_join_unit(request, by_key.body);
    if (job->envelope.has_idempotency && request->started != NULL)
        unit_idempotency_running(unit, job->envelope.idempotency_key,
                                 job->envelope.idempotency_fingerprint);
    else if (job->envelope.has_idempotency)
        unit_idempotency_answer(unit, job->envelope.idempotency_key,
                                job->envelope.idempotency_fingerprint, true, &by_key);
    const enum status status = unit_enqueue(unit, job->hosted->database);
    if (status != STATUS_OK) {
        if (request->started != NULL) saga_discard(request->started);
        finish(job, status, 0, false, (struct text){ 0 });
        return;
    }
    if (request->remembered != NULL)
        activation_remember(activation, request->remembered, request->remembered_size);
    activation_unit_begins(activation);
    activation_release(activation);
    settle(activation, job, request, body);
}

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
    job->has_secret_reply = is_secret(job->entry->message->reply, reply);
    if (status == STATUS_OK && request.unit != NULL)
        status = audit_add(&request, job->entry->message, job->body);
    const bool has_effect = request.unit != NULL && status == STATUS_OK;
    if (has_effect && generation == activation_generation(activation)) {
        commit(activation, job, &request, body);
        return;
    }
    if (request.started != NULL) saga_discard(request.started);
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
            finish(job, status, 0, false, (struct text){ 0 });
        else if (!job->envelope.has_idempotency || !answer_from_key(job))
            run_handler(activation, job);
        return;
    }
    if (status == STATUS_OK)
        finish(job, status, (uint16_t)request.http_status, false, body);
    else if (!answer_from_inbox(job))
        finish_refused(job, status, &request);
}

/* One message of a key, on its fiber. */
static void run_command(void *context, struct activation *activation, void *message)
{
    (void)context;
    struct job *job = message;
    if (job->hosted->host->is_stopping) {
        finish(job, STATUS_STOPPING, 0, false, (struct text){ 0 });
        return;
    }
    if (is_expired(job)) {
        metric_add(METRIC_EXPIRED, 1);
        finish(job, STATUS_DEADLINE_EXCEEDED, 0, false, (struct text){ 0 });
        return;
    }
    if (!activation_has_memory(activation) && activation_units(activation) > 0) {
        /* Nothing is remembered, so the handler will read rows: those of queued units must be there
         * first. */
        const enum status status = activation_wait_settled(activation, job->deadline_us);
        if (status != STATUS_OK) {
            finish(job, status, 0, false, (struct text){ 0 });
            return;
        }
    }
    /* A unit that commits while its key is looked up may not be seen by the look-up any more than
     * by activation_units() afterwards. */
    job->must_look_again = job->envelope.has_idempotency && activation_units(activation) > 0;
    if (job->envelope.has_idempotency && answer_from_key(job)) return;
    run_handler(activation, job);
}

/* What every domain answers, whatever it is about. The entry comes first: it is what jobs know. */
struct host_entry {
    struct dispatch_entry entry;
    enum status (*answer)(struct hosted *hosted, struct arena *arena, struct text body,
                          int64_t deadline_us, struct text *ret_body);
};

static const struct host_entry host_entries[] = {
    { { .message = &host_fetch_events_message }, feed_source_answer },
    { { .message = &host_list_parked_events_message }, parked_answer_list },
    { { .message = &host_settle_parked_event_message }, parked_answer_settle },
    { { .message = &host_list_late_sagas_message }, late_sagas_answer },
};

static const struct host_entry *find_host_entry(uint16_t number)
{
    for (size_t i = 0; i < ARRAY_LENGTH(host_entries); i++) {
        if (host_entries[i].entry.message->number == number) return &host_entries[i];
    }
    return NULL;
}

static void run_host_message(void *argument)
{
    struct job *job = argument;
    struct text body = { 0 };
    const enum status status =
        find_host_entry(job->entry->message->number)
            ->answer(job->hosted, job->arena, job->envelope.body, job->deadline_us, &body);
    finish(job, status, 0, false, status == STATUS_OK ? body : (struct text){ 0 });
}

static const struct dispatch_entry *find_entry(const struct hosted *hosted, uint16_t number)
{
    const struct host_entry *of_host = find_host_entry(number);
    if (of_host != NULL) return &of_host->entry;
    const struct dispatch_table *table = hosted->definition->dispatch;
    size_t low = 0, high = table->entries_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (table->entries[middle].message->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < table->entries_count && table->entries[low].message->number == number)
        return &table->entries[low];
    return NULL;
}

/* The sender's idea of the key must be ours: the fence protects the shard that the key says. */
static bool is_well_addressed(const struct message *message, const void *body,
                              const struct envelope *envelope)
{
    struct uuid key;
    unsigned shard;
    const struct uuid sender = envelope_sender(&envelope->principal, envelope->msg_id);
    if (!message_key_of(message, body, sender, &key, &shard)) return true;
    return uuid_equals(key, envelope->key) && shard == envelope->shard;
}

static struct job *new_job(struct hosted *hosted, const struct dispatch_entry *entry,
                           const struct envelope *envelope, const struct return_address *from)
{
    const struct loop *loop = hosted->host->loop;
    struct arena *arena = pop_arena(hosted->host);
    struct job *job = arena_allocate(arena, sizeof *job);
    *job = (struct job){
        .hosted = hosted,
        .entry = entry,
        .envelope = *envelope,
        .from = *from,
        .arena = arena,
        .arrived_us = loop_now_us(loop),
    };
    job->id_time_us = loop_real_us(loop);
    job->deadline_us = job->arrived_us + (int64_t)envelope->budget_ms * 1000;
    job->envelope.body = text_copy(arena, envelope->body);
    job->envelope.request_id = text_copy(arena, envelope->request_id);
    job->envelope.trace = text_copy(arena, envelope->trace);
    job->envelope.client = text_copy(arena, envelope->client);
    hosted->host->jobs++;
    return job;
}

static enum status start_job(struct job *job)
{
    const struct message *message = job->entry->message;
    if (find_host_entry(message->number) != NULL)
        return fiber_spawn(job->hosted->host->fibers, run_host_message, job);
    void *body = arena_allocate(job->arena, message->body->size);
    TRY(msgpack_decode(message->body, job->envelope.body, job->arena, body));
    job->body = body;
    if (!is_well_addressed(message, body, &job->envelope)) return STATUS_MALFORMED;
    if (message->kind == MESSAGE_QUERY)
        return fiber_spawn(job->hosted->host->fibers, run_query, job);
    if (!database_owns(job->hosted->database, job->envelope.shard)) return STATUS_MOVED;
    return actors_deliver(job->hosted->actors, job->envelope.key, job);
}

static void refuse(struct host *host, const struct envelope *envelope,
                   const struct return_address *from, enum status status)
{
    const struct envelope reply = {
        .kind = ENVELOPE_REPLY,
        .domain = envelope->domain,
        .number = envelope->number,
        .msg_id = envelope->msg_id,
        .status = status,
    };
    bus_reply(host->bus, from, &reply);
}

void host_on_request(void *context, const struct envelope *envelope,
                     const struct return_address *from)
{
    struct host *host = context;
    assert(host != NULL);
    metric_add(METRIC_MESSAGES, 1);
    struct hosted *hosted =
        envelope->domain < DOMAIN_LIMIT ? &host->hosted[envelope->domain] : NULL;
    if (hosted == NULL || hosted->definition == NULL || !hosted->is_ready) {
        refuse(host, envelope, from, STATUS_MOVED);
        return;
    }
    if (host->jobs >= JOBS_MAX || host->is_stopping) {
        metric_add(METRIC_OVERLOADED, 1);
        refuse(host, envelope, from, host->is_stopping ? STATUS_STOPPING : STATUS_OVERLOADED);
        return;
    }
    const struct dispatch_entry *entry = find_entry(hosted, envelope->number);
    if (entry == NULL) {
        refuse(host, envelope, from, STATUS_UNSUPPORTED);
        return;
    }
    const enum status allowed = host_authorise(host, entry->message, envelope, from);
    if (allowed != STATUS_OK) {
        refuse(host, envelope, from, allowed);
        return;
    }
    struct job *job = new_job(hosted, entry, envelope, from);
    const enum status status = start_job(job);
    if (status != STATUS_OK) finish(job, status, 0, false, (struct text){ 0 });
}

void host_prepare_actors(struct hosted *hosted, size_t activations_max, size_t mailbox_max)
{
    const struct actors_options options = {
        .fibers = hosted->host->fibers,
        .activations_max = activations_max,
        .mailbox_max = mailbox_max,
        .context = hosted,
        .run = run_command,
    };
    hosted->actors = actors_new(&options);
}
