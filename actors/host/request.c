/* What a handler may do, and no more: its reads, its queued writes, its events and its asks. */
#include "actors/host/request.h"

#include <string.h>

#include "actors/host/host.h"
#include "common_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/secret.h"
#include "storage/gather.h"

void request_init(struct request *request, struct hosted *hosted, struct arena *arena,
                  const struct envelope *envelope, int64_t deadline_us)
{
    const struct loop *loop = hosted->host->loop;
    *request = (struct request){
        .hosted = hosted,
        .arena = arena,
        .envelope = envelope,
        .now_us = loop_market_us(loop),
        .deadline_us = deadline_us,
        .id_time_us = loop_real_us(loop),
    };
}

struct unit *request_unit(struct request *request)
{
    assert(request->activation != NULL || request->unit != NULL);
    if (request->unit == NULL) {
        request->unit =
            unit_new(request->arena, request->hosted->host->fibers, request->envelope->shard,
                     request->envelope->msg_id, request->envelope->number, request->now_us);
    }
    return request->unit;
}

struct arena *request_arena(struct request *request)
{
    return request->arena;
}

int64_t request_now_us(const struct request *request)
{
    return request->now_us;
}

int64_t request_real_us(const struct request *request)
{
    return loop_real_us(request->hosted->host->loop);
}

const struct principal *request_principal(const struct request *request)
{
    return &request->envelope->principal;
}

enum domain request_domain(const struct request *request)
{
    return request->hosted->domain;
}

struct text request_id_text(const struct request *request)
{
    return request->envelope->request_id;
}

struct uuid request_message_id(const struct request *request)
{
    return request->envelope->msg_id;
}

struct text request_client(const struct request *request)
{
    return request->envelope->client;
}

const struct config *request_config(const struct request *request)
{
    return request->hosted->host->config;
}

struct uuid request_key(const struct request *request)
{
    return request->envelope->key;
}

unsigned request_shard(const struct request *request)
{
    return request->envelope->shard;
}

void request_random(struct request *request, void *bytes, size_t length)
{
    const struct rng *rng = loop_rng(request->hosted->host->loop);
    rng->fill(rng->context, bytes, length);
}

/* Derived from the message, so that a handler that runs again makes the same ids. */
static struct uuid make_id(struct request *request, bool is_root)
{
    request->ids_count++;
    const struct uuid random =
        uuid_derive_named(request->envelope->msg_id, TEXT("id"), request->ids_count);
    const unsigned shard = is_root ? random.bytes[10] % SHARD_COUNT : request->envelope->shard;
    return uuid_make(request->id_time_us, random.bytes, shard);
}

struct uuid request_new_id_beside(struct request *request, struct uuid other)
{
    request->ids_count++;
    const struct uuid random =
        uuid_derive_named(request->envelope->msg_id, TEXT("id"), request->ids_count);
    return uuid_make(request->id_time_us, random.bytes, uuid_shard(other));
}

struct uuid request_new_id(struct request *request)
{
    return make_id(request, false);
}

struct uuid request_new_root_id(struct request *request)
{
    return make_id(request, true);
}

void request_derive_key(const struct request *request, const char *context, uint8_t ret_key[32])
{
    secret_digest_keyed(request->hosted->host->principal_key, text_of(context), ret_key,
                        SECRET_KEY_BYTES);
}

enum status request_query(struct request *request, const struct statement *statement,
                          const struct store_params *params, struct rows *ret_rows)
{
    return query_run(request->hosted->database, request->arena, statement, params,
                     request->deadline_us, ret_rows);
}

enum status request_query_by_key(struct request *request, const struct statement *statement,
                                 struct uuid key, struct rows *ret_rows)
{
    return query_run_by_key(request->hosted->database, request->arena, statement, key,
                            request->deadline_us, ret_rows);
}

struct store_params *request_write(struct request *request, const struct statement *statement)
{
    return unit_write(request_unit(request), statement);
}

bool request_recall(struct request *request, void *ret_aggregate, size_t size)
{
    return request->activation != NULL &&
           activation_recall(request->activation, ret_aggregate, size);
}

void request_remember(struct request *request, const void *aggregate, size_t size)
{
    request->remembered = arena_copy(request->arena, aggregate, size);
    request->remembered_size = size;
}

enum status request_publish(struct request *request, const struct message *event, const void *body)
{
    assert(event->kind == MESSAGE_EVENT && event->domain == request->hosted->domain);
    struct text bytes;
    TRY(msgpack_encode(event->body, body, request->arena, ENVELOPE_BODY_MAX, &bytes));
    unit_publish(request_unit(request), event->number, request->envelope->key, bytes);
    return STATUS_OK;
}

void *request_intake(const struct request *request)
{
    return request->intake;
}

struct request_ask {
    const struct message *message;
    struct bus_ask *ask;
};

enum status request_ask_begin(struct request *request, const struct message *message,
                              const void *body, struct request_ask **ret_ask)
{
    struct host *host = request->hosted->host;
    struct envelope envelope;
    request->asks_count++;
    const struct uuid msg_id = uuid_derive(request->envelope->msg_id, request->asks_count);
    TRY(host_address(host, message, body, msg_id, request->arena, &envelope));
    if (message->kind == MESSAGE_COMMAND && request->activation != NULL &&
        message->domain == request->hosted->domain &&
        uuid_equals(envelope.key, request->envelope->key)) {
        /* It would wait for itself until the deadline. */
        log_error("actor_asks_itself", LOG_STRING("message", message->name));
        return STATUS_INTERNAL;
    }
    envelope.request_id = request->envelope->request_id;
    envelope.trace = request->envelope->trace;
    envelope.client = request->envelope->client;
    struct request_ask *ask = arena_allocate(request->arena, sizeof *ask);
    ask->message = message;
    TRY(bus_ask_begin(host->bus, &envelope, request->deadline_us, request->arena, &ask->ask));
    *ret_ask = ask;
    return STATUS_OK;
}

