/* Writes and reads frames: a header that proves its sender, then the envelopes of one loop turn,
 * all in msgpack. */
#include "runtime/envelope.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/members.h"
#include "runtime/wire.h"

enum {
    FRAME_HEADER_FIELDS = 8,
    FRAME_HEADER_BYTES_MAX = 128,
    FRAME_COUNT_OFFSET = 1, /* of the number of envelopes, right after the array's type byte */
    FRAME_CAPACITY_START = 2048,
    ENVELOPE_FIELDS = 29,
    ENVELOPE_FIXED_BYTES_MAX = 512, /* everything but request id, trace, client and body */
    ENVELOPE_STATUS_MAX = 64,
};

static_assert(FRAME_HEADER_BYTES_MAX >= MEMBER_NAME_MAX + 64, "the header fits");
static_assert(FRAME_BYTES_MAX >=
                  ENVELOPE_BODY_MAX + FRAME_HEADER_BYTES_MAX + ENVELOPE_FIXED_BYTES_MAX + 256,
              "the largest envelope fits into a frame of its own");

/* ---- writing ---- */

void frame_writer_init(struct frame_writer *writer)
{
    assert(writer != NULL);
    *writer = (struct frame_writer){ 0 };
}

void frame_writer_clear(struct frame_writer *writer)
{
    assert(writer != NULL);
    free(writer->data);
    *writer = (struct frame_writer){ 0 };
}

static void frame_reserve(struct frame_writer *writer, size_t needed)
{
    if (needed <= writer->capacity) return;
    size_t capacity = writer->capacity == 0 ? FRAME_CAPACITY_START : writer->capacity;
    while (capacity < needed)
        capacity *= 2;
    writer->data = realloc(writer->data, capacity);
    if (writer->data == NULL) abort();
    writer->capacity = capacity;
}

void frame_begin(struct frame_writer *writer, const struct frame_header *header)
{
    assert(writer != NULL);
    assert(header != NULL);
    assert(header->sender.length <= MEMBER_NAME_MAX);
    frame_reserve(writer, FRAME_HEADER_BYTES_MAX);
    struct wire_writer wire = { .data = writer->data, .capacity = writer->capacity };
    wire_put_array(&wire, FRAME_HEADER_FIELDS);
    wire_put_uint16_fixed(&wire, 0);
    wire_put_uint(&wire, ENVELOPE_VERSION);
    wire_put_text(&wire, header->sender);
    wire_put_uint(&wire, header->sender_kind);
    wire_put_uint(&wire, header->incarnation);
    wire_put_uint(&wire, header->opening);
    wire_put_uint(&wire, header->sequence);
    wire_put_bytes(&wire, header->proof, sizeof header->proof);
    assert(!wire.is_full);
    writer->length = wire.length;
    writer->count = 0;
}

static struct text text_cut(struct text text, size_t max)
{
    return (struct text){ text.data, text.length < max ? text.length : max };
}

/* Zeroes are common and travel as nil. */
static void wire_put_block(struct wire_writer *wire, const uint8_t *bytes, size_t length)
{
    if (sodium_is_zero(bytes, length))
        wire_put_nil(wire);
    else
        wire_put_bytes(wire, bytes, length);
}

