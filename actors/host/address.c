/* From a typed message to an envelope that finds its actor, and from the reply back to a struct. */
#include "actors/host/address.h"

#include <string.h>

#include "messages/codec_msgpack.h"

enum status address_message(const struct message *message, const void *body, struct uuid msg_id,
                            struct arena *arena, struct envelope *ret_envelope)
{
    assert(message != NULL);
    assert(body != NULL);
    struct envelope envelope = {
        .kind = ENVELOPE_REQUEST,
        .domain = (uint8_t)message->domain,
        .number = message->number,
        .msg_id = msg_id,
        .principal = { .kind = PRINCIPAL_NODE },
    };
    unsigned shard = 0;
    if (message_key_of(message, body, (struct uuid){ { 0 } }, &envelope.key, &shard))
        envelope.shard = (uint8_t)shard;
    TRY(msgpack_encode(message->body, body, arena, ENVELOPE_BODY_MAX, &envelope.body));
    *ret_envelope = envelope;
    return STATUS_OK;
}

struct uuid address_consumed(struct uuid event_id, enum domain consumer)
{
    return uuid_derive_named(event_id, text_of(domain_name(consumer)), 0);
}

enum status address_read_reply(const struct message *message, const struct envelope *reply,
                               struct arena *arena, void *ret_reply)
{
    assert(message != NULL);
    assert(reply != NULL);
    if (reply->status != STATUS_OK) return reply->status;
    if (ret_reply == NULL || message->reply == NULL || message->reply == &empty_schema)
        return STATUS_OK;
    void *decoded = arena_allocate(arena, message->reply->size);
    if (msgpack_decode(message->reply, reply->body, arena, decoded) != STATUS_OK)
        return STATUS_CORRUPT;
    memcpy(ret_reply, decoded, message->reply->size);
    return STATUS_OK;
}