enum status request_ask_end(struct request *request, struct request_ask **ask, void *ret_reply)
{
    struct envelope reply;
    const struct message *message = (*ask)->message;
    const enum status status = bus_ask_end(request->hosted->host->bus, &(*ask)->ask, &reply);
    *ask = NULL;
    TRY(status);
    if (reply.status != STATUS_OK) {
        request->asked_refusal = reply.status;
        request->asked_faults = reply.body;
    }
    return host_accept(message, &reply, request->arena, ret_reply);
}

enum status request_ask(struct request *request, const struct message *message, const void *body,
                        void *ret_reply)
{
    struct request_ask *ask;
    TRY(request_ask_begin(request, message, body, &ask));
    return request_ask_end(request, &ask, ret_reply);
}

enum status request_ask_within(struct request *request, int64_t limit_us,
                               const struct message *message, const void *body, void *ret_reply)
{
    const int64_t limit_at_us = loop_now_us(request->hosted->host->loop) + limit_us;
    const int64_t deadline_us = request->deadline_us;
    if (limit_at_us < deadline_us) request->deadline_us = limit_at_us;
    const enum status status = request_ask(request, message, body, ret_reply);
    request->deadline_us = deadline_us;
    return status;
}

enum status request_offload(struct request *request, void (*work)(void *argument), void *argument)
{
    struct host *host = request->hosted->host;
    if (host->offloads >= config_int(host->config, SETTING_PASSWORD_CHECKS_MAX))
        return STATUS_OVERLOADED;
    host->offloads++;
    const enum status status = offload_run(host->offload, work, argument);
    host->offloads--;
    return status;
}

void request_audit(struct request *request, const char *prefix, struct uuid subject,
                   struct text before)
{
    char *text = arena_allocate(request->arena, ID_TEXT_MAX + 1);
    request->is_audited = true;
    request->audit_subject = (struct text){ text, id_format(prefix, subject, text) };
    request->audit_before = before;
}

static struct transfers *transfers_of(const struct request *request)
{
    struct host *host = request->hosted->host;
    if (host->transfers == NULL) host->transfers = transfers_new(host->loop, host->fibers);
    return host->transfers;
}

static int64_t earlier_deadline_us(const struct request *request, int64_t deadline_us)
{
    const bool is_earlier = deadline_us != 0 && deadline_us < request->deadline_us;
    return is_earlier ? deadline_us : request->deadline_us;
}

enum status request_transfer_http(struct request *request, const struct transfer_http *http,
                                  struct transfer_answer *ret_answer)
{
    struct transfer_http timed = *http;
    timed.deadline_us = earlier_deadline_us(request, http->deadline_us);
    return transfer_http(transfers_of(request), &timed, request->arena, ret_answer);
}

enum status request_transfer_mail(struct request *request, const struct transfer_mail *mail,
                                  struct transfer_answer *ret_answer)
{
    struct transfer_mail timed = *mail;
    timed.deadline_us = earlier_deadline_us(request, mail->deadline_us);
    return transfer_mail(transfers_of(request), &timed, ret_answer);
}

void request_set_http_status(struct request *request, int http_status)
{
    request->http_status = http_status;
}

void request_add_fault(struct request *request, const struct request_fault *fault)
{
    if (request->faults_count < FAULTS_MAX) request->faults[request->faults_count++] = *fault;
}

struct text request_encode_faults(struct arena *arena, const struct request_fault *faults,
                                  size_t count)
{
    if (count == 0) return (struct text){ 0 };
    struct common_problem_item *items = arena_allocate_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct common_problem_item){
            .pointer = text_of(faults[i].pointer),
            .code = text_of(status_name(faults[i].code)),
            .has_detail = faults[i].detail.length > 0,
            .detail = faults[i].detail,
            .has_requested = faults[i].has_amounts,
            .requested = faults[i].requested,
            .has_available = faults[i].has_amounts,
            .available = faults[i].available,
        };
    }
    const struct common_problem_detail problem = { .errors = items, .errors_count = count };
    struct text body = { 0 };
    if (msgpack_encode(&common_problem_detail_schema, &problem, arena, ENVELOPE_BODY_MAX, &body) !=
        STATUS_OK)
        return (struct text){ 0 };
    return body;
}

bool request_decode_fault(struct arena *arena, struct text body, struct request_fault *ret_fault)
{
    struct common_problem_detail problem;
    if (body.length == 0 ||
        msgpack_decode(&common_problem_detail_schema, body, arena, &problem) != STATUS_OK ||
        problem.errors_count == 0)
        return false;
    const struct common_problem_item *item = &problem.errors[0];
    enum status code;
    if (!status_find(item->code.data, item->code.length, &code)) code = STATUS_INTERNAL;
    *ret_fault = (struct request_fault){
        .pointer = text_string(arena, item->pointer),
        .code = code,
        .detail = item->detail,
        .has_amounts = item->has_requested && item->has_available,
        .requested = item->requested,
        .available = item->available,
    };
    return true;
}