static void envelope_put(struct wire_writer *wire, const struct envelope *envelope)
{
    wire_put_array(wire, ENVELOPE_FIELDS);
    wire_put_uint(wire, envelope->kind);
    wire_put_uint(wire, envelope->domain);
    wire_put_uint(wire, envelope->shard);
    wire_put_uint(wire, envelope->hops);
    wire_put_uint(wire, envelope->number);
    wire_put_uint(wire, envelope->ask);
    wire_put_block(wire, envelope->msg_id.bytes, sizeof envelope->msg_id.bytes);
    wire_put_block(wire, envelope->key.bytes, sizeof envelope->key.bytes);
    wire_put_uint(wire, envelope->budget_ms);
    wire_put_uint(wire, envelope->sequence);
    wire_put_uint(wire, envelope->principal.kind);
    wire_put_block(wire, envelope->principal.id.bytes, sizeof envelope->principal.id.bytes);
    wire_put_int(wire, envelope->principal.expires_at_us);
    wire_put_block(wire, envelope->principal.session.bytes,
                   sizeof envelope->principal.session.bytes);
    wire_put_block(wire, envelope->principal.actor.bytes, sizeof envelope->principal.actor.bytes);
    wire_put_uint(wire, envelope->principal.rights);
    wire_put_int(wire, envelope->principal.confirmed_us);
    wire_put_bool(wire, envelope->principal.is_api_key);
    wire_put_block(wire, envelope->principal_proof, sizeof envelope->principal_proof);
    wire_put_bool(wire, envelope->has_idempotency);
    wire_put_bool(wire, envelope->is_replayed);
    wire_put_block(wire, envelope->idempotency_key, sizeof envelope->idempotency_key);
    wire_put_block(wire, envelope->idempotency_fingerprint,
                   sizeof envelope->idempotency_fingerprint);
    wire_put_uint(wire, envelope->http_status);
    wire_put_text(wire, envelope->status == STATUS_OK ? (struct text){ 0 }
                                                      : text_of(status_name(envelope->status)));
    wire_put_text(wire, text_cut(envelope->request_id, ENVELOPE_REQUEST_ID_MAX));
    wire_put_text(wire, text_cut(envelope->trace, ENVELOPE_TRACE_MAX));
    wire_put_text(wire, text_cut(envelope->client, ENVELOPE_CLIENT_MAX));
    wire_put_bytes(wire, envelope->body.data, envelope->body.length);
}

enum status frame_add(struct frame_writer *writer, const struct envelope *envelope)
{
    assert(writer != NULL);
    assert(envelope != NULL);
    assert(writer->length > 0); /* frame_begin() was called */
    assert(envelope->body.length <= ENVELOPE_BODY_MAX);
    const size_t bound = ENVELOPE_FIXED_BYTES_MAX + ENVELOPE_REQUEST_ID_MAX + ENVELOPE_TRACE_MAX +
                         ENVELOPE_CLIENT_MAX + envelope->body.length;
    if (writer->count >= ENVELOPE_BATCH_MAX) return STATUS_OVERLOADED;
    if (writer->length + bound > FRAME_BYTES_MAX) return STATUS_OVERLOADED;
    frame_reserve(writer, writer->length + bound);
    struct wire_writer wire = { writer->data, writer->length, writer->capacity, false };
    envelope_put(&wire, envelope);
    assert(!wire.is_full);
    writer->length = wire.length;
    writer->count++;
    struct wire_writer count = { writer->data, FRAME_COUNT_OFFSET, writer->capacity, false };
    wire_put_uint16_fixed(&count, (uint16_t)writer->count);
    return STATUS_OK;
}

/* ---- reading ---- */

enum status frame_open(struct text frame, struct frame_reader *ret_reader,
                       struct frame_header *ret_header)
{
    assert(ret_reader != NULL);
    assert(ret_header != NULL);
    if (frame.length > FRAME_BYTES_MAX) return STATUS_CORRUPT;
    struct wire_reader wire = { .data = (const unsigned char *)frame.data, .length = frame.length };
    struct frame_header header = { 0 };
    wire_read_array(&wire, FRAME_HEADER_FIELDS);
    const size_t count = (size_t)wire_read_uint(&wire, ENVELOPE_BATCH_MAX);
    if (wire_read_uint(&wire, UINT8_MAX) != ENVELOPE_VERSION) return STATUS_CORRUPT;
    header.sender = wire_read_text(&wire, MEMBER_NAME_MAX);
    header.sender_kind = (uint8_t)wire_read_uint(&wire, UINT8_MAX);
    header.incarnation = wire_read_uint(&wire, UINT64_MAX);
    header.opening = wire_read_uint(&wire, UINT64_MAX);
    header.sequence = wire_read_uint(&wire, UINT64_MAX);
    (void)wire_read_block(&wire, header.proof, sizeof header.proof);
    if (wire.is_bad || header.sender.length == 0) return STATUS_CORRUPT;
    *ret_reader = (struct frame_reader){ frame, wire.position, count };
    *ret_header = header;
    return STATUS_OK;
}

