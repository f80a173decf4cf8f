/* What handlers and steps may do with sagas: begin, reach the pivot, end, ask. The runner is
 * saga_run.c. */
#include <string.h>

#include "actors/host/address.h"
#include "actors/host/saga_process.h"
#include "messages/codec_msgpack.h"

enum { ASK_TIMEOUT_US = 10 * 1000 * 1000 };

/* ---- in handlers ---- */

size_t saga_count_let_go(const struct request *request)
{
    struct network client;
    size_t count = 0;
    if (!network_of(request_client(request), NETWORK_OF_HOUSE, &client)) return 0;
    for (const struct saga_process *one = request->hosted->sagas; one != NULL; one = one->next)
        if (one->is_let_go && memcmp(one->client.bytes, client.bytes, sizeof client.bytes) == 0)
            count++;
    return count;
}

enum status saga_begin(struct request *request, const struct saga_kind *kind, struct uuid saga_id,
                       const void *data, int64_t deadline_us)
{
    assert(request->started == NULL);
    struct saga_process *process =
        saga_process_new(request->hosted, kind, saga_id, request->envelope->shard);
    process->deadline_us = deadline_us;
    IGNORE(network_of(request_client(request), NETWORK_OF_HOUSE, &process->client));
    process->has_idempotency = request->envelope->has_idempotency;
    memcpy(process->idempotency_key, request->envelope->idempotency_key,
           sizeof process->idempotency_key);
    memcpy(process->idempotency_fingerprint, request->envelope->idempotency_fingerprint,
           sizeof process->idempotency_fingerprint);
    enum status status =
        msgpack_encode(kind->data, data, process->arena, SAGA_DATA_MAX, &process->data_bytes);
    process->data = arena_allocate(process->arena, kind->data->size);
    if (status == STATUS_OK)
        status = msgpack_decode(kind->data, process->data_bytes, process->arena, process->data);
    if (status != STATUS_OK) {
        saga_process_release(process);
        return status;
    }
    request->started = process;
    /* The saga's row is written though the handler writes nothing else. */
    (void)request_unit(request);
    return STATUS_OK;
}

static enum status settle_saga(struct request *request, struct uuid saga_id, enum status status)
{
    struct saga_process *process = saga_process_find(request->hosted, saga_id);
    if (process == NULL) return STATUS_UNAVAILABLE;
    request->settled = process;
    request->settled_status = status;
    /* The saga's row and the Idempotency-Key are written though the handler writes nothing else. */
    (void)request_unit(request);
    return STATUS_OK;
}

enum status saga_reach_pivot(struct request *request, struct uuid saga_id, int http_status)
{
    request->http_status = http_status;
    return settle_saga(request, saga_id, STATUS_OK);
}

enum status saga_end_undone(struct request *request, struct uuid saga_id, enum status refusal)
{
    assert(refusal != STATUS_OK);
    TRY(settle_saga(request, saga_id, refusal));
    struct saga_process *process = request->settled;
    if (process->refusal == refusal) return STATUS_OK;
    /* By now there is a better reason, of which the faults of the step say nothing. */
    process->refusal = refusal;
    process->faults_count = 0;
    return STATUS_OK;
}

void saga_wake(struct request *request, struct uuid saga_id)
{
    struct saga_process *process = saga_process_find(request->hosted, saga_id);
    if (process != NULL) saga_process_wake(process);
}

/* ---- in steps ---- */

struct arena *saga_arena(struct saga *saga)
{
    return saga->arena;
}

int64_t saga_now_us(const struct saga *saga)
{
    return loop_market_us(saga->process->hosted->host->loop);
}

struct saga_ask {
    const struct message *message;
    struct bus_ask *ask;
};

