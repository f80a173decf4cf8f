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

static bool is_of_audience(enum message_role role, enum principal_kind kind)
{
    switch (role) {
    case ROLE_PUBLIC:
        return true;
    case ROLE_STORE:
    case ROLE_STORE_OPTIONAL:
        return kind == PRINCIPAL_SHOPPER;
    case ROLE_VENDOR:
        return kind == PRINCIPAL_VENDOR;
    case ROLE_ADMIN:
        return kind == PRINCIPAL_ADMIN;
    case ROLE_NODE:
    case ROLE_OPERATOR:
        break;
    }
    return false;
}

/* What the role, the key or the impersonation does not allow. */
static enum status check_rights(const struct message *message, const struct principal *principal,
                                int64_t real_us)
{
    if (message->role == ROLE_PUBLIC) return STATUS_OK;
    if (message->right != 0 && (principal->rights & message->right) == 0) return STATUS_FORBIDDEN;
    if (message->right == 0 && principal->is_api_key) return STATUS_FORBIDDEN;
    if (message->refuses_impersonation && principal_is_impersonated(principal))
        return STATUS_IMPERSONATION_REFUSED;
    if (message->needs_step_up && real_us - principal->confirmed_us > STEP_UP_LIFE_US)
        return STATUS_STEP_UP_REQUIRED;
    return STATUS_OK;
}

/* A token of the surface is needed, and must not have expired on the way. */
static enum status check_principal(const struct host *host, const struct message *message,
                                   const struct envelope *envelope)
{
    const struct principal *principal = &envelope->principal;
    if (principal->kind == PRINCIPAL_NONE)
        return message->role == ROLE_PUBLIC || message->role == ROLE_STORE_OPTIONAL
                   ? STATUS_OK
                   : STATUS_UNAUTHENTICATED;
    if (!principal_is_proved(host->principal_key, envelope)) return STATUS_UNAUTHENTICATED;
    const int64_t real_us = loop_real_us(host->loop);
    if (principal->expires_at_us <= real_us) return STATUS_TOKEN_EXPIRED;
    if (!is_of_audience(message->role, principal->kind)) return STATUS_UNAUTHENTICATED;
    return check_rights(message, principal, real_us);
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
        return check_principal(host, message, envelope);
    case MEMBER_AGENT:
        break;
    }
    return STATUS_FORBIDDEN;
}
