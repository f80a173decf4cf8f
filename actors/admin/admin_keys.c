/* API keys of staff, and where staff is reached. */
#include "actors/admin/admin_guard.h"
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_session_store.h"
#include "actors/identity/identity_ticket.h"
#include "admin_handlers.h"
#include "messages/locale.h"
#include "runtime/plain_text.h"

/* A key may do no more than its maker, or staff could give itself rights by making one. */
enum status admin_handle_make_api_key(struct request *request,
                                      const struct admin_make_api_key *command,
                                      struct common_made_api_key *ret_reply)
{
    const struct principal *principal = request_principal(request);
    uint64_t rights = 0;
    if (!plain_text_is_name(command->name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    TRY(identity_api_key_read_scopes(request, command->scopes, command->scopes_count,
                                     admin_permission_names, ADMIN_PERMISSION_COUNT, &rights));
    if ((rights & ~principal->rights) != 0)
        return request_refuse(request, "/scopes", STATUS_FORBIDDEN,
                              "A key may do no more than its maker.");
    TRY(identity_session_require(request, principal->session));
    const struct identity_api_key key = {
        .account_id = principal->id,
        .person_id = principal->id,
        .name = text_trim(command->name),
        .rights = rights,
        .expires_us = command->has_expires_at ? command->expires_at_us : 0,
    };
    const enum status made = identity_api_key_make(request, COMMON_AUDIENCE_ADMIN, &key, ret_reply);
    if (made == STATUS_OUT_OF_RANGE)
        return request_refuse(request, "/expires_at", made, IDENTITY_KEY_END_RULE);
    TRY(made);
    request_audit(request, "key", ret_reply->id, (struct text){ 0 });
    const struct text_pair fact = { TEXT("key_name"), key.name };
    return admin_raise_notice_with(request, COMMON_NOTICE_KIND_API_KEY_MADE, principal->id,
                                   (struct uuid){ 0 }, &fact, 1);
}

/* Finds the person whom an open invitation is for. Statuses: OK, INVALID_TICKET, those of
 * request_query(). */
static enum status find_invited(struct request *request, struct uuid ticket_id,
                                struct common_contact *ret_contact)
{
    struct identity_ticket ticket;
    struct admin_invitation invitation;
    TRY(identity_ticket_find(request, ticket_id, IDENTITY_TICKET_INVITE, &ticket));
    const enum status found = admin_store_find_invitation(request, ticket.person_id, &invitation);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    *ret_contact = (struct common_contact){
        .person_id = identity_id_text(request_arena(request), "tic", ticket_id),
        .name = invitation.name,
        .email = ticket.email,
        .has_is_proved = true, /* who may invite staff vouches for the address */
        .is_proved = true,
        .locale = locale_default(),
    };
    return STATUS_OK;
}

enum status admin_handle_get_contacts(struct request *request,
                                      const struct admin_get_contacts *query,
                                      struct common_contacts *ret_reply)
{
    struct common_contact *contact = arena_allocate(request_arena(request), sizeof *contact);
    struct admin_account account;
    enum status status = STATUS_INVALID_TICKET;
    *ret_reply = (struct common_contacts){ .contacts = contact };
    if (query->has_ticket_id) status = find_invited(request, query->ticket_id, contact);
    if (status == STATUS_INVALID_TICKET) {
        status = admin_store_find(request, query->staff_id, &account);
        if (status == STATUS_OK)
            *contact = (struct common_contact){
                .person_id = identity_id_text(request_arena(request), "adm", account.id),
                .name = account.name,
                .email = account.email,
                .has_is_proved = true,
                .is_proved = true,
                .locale = account.locale,
            };
    }
    if (status == STATUS_NOT_FOUND) return STATUS_OK; /* the account is gone: nobody is told */
    TRY(status);
    ret_reply->contacts_count = 1;
    return STATUS_OK;
}
