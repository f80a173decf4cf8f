/* Messages to handlers without a host, and what handlers get from outside of themselves: what
 * request_outside.c does on a node, this file does on the caller's stack. The rest of the request
 * is the host's own code. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "actors/host/address.h"
#include "actors/host/audit.h"
#include "messages/codec_msgpack.h"
#include "storage/columns.h"
#include "storage/result.h"
#include "tests/support/direct_internal.h"

/* ---- messages ---- */

static const struct dispatch_entry *find_entry(const struct direct_market *market,
                                               const struct message *message)
{
    const struct dispatch_table *table = market->hosted.definition->dispatch;
    for (size_t i = 0; i < table->entries_count; i++) {
        if (table->entries[i].message == message) return &table->entries[i];
    }
    assert(false && "no such message in this domain");
    return NULL;
}

void direct_init(struct direct_market *market, struct request *request,
                 const struct envelope *envelope)
{
    *request = (struct request){
        .hosted = &market->hosted,
        .arena = market->arena,
        .envelope = envelope,
        .now_us = market->now_us,
        .deadline_us = INT64_MAX,
        .id_time_us = market->now_us,
    };
}

static void *new_reply(struct direct_market *market, const struct message *message)
{
    return message->reply == NULL ? NULL : arena_allocate(market->arena, message->reply->size);
}

static struct text encode(struct direct_market *market, const struct schema *schema,
                          const void *value)
{
    struct text bytes = { 0 };
    if (schema == NULL || schema == &empty_schema) return bytes;
    const enum status status =
        msgpack_encode(schema, value, market->arena, ENVELOPE_BODY_MAX, &bytes);
    assert(status == STATUS_OK);
    return bytes;
}

/* One run of the handler; what it has queued is settled. */
static enum status run_once(struct direct_market *market, struct request *request,
                            const struct dispatch_entry *entry, const void *body, void *reply)
{
    const enum status outcome = entry->handle(request, body, reply);
    if (outcome != STATUS_OK || request->unit == NULL) return outcome;
    TRY(audit_add(request, entry->message, body));
    if (request->remembered != NULL) direct_remember(market, request);
    return direct_settle(market, request->unit, request->envelope->key);
}

/* The faults of a refusal as its sender hears them; see finish_refused() in dispatch.c. */
static struct text explain(const struct request *request, enum status refusal)
{
    if (request->faults_count == 0 && refusal == request->asked_refusal)
        return request->asked_faults;
    return faults_encode(request->arena, request->faults, request->faults_count);
}

enum status direct_deliver(struct direct_market *market, const struct message *message,
                           const struct envelope *envelope, struct envelope *ret_reply)
{
    const struct dispatch_entry *entry = find_entry(market, message);
    void *body = arena_allocate(market->arena, message->body->size);
    TRY(msgpack_decode(message->body, envelope->body, market->arena, body));
    *ret_reply = (struct envelope){ .status = STATUS_CONFLICT };
    for (int run = 0; run < RUNS_MAX && ret_reply->status == STATUS_CONFLICT; run++) {
        struct request *request = arena_allocate(market->arena, sizeof *request);
        direct_init(market, request, envelope);
        /* It is asked for whether there is one, and never looked into. */
        if (message->kind == MESSAGE_COMMAND) request->activation = (void *)market;
        if (run > 0) direct_forget_key(market, envelope->key);
        void *reply = new_reply(market, message);
        ret_reply->status = run_once(market, request, entry, body, reply);
        ret_reply->http_status = (uint16_t)request->http_status;
        ret_reply->body = ret_reply->status == STATUS_OK ? encode(market, message->reply, reply)
                                                         : explain(request, ret_reply->status);
    }
    return STATUS_OK;
}

static struct uuid next_message_id(struct direct_market *market)
{
    const struct uuid first = { { 1 } };
    return uuid_derive(first, ++market->messages);
}

static enum status send_message(struct direct_market *market, const struct principal *principal,
                                const struct message *message, const void *body,
                                struct envelope *ret_reply)
{
    struct envelope envelope;
    const struct uuid msg_id = next_message_id(market);
    TRY(address_message(message, body, msg_id, market->arena, &envelope));
    envelope.principal =
        principal != NULL ? *principal : (struct principal){ .kind = PRINCIPAL_NONE };
    unsigned shard = 0;
    (void)message_key_of(message, body, envelope_sender(&envelope.principal, msg_id), &envelope.key,
                         &shard);
    envelope.shard = (uint8_t)shard;
    envelope.request_id = TEXT("test");
    envelope.client = TEXT("192.0.2.1");
    return direct_deliver(market, message, &envelope, ret_reply);
}

enum status direct_call(struct direct_market *market, const struct principal *principal,
                        const struct message *message, const void *body, void *ret_reply)
{
    struct envelope reply;
    market->fault = (struct request_fault){ .code = STATUS_OK };
    TRY(send_message(market, principal, message, body, &reply));
    if (reply.status != STATUS_OK)
        (void)faults_decode_first(market->arena, reply.body, &market->fault);
    return address_read_reply(message, &reply, market->arena, ret_reply);
}

enum status direct_sweep(struct direct_market *market, const char *name)
{
    const struct domain_definition *domain = market->hosted.definition;
    const struct envelope envelope = { .domain = (uint8_t)market->hosted.domain,
                                       .msg_id = next_message_id(market),
                                       .principal = { .kind = PRINCIPAL_NODE } };
    struct request request;
    size_t index = 0;
    while (index < domain->sweeps_count && strcmp(domain->sweeps[index].name, name) != 0)
        index++;
    assert(index < domain->sweeps_count);
    direct_init(market, &request, &envelope);
    return domain->sweeps[index].run(&request, 0, SHARD_COUNT - 1);
}