enum status saga_ask_begin(struct saga *saga, unsigned index, const struct message *message,
                           const void *body, struct saga_ask **ret_ask)
{
    assert(saga != NULL);
    assert(message != NULL);
    assert(ret_ask != NULL);
    struct saga_process *process = saga->process;
    struct host *host = process->hosted->host;
    const uint64_t number = ((uint64_t)saga->direction << 32) | index;
    const struct uuid msg_id = uuid_derive_named(process->id, text_of(saga->step->name), number);
    struct envelope envelope;
    TRY(address_message(message, body, msg_id, saga->arena, &envelope));
    struct saga_ask *ask = arena_allocate(saga->arena, sizeof *ask);
    ask->message = message;
    TRY(bus_ask_begin(host->bus, &envelope, loop_now_us(host->loop) + ASK_TIMEOUT_US, saga->arena,
                      &ask->ask));
    *ret_ask = ask;
    return STATUS_OK;
}

enum status saga_ask_end(struct saga *saga, struct saga_ask **ask, void *ret_reply)
{
    assert(saga != NULL);
    assert(ask != NULL);
    struct saga_process *process = saga->process;
    struct envelope reply;
    const struct message *message = (*ask)->message;
    const enum status status = bus_ask_end(process->hosted->host->bus, &(*ask)->ask, &reply);
    *ask = NULL;
    saga->last_status = status;
    saga->last_body = (struct text){ 0 };
    TRY(status);
    saga->last_status = reply.status;
    saga->last_body = reply.body;
    saga->last_http_status = reply.http_status;
    return address_read_reply(message, &reply, saga->arena, ret_reply);
}

enum status saga_ask(struct saga *saga, unsigned index, const struct message *message,
                     const void *body, void *ret_reply)
{
    struct saga_ask *ask;
    TRY(saga_ask_begin(saga, index, message, body, &ask));
    return saga_ask_end(saga, &ask, ret_reply);
}

enum status saga_read_refusal(struct text name)
{
    enum status refusal;
    const bool is_known = status_find(name.data, name.length, &refusal) && refusal != STATUS_OK;
    return is_known ? refusal : STATUS_INTERNAL;
}

enum status saga_ask_all(struct saga *saga, const struct saga_asks *asks, unsigned *ret_index)
{
    struct saga_ask *sent[SAGA_ASKS_MAX] = { 0 };
    enum status statuses[SAGA_ASKS_MAX] = { STATUS_OK }, first = STATUS_OK;
    assert(asks->count <= SAGA_ASKS_MAX);
    for (unsigned i = 0; i < asks->count; i++)
        statuses[i] = asks->begin(saga, asks->data, i, &sent[i]);
    for (unsigned i = 0; i < asks->count; i++) {
        if (sent[i] != NULL) statuses[i] = saga_ask_end(saga, &sent[i], NULL);
        if (asks->hear != NULL) asks->hear(saga, asks->listener, i, statuses[i]);
        if (statuses[i] == STATUS_OK || statuses[i] == asks->as_good) continue;
        const bool weighs_more = saga_is_undecided(first) && !saga_is_undecided(statuses[i]);
        if (first != STATUS_OK && !weighs_more) continue;
        first = statuses[i];
        if (ret_index != NULL) *ret_index = i;
    }
    return first;
}

bool saga_is_undecided(enum status status)
{
    /* A bug may be mended by the next start, but money that was undone for one is gone: a saga
     * waits for the operator rather than take a failure for an answer. */
    return status_is_outage(status) || status == STATUS_CONFLICT || status == STATUS_INTERNAL ||
           status == STATUS_CORRUPT;
}

bool saga_last_fault(const struct saga *saga, struct request_fault *ret_fault)
{
    if (saga->last_status == STATUS_OK) return false;
    return faults_decode_first(saga->arena, saga->last_body, ret_fault);
}

void saga_add_fault(struct saga *saga, const struct request_fault *fault)
{
    assert(saga != NULL);
    assert(fault != NULL);
    struct saga_process *process = saga->process;
    if (process->faults_count >= FAULTS_MAX) return;
    struct request_fault *kept = &process->faults[process->faults_count++];
    *kept = *fault;
    kept->pointer = text_string(process->arena, text_of(fault->pointer));
    kept->detail = text_copy(process->arena, fault->detail);
}
