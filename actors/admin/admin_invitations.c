/* Who is asked to join the staff, and joins. */
#include <string.h>

#include "actors/admin/admin_guard.h"
#include "actors/host/list_place.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_session_store.h"
#include "admin_handlers.h"
#include "messages/email_form.h"
#include "messages/locale.h"
#include "runtime/plain_text.h"

enum { LIST_LIMIT_DEFAULT = 20 };

#define INVITATION_LIFE_US (INT64_C(7) * 86400 * 1000000)

static enum status publish_invitation(struct request *request,
                                      const struct admin_invitation *invitation)
{
    struct admin_account inviter;
    TRY(admin_store_find(request, invitation->invited_by, &inviter));
    const struct text_pair facts[] = {
        { TEXT("inviter"), inviter.name },
        { TEXT("role"), text_of(admin_staff_role_names[invitation->role]) },
    };
    return admin_raise_notice_with(request, COMMON_NOTICE_KIND_STAFF_INVITED, invitation->staff_id,
                                   invitation->ticket_id, facts, ARRAY_LENGTH(facts));
}

/* Sending an invitation again keeps the id that the first one named, so that there is never more
 * than one account per invited person. */
static enum status choose_staff_id(struct request *request, struct text email,
                                   struct uuid *ret_staff_id)
{
    struct admin_account account;
    struct admin_invitation earlier;
    enum status found = admin_store_find_by_email(request, email, &account);
    if (found == STATUS_OK) return request_refuse(request, "/email", STATUS_EMAIL_TAKEN, NULL);
    if (found != STATUS_NOT_FOUND) return found;
    found = admin_store_find_invitation_by_email(request, email, &earlier);
    if (found == STATUS_OK) *ret_staff_id = earlier.staff_id;
    if (found == STATUS_NOT_FOUND) *ret_staff_id = request_new_id(request);
    return found == STATUS_NOT_FOUND ? STATUS_OK : found;
}

