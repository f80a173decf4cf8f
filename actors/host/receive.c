/* From an envelope of the bus to a job with a decoded body: authorise, find, decode. What happens
 * to the job is in dispatch.c. */
#include "actors/host/receive.h"

#include "actors/host/authorise.h"
#include "actors/host/dispatch.h"
#include "actors/host/host_answers.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"

enum { JOBS_MAX = 16384 /* messages under way in one node */ };

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

static struct hosted *find_hosted(struct host *host, unsigned domain)
{
    struct hosted *hosted = domain < DOMAIN_LIMIT ? &host->hosted[domain] : NULL;
    return hosted != NULL && hosted->definition != NULL && hosted->is_ready ? hosted : NULL;
}

static const struct dispatch_entry *find_entry(const struct hosted *hosted, uint16_t number)
{
    const struct host_answer *of_host = host_answers_find(number);
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

static enum status decode(struct job *job)
{
    const struct message *message = job->entry->message;
    void *body = arena_allocate(job->arena, message->body->size);
    TRY(msgpack_decode(message->body, job->envelope.body, job->arena, body));
    job->body = body;
    return is_well_addressed(message, body, &job->envelope) ? STATUS_OK : STATUS_MALFORMED;
}

/* On OK the job is dispatch's. */
static enum status start(struct job *job)
{
    const struct message *message = job->entry->message;
    struct hosted *hosted = job->hosted;
    if (host_answers_find(message->number) != NULL)
        return fiber_spawn(hosted->host->fibers, dispatch_host_message, job);
    TRY(decode(job));
    if (message->kind == MESSAGE_QUERY)
        return fiber_spawn(hosted->host->fibers, dispatch_query, job);
    if (!database_owns(hosted->database, job->envelope.shard)) return STATUS_MOVED;
    return actors_deliver(hosted->actors, job->envelope.key, job);
}

void receive_request(void *context, const struct envelope *envelope,
                     const struct return_address *from)
{
    struct host *host = context;
    assert(host != NULL);
    assert(envelope != NULL);
    assert(from != NULL);
    metric_add(METRIC_MESSAGES, 1);
    struct hosted *hosted = find_hosted(host, envelope->domain);
    if (hosted == NULL) {
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
    const enum status allowed = authorise_message(entry->message, envelope, from->kind,
                                                  host->principal_key, loop_real_us(host->loop));
    if (allowed != STATUS_OK) {
        refuse(host, envelope, from, allowed);
        return;
    }
    struct job *job = job_new(hosted, entry, envelope, from);
    const enum status status = start(job);
    if (status != STATUS_OK) job_finish_with(job, status);
}
