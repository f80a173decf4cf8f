/* Roles, rights, API keys, impersonation and fresh second factors. The gateway has judged the token
 * already; the actor judges again, because a gateway that is wrong must not open every door. */
#include "actors/host/authorise.h"

/* How long a second factor is good for what needs a fresh one. */
#define STEP_UP_LIFE_US (INT64_C(5) * 60 * 1000000)

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

/* What the rights, the API key, the impersonation or the age of the second factor forbid. */
static enum status check_rights(const struct message *message, const struct principal *principal,
                                int64_t real_us)
{
    if (message->role == ROLE_PUBLIC) return STATUS_OK;
    if (message->right != 0 && (principal->rights & message->right) == 0) return STATUS_FORBIDDEN;
    /* What asks for no right is for people only: no API key is scoped for it. */
    if (message->right == 0 && principal->is_api_key) return STATUS_FORBIDDEN;
    if (message->refuses_impersonation && principal_is_impersonated(principal))
        return STATUS_IMPERSONATION_REFUSED;
    if (message->needs_step_up && real_us - principal->confirmed_us > STEP_UP_LIFE_US)
        return STATUS_STEP_UP_REQUIRED;
    return STATUS_OK;
}

/* A token of the surface is needed, and must not have expired on the way. */
static enum status check_principal(const struct message *message, const struct envelope *envelope,
                                   const uint8_t principal_key[32], int64_t real_us)
{
    const struct principal *principal = &envelope->principal;
    if (principal->kind == PRINCIPAL_NONE)
        return message->role == ROLE_PUBLIC || message->role == ROLE_STORE_OPTIONAL
                   ? STATUS_OK
                   : STATUS_UNAUTHENTICATED;
    if (!principal_is_proved(principal_key, envelope)) return STATUS_UNAUTHENTICATED;
    if (principal->expires_at_us <= real_us) return STATUS_TOKEN_EXPIRED;
    if (!is_of_audience(message->role, principal->kind)) return STATUS_UNAUTHENTICATED;
    return check_rights(message, principal, real_us);
}

enum status authorise_message(const struct message *message, const struct envelope *envelope,
                              enum member_kind from, const uint8_t principal_key[32],
                              int64_t real_us)
{
    assert(message != NULL);
    assert(envelope != NULL);
    assert(principal_key != NULL);
    switch (from) {
    case MEMBER_NODE:
        /* A node speaks for itself: only what needs no shopper, vendor or admin. */
        return message->role == ROLE_NODE || message->role == ROLE_PUBLIC ? STATUS_OK
                                                                          : STATUS_FORBIDDEN;
    case MEMBER_CLIENT:
        return message->role == ROLE_OPERATOR || message->role == ROLE_PUBLIC ? STATUS_OK
                                                                              : STATUS_FORBIDDEN;
    case MEMBER_GATEWAY:
        if (message->role == ROLE_NODE || message->role == ROLE_OPERATOR) return STATUS_FORBIDDEN;
        return check_principal(message, envelope, principal_key, real_us);
    case MEMBER_AGENT:
        break;
    }
    return STATUS_FORBIDDEN;
}
