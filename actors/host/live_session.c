/* A token is good by signature and time until gateways have heard that its session has ended, a
 * second later at most. What cannot be taken back asks the domain of the session itself. */
#include "actors/host/live_session.h"

#include "actors/host/request_internal.h"
#include "identity_messages.h"

/* The domain that keeps the sessions of such principals; 0: they have none. */
static enum domain keeper_of(enum principal_kind kind)
{
    switch (kind) {
    case PRINCIPAL_SHOPPER:
        return DOMAIN_USER;
    case PRINCIPAL_VENDOR:
        return DOMAIN_VENDOR;
    case PRINCIPAL_ADMIN:
        return DOMAIN_ADMIN;
    case PRINCIPAL_NONE:
    case PRINCIPAL_NODE:
    case PRINCIPAL_OPERATOR:
        break;
    }
    return (enum domain)0;
}

/* Tokens always name a session; principals that tests make up need none. The ask has an id of its
 * own, so that those of the handler are what they were. */
enum status live_session_require(const struct job *job)
{
    assert(job != NULL);
    const struct message *message = job->entry->message;
    const struct principal *principal = &job->envelope.principal;
    const enum domain keeper = keeper_of(principal->kind);
    if (!message->asks_session || keeper == 0 || uuid_is_zero(principal->session)) return STATUS_OK;
    struct envelope asking = job->envelope;
    asking.msg_id = uuid_derive_named(job->envelope.msg_id, TEXT("live session"), 0);
    struct request request;
    request_init(&request, job->hosted, job->arena, &asking, job->deadline_us);
    const struct identity_check_session query = {
        .session_id = principal->session,
        .is_api_key = principal->is_api_key,
        .rights = (int64_t)(message->right & INT64_MAX),
    };
    const enum status status =
        request_ask(&request, identity_messages_of(keeper)->check_session, &query, NULL);
    /* A node of the version before: gateways hear of ends within a second, as they always did. */
    return status == STATUS_UNSUPPORTED ? STATUS_OK : status;
}
