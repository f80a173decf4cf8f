/* From a typed message to an envelope that finds its actor, and from the reply back to a struct. */
#include <string.h>

#include "actors/host/host.h"
#include "messages/codec_msgpack.h"

enum status host_address(struct host *host, const struct message *message, const void *body,
                         struct uuid msg_id, struct arena *arena, struct envelope *ret_envelope)
{
    (void)host;
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

enum status host_accept(const struct message *message, const struct envelope *reply,
                        struct arena *arena, void *ret_reply)
{
    if (reply->status != STATUS_OK) return reply->status;
    if (ret_reply == NULL || message->reply == NULL || message->reply == &empty_schema)
        return STATUS_OK;
    void *decoded = arena_allocate(arena, message->reply->size);
    if (msgpack_decode(message->reply, reply->body, arena, decoded) != STATUS_OK)
        return STATUS_CORRUPT;
    memcpy(ret_reply, decoded, message->reply->size);
    return STATUS_OK;
}

/* A token of the surface is needed, and must not have expired on the way. */
static enum status check_principal(const struct host *host, enum message_role role,
                                   const struct envelope *envelope)
{
    const struct principal *principal = &envelope->principal;
    if (principal->kind == PRINCIPAL_NONE)
        return role == ROLE_PUBLIC || role == ROLE_STORE_OPTIONAL ? STATUS_OK
                                                                  : STATUS_UNAUTHENTICATED;
    if (!principal_is_proved(host->principal_key, envelope)) return STATUS_UNAUTHENTICATED;
    const struct clock *clock = loop_clock(host->loop);
    if (principal->expires_at_us <= clock->real_us(clock->context)) return STATUS_TOKEN_EXPIRED;
    switch (role) {
    case ROLE_PUBLIC:
        return STATUS_OK;
    case ROLE_STORE:
    case ROLE_STORE_OPTIONAL:
        return principal->kind == PRINCIPAL_SHOPPER ? STATUS_OK : STATUS_UNAUTHENTICATED;
    case ROLE_VENDOR:
        return principal->kind == PRINCIPAL_VENDOR ? STATUS_OK : STATUS_UNAUTHENTICATED;
    case ROLE_ADMIN:
        return principal->kind == PRINCIPAL_ADMIN ? STATUS_OK : STATUS_UNAUTHENTICATED;
    case ROLE_NODE:
    case ROLE_OPERATOR:
        break;
    }
    return STATUS_FORBIDDEN;
}

enum status host_authorise(const struct host *host, const struct message *message,
                           const struct envelope *envelope, const struct return_address *from)
{
    switch (from->kind) {
    case MEMBER_NODE:
        /* A node speaks for itself: only what needs no shopper, vendor or admin. */
        return message->role == ROLE_NODE || message->role == ROLE_PUBLIC ? STATUS_OK
                                                                          : STATUS_FORBIDDEN;
    case MEMBER_CLIENT:
        return message->role == ROLE_OPERATOR || message->role == ROLE_PUBLIC ? STATUS_OK
                                                                              : STATUS_FORBIDDEN;
    case MEMBER_GATEWAY:
        if (message->role == ROLE_NODE || message->role == ROLE_OPERATOR) return STATUS_FORBIDDEN;
        return check_principal(host, message->role, envelope);
    case MEMBER_AGENT:
        break;
    }
    return STATUS_FORBIDDEN;
}