static enum status envelope_read_status(struct wire_reader *wire)
{
    const struct text name = wire_read_text(wire, ENVELOPE_STATUS_MAX);
    if (name.length == 0) return STATUS_OK;
    enum status status = STATUS_INTERNAL;
    /* A newer peer may know outcomes that we do not; for us they are its failure to answer. */
    if (!status_find(name.data, name.length, &status)) return STATUS_INTERNAL;
    return status;
}

static void envelope_read(struct wire_reader *wire, struct envelope *envelope)
{
    wire_read_array(wire, ENVELOPE_FIELDS);
    envelope->kind = (enum envelope_kind)wire_read_uint(wire, UINT8_MAX);
    envelope->domain = (uint8_t)wire_read_uint(wire, UINT8_MAX);
    envelope->shard = (uint8_t)wire_read_uint(wire, UINT8_MAX);
    envelope->hops = (uint8_t)wire_read_uint(wire, ENVELOPE_HOPS_MAX);
    envelope->number = (uint16_t)wire_read_uint(wire, UINT16_MAX);
    envelope->ask = wire_read_uint(wire, UINT64_MAX);
    (void)wire_read_block(wire, envelope->msg_id.bytes, sizeof envelope->msg_id.bytes);
    (void)wire_read_block(wire, envelope->key.bytes, sizeof envelope->key.bytes);
    envelope->budget_ms = (uint32_t)wire_read_uint(wire, UINT32_MAX);
    envelope->sequence = wire_read_uint(wire, UINT64_MAX);
    envelope->principal.kind = (enum principal_kind)wire_read_uint(wire, PRINCIPAL_NODE);
    (void)wire_read_block(wire, envelope->principal.id.bytes, sizeof envelope->principal.id.bytes);
    envelope->principal.expires_at_us = wire_read_int(wire);
    (void)wire_read_block(wire, envelope->principal.session.bytes,
                          sizeof envelope->principal.session.bytes);
    (void)wire_read_block(wire, envelope->principal.actor.bytes,
                          sizeof envelope->principal.actor.bytes);
    envelope->principal.rights = wire_read_uint(wire, UINT64_MAX);
    envelope->principal.confirmed_us = wire_read_int(wire);
    envelope->principal.is_api_key = wire_read_bool(wire);
    (void)wire_read_block(wire, envelope->principal_proof, sizeof envelope->principal_proof);
    envelope->has_idempotency = wire_read_bool(wire);
    envelope->is_replayed = wire_read_bool(wire);
    (void)wire_read_block(wire, envelope->idempotency_key, sizeof envelope->idempotency_key);
    (void)wire_read_block(wire, envelope->idempotency_fingerprint,
                          sizeof envelope->idempotency_fingerprint);
    envelope->http_status = (uint16_t)wire_read_uint(wire, UINT16_MAX);
    envelope->status = envelope_read_status(wire);
    envelope->request_id = wire_read_text(wire, ENVELOPE_REQUEST_ID_MAX);
    envelope->trace = wire_read_text(wire, ENVELOPE_TRACE_MAX);
    envelope->client = wire_read_text(wire, ENVELOPE_CLIENT_MAX);
    envelope->body = wire_read_bytes(wire, ENVELOPE_BODY_MAX);
}

enum status frame_next(struct frame_reader *reader, struct envelope *ret_envelope)
{
    assert(reader != NULL);
    assert(ret_envelope != NULL);
    if (reader->left == 0)
        return reader->position == reader->frame.length ? STATUS_NOT_FOUND : STATUS_CORRUPT;
    struct wire_reader wire = { .data = (const unsigned char *)reader->frame.data,
                                .length = reader->frame.length,
                                .position = reader->position };
    struct envelope envelope = { 0 };
    envelope_read(&wire, &envelope);
    if (wire.is_bad) return STATUS_CORRUPT;
    reader->position = wire.position;
    reader->left--;
    *ret_envelope = envelope;
    return STATUS_OK;
}