enum status admin_handle_invite_staff(struct request *request,
                                      const struct admin_invite_staff *command,
                                      struct admin_invited *ret_reply)
{
    const struct principal *principal = request_principal(request);
    struct email email;
    if (email_normalise(command->email, &email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    if (!plain_text_is_name(command->name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    if ((admin_rights_of(command->role) & ~principal->rights) != 0)
        return request_refuse(request, "/role", STATUS_FORBIDDEN, ADMIN_ROLE_RULE);
    TRY(identity_session_require(request, principal->session));
    struct admin_invitation invitation = {
        .invited_by = principal->id,
        .email = text_copy(request_arena(request), email_text(&email)),
        .name = text_trim(command->name),
        .role = command->role,
    };
    TRY(choose_staff_id(request, invitation.email, &invitation.staff_id));
    TRY(identity_guard_invitation(request, principal->id, true, invitation.email));
    invitation.ticket_id =
        identity_ticket_open(request, IDENTITY_TICKET_INVITE, invitation.staff_id,
                             invitation.staff_id, invitation.email, INVITATION_LIFE_US);
    admin_store_invite(request, &invitation);
    request_audit(request, "adm", invitation.staff_id, (struct text){ 0 });
    *ret_reply = (struct admin_invited){
        .staff_id = invitation.staff_id,
        .expires_at_us = request_now_us(request) + INVITATION_LIFE_US,
    };
    return publish_invitation(request, &invitation);
}

/* The invitation of a token that is good. */
static enum status find_invitation(struct request *request, struct text token,
                                   struct identity_ticket *ret_ticket,
                                   struct admin_invitation *ret_invitation)
{
    TRY(identity_check_ticket(request, token, IDENTITY_TICKET_INVITE, ret_ticket));
    const enum status found =
        admin_store_find_invitation(request, ret_ticket->person_id, ret_invitation);
    return found == STATUS_NOT_FOUND ? STATUS_INVALID_TICKET : found;
}

enum status admin_handle_accept_invitation(struct request *request,
                                           const struct admin_accept_invitation *command,
                                           struct admin_staff *ret_reply)
{
    struct identity_ticket ticket;
    struct admin_invitation invitation;
    struct text hash;
    TRY(find_invitation(request, command->token, &ticket, &invitation));
    const struct text context[] = { invitation.email, invitation.name };
    TRY(identity_password_acceptable(request, "/password", command->password, context,
                                     ARRAY_LENGTH(context)));
    TRY(identity_password_hash(request, command->password, &hash));
    const struct admin_join_staff join = { .ticket_id = ticket.id, .password_hash = hash };
    return request_ask(request, &admin_join_staff_message, &join, ret_reply);
}

/* An invitation is worth what its sender may give now: one who was demoted or kept out meanwhile
 * invites nobody. */
static enum status check_inviter(struct request *request, const struct admin_invitation *invitation)
{
    struct admin_account inviter;
    const enum status found = admin_store_find(request, invitation->invited_by, &inviter);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    const uint64_t needed =
        admin_rights_of(invitation->role) | UINT64_C(1) << ADMIN_PERMISSION_MANAGE_STAFF;
    const bool is_good = inviter.is_active && (needed & ~admin_rights_of(inviter.role)) == 0;
    return is_good ? STATUS_OK : STATUS_INVALID_TICKET;
}

enum status admin_handle_join_staff(struct request *request, const struct admin_join_staff *command,
                                    struct admin_staff *ret_reply)
{
    struct identity_ticket ticket;
    struct admin_invitation invitation;
    TRY(identity_ticket_use(request, command->ticket_id, IDENTITY_TICKET_INVITE, &ticket));
    const enum status found = admin_store_find_invitation(request, ticket.person_id, &invitation);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    TRY(check_inviter(request, &invitation));
    const struct admin_account account = {
        .id = invitation.staff_id,
        .email = invitation.email,
        .name = invitation.name,
        .locale = locale_default(),
        .password_hash = command->password_hash,
        .role = invitation.role,
        .is_active = true,
        .created_at_us = request_now_us(request),
        .version = 1,
    };
    admin_store_add(request, &account);
    admin_store_remove_invitation(request, account.id);
    request_audit(request, "adm", account.id, (struct text){ 0 });
    admin_describe(&account, ret_reply);
    return STATUS_OK;
}

/* ---- what is pending ---- */

enum status admin_handle_list_invitations(struct request *request,
                                          const struct admin_list_invitations *query,
                                          struct admin_invitation_page *ret_reply)
{
    struct arena *arena = request_arena(request);
    const int64_t limit = query->has_limit ? query->limit : LIST_LIMIT_DEFAULT;
    struct list_place place;
    struct admin_invitation *found;
    size_t count;
    memset(place.id.bytes, 0xff, sizeof place.id.bytes);
    if (query->has_after) TRY(list_place_read(request, query->after, &place));
    TRY(admin_store_list_invitations(request, request_now_us(request) - INVITATION_LIFE_US,
                                     place.id, limit + 1, &found, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    struct admin_invitation_entry *list = arena_allocate_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct admin_invitation_entry){
            .staff_id = found[i].staff_id,
            .email = found[i].email,
            .name = found[i].name,
            .role = found[i].role,
            .invited_by = found[i].invited_by,
            .created_at_us = found[i].created_at_us,
            .expires_at_us = found[i].created_at_us + INVITATION_LIFE_US,
        };
    *ret_reply = (struct admin_invitation_page){
        .data = list, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more) ret_reply->next = list_place_write(arena, 0, list[count - 1].staff_id);
    return STATUS_OK;
}

/* When the invited person joins at this moment, the removal fails, this runs again, and finds no
 * invitation. */
enum status admin_handle_withdraw_invitation(struct request *request,
                                             const struct admin_withdraw_invitation *command)
{
    struct admin_invitation invitation;
    TRY(admin_store_find_invitation(request, command->staff_id, &invitation));
    if ((admin_rights_of(invitation.role) & ~request_principal(request)->rights) != 0)
        return STATUS_FORBIDDEN;
    admin_store_remove_invitation(request, invitation.staff_id);
    identity_tickets_void(request, invitation.staff_id);
    request_audit(request, "adm", invitation.staff_id,
                  text_format(request_arena(request), "{\"role\":\"%s\"}",
                              admin_staff_role_names[invitation.role]));
    return STATUS_OK;
}