/* ---- actors/host/request.h, from outside: the clock, chance, the pool ---- */

int64_t request_real_us(const struct request *request)
{
    return direct_of(request)->now_us;
}

void request_random(struct request *request, void *bytes, size_t length)
{
    (void)request;
    randombytes_buf(bytes, length);
}

enum status request_offload(struct request *request, void (*work)(void *argument), void *argument)
{
    (void)request;
    work(argument);
    return STATUS_OK;
}

/* ---- rows and memory ---- */

enum status request_query(struct request *request, const struct statement *statement,
                          const struct store_params *params, struct rows *ret_rows)
{
    struct store_result *result = arena_allocate(request->arena, sizeof *result);
    PGresult *got = direct_run(direct_of(request), statement, params);
    result_read(got, statement, request->arena, result);
    if (result->status != STATUS_OK)
        (void)fprintf(stderr, "%s: %s\n", statement->name, PQresultErrorMessage(got));
    PQclear(got);
    if (result->status != STATUS_OK) return STATUS_INTERNAL;
    *ret_rows = (struct rows){ .result = result, .count = result->rows_count };
    return STATUS_OK;
}

enum status request_query_by_key(struct request *request, const struct statement *statement,
                                 struct uuid key, struct rows *ret_rows)
{
    struct store_params *params = arena_allocate(request->arena, sizeof *params);
    param_uuid_array(params, request->arena, &key, 1);
    return request_query(request, statement, params, ret_rows);
}

enum status request_query_row(struct request *request, const struct statement *statement,
                              struct store_params *row, struct rows *ret_rows)
{
    columns_of_row(row, request->arena);
    return request_query(request, statement, row, ret_rows);
}

/* One after the other: there are no fibers. */
void request_run_parts(struct request *request, struct request **ret_parts, size_t count,
                       void (*run)(struct request *part, void *argument, size_t index),
                       void *argument)
{
    for (size_t i = 0; i < count; i++) {
        ret_parts[i] = request_part(request, i);
        run(ret_parts[i], argument, i);
    }
}

bool request_recall(struct request *request, void *ret_aggregate, size_t size)
{
    const struct direct_memory *memory = direct_recall(direct_of(request), request->envelope->key);
    if (request->activation == NULL || memory == NULL) return false;
    assert(memory->size == size);
    memcpy(ret_aggregate, memory->aggregate, size);
    return true;
}

/* ---- other actors ---- */

struct request_ask {
    const struct message *message;
    struct envelope reply;
};

/* Another domain's answer is the test's. */
static enum status ask_peer(struct direct_market *market, const struct message *message,
                            const struct envelope *envelope, struct envelope *ret_reply)
{
    void *body = arena_allocate(market->arena, message->body->size);
    void *reply = new_reply(market, message);
    TRY(msgpack_decode(message->body, envelope->body, market->arena, body));
    assert(market->peer != NULL);
    *ret_reply = (struct envelope){ 0 };
    ret_reply->status = market->peer(market->peer_context, message, body, reply);
    if (ret_reply->status == STATUS_OK) ret_reply->body = encode(market, message->reply, reply);
    return STATUS_OK;
}

enum status request_ask_begin(struct request *request, const struct message *message,
                              const void *body, struct request_ask **ret_ask)
{
    struct direct_market *market = direct_of(request);
    struct request_ask *ask = arena_allocate(request->arena, sizeof *ask);
    struct envelope envelope;
    const struct uuid msg_id = request_next_ask_id(request);
    TRY(address_message(message, body, msg_id, request->arena, &envelope));
    if (request_is_to_itself(request, message, envelope.key)) return STATUS_INTERNAL;
    envelope.request_id = request->envelope->request_id;
    envelope.client = request->envelope->client;
    ask->message = message;
    const bool is_ours = message->domain == market->hosted.domain;
    TRY(is_ours ? direct_deliver(market, message, &envelope, &ask->reply)
                : ask_peer(market, message, &envelope, &ask->reply));
    *ret_ask = ask;
    return STATUS_OK;
}

enum status request_ask_end(struct request *request, struct request_ask **ask, void *ret_reply)
{
    const struct request_ask *ended = *ask;
    *ask = NULL;
    if (ended->reply.status != STATUS_OK) {
        request->asked_refusal = ended->reply.status;
        request->asked_faults = ended->reply.body;
    }
    return address_read_reply(ended->message, &ended->reply, request->arena, ret_reply);
}

enum status request_ask(struct request *request, const struct message *message, const void *body,
                        void *ret_reply)
{
    struct request_ask *ask;
    TRY(request_ask_begin(request, message, body, &ask));
    return request_ask_end(request, &ask, ret_reply);
}

enum status request_ask_once_begin(struct request *request, const struct message *message,
                                   const void *body, struct request_ask **ret_ask)
{
    return request_ask_begin(request, message, body, ret_ask);
}

enum status request_ask_once(struct request *request, const struct message *message,
                             const void *body, void *ret_reply)
{
    return request_ask(request, message, body, ret_reply);
}

enum status request_ask_within(struct request *request, int64_t limit_us,
                               const struct message *message, const void *body, void *ret_reply)
{
    (void)limit_us;
    return request_ask(request, message, body, ret_reply);
}
