/* What a handler knows and what it queues: nothing here waits, and nothing leaves the request
 * before its handler has returned. What comes from outside is in request_outside.c. */
#include "actors/host/request_internal.h"
#include "messages/codec_msgpack.h"
#include "runtime/secret.h"

#include <string.h>

struct unit *request_unit(struct request *request)
{
    assert(request->activation != NULL || request->unit != NULL);
    if (request->unit == NULL) {
        request->unit =
            unit_new(request->arena, request->hosted->host->fibers, request->envelope->shard,
                     request->envelope->msg_id, request->envelope->number, request->now_us);
        unit_set_order(request->unit, request->envelope->key, request->deadline_us);
    }
    return request->unit;
}

/* ---- facts ---- */

struct arena *request_arena(struct request *request)
{
    return request->arena;
}

int64_t request_now_us(const struct request *request)
{
    return request->now_us;
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

void *request_intake(const struct request *request)
{
    return request->intake;
}

void request_derive_key(const struct request *request, const char *context, uint8_t ret_key[32])
{
    secret_digest_keyed(request->hosted->host->principal_key, text_of(context), ret_key,
                        SECRET_KEY_BYTES);
}

/* ---- ids ---- */

/* Derived from the message, so that a handler that runs again makes the same ids. */
static struct uuid draw(struct request *request)
{
    request->ids_count++;
    return uuid_derive_named(request->envelope->msg_id, TEXT("id"), request->ids_count);
}

struct uuid request_new_id(struct request *request)
{
    return uuid_make(request->id_time_us, draw(request).bytes, request->envelope->shard);
}

struct uuid request_new_root_id(struct request *request)
{
    const struct uuid drawn = draw(request);
    return uuid_make(request->id_time_us, drawn.bytes, drawn.bytes[10] % SHARD_COUNT);
}

struct uuid request_new_id_beside(struct request *request, struct uuid other)
{
    return uuid_make(request->id_time_us, draw(request).bytes, uuid_shard(other));
}

struct uuid request_next_ask_id(struct request *request)
{
    request->asks_count++;
    return uuid_derive(request->envelope->msg_id, request->asks_count);
}

/* Gateways never repeat a message, so a request that comes again has another msg_id. */
static struct uuid derive_by_key(const struct request *request, uint64_t number)
{
    const struct envelope *envelope = request->envelope;
    struct uuid by_key;
    memcpy(by_key.bytes, envelope->idempotency_key, sizeof by_key.bytes);
    const struct text fingerprint = { (const char *)envelope->idempotency_fingerprint,
                                      sizeof envelope->idempotency_fingerprint };
    return uuid_derive_named(by_key, fingerprint, number);
}

struct uuid request_next_ask_id_by_key(struct request *request)
{
    if (!request->envelope->has_idempotency) return request_next_ask_id(request);
    request->asks_count++;
    return derive_by_key(request, request->asks_count);
}

/* Asks count from 1, so 0 is nobody else's. */
struct uuid request_new_id_by_key(struct request *request)
{
    if (!request->envelope->has_idempotency) return request_new_id(request);
    struct uuid id = derive_by_key(request, 0);
    id.bytes[15] = (uint8_t)((id.bytes[15] & ~(SHARD_COUNT - 1U)) | request->envelope->shard);
    return id;
}

bool request_is_to_itself(const struct request *request, const struct message *message,
                          struct uuid key)
{
    return message->kind == MESSAGE_COMMAND && request->activation != NULL &&
           message->domain == request->hosted->domain && uuid_equals(key, request->envelope->key);
}

/* ---- what commits with the request ---- */

struct store_params *request_write(struct request *request, const struct statement *statement)
{
    assert(statement != NULL);
    return unit_write(request_unit(request), statement);
}

size_t request_writes_left(struct request *request)
{
    return unit_writes_left(request_unit(request));
}

enum status request_publish(struct request *request, const struct message *event, const void *body)
{
    assert(event->kind == MESSAGE_EVENT);
    assert(event->domain == request->hosted->domain);
    struct text bytes;
    TRY(msgpack_encode(event->body, body, request->arena, ENVELOPE_BODY_MAX, &bytes));
    unit_publish(request_unit(request), event->number, request->envelope->key, bytes);
    return STATUS_OK;
}

/* ---- parts ---- */

/* Ids of a part are numbered from here on, so that they are the same whenever the handler runs
 * again, whoever is answered first. */
enum { PART_NUMBERS = 1 << 20 };

struct request *request_part(struct request *request, size_t index)
{
    struct request *part = arena_allocate(request->arena, sizeof *part);
    *part = (struct request){
        .hosted = request->hosted,
        .arena = request->arena,
        .envelope = request->envelope,
        .activation = request->activation,
        .asker = request->asker,
        .now_us = request->now_us,
        .deadline_us = request->deadline_us,
        .id_time_us = request->id_time_us,
        .asks_count = (index + 1) * PART_NUMBERS,
        .ids_count = (index + 1) * PART_NUMBERS,
    };
    return part;
}

bool request_take_part(struct request *request, struct request *part, size_t writes)
{
    if (part->unit == NULL) return unit_writes_left(request_unit(request)) >= writes;
    if (!unit_has_room(request_unit(request), part->unit, writes)) return false;
    unit_take(request_unit(request), part->unit);
    part->unit = NULL;
    return true;
}

void request_remember(struct request *request, const void *aggregate, size_t size)
{
    assert(aggregate != NULL);
    request->remembered_used = activation_used_size(aggregate, size);
    request->remembered = arena_copy(request->arena, aggregate, request->remembered_used);
    request->remembered_size = size;
}

enum status request_settle(struct request *request)
{
    if (request->activation == NULL || activation_units(request->activation) == 0) return STATUS_OK;
    return activation_wait_settled(request->activation, request->deadline_us);
}

void request_forget(struct request *request)
{
    request->remembered = NULL;
    request->forgets = true;
}

void request_audit(struct request *request, const char *prefix, struct uuid subject,
                   struct text before)
{
    char *text = arena_allocate(request->arena, ID_TEXT_MAX + 1);
    request->is_audited = true;
    request->audit_subject = (struct text){ text, id_format(prefix, subject, text) };
    request->audit_before = before;
}

void request_audit_names(struct request *request)
{
    request->audits_names = true;
}

void request_hint(struct request *request, struct uuid id)
{
    unit_hint(request_unit(request), id);
}

void request_audit_elsewhere(struct request *request)
{
    (void)request_unit(request);
}

/* ---- the answer ---- */

void request_set_http_status(struct request *request, int http_status)
{
    assert(http_status >= 200);
    assert(http_status < 600);
    request->http_status = http_status;
}

void request_add_fault(struct request *request, const struct request_fault *fault)
{
    assert(fault != NULL);
    assert(fault->detail.length > 0 ||
           (fault->code != STATUS_INVALID_VALUE && fault->code != STATUS_OUT_OF_RANGE &&
            fault->code != STATUS_MISSING_FIELD));
    if (request->faults_count < FAULTS_MAX) request->faults[request->faults_count++] = *fault;
}

void request_take_fault(struct request *request, enum status status,
                        struct request_fault *ret_fault)
{
    assert(status != STATUS_OK);
    struct request_fault fault = { .pointer = "", .code = status };
    if (request->faults_count > 0)
        fault = request->faults[0];
    else if (request->asked_refusal == status)
        (void)faults_decode_first(request->arena, request->asked_faults, &fault);
    request->faults_count = 0;
    *ret_fault = fault;
}

enum status request_refuse_other(struct request *request, const char *pointer, const char *why,
                                 const char *const *names, size_t names_count)
{
    struct text *allowed = arena_allocate_array(request->arena, names_count, sizeof *allowed);
    for (size_t i = 0; i < names_count; i++)
        allowed[i] = text_of(names[i]);
    request_add_fault(request, &(struct request_fault){ .pointer = pointer,
                                                        .code = STATUS_INVALID_VALUE,
                                                        .detail = text_of(why),
                                                        .allowed = allowed,
                                                        .allowed_count = names_count });
    return STATUS_INVALID_VALUE;
}

const char *request_pointer_at(struct request *request, const char *pointer, size_t index)
{
    return text_format(request->arena, "%s/%zu", pointer, index).data;
}
