/* Sessions: exchanged, listed, ended. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_session_store.h"
#include "actors/identity/identity_ticket.h"
#include "actors/identity/identity_token.h"
#include "identity_handlers.h"

enum status identity_handle_refresh(struct request *request, const struct identity_domain *domain,
                                    const struct identity_refresh *command, void *ret_reply)
{
    (void)domain;
    return identity_refresh(request, command->refresh_token, ret_reply);
}

/* Asked after a refresh token was refused: when it was used twice, somebody has a copy. That may be
 * found out more than once. Ids of sessions are no secrets (lists show them), so a token that was
 * made up ends nothing. */
enum status identity_handle_revoke_session(struct request *request,
                                           const struct identity_domain *domain,
                                           const struct identity_revoke_session *command)
{
    struct identity_session session;
    const enum status found = identity_session_find(request, command->session_id, &session);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    if (session.is_revoked) return STATUS_OK;
    if (command->has_secret && !identity_was_secret(request, &session, command->secret))
        return STATUS_OK;
    identity_session_end(request, session.id, session.account_id);
    if (domain->note_theft != NULL) domain->note_theft(request, &session);
    return STATUS_OK;
}

enum status identity_handle_logout(struct request *request, const struct identity_domain *domain,
                                   const struct identity_logout *command)
{
    (void)domain;
    (void)command;
    const struct principal *principal = request_principal(request);
    identity_session_end(request, principal->session, principal->id);
    return STATUS_OK;
}

enum status identity_handle_list_sessions(struct request *request,
                                          const struct identity_domain *domain,
                                          const struct identity_list_sessions *query,
                                          struct common_sign_ins *ret_reply)
{
    (void)domain;
    (void)query;
    return identity_list_sessions(request, request_principal(request)->id,
                                  identity_person_id(request), ret_reply);
}

/* Ending one twice is no failure: the first answer may have been lost. */
enum status identity_handle_end_session(struct request *request,
                                        const struct identity_domain *domain,
                                        const struct identity_end_session *command)
{
    (void)domain;
    struct identity_session session;
    TRY(identity_session_require(request, request_principal(request)->session));
    TRY(identity_session_find(request, command->session_id, &session));
    const bool is_own = uuid_equals(session.account_id, request_principal(request)->id) &&
                        uuid_equals(session.person_id, identity_person_id(request));
    if (!is_own) return STATUS_NOT_FOUND;
    identity_session_end(request, session.id, session.account_id);
    return STATUS_OK;
}

/* A member ends his own sessions, not those of others who act for the same account. Whoever signs
 * out everywhere has lost something: what was made with it goes, too, and what was begun: keys, and
 * the change of an address. A session that has ended itself ends no other, though its token lives
 * on for a moment. */
enum status identity_handle_end_other_sessions(struct request *request,
                                               const struct identity_domain *domain,
                                               const struct identity_end_other_sessions *command)
{
    (void)domain;
    (void)command;
    const struct principal *principal = request_principal(request);
    TRY(identity_session_require(request, principal->session));
    identity_sessions_end_of_person(request, principal->id, identity_person_id(request),
                                    principal->session);
    identity_tickets_void(request, identity_person_id(request));
    identity_api_keys_revoke_of_person(request, principal->id, identity_person_id(request));
    return STATUS_OK;
}

enum status identity_handle_list_ended_sessions(struct request *request,
                                                const struct identity_domain *domain,
                                                const struct identity_list_ended_sessions *query,
                                                struct common_ended_sessions *ret_reply)
{
    (void)domain;
    return identity_list_ended(request, query->after_us, ret_reply);
}

/* What an API key may do is what its account and its maker may do now. */
static enum status check_api_key(struct request *request, const struct identity_domain *domain,
                                 const struct identity_check_session *query)
{
    struct common_api_key_use use;
    TRY(identity_api_key_find_use(request, query->session_id, &use));
    TRY(domain->limit_api_key(request, &use));
    return query->rights == 0 || (use.rights & query->rights) != 0 ? STATUS_OK : STATUS_FORBIDDEN;
}

enum status identity_handle_check_session(struct request *request,
                                          const struct identity_domain *domain,
                                          const struct identity_check_session *query)
{
    if (query->is_api_key) return check_api_key(request, domain, query);
    return identity_session_check(request, query->session_id);
}