/* ---- proofs ---- */

static void hash_uint(crypto_generichash_state *state, uint64_t value)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(value >> (8 * (sizeof bytes - 1 - i)));
    (void)crypto_generichash_update(state, bytes, sizeof bytes);
}

/* The context keeps a frame's proof from ever passing as a principal's, whatever the key. */
static void hash_begin(crypto_generichash_state *state, const uint8_t key[32], const char *context)
{
    const int result = crypto_generichash_init(state, key, 32, 16);
    assert(result == 0);
    (void)crypto_generichash_update(state, (const unsigned char *)context, strlen(context) + 1);
}

void frame_prove(const uint8_t key[32], uint64_t receiver_incarnation, struct frame_header *header)
{
    assert(key != NULL);
    assert(header != NULL);
    crypto_generichash_state state;
    hash_begin(&state, key, "souk frame");
    hash_uint(&state, header->sender.length);
    (void)crypto_generichash_update(&state, (const unsigned char *)header->sender.data,
                                    header->sender.length);
    hash_uint(&state, header->sender_kind);
    hash_uint(&state, header->incarnation);
    hash_uint(&state, header->opening);
    hash_uint(&state, receiver_incarnation);
    (void)crypto_generichash_final(&state, header->proof, sizeof header->proof);
}

bool frame_is_proved(const uint8_t key[32], uint64_t receiver_incarnation,
                     const struct frame_header *header)
{
    struct frame_header expected = *header;
    frame_prove(key, receiver_incarnation, &expected);
    return sodium_memcmp(expected.proof, header->proof, sizeof header->proof) == 0;
}

void principal_prove(const uint8_t key[32], struct uuid msg_id, const struct principal *principal,
                     uint8_t ret_proof[16])
{
    assert(key != NULL);
    assert(principal != NULL);
    crypto_generichash_state state;
    hash_begin(&state, key, "souk principal");
    (void)crypto_generichash_update(&state, msg_id.bytes, sizeof msg_id.bytes);
    hash_uint(&state, principal->kind);
    (void)crypto_generichash_update(&state, principal->id.bytes, sizeof principal->id.bytes);
    hash_uint(&state, (uint64_t)principal->expires_at_us);
    (void)crypto_generichash_update(&state, principal->session.bytes,
                                    sizeof principal->session.bytes);
    (void)crypto_generichash_update(&state, principal->actor.bytes, sizeof principal->actor.bytes);
    hash_uint(&state, principal->rights);
    hash_uint(&state, (uint64_t)principal->confirmed_us);
    hash_uint(&state, principal->is_api_key);
    (void)crypto_generichash_final(&state, ret_proof, 16);
}

bool principal_is_proved(const uint8_t key[32], const struct envelope *envelope)
{
    assert(envelope != NULL);
    uint8_t expected[16];
    principal_prove(key, envelope->msg_id, &envelope->principal, expected);
    return sodium_memcmp(expected, envelope->principal_proof, sizeof expected) == 0;
}

struct envelope envelope_copy(struct arena *arena, const struct envelope *envelope)
{
    assert(envelope != NULL);
    struct envelope copy = *envelope;
    copy.request_id = text_copy(arena, envelope->request_id);
    copy.trace = text_copy(arena, envelope->trace);
    copy.client = text_copy(arena, envelope->client);
    copy.body = text_copy(arena, envelope->body);
    return copy;
}

struct uuid envelope_sender(const struct principal *principal, struct uuid msg_id)
{
    return principal->kind == PRINCIPAL_NONE ? msg_id : principal->id;
}

bool principal_is_impersonated(const struct principal *principal)
{
    return principal->kind == PRINCIPAL_SHOPPER &&
           !sodium_is_zero(principal->actor.bytes, sizeof principal->actor.bytes);
}
